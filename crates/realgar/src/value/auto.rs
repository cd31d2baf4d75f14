//! `Auto`: a column whose value the database makes.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    error::Result,
    value::{Cell, ColumnType, Value},
};

/// A column whose value the database makes: by `server_default`, by `computed`, or by a trigger.
///
/// In a new object it is `Unset`: the INSERT leaves it out, and the flush reads back what the database made. A value
/// that is given is sent as any other.
///
/// ```
/// # use realgar::prelude::*;
/// #[derive(Model)]
/// struct Ticket {
///     #[column(primary_key)]
///     id: i64,
///     #[column(server_default = "'open'")]
///     status: Auto<String>,
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![Ticket]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// let ticket = s.add(new!(Ticket {}));
/// assert_eq!(s[ticket].status.get(), None);
/// s.flush().await?;
/// assert_eq!(s[ticket].status.as_str(), "open");
/// # Ok(()) }
/// ```
///
/// Source: `Column.server_default`, `FetchedValue`, `Computed`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Auto<T> {
    /// The database has not made it yet.
    #[default]
    Unset,
    /// The value, made by the database or given.
    Known(T),
}

impl<T> Auto<T> {
    /// The value, where it is known.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Auto::Unset => None,
            Auto::Known(value) => Some(value),
        }
    }

    /// The value itself, where it is known.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        match self {
            Auto::Unset => None,
            Auto::Known(value) => Some(value),
        }
    }

    /// Whether the database has not made it yet.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        matches!(self, Auto::Unset)
    }
}

/// The value, as if there were no `Auto` around it.
///
/// # Panics
/// Where it is unset: before the flush that inserts the object. [`get`](Auto::get) does not panic.
impl<T> Deref for Auto<T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.get().expect("the database makes this value when its object is flushed; `get` answers `None` before")
    }
}

impl<T> From<T> for Auto<T> {
    fn from(value: T) -> Self {
        Auto::Known(value)
    }
}

impl<T: ColumnType> Cell for Auto<T> {
    type Inner = T;
    const NULLABLE: bool = false;
    const AUTO: bool = true;

    fn to_cell(&self) -> Value<'_> {
        self.get().map_or(Value::Null, T::to_value)
    }

    fn from_cell(value: Value<'_>) -> Result<Self> {
        if value.is_null() { Ok(Auto::Unset) } else { T::from_value(value).map(Auto::Known) }
    }

    fn blank() -> Self {
        Auto::Unset
    }
}

impl<T: fmt::Debug> fmt::Debug for Auto<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Auto::Unset => f.write_str("unset"),
            Auto::Known(value) => value.fmt(f),
        }
    }
}

impl<T: Serialize> Serialize for Auto<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Auto<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Auto::Unset, Auto::Known))
    }
}
