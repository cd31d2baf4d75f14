//! What only MySQL and MariaDB have: their types, errors, TLS.

mod errors;
mod tls;
mod types;

/// The MySQL or MariaDB of the tests.
fn server() -> Option<String> {
    std::env::var("REALGAR_TEST_URL").ok().filter(|url| url.starts_with("mysql:"))
}
