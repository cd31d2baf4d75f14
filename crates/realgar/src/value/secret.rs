//! Values of secret columns: they travel under a veil, so that no text on the way can show them by mistake.

use std::fmt;

use crate::value::Value;

/// A value that no text shows. Equality and hash are those of the value itself.
#[derive(Clone)]
pub struct Secret<'a>(Box<Value<'a>>);

impl<'a> Value<'a> {
    /// The value under a veil. NULL needs none: it tells nothing but that there is nothing.
    #[must_use]
    pub fn veil(self) -> Value<'a> {
        match self {
            Value::Null | Value::Secret(_) | Value::Invalid(_) => self,
            other => Value::Secret(Secret(Box::new(other))),
        }
    }

    /// The value without its veil, where it has one.
    #[inline]
    #[must_use]
    pub fn reveal(self) -> Value<'a> {
        match self {
            Value::Secret(Secret(value)) => *value,
            other => other,
        }
    }
}

impl<'a> Secret<'a> {
    /// What is under the veil: to be bound or compared, never to be shown.
    pub(crate) fn value(&self) -> &Value<'a> {
        &self.0
    }

    pub(super) fn into_owned(self) -> Secret<'static> {
        Secret(Box::new(self.0.into_owned()))
    }

    pub(super) fn borrow(&self) -> Secret<'_> {
        Secret(Box::new(self.0.borrow()))
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
