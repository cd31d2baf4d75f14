//! Many rows at once, a place for each value: the text of an INSERT is that of one row, until it is made one of many.

use std::borrow::Cow;

const VALUES: &str = " VALUES (";

/// The INSERT of one row as one of so many; another statement stays as it is.
#[allow(dead_code)] // PostgreSQL takes arrays
pub fn repeated(insert: &str, rows: usize) -> Cow<'_, str> {
    let (Some(start), 2..) = (insert.rfind(VALUES), rows) else { return Cow::Borrowed(insert) };
    let start = start + VALUES.len() - 1;
    let end = insert[start..].find(')').map_or(insert.len(), |end| start + end + 1);
    let row = &insert[start..end];
    let mut text = String::with_capacity(insert.len() + (row.len() + 2) * (rows - 1));
    text.push_str(&insert[..end]);
    for _ in 1..rows {
        text.push_str(", ");
        text.push_str(row);
    }
    text.push_str(&insert[end..]);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_repeated() {
        let one = "INSERT INTO `t` (`a`, `b`) VALUES (?, ?) RETURNING `id`";
        assert_eq!(repeated(one, 1), one);
        assert_eq!(repeated(one, 3), "INSERT INTO `t` (`a`, `b`) VALUES (?, ?), (?, ?), (?, ?) RETURNING `id`");
        assert_eq!(repeated("INSERT INTO `t` () VALUES ()", 2), "INSERT INTO `t` () VALUES (), ()");
        assert_eq!(repeated("UPDATE `t` SET `a` = ?", 2), "UPDATE `t` SET `a` = ?");
    }
}
