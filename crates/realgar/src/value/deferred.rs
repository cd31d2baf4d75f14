//! `Deferred`: a column that is not loaded with its row.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    error::{Error, Kind, Result},
    value::{Cell, ColumnType, Value},
};

/// A column that stays in the database until it is asked for: a long text, a picture.
///
/// A query leaves it out unless it says `.undefer(User::bio)`; `session.load_column(user, User::bio)` loads it later. A
/// value that is set is written, loaded before or not; what is unloaded is never written. The column takes no NULL.
///
/// ```
/// # use realgar::prelude::*;
/// #[derive(Model)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     bio: Deferred<String>,
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// s.add(new!(User { bio: "Born in London." }));
/// s.commit().await?;
/// # s.close().await?;
/// let ada = User::select().one(&mut s).await?;
/// assert_eq!(s[ada].bio.get().map_err(|error| error.kind()), Err(Kind::NotLoaded));
/// assert_eq!(s.load_column(ada, User::bio).await?, "Born in London.");
/// assert_eq!(s[ada].bio.get()?, "Born in London.");
/// # Ok(()) }
/// ```
///
/// Source: `deferred()`, `undefer()`; there, reading the attribute loads it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deferred<T>(Option<T>);

impl<T> Deferred<T> {
    /// A value, to be written.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Deferred(Some(value))
    }

    /// The value; `NotLoaded` where it is still in the database.
    #[track_caller]
    pub fn get(&self) -> Result<&T> {
        let place = std::panic::Location::caller();
        self.0.as_ref().ok_or_else(|| {
            Error::new(Kind::NotLoaded, "a deferred column is not loaded")
                .with_place(place)
                .way_out("`session.load_column(…, Model::column).await?`, or `.undefer(Model::column)` in the query")
        })
    }

    /// Sets the value: the next flush writes it, whatever the row holds.
    pub fn set(&mut self, value: T) {
        self.0 = Some(value);
    }

    /// Whether it is still in the database: `#[serde(skip_serializing_if = "Deferred::is_unloaded")]`.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Default for Deferred<T> {
    fn default() -> Self {
        Deferred(None)
    }
}

impl<T> From<T> for Deferred<T> {
    fn from(value: T) -> Self {
        Deferred(Some(value))
    }
}

impl<T: ColumnType> Cell for Deferred<T> {
    type Inner = T;
    const NULLABLE: bool = false;
    const DEFERRED: bool = true;

    fn to_cell(&self) -> Value<'_> {
        self.0.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_cell(value: Value<'_>) -> Result<Self> {
        if value.is_null() { Ok(Deferred(None)) } else { T::from_value(value).map(Self::new) }
    }

    fn blank() -> Self {
        Deferred(None)
    }
}

impl<T: fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("unloaded"),
            Some(value) => value.fmt(f),
        }
    }
}

impl<T: Serialize> Serialize for Deferred<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Deferred<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Deferred)
    }
}
