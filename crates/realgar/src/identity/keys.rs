//! From keys to slots: the map that makes an identity one object.

use std::collections::{HashMap, hash_map};

use crate::{
    identity::integers::{Free, Integers},
    value::{Key, Value},
};

/// From keys to slots. Single integers, the common case, have a map of their own.
#[derive(Debug, Default)]
pub(super) struct Keys {
    integers: Integers,
    others: HashMap<Box<[Value<'static>]>, u32, foldhash::fast::RandomState>,
}

/// A place in the map.
pub(super) enum Place<'a> {
    Known(u32),
    Integer(Free<'a>),
    Other(hash_map::VacantEntry<'a, Box<[Value<'static>]>, u32>),
}

impl Place<'_> {
    /// Puts a slot into a free place.
    #[inline]
    pub(super) fn fill(self, slot: u32) {
        match self {
            Place::Integer(free) => free.fill(slot),
            Place::Other(free) => {
                free.insert(slot);
            }
            Place::Known(_) => {}
        }
    }
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        self.integers.is_empty() && self.others.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.integers.clear();
        self.others.clear();
    }

    pub(super) fn get(&self, key: &Key) -> Option<u32> {
        match key {
            Key::Int(key) => self.integers.get(*key),
            Key::Values(values) => self.others.get(values).copied(),
        }
    }

    #[inline]
    pub(super) fn place(&mut self, key: Key) -> Place<'_> {
        match key {
            Key::Int(key) => match self.integers.place(key) {
                Ok(known) => Place::Known(known),
                Err(free) => Place::Integer(free),
            },
            Key::Values(values) => match self.others.entry(values) {
                hash_map::Entry::Occupied(known) => Place::Known(*known.get()),
                hash_map::Entry::Vacant(free) => Place::Other(free),
            },
        }
    }

    /// Answers the slot that had this key before.
    pub(super) fn insert(&mut self, key: Key, slot: u32) -> Option<u32> {
        match key {
            Key::Int(key) => self.integers.insert(key, slot),
            Key::Values(values) => self.others.insert(values, slot),
        }
    }

    pub(super) fn remove(&mut self, key: &Key) {
        match key {
            Key::Int(key) => self.integers.remove(*key),
            Key::Values(values) => {
                self.others.remove(values);
            }
        }
    }
}
