//! Parity with the reference: scenarios run here and there, and what was recorded there is compared with what happens here.
//!
//! Each file of `recorded/` holds one scenario as SQLAlchemy ran it; the module of the same name runs it with Realgar.
//! [`harness`] compares printed lines, checks, statements and transactions of each step, errors by kind, and the tables
//! at the end. Where this crate does otherwise on purpose, [`differences`] says so. A new scenario is a recording, a
//! module, and its name in the list below.

mod alterations;
mod compare;
mod differences;
mod errors;
mod files;
mod harness;
mod kinds;
mod mismatch;
mod otherwise;
mod recording;
mod spelled;

mod s0_01_one_to_many;
mod s0_02_many_to_many;
mod s0_03_eager_loading;
mod s0_04_flask_style;
mod s0_05_author_books;
mod s0_06_no_foreign_keys;
mod s0_07_back_populates_typo;
mod s0_08_detached;
mod s0_09_students_courses;
mod s1_01_author_book_backref;
mod s1_02_student_course;
mod s1_03_user_profile;
mod s1_04_lazy_options;
mod s1_05_parent_child;
mod s1_06_errors;
mod s1_07_echo;
mod s1_08_queries;
mod s1_09_shell_session;
mod s2_01_user_posts_backref;
mod s2_02_post_tags;
mod s2_03_one_to_one;
mod s2_04_eager_vs_lazy;
mod s2_05_joins;
mod s3_01_example;
mod s3_02_pitfalls;
mod s3_03_lazy_joined;
mod s4_01_query_posts;
mod s4_02_joinedload_first;
mod s4_03_delete_default;
mod s4_04_delete_orphan;
mod s4_05_group_append;
mod s4_06_join_association;
mod s4_07_association_object;

/// A test for each scenario, named as its recording is, and the list of their names.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        const SCENARIOS: &[&str] = &[$(stringify!($name)),*];

        $(
            #[tokio::test]
            async fn $name() {
                let recording = recording::Recording::of(stringify!($name));
                harness::run(&recording, $name::run).await.assert_same();
            }
        )*
    };
}

scenarios![
    s0_01_one_to_many,
    s0_02_many_to_many,
    s0_03_eager_loading,
    s0_04_flask_style,
    s0_05_author_books,
    s0_06_no_foreign_keys,
    s0_07_back_populates_typo,
    s0_08_detached,
    s0_09_students_courses,
    s1_01_author_book_backref,
    s1_02_student_course,
    s1_03_user_profile,
    s1_04_lazy_options,
    s1_05_parent_child,
    s1_06_errors,
    s1_07_echo,
    s1_08_queries,
    s1_09_shell_session,
    s2_01_user_posts_backref,
    s2_02_post_tags,
    s2_03_one_to_one,
    s2_04_eager_vs_lazy,
    s2_05_joins,
    s3_01_example,
    s3_02_pitfalls,
    s3_03_lazy_joined,
    s4_01_query_posts,
    s4_02_joinedload_first,
    s4_03_delete_default,
    s4_04_delete_orphan,
    s4_05_group_append,
    s4_06_join_association,
    s4_07_association_object,
];

/// A recording without a test would be a promise that nobody keeps.
#[test]
fn every_recording_has_its_test() {
    let tests: Vec<String> = SCENARIOS.iter().map(|name| format!("{name}.json")).collect();
    assert_eq!(recording::files(), tests, "left: the files in `recorded`; right: the tests");
}
