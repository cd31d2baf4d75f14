//! The places for values in a statement that somebody else wrote: `?` on every database.

use std::borrow::Cow;

use crate::sql::Dialect;

/// The text with its places as the dialect numbers them: the first `?` is `$1`. What stands in quotes and comments is
/// left alone, and so is a text that has `$1` in it already: there, `?` is an operator.
#[must_use]
pub fn places<'t>(text: &'t str, dialect: &Dialect) -> Cow<'t, str> {
    if !dialect.numbered || !text.contains('?') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let (mut rest, mut number) = (text, 0);
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '\'' | '"' => quoted(rest, next),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '$' if rest[1..].starts_with(|digit: char| digit.is_ascii_digit()) => return Cow::Borrowed(text),
            '$' => dollars(rest),
            '?' => {
                let digits = rest[1..].chars().take_while(char::is_ascii_digit).count();
                number += 1;
                match digits {
                    0 => out.push_str(&format!("${number}")),
                    _ => out.push_str(&format!("${}", &rest[1..=digits])),
                }
                rest = &rest[1 + digits..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Cow::Owned(out)
}

/// How long the quoted text is; a doubled quote ends it and begins the next.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// `$tag$ … $tag$`, or a dollar that is none of a quote.
fn dollars(text: &str) -> usize {
    let word = text[1..].find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let Some(end) = word.filter(|&end| text[1 + end..].starts_with('$')) else { return 1 };
    let tag = &text[..end + 2];
    text[tag.len()..].find(tag).map_or(text.len(), |close| close + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_where_they_are_places() {
        for (text, want) in [
            ("a = ? AND b = ?", "a = $1 AND b = $2"),
            ("a = ?2 AND b = ?1", "a = $2 AND b = $1"),
            ("a = '?' AND \"?\" = ? -- ?", "a = '?' AND \"?\" = $1 -- ?"),
            ("'it''s ?' /* ? */ || ?", "'it''s ?' /* ? */ || $1"),
            ("$x$ ? $x$ = ?", "$x$ ? $x$ = $1"),
            ("data ? 'key' AND id = $1", "data ? 'key' AND id = $1"),
            ("'open ?", "'open ?"),
        ] {
            assert_eq!(places(text, &Dialect::POSTGRES), want);
            assert_eq!(places(text, &Dialect::SQLITE), text);
        }
    }
}
