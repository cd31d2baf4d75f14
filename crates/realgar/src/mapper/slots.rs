//! Values by slot, in chunks: a session that grows moves none of them.

use std::ops::{Index, IndexMut};

/// How many values a chunk holds. The first chunk grows up to it, so that small sessions stay small.
const CHUNK: usize = 1_024;

/// A list that grows chunk by chunk.
///
/// Few of `Vec`'s functions are used, for each is compiled once for each model of a program: to index a slice is no call.
#[derive(Debug)]
pub struct Slots<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots::new()
    }
}

impl<T> Slots<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Slots<T> {
        Slots { chunks: Vec::new(), len: 0 }
    }

    /// How many values there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a value in the next slot.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.len == self.chunks.len() * CHUNK {
            let capacity = if self.len == 0 { 1 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(capacity));
        }
        self.chunks.as_mut_slice()[self.len / CHUNK].push(value);
        self.len += 1;
    }

    /// Drops all values; the room for them stays.
    pub fn clear(&mut self) {
        for chunk in 0..self.chunks.as_slice().len() {
            self.chunks.as_mut_slice()[chunk].clear();
        }
        self.len = 0;
    }

    /// For how many values there is room.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.chunks.iter().map(Vec::capacity).sum()
    }

    /// The value in this slot, where it is in use.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<&T> {
        if slot < self.len { Some(&self[slot]) } else { None }
    }
}

impl<T> Index<usize> for Slots<T> {
    type Output = T;

    #[inline]
    fn index(&self, slot: usize) -> &T {
        &self.chunks.as_slice()[slot / CHUNK].as_slice()[slot % CHUNK]
    }
}

impl<T> IndexMut<usize> for Slots<T> {
    #[inline]
    fn index_mut(&mut self, slot: usize) -> &mut T {
        &mut self.chunks.as_mut_slice()[slot / CHUNK].as_mut_slice()[slot % CHUNK]
    }
}
