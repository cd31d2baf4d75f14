//! Names compared while compiling: what `str` and its iterators do at run time.

/// Whether two names are the same.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // Names of one program differ at their ends: `post_tags`, `post_likes`; `users1`, `users2`.
    let mut index = a.len();
    while index > 0 {
        index -= 1;
        if a[index] != b[index] {
            return false;
        }
    }
    true
}

/// Whether a name is among these.
pub(crate) const fn among(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if same(names[index], name) {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether each of these names is among those.
pub(crate) const fn all_among(names: &[&str], those: &[&str]) -> bool {
    let mut index = 0;
    while index < names.len() {
        if !among(those, names[index]) {
            return false;
        }
        index += 1;
    }
    true
}

/// Whether one name stands before another, letter by letter.
pub(crate) const fn before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() {
        if a[index] != b[index] {
            return a[index] < b[index];
        }
        index += 1;
    }
    a.len() < b.len()
}

/// `stringify!` keeps the mark of a raw identifier, descriptions have none.
pub(crate) const fn unraw(name: &str) -> &str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}
