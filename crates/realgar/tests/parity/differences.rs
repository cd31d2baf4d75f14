//! Every place where this crate does otherwise than the reference, on purpose. What is not listed here is compared.

use crate::recording::Recording;

/// A place in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At<'a> {
    /// A step whose mistake does not get past the compiler.
    Compiled(&'a str),
    /// A step that is no matter of this crate.
    LeftOut(&'a str),
    /// A step that is an error there alone.
    NoError(&'a str),
    /// A step that is an error of another class here.
    OtherError(&'a str),
    /// An assertion with another value.
    Check(&'a str),
    /// A printed line, there and here.
    Line(&'a str, &'a str),
}

/// A difference: the recording, the place in it, and what is so here.
type Difference = (&'static str, At<'static>, &'static str);

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    ("s0_06_no_foreign_keys", At::Compiled("configure_mappers"),
        "error[E0080]: no foreign key links `posts` and `users` (NoForeignKeys)"),
    ("s0_06_no_foreign_keys", At::Compiled("second use: every mapper of the registry is now refused"),
        "there is no second use of what does not compile"),
    ("s0_07_back_populates_typo", At::Compiled("configure: typo names no attribute"),
        "error[E0080]: `User::posts` back-populates `Post::autor`, which is not there"),
    ("s0_07_back_populates_typo", At::Compiled("configure: name is a column"),
        "error[E0080]: `User::posts` back-populates `Post::title`, which is a column, not a relationship"),
    ("s0_07_back_populates_typo", At::Compiled("configure: unknown class name"),
        "`posts: Many<Pxst>`: error[E0425]: cannot find type `Pxst` in this scope"),
    ("s1_01_author_book_backref", At::Check("backref attribute absent before mapper configuration, present after first use"),
        "[true, true]: `Book::author` is a constant, made when `Author` is compiled"),
    ("s1_03_user_profile", At::Compiled("assigning a list to a scalar"),
        "`s.set(user, User::profile, [new!(Profile {})])`: error[E0277]: does not fit a field of type `One<Option<Profile>>`"),
    ("s1_04_lazy_options", At::Line("type of attribute: AppenderQuery", "type of attribute: Select"),
        "the field is a relationship as any other, and `Author::books.of(author)` makes a query of it"),
    ("s1_04_lazy_options", At::Line("lazy='write_only': query=1 read=0 -> TypeError", "lazy='write_only': query=1 read=0 -> InvalidRequestError"),
        "it is asked for by `load`, as any other, and must not be loaded"),
    ("s1_06_errors", At::Compiled("no ForeignKey"),
        "error[E0080]: no foreign key links `author` and `book` (NoForeignKeys)"),
    ("s1_06_errors", At::LeftOut("no application context"),
        "it belongs to the web: a `Db` is a value that a handler is given, and has no context"),
    ("s1_06_errors", At::Compiled("two relationships create the same backref name"),
        "`backref = parent` twice: error[E0592]: duplicate definitions with name `parent`"),
    ("s1_06_errors", At::Compiled("misconfigured back_populates"),
        "error[E0080]: `Parent::kids` back-populates `Child::parnt`, which is not there"),
    ("s1_06_errors", At::Compiled("self-referential pair without remote_side: same direction"),
        "error[E0080]: the type says the direction: two `Many` go in the same one; a `One` is no mistake, without `remote_side`"),
    ("s1_06_errors", At::Compiled("two foreign key paths between the tables"),
        "error[E0080]: several foreign keys link `child` and `parent` (AmbiguousForeignKeys)"),
    ("s1_07_echo", At::Line("sqlalchemy.engine.Engine INFO SELECT author.id AS author_id, author.name AS author_name",
        "sqlalchemy.engine.Engine INFO SELECT author.id, author.name"),
        "columns without labels: rows are read by position"),
    ("s1_07_echo", At::Line("LIMIT ? OFFSET ?", "LIMIT 1"),
        "the number is no value of a user's"),
    ("s1_07_echo", At::Line("sqlalchemy.engine.Engine INFO [generated in T] ('Jane', 1, 0)",
        "sqlalchemy.engine.Engine INFO [generated in T] ('Jane',)"),
        "so it is not among the parameters"),
    ("s2_04_eager_vs_lazy", At::NoError("2.x-style result with joined collections needs unique()"),
        "each user once: an answer of objects never shows the rows of a joined collection"),
    ("s3_02_pitfalls", At::Compiled("missing ForeignKey"),
        "error[E0080]: no foreign key links `parent` and `child` (NoForeignKeys)"),
    ("s3_02_pitfalls", At::Compiled("wrong table: using the mapper"),
        "`foreign_key = Wrongtable::id`: error[E0433]: no `Wrongtable` in scope"),
    ("s3_02_pitfalls", At::Compiled("wrong table: create_all"),
        "the same"),
    ("s3_02_pitfalls", At::Compiled("wrong column: using the mapper"),
        "`foreign_key = Parent::wrongcol`: error[E0599]: no associated item named `wrongcol` found"),
    ("s4_04_delete_orphan", At::Check("expunged"),
        "true: the flush decides who is an orphan, so that a post can leave one list and enter another; it is not inserted"),
    ("s4_07_association_object", At::Check("default not applied before flush"),
        "the date: a default is part of the new object, since a field of a struct has no third state"),
    ("s4_07_association_object", At::OtherError("removing from the collection would blank a primary key column"),
        "Flush: a program can branch on it; an assertion would end it"),
    ("s4_07_association_object", At::OtherError("deleting the user without delete cascade on user_groups"),
        "Flush: the same"),
];

/// The cases that fail to compile, each under its step; they are tested as the crate's documentation.
const REFUSED: &str = include_str!("refused.md");

/// Whether the difference is known.
pub(crate) fn is_listed(recording: &str, at: At<'_>) -> bool {
    DIFFERENCES.iter().any(|difference| difference.0 == recording && difference.1 == at)
}

/// Prints the list: `cargo test --test parity differences -- --nocapture`.
#[test]
fn each_is_recorded_and_in_order() {
    for &(name, at, here) in DIFFERENCES {
        println!("{name}: {at:?}\n    {here}");
        let recording = Recording::of(name);
        let found = match at {
            At::Compiled(step) | At::LeftOut(step) | At::NoError(step) | At::OtherError(step) => {
                recording.steps.iter().any(|recorded| recorded.name == step && recorded.error.is_some())
            }
            At::Check(check) => recording.checks.iter().any(|recorded| recorded.name == check),
            At::Line(line, _) => recording.lines.iter().any(|recorded| recorded == line),
        };
        assert!(found, "{name} has no {at:?}");
        if let At::Compiled(step) = at {
            assert!(REFUSED.lines().any(|line| line == format!("# {step}")), "{name}: no case that fails to compile");
        }
    }
    assert!(DIFFERENCES.is_sorted_by_key(|difference| difference.0), "in the order of the recordings");
}
