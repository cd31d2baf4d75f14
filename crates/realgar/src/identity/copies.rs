//! Copies of objects' columns, packed one behind the other: a list for each object, with a text of its own for each text
//! in it, would cost more than the comparison they are kept for.

use std::borrow::Cow;

use crate::{mapper::Object, value::Value};

/// The copies of objects of one model.
#[derive(Debug, Default)]
pub(super) struct Copies {
    cells: Vec<Copied>,
    texts: String,
    others: Vec<Value<'static>>,
    /// What a rollback may still need: so many cells, bytes of text, and others.
    held: (usize, usize, usize),
}

/// A column's copy; texts and what is rare lie in lists of their own.
#[derive(Debug, Clone, Copy)]
enum Copied {
    Null,
    Bool(bool),
    Int(i64),
    Text { length: u32, start: usize },
    Other(usize),
}

/// One of the copies: where it begins.
#[derive(Debug, Clone, Copy)]
pub struct Kept(usize);

/// The columns of an object as they were.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a> {
    copies: &'a Copies,
    first: usize,
}

impl<'a> Old<'a> {
    /// The column at this position.
    #[inline]
    #[must_use]
    pub fn get(self, column: usize) -> Value<'a> {
        match self.copies.cells[self.first + column] {
            Copied::Null => Value::Null,
            Copied::Bool(value) => Value::Bool(value),
            Copied::Int(value) => Value::Int(value),
            Copied::Text { length, start } => {
                Value::Text(Cow::Borrowed(&self.copies.texts[start..start + length as usize]))
            }
            Copied::Other(place) => self.copies.others[place].borrow(),
        }
    }

    /// Whether the column at this position equals this cell.
    #[inline]
    #[must_use]
    pub fn is(self, column: usize, cell: &Value<'_>) -> bool {
        match (cell, self.copies.cells[self.first + column]) {
            (Value::Int(new), Copied::Int(old)) => *new == old,
            (Value::Text(new), Copied::Text { length, start }) => {
                *new.as_bytes() == self.copies.texts.as_bytes()[start..start + length as usize]
            }
            _ => *cell == self.get(column),
        }
    }
}

impl Copies {
    /// Adds a copy of the object's columns.
    #[inline]
    pub(super) fn add(&mut self, object: &dyn Object) -> Kept {
        let kept = Kept(self.cells.len());
        object.each_cell(&mut |cell| self.push(cell));
        kept
    }

    fn add_cells<'v>(&mut self, cells: impl Iterator<Item = Value<'v>>) -> Kept {
        let kept = Kept(self.cells.len());
        cells.for_each(|cell| self.push(cell));
        kept
    }

    #[inline]
    fn push(&mut self, cell: Value<'_>) {
        let copied = match cell {
            Value::Int(value) => Copied::Int(value),
            Value::Text(text) if text.len() <= u32::MAX as usize => {
                let start = self.texts.len();
                self.texts.push_str(&text);
                Copied::Text { length: text.len() as u32, start }
            }
            Value::Null => Copied::Null,
            Value::Bool(value) => Copied::Bool(value),
            other => {
                self.others.push(other.into_owned());
                Copied::Other(self.others.len() - 1)
            }
        };
        self.cells.push(copied);
    }

    #[inline]
    pub(super) fn get(&self, kept: Kept) -> Old<'_> {
        Old { copies: self, first: kept.0 }
    }

    /// A copy of a copy of so many columns, with another value for one of them, where there is one.
    pub(super) fn again(&mut self, kept: Kept, columns: usize, other: Option<(usize, Value<'_>)>) -> Kept {
        let old = self.get(kept);
        let mut cells: Vec<Value<'static>> = (0..columns).map(|column| old.get(column).into_owned()).collect();
        if let Some((column, value)) = other {
            cells[column] = value.into_owned();
        }
        self.add_cells(cells.into_iter())
    }

    /// The copies made so far are kept until the transaction ends.
    #[inline]
    pub(super) fn hold(&mut self) {
        self.held = (self.cells.len(), self.texts.len(), self.others.len());
    }

    /// The copies that nobody holds are not needed any more.
    pub(super) fn settle(&mut self) {
        let (cells, texts, others) = self.held;
        self.cells.truncate(cells);
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
        let mut kept: Vec<Kept> = rows.iter().map(|row| copies.add_cells(row.iter().map(Value::borrow))).collect();
        kept.push(copies.again(kept[1], 4, Some((0, Value::Int(3)))));
        let row = |at: usize| (0..4).map(|column| copies.get(kept[at]).get(column)).collect::<Vec<_>>();
        (0..3).for_each(|at| assert_eq!(row(at), rows[at]));
        assert_eq!((row(3)[0].borrow(), &row(3)[1..]), (Value::Int(3), &rows[1][1..]));
        for (at, all) in rows.iter().enumerate() {
            for (column, cell) in all.iter().enumerate() {
                assert!(copies.get(kept[at]).is(column, cell) && !copies.get(kept[at]).is(column, &Value::Int(1)));
            }
        }
        assert!(!copies.get(kept[0]).is(1, &Value::Text("Adb".into())));
    }

    #[test]
    fn what_nobody_holds_is_let_go() {
        let mut copies = Copies::default();
        let first = copies.add_cells([Value::Text("first".into())].into_iter());
        copies.hold();
        copies.add_cells([Value::Text("second".into()), Value::Float(1.0)].into_iter());
        copies.settle();
        assert_eq!((copies.texts.as_str(), copies.others.len()), ("first", 0));
        assert_eq!(copies.get(first).get(0), Value::Text("first".into()));
        copies.release();
        copies.settle();
        assert!(copies.cells.is_empty() && copies.texts.is_empty());
    }
}
