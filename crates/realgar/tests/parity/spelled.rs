//! Values spelled as the reference's language spells them, for the printed lines.

use realgar::prelude::*;

/// A value that is printed, alone or in a list.
pub(crate) trait Spelled {
    /// Alone: `Ada`.
    fn alone(&self) -> String;

    /// In a list: `'Ada'`.
    fn listed(&self) -> String {
        self.alone()
    }
}

impl Spelled for i64 {
    fn alone(&self) -> String {
        self.to_string()
    }
}

impl Spelled for bool {
    fn alone(&self) -> String {
        if *self { "True" } else { "False" }.to_owned()
    }
}

impl Spelled for String {
    fn alone(&self) -> String {
        self.clone()
    }

    /// In single quotes; in double ones where only single ones are inside.
    fn listed(&self) -> String {
        let text = self.replace('\\', r"\\").replace('\n', r"\n");
        if text.contains('\'') && !text.contains('"') {
            return format!("\"{text}\"");
        }
        format!("'{}'", text.replace('\'', r"\'"))
    }
}

impl<T: Spelled> Spelled for Option<T> {
    fn alone(&self) -> String {
        self.as_ref().map_or("None".to_owned(), T::alone)
    }

    fn listed(&self) -> String {
        self.as_ref().map_or("None".to_owned(), T::listed)
    }
}

/// A list: `['Hello', 'World']`.
pub(crate) fn list<T: Spelled>(values: &[T]) -> String {
    format!("[{}]", values.iter().map(T::listed).collect::<Vec<_>>().join(", "))
}

/// A tuple of two values or more: `('Hello', 1)`.
pub(crate) fn tuple(values: &[&dyn Spelled]) -> String {
    format!("({})", values.iter().map(|value| value.listed()).collect::<Vec<_>>().join(", "))
}

/// The class of an object: `User`.
pub(crate) fn class<M: Model>(_: Handle<M>) -> &'static str {
    M::MODEL.name()
}

/// An object that a session has: `<User 1>`, `<User (pending ID)>`.
pub(crate) fn object<M: Model<Key = i64>>(s: &Session, object: Handle<M>) -> String {
    match s.key(object) {
        Ok(key) => format!("<{} {key}>", class(object)),
        Err(_) => format!("<{} (pending ID)>", class(object)),
    }
}

/// An object that no session has: `<User (transient ID)>`.
pub(crate) fn outside<M: Model>(_: &M) -> String {
    format!("<{} (transient ID)>", M::MODEL.name())
}

#[test]
fn lists_are_spelled_as_there() {
    let words = |words: &[&str]| words.iter().map(|&word| Some(word.to_owned())).collect::<Vec<_>>();
    assert_eq!(list(&words(&["Hello", "World"])), "['Hello', 'World']");
    assert_eq!(list(&words(&["it's", "\"so\"", "both ' and \""])), r#"["it's", '"so"', 'both \' and "']"#);
    assert_eq!(list(&[None, Some(1)]), "[None, 1]");
    assert_eq!(list::<i64>(&[]), "[]");
}
