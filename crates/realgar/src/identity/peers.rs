//! Which objects came from the same query: a lazy load that sees it is being repeated loads for all of them.

use std::collections::{HashSet, VecDeque};

/// The queries of one model, the newest last.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// The number of the first query that is remembered.
    first: u32,
    queries: VecDeque<Vec<u32>>,
    remembered: usize,
    /// Relationships that an object of a query asked for.
    asked: HashSet<(u32, u16)>,
}

impl Peers {
    /// A number for a query that begins. Old ones are forgotten when they outgrow the objects themselves.
    pub(super) fn begin(&mut self, objects: usize) -> u32 {
        if self.first == 0 {
            self.first = 1; // 0 stands for no query
        }
        while self.remembered > 4 * objects + 1_024 {
            self.remembered -= self.queries.pop_front().map_or(0, |slots| slots.len());
            self.asked.retain(|&(query, _)| query != self.first);
            self.first += 1;
        }
        self.remembered += 1; // an empty query takes room too
        self.queries.push_back(Vec::new());
        self.first + self.queries.len() as u32 - 1
    }

    #[inline]
    pub(super) fn add(&mut self, query: u32, slot: u32) {
        if let Some(slots) = query.checked_sub(self.first).and_then(|position| self.queries.get_mut(position as usize))
        {
            slots.push(slot);
            self.remembered += 1;
        }
    }

    pub(super) fn of(&self, query: u32) -> &[u32] {
        let position = query.checked_sub(self.first);
        position.and_then(|position| self.queries.get(position as usize)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn asked_before(&mut self, query: u32, relation: u16) -> bool {
        !self.asked.insert((query, relation))
    }
}
