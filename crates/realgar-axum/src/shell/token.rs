//! A line of text becomes words, texts, numbers and marks.

/// What a line consists of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(String),
    Mark(&'static str),
}

/// Longer marks first.
const MARKS: [&str; 20] =
    ["==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", "{", "}", ".", ",", ":", "-", "*", ";"];

/// The tokens of a line, which may go on over several; what follows a `#` is a comment.
pub(super) fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '\'' | '"' => {
                let (text, length) = quoted(rest, first)?;
                tokens.push(Token::Text(text));
                length
            }
            '0'..='9' => {
                let length = number(rest);
                tokens.push(Token::Number(rest[..length].to_owned()));
                length
            }
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            _ => {
                let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
                let mark = mark.ok_or_else(|| format!("`{first}` is not understood here"))?;
                tokens.push(Token::Mark(mark));
                mark.len()
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// Digits, and what stands behind a decimal point.
fn number(text: &str) -> usize {
    let digits = |text: &str| text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(text);
    match text[whole..].strip_prefix('.').map(digits) {
        Some(behind) if behind > 0 => whole + 1 + behind,
        _ => whole,
    }
}

/// A text in quotes, and how long it is with them.
fn quoted(text: &str, quote: char) -> Result<(String, usize), String> {
    let mut read = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Ok((read, at + 1)),
            '\\' => match letters.next() {
                Some((_, 'n')) => read.push('\n'),
                Some((_, 't')) => read.push('\t'),
                Some((_, letter)) => read.push(letter),
                None => break,
            },
            _ => read.push(letter),
        }
    }
    Err(format!("the text that begins with {quote} has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let spelled = |line| format!("{:?}", tokens(line).unwrap());
        assert_eq!(spelled("a.b=1.5 # c"), r#"[Word("a"), Mark("."), Word("b"), Mark("="), Number("1.5")]"#);
        assert_eq!(spelled(r#"'it\'s' "x\n""#), r#"[Text("it's"), Text("x\n")]"#);
        assert_eq!(spelled("x>=-1"), r#"[Word("x"), Mark(">="), Mark("-"), Number("1")]"#);
        assert_eq!(
            spelled("größe[0].ab"),
            r#"[Word("größe"), Mark("["), Number("0"), Mark("]"), Mark("."), Word("ab")]"#
        );
        assert_eq!(spelled(""), "[]");
        for wrong in ["'open", "\"open'", "'x\\", "a $ b", "1 + 2"] {
            tokens(wrong).unwrap_err();
        }
    }
}
