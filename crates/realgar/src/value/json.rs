//! JSON: native where the database has it, else text. `serde_json::Value` for any shape, `Json<T>` for one of yours.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::{
    error::Result,
    value::{ColumnType, Type, Value, convert::unfit, text},
};

/// A column that holds a value of one's own as JSON: any type that serde can write and read.
///
/// A change is a change of the JSON text. `T: Default`, since a new object holds something until your value is set.
///
/// ```
/// # use realgar::prelude::*;
/// # use realgar::Json;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Settings {
///     dark: bool,
///     tags: Vec<String>,
/// }
///
/// #[derive(Model)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     settings: Json<Settings>,
/// }
///
/// let user = new!(User { settings: Settings { dark: true, tags: vec![] } });
/// assert!(user.settings.dark);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Json)
    }
}

fn write(value: &impl Serialize) -> Value<'static> {
    match serde_json::to_string(value) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Invalid("a value that cannot be written as JSON: a map's keys must be texts or numbers"),
    }
}

fn read<T: DeserializeOwned>(value: Value<'_>) -> Result<T> {
    let text = text(value)?;
    // serde_json's own words would repeat what it found.
    serde_json::from_str(&text).map_err(|error| {
        let what = if error.is_data() { "JSON of another shape than the field's type" } else { "text that is no JSON" };
        unfit(format!("found {what}, in line {}, column {}", error.line(), error.column()))
    })
}

impl ColumnType for serde_json::Value {
    const TYPE: Type = Type::Json;

    fn to_value(&self) -> Value<'_> {
        write(self)
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        read(value)
    }

    fn blank() -> Self {
        serde_json::Value::Null
    }
}

impl<T: Serialize + DeserializeOwned + Default + Send + Sync + 'static> ColumnType for Json<T> {
    const TYPE: Type = Type::Json;

    fn to_value(&self) -> Value<'_> {
        write(&self.0)
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        read(value).map(Json)
    }

    fn blank() -> Self {
        Json(T::default())
    }
}
