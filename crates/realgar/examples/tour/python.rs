//! Values as Python prints them.

/// A text as Python's `repr` shows it: `'Hello'`, `"it's"`.
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

/// Texts as a Python list: `['Hello', 'World']`.
pub fn list(texts: impl IntoIterator<Item: AsRef<str>>) -> String {
    let shown: Vec<String> = texts.into_iter().map(|text| repr(text.as_ref())).collect();
    format!("[{}]", shown.join(", "))
}

/// A truth value: `True`.
pub fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A value or `None`.
pub fn or_none(value: Option<impl ToString>) -> String {
    value.map_or("None".to_owned(), |value| value.to_string())
}

/// An error: the class that Python raises in this case, and what is said here.
pub fn raised(error: &realgar::Error) -> String {
    format!("{}: {}", error.kind().reference(), error.what())
}
