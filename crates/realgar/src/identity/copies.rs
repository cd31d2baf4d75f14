//! Copies of objects' columns, packed one behind the other: a list for each object, with a text of its own for each text
//! in it, would cost more than the comparison they are kept for.

use std::borrow::Cow;

use crate::value::Value;

/// The copies of objects of one model.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// For each cell a letter, and what it takes: a number, a text's length, a place among the others.
    codes: Vec<u8>,
    texts: String,
    others: Vec<Value<'static>>,
    /// What a rollback may still need: so many codes, bytes of text, and others.
    held: (usize, usize, usize),
}

/// One of the copies: where its codes begin, and its texts.
#[derive(Debug, Clone, Copy)]
pub struct Kept(usize, usize);

/// The columns of an object as they were.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a> {
    copies: &'a Copies,
    kept: Kept,
}

const NULL: u8 = b'n';
const FALSE: u8 = b'f';
const TRUE: u8 = b't';
const INT: u8 = b'i';
const TEXT: u8 = b's';
const OTHER: u8 = b'o';

impl<'a> Old<'a> {
    /// The next column. There is no end: the copies of other objects follow.
    #[inline]
    pub(super) fn next_column(&mut self) -> Value<'a> {
        let Kept(code, text) = &mut self.kept;
        let Some((&letter, rest)) = self.copies.codes[*code..].split_first() else { return Value::Null };
        let number = match rest.first_chunk() {
            Some(bytes) if matches!(letter, INT | TEXT | OTHER) => {
                *code += 8;
                i64::from_le_bytes(*bytes)
            }
            _ => 0,
        };
        *code += 1;
        match letter {
            INT => Value::Int(number),
            TEXT => {
                let start = std::mem::replace(text, *text + number as usize);
                Value::Text(Cow::Borrowed(&self.copies.texts[start..*text]))
            }
            TRUE => Value::Bool(true),
            FALSE => Value::Bool(false),
            OTHER => self.copies.others[number as usize].borrow(),
            _ => Value::Null,
        }
    }

    /// The column at this position.
    #[must_use]
    pub fn get(mut self, column: usize) -> Value<'a> {
        for _ in 0..column {
            self.next_column();
        }
        self.next_column()
    }
}

impl Copies {
    /// Adds a copy of these cells.
    #[inline]
    pub(super) fn add<'v>(&mut self, cells: impl Iterator<Item = Value<'v>>) -> Kept {
        let kept = Kept(self.codes.len(), self.texts.len());
        cells.for_each(|cell| self.push(cell));
        kept
    }

    #[inline]
    fn push(&mut self, cell: Value<'_>) {
        let mut code = |letter: u8, number: i64| {
            let mut code = [letter; 9];
            code[1..].copy_from_slice(&number.to_le_bytes());
            self.codes.extend_from_slice(&code);
        };
        match cell {
            Value::Int(number) => code(INT, number),
            Value::Text(text) => {
                code(TEXT, text.len() as i64);
                self.texts.push_str(&text);
            }
            Value::Null => self.codes.push(NULL),
            Value::Bool(value) => self.codes.push(if value { TRUE } else { FALSE }),
            other => {
                code(OTHER, self.others.len() as i64);
                self.others.push(other.into_owned());
            }
        }
    }

    #[inline]
    pub(super) fn get(&self, kept: Kept) -> Old<'_> {
        Old { copies: self, kept }
    }

    /// A copy of a copy of so many columns, with another value for one of them, where there is one.
    pub(super) fn again(&mut self, kept: Kept, columns: usize, other: Option<(usize, Value<'_>)>) -> Kept {
        let mut old = self.get(kept);
        let mut cells: Vec<Value<'static>> = (0..columns).map(|_| old.next_column().into_owned()).collect();
        if let Some((column, value)) = other {
            cells[column] = value.into_owned();
        }
        self.add(cells.into_iter())
    }

    /// The copies made so far are kept until the transaction ends.
    #[inline]
    pub(super) fn hold(&mut self) {
        self.held = (self.codes.len(), self.texts.len(), self.others.len());
    }

    /// The copies that nobody holds are not needed any more.
    pub(super) fn settle(&mut self) {
        let (codes, texts, others) = self.held;
        self.codes.truncate(codes);
        self.texts.truncate(texts);
        self.others.truncate(others);
    }

    /// Nothing is held any more.
    pub(super) fn release(&mut self) {
        self.held = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_was_copied() {
        let rows = [
            vec![Value::Int(-7), Value::Text("Ada".into()), Value::Null, Value::Bool(true)],
            vec![Value::Text("".into()), Value::Float(1.5), Value::Bytes(vec![1, 2].into()), Value::Text("é".into())],
            vec![Value::Bool(false), Value::Text("s".into()).veil(), Value::Int(i64::MIN), Value::Invalid("x")],
        ];
        let mut copies = Copies::default();
        let mut kept: Vec<Kept> = rows.iter().map(|row| copies.add(row.iter().map(Value::borrow))).collect();
        kept.push(copies.again(kept[1], 4, Some((0, Value::Int(3)))));
        let row = |at: usize| (0..4).map(|column| copies.get(kept[at]).get(column)).collect::<Vec<_>>();
        (0..3).for_each(|at| assert_eq!(row(at), rows[at]));
        assert_eq!((row(3)[0].borrow(), &row(3)[1..]), (Value::Int(3), &rows[1][1..]));
        assert_eq!(copies.get(kept[2]).get(2), Value::Int(i64::MIN));
    }

    #[test]
    fn what_nobody_holds_is_let_go() {
        let mut copies = Copies::default();
        let first = copies.add([Value::Text("first".into())].into_iter());
        copies.hold();
        copies.add([Value::Text("second".into()), Value::Float(1.0)].into_iter());
        copies.settle();
        assert_eq!((copies.texts.as_str(), copies.others.len()), ("first", 0));
        assert_eq!(copies.get(first).get(0), Value::Text("first".into()));
        copies.release();
        copies.settle();
        assert!(copies.codes.is_empty() && copies.texts.is_empty());
    }
}
