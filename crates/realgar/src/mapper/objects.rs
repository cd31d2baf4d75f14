//! Objects without their type: how identity, loading and flushing reach them; one typed store stands behind it.

use std::any::Any;

use crate::{
    error::{Error, Result},
    mapper::{Field, Model, Slots},
    schema::Table,
    value::{Key, Row, Value},
};

/// The objects of one model, by slot, without their type. [`Store`] is the only implementation.
pub trait Objects: Any + Send + Sync {
    /// Puts the object that the row describes into the slot, new or used.
    fn decode(&mut self, slot: u32, row: &dyn Row, at: usize) -> Result<()>;

    /// The same; answers the object's key, `None` where a part of it is NULL.
    fn decode_keyed(&mut self, slot: u32, row: &dyn Row, at: usize, key: &[usize]) -> Result<Option<Key>>;

    /// Puts an object into the slot: `object` is `&mut Option<M>`, and is taken.
    fn adopt(&mut self, slot: u32, object: &mut dyn Any) -> Result<()>;

    /// Puts a new object with its defaults into the slot.
    fn blank(&mut self, slot: u32);

    /// Takes the object out of the slot: `to` gets `&mut Option<M>`.
    fn give(&mut self, slot: u32, to: &mut dyn FnMut(&mut dyn Any) -> Result<()>) -> Result<()>;

    /// Drops the object.
    fn drop_object(&mut self, slot: u32);

    /// The object's column at this position.
    fn cell(&self, slot: u32, column: usize) -> Value<'_>;

    /// Sets the object's column at this position.
    fn set_cell(&mut self, slot: u32, column: usize, value: Value<'_>) -> Result<()>;

    /// The object, as `&M`.
    fn any(&self, slot: u32) -> &dyn Any;

    /// The object, as `&mut M`.
    fn any_mut(&mut self, slot: u32) -> &mut dyn Any;

    /// Whether the object's column at this position holds what its `validate` accepts.
    fn validate(&self, slot: u32, column: usize) -> Result<()>;

    /// Fills the object's column at this position as its `onupdate` says.
    fn on_update(&mut self, slot: u32, column: usize);

    /// The object's relationship field at this position.
    fn field(&mut self, slot: u32, relationship: usize) -> &mut dyn Field;

    /// A copy of the object's columns with these relationship fields filled in.
    fn tree(
        &self,
        slot: u32,
        fields: Vec<(usize, Vec<Box<dyn Any + Send + Sync>>)>,
    ) -> Result<Box<dyn Any + Send + Sync>>;
}

/// The objects of one model.
pub struct Store<M>(Slots<Option<M>>);

impl<M> Default for Store<M> {
    fn default() -> Self {
        Store(Slots::default())
    }
}

const EMPTY: &str = "a slot in use holds an object: identity checks the round before it looks";

impl<M: Model> Store<M> {
    /// The object in this slot.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: u32) -> &M {
        self.0[slot as usize].as_ref().expect(EMPTY)
    }

    /// The object in this slot.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut M {
        self.0[slot as usize].as_mut().expect(EMPTY)
    }

    #[inline(always)] // an object is moved once on its way from the row into its slot
    fn put(&mut self, slot: u32, object: M) {
        if slot as usize == self.0.len() {
            self.0.push(Some(object));
        } else {
            self.0[slot as usize] = Some(object);
        }
    }
}

impl<M: Model> Objects for Store<M> {
    fn decode(&mut self, slot: u32, row: &dyn Row, at: usize) -> Result<()> {
        match M::from_row(row, at) {
            Ok(object) => {
                self.put(slot, object);
                Ok(())
            }
            Err(error) => Err(name_row(error, row, at, &M::DESC.table)),
        }
    }

    fn decode_keyed(&mut self, slot: u32, row: &dyn Row, at: usize, key: &[usize]) -> Result<Option<Key>> {
        match M::from_row(row, at) {
            Ok(object) => {
                let key = match *key {
                    [column] => Key::single(object.cell(column)),
                    ref columns => Key::new(columns.iter().map(|&column| object.cell(column))),
                };
                self.put(slot, object);
                Ok(key)
            }
            Err(error) => Err(name_row(error, row, at, &M::DESC.table)),
        }
    }

    fn adopt(&mut self, slot: u32, object: &mut dyn Any) -> Result<()> {
        let object = object.downcast_mut::<Option<M>>().and_then(Option::take);
        self.put(slot, object.ok_or_else(|| Error::bug("an object of another model was adopted"))?);
        Ok(())
    }

    fn blank(&mut self, slot: u32) {
        self.put(slot, M::blank());
    }

    fn give(&mut self, slot: u32, to: &mut dyn FnMut(&mut dyn Any) -> Result<()>) -> Result<()> {
        to(&mut self.0[slot as usize])
    }

    fn drop_object(&mut self, slot: u32) {
        self.0[slot as usize] = None;
    }

    fn cell(&self, slot: u32, column: usize) -> Value<'_> {
        self.get(slot).cell(column)
    }

    fn set_cell(&mut self, slot: u32, column: usize, value: Value<'_>) -> Result<()> {
        self.get_mut(slot).set_cell(column, value.reveal())
    }

    fn any(&self, slot: u32) -> &dyn Any {
        self.get(slot)
    }

    fn any_mut(&mut self, slot: u32) -> &mut dyn Any {
        self.get_mut(slot)
    }

    fn validate(&self, slot: u32, column: usize) -> Result<()> {
        self.get(slot).validate(column)
    }

    fn on_update(&mut self, slot: u32, column: usize) {
        self.get_mut(slot).on_update(column);
    }

    fn field(&mut self, slot: u32, relationship: usize) -> &mut dyn Field {
        self.get_mut(slot).field(relationship)
    }

    fn tree(
        &self,
        slot: u32,
        fields: Vec<(usize, Vec<Box<dyn Any + Send + Sync>>)>,
    ) -> Result<Box<dyn Any + Send + Sync>> {
        let mut copy = M::from_row(&Cells(self.get(slot)), 0)?;
        for (relationship, objects) in fields {
            copy.field(relationship).put(objects);
        }
        Ok(Box::new(copy))
    }
}

/// The row that an error is about, by its key.
#[cold]
fn name_row(error: Error, row: &dyn Row, at: usize, table: &Table) -> Error {
    let key = table.primary_key().map(|position| {
        let value = match row.get(at + position) {
            _ if table.columns[position].secret => "[secret]".to_owned(),
            Ok(Value::Int(value)) => value.to_string(),
            Ok(Value::Text(text)) => format!("{text:?}"),
            Ok(other) => other.sort().to_owned(),
            Err(_) => "?".to_owned(),
        };
        format!("{} = {value}", table.columns[position].name)
    });
    error.in_row(key.collect::<Vec<_>>().join(", "))
}

/// An object read as if it were a row: how its columns are copied without `Clone`.
struct Cells<'a, M>(&'a M);

impl<M: Model> Row for Cells<'_, M> {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self.0.cell(index).reveal())
    }
}
