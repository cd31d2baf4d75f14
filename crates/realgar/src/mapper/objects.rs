//! Objects without their type: how identity, loading and flushing reach them; one typed store stands behind it.

use std::any::Any;

use crate::{
    error::{Error, Result},
    mapper::{Contents, Model, Sink, Slots, Table},
    schema,
    value::{Key, Row, Value},
};

/// An object without its type.
///
/// What only needs one object is here and not in [`Objects`]: the compiler keeps it with the model's own code, and compiles
/// it again when that model is changed, not when any model is.
pub trait Object: Any + Send + Sync {
    /// The column at this position.
    fn cell(&self, column: usize) -> Value<'_>;

    /// Goes through the columns, in order.
    fn each_cell(&self, to: &mut dyn FnMut(Value<'_>));

    /// Sets the column at this position.
    fn set_cell(&mut self, column: usize, value: Value<'_>) -> Result<()>;

    /// Whether the column at this position holds what its `validate` accepts.
    fn validate(&self, column: usize) -> Result<()>;

    /// Fills the column at this position as its `onupdate` says.
    fn on_update(&mut self, column: usize);

    /// The relationship field at this position.
    fn field(&mut self, relationship: usize) -> &mut Contents;

    /// A copy of the columns; relationship fields are unset.
    fn copy(&self) -> Result<Box<dyn Object>>;

    /// Goes where a field's contents go.
    fn hand_over(self: Box<Self>, to: &mut dyn Sink);

    /// Leaves its relationship fields unset; what they carried goes here.
    fn unnest(&mut self, nested: &mut Vec<Contents>);
}

impl<M: Model> Object for M {
    fn cell(&self, column: usize) -> Value<'_> {
        Table::cell(self, column)
    }

    fn each_cell(&self, to: &mut dyn FnMut(Value<'_>)) {
        for column in 0..M::DESC.table.columns.len() {
            to(Table::cell(self, column));
        }
    }

    fn set_cell(&mut self, column: usize, value: Value<'_>) -> Result<()> {
        Model::set_cell(self, column, value.reveal())
    }

    fn validate(&self, column: usize) -> Result<()> {
        Model::validate(self, column)
    }

    fn on_update(&mut self, column: usize) {
        Model::on_update(self, column);
    }

    fn field(&mut self, relationship: usize) -> &mut Contents {
        Model::field(self, relationship)
    }

    fn copy(&self) -> Result<Box<dyn Object>> {
        match M::from_row(&Cells(self), 0) {
            Ok(copy) => Ok(Box::new(copy)),
            Err(error) => Err(error),
        }
    }

    fn hand_over(self: Box<Self>, to: &mut dyn Sink) {
        to.object(&mut Some(*self));
    }

    fn unnest(&mut self, nested: &mut Vec<Contents>) {
        for relationship in 0..M::MODEL.relationships.len() {
            let contents = Model::field(self, relationship);
            if contents.is_set() {
                nested.push(contents.detach());
            }
        }
    }
}

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

    /// The slot, as `&mut Option<M>`.
    fn slot(&mut self, slot: u32) -> &mut dyn Any;

    /// Drops all objects; the room for them stays.
    fn clear(&mut self);

    /// Drops the object.
    fn drop_object(&mut self, slot: u32);

    /// The object in this slot.
    fn object(&self, slot: u32) -> &(dyn Object + 'static);

    /// The object in this slot.
    fn object_mut(&mut self, slot: u32) -> &mut (dyn Object + 'static);
}

impl dyn Objects + '_ {
    /// Takes the object out of the slot: `to` gets `&mut Option<M>`.
    pub fn give(&mut self, slot: u32, to: &mut dyn FnMut(&mut dyn Any) -> Result<()>) -> Result<()> {
        to(self.slot(slot))
    }

    /// The object's column at this position.
    #[inline]
    pub fn cell(&self, slot: u32, column: usize) -> Value<'_> {
        self.object(slot).cell(column)
    }

    /// Sets the object's column at this position.
    pub fn set_cell(&mut self, slot: u32, column: usize, value: Value<'_>) -> Result<()> {
        self.object_mut(slot).set_cell(column, value)
    }

    /// The object, as `&M`.
    pub fn any(&self, slot: u32) -> &dyn Any {
        self.object(slot)
    }

    /// The object, as `&mut M`.
    pub fn any_mut(&mut self, slot: u32) -> &mut dyn Any {
        self.object_mut(slot)
    }

    /// Whether the object's column at this position holds what its `validate` accepts.
    pub fn validate(&self, slot: u32, column: usize) -> Result<()> {
        self.object(slot).validate(column)
    }

    /// Fills the object's column at this position as its `onupdate` says.
    pub fn on_update(&mut self, slot: u32, column: usize) {
        self.object_mut(slot).on_update(column);
    }

    /// The object's relationship field at this position.
    pub fn field(&mut self, slot: u32, relationship: usize) -> &mut Contents {
        self.object_mut(slot).field(relationship)
    }

    /// A copy of the object's columns with these relationship fields filled in.
    pub fn tree(&self, slot: u32, fields: Vec<(usize, Vec<Box<dyn Object>>)>) -> Result<Box<dyn Object>> {
        let mut copy = self.object(slot).copy()?;
        for (relationship, objects) in fields {
            copy.field(relationship).put(objects);
        }
        Ok(copy)
    }
}

/// The objects of one model.
pub struct Store<M>(Slots<Option<M>>);

#[cold]
fn empty() -> ! {
    unreachable!("a slot in use holds an object: identity checks the round before it looks")
}

impl<M: Model> Store<M> {
    /// The object in this slot.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: u32) -> &M {
        match &self.0[slot as usize] {
            Some(object) => object,
            None => empty(),
        }
    }

    /// The object in this slot.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut M {
        match &mut self.0[slot as usize] {
            Some(object) => object,
            None => empty(),
        }
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
                let key = key_of(&object, key);
                self.put(slot, object);
                Ok(key)
            }
            Err(error) => Err(name_row(error, row, at, &M::DESC.table)),
        }
    }

    fn adopt(&mut self, slot: u32, object: &mut dyn Any) -> Result<()> {
        if let Some(place) = object.downcast_mut::<Option<M>>()
            && let Some(object) = place.take()
        {
            self.put(slot, object);
            return Ok(());
        }
        Err(Error::bug("an object of another model was adopted"))
    }

    fn blank(&mut self, slot: u32) {
        self.put(slot, M::blank());
    }

    fn slot(&mut self, slot: u32) -> &mut dyn Any {
        &mut self.0[slot as usize]
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn drop_object(&mut self, slot: u32) {
        self.0[slot as usize] = None;
    }

    fn object(&self, slot: u32) -> &(dyn Object + 'static) {
        self.get(slot)
    }

    fn object_mut(&mut self, slot: u32) -> &mut (dyn Object + 'static) {
        self.get_mut(slot)
    }
}

/// An empty store for objects of a model.
#[must_use]
pub fn objects<M: Model>() -> Box<dyn Objects> {
    Box::new(Store::<M>(Slots::new()))
}

#[inline] // for loading, which knows the type
fn key_of(object: &dyn Object, key: &[usize]) -> Option<Key> {
    match *key {
        [column] => Key::single(object.cell(column)),
        ref columns => Key::new(columns.iter().map(|&column| object.cell(column))),
    }
}

/// The row that an error is about, by its key.
#[cold]
fn name_row(error: Error, row: &dyn Row, at: usize, table: &schema::Table) -> Error {
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
struct Cells<'a>(&'a dyn Object);

impl Row for Cells<'_> {
    fn get(&self, index: usize) -> Result<Value<'_>> {
        Ok(self.0.cell(index).reveal())
    }
}
