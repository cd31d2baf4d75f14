//! Compiles every case and compares what is said.

#[test]
fn mistakes_explain_themselves() {
    trybuild::TestCases::new().compile_fail("cases/*/*.rs");
}
