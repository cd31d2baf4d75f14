//! What can go wrong: one error type, one word wide, with a kind to branch on and a text for people.
//!
//! Every text has the same parts: what happened, to whom, the statement, the way out. Parameters, passwords and
//! secret columns are in none of them. `docs/errors` has a page for each kind.

mod database;
mod kind;

use std::{error::Error as StdError, fmt, panic::Location};

pub use database::Database;
pub use kind::Kind;

/// How much of a statement is shown, in characters; [`Error::statement`] has all of it.
const LONGEST: usize = 1_000;

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong: [`kind`](Error::kind) is for code, the text is for people.
///
/// ```
/// use realgar::{Error, Kind};
///
/// let error = Error::new(Kind::NoResultFound, "no row matched").way_out("use `first` where none is fine");
/// assert_eq!(error.kind(), Kind::NoResultFound);
/// assert_eq!(error.to_string(), "NoResultFound: no row matched\n  way out: use `first` where none is fine");
/// ```
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    what: String,
    entity: Option<String>,
    statement: Option<String>,
    way_out: Option<String>,
    go_on: Option<&'static str>,
    database: Option<Database>,
    place: Option<&'static Location<'static>>,
    in_autoflush: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// So many characters of a statement are shown.
const STATEMENT: usize = 2_000;

impl Error {
    /// An error of this kind; the text says what happened, in one line without a final dot.
    #[must_use]
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            what: what.into(),
            entity: None,
            statement: None,
            way_out: None,
            go_on: None,
            database: None,
            place: None,
            in_autoflush: false,
            source: None,
        }))
    }

    /// A broken promise of this crate itself; never the user's fault.
    pub(crate) fn bug(what: impl fmt::Display) -> Self {
        Error::new(Kind::Other, format!("bug in realgar: {what}"))
            .way_out("please report it with the program that led here")
    }

    /// Adds the way out, shown on a line of its own.
    #[must_use]
    pub fn way_out(mut self, text: impl Into<String>) -> Self {
        self.0.way_out.get_or_insert(text.into());
        self
    }

    /// Says what has become of the object, and how to go on with it.
    #[must_use]
    pub(crate) fn go_on(mut self, text: &'static str) -> Self {
        self.0.go_on.get_or_insert(text);
        self
    }

    /// Says what it happened to, in front of what happened: `` `User::name`: a text of 90 characters, … ``.
    #[must_use]
    pub(crate) fn about(mut self, whom: impl fmt::Display) -> Self {
        self.0.what = format!("{whom}: {}", self.0.what);
        self
    }

    /// The error in one line, for whoever has to repeat it.
    #[must_use]
    pub(crate) fn in_short(&self) -> String {
        let entity = self.0.entity.as_ref().map_or_else(String::new, |entity| format!(" ({entity})"));
        format!("{:?}: {}{entity}", self.0.kind, self.0.what)
    }

    /// Adds the entity concerned: `User(id = 42)` or `User (pending, added at src/main.rs:7)`. The first one stays.
    #[must_use]
    pub fn with_entity(mut self, entity: impl FnOnce() -> String) -> Self {
        self.0.entity.get_or_insert_with(entity);
        self
    }

    /// Adds the row that the entity, a column, is in.
    #[must_use]
    pub(crate) fn in_row(mut self, row: impl fmt::Display) -> Self {
        if let Some(entity) = &mut self.0.entity {
            entity.push_str(&format!(", in the row {row}"));
        }
        self
    }

    /// Adds the statement that failed, without its parameters; of a very long one, its beginning. The first one stays.
    #[must_use]
    pub fn with_statement(mut self, sql: &str) -> Self {
        self.0.statement.get_or_insert_with(|| match sql.char_indices().nth(STATEMENT) {
            Some((end, _)) => format!("{} … ({} bytes in all)", &sql[..end], sql.len()),
            None => sql.to_owned(),
        });
        self
    }

    pub(crate) fn with_database(mut self, facts: Database) -> Self {
        self.0.database = Some(facts);
        self
    }

    /// The table and the columns of the constraint, where the database did not name them.
    pub(crate) fn or_in(mut self, table: &str, columns: &[&str]) -> Self {
        if let Some(facts) = self.0.database.as_mut().filter(|facts| facts.columns.is_empty()) {
            facts.table.get_or_insert_with(|| table.to_owned());
            facts.columns = columns.iter().map(|&column| column.to_owned()).collect();
        }
        self
    }

    pub(crate) fn with_place(mut self, place: &'static Location<'static>) -> Self {
        self.0.place.get_or_insert(place);
        self
    }

    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// The error came from a flush that a query needed first.
    pub(crate) fn in_autoflush(mut self) -> Self {
        self.0.in_autoflush = true;
        self
    }

    /// The same error for another call that meets it; without what the database said.
    pub(crate) fn repeat(&self) -> Self {
        let Inner { kind, what, entity, statement, way_out, go_on, place, in_autoflush, .. } = &*self.0;
        Error(Box::new(Inner {
            kind: *kind,
            what: what.clone(),
            entity: entity.clone(),
            statement: statement.clone(),
            way_out: way_out.clone(),
            go_on: *go_on,
            database: None,
            place: *place,
            in_autoflush: *in_autoflush,
            source: None,
        }))
    }

    /// What a program branches on.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What happened, in one line.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// The entity concerned, with its key or the place where it was added.
    #[must_use]
    pub fn entity(&self) -> Option<&str> {
        self.0.entity.as_deref()
    }

    /// The statement that failed; its values are never part of it.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// What the database itself said: constraint, table, columns, native code.
    #[must_use]
    pub fn database(&self) -> Option<&Database> {
        self.0.database.as_ref()
    }

    /// The place in the user's source that the error is about.
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        self.0.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.what)?;
        let line = |f: &mut fmt::Formatter<'_>, name: &str, text: &Option<String>| match text {
            Some(text) => write!(f, "\n  {name}: {text}"),
            None => Ok(()),
        };
        line(f, "entity", &self.0.entity)?;
        if let Some(sql) = &self.0.statement {
            let cut = sql.char_indices().nth(LONGEST).map_or(sql.len(), |(end, _)| end);
            write!(f, "\n  statement: {}{}", &sql[..cut], if cut < sql.len() { "…" } else { "" })?;
        }
        if let Some(place) = self.0.place {
            write!(f, "\n  at: {place}")?;
        }
        line(f, "way out", &self.0.way_out)?;
        if let Some(text) = self.0.go_on {
            write!(f, "\n  to go on: {text}")?;
        }
        if self.0.in_autoflush {
            write!(f, "\n  note: raised by the flush before a query; `session.no_autoflush(…)` puts that off")?;
        }
        Ok(())
    }
}

// `main` prints errors with Debug: show people the text, not the struct.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
