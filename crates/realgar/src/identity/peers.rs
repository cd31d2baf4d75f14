//! Which objects came from the same query: a lazy load that sees it is being repeated loads for all of them.

use std::collections::{HashSet, VecDeque};

/// The queries of one model, the newest last.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// How many queries there were; the number 0 stands for none.
    count: u32,
    /// What is remembered of them.
    queries: VecDeque<(u32, Vec<u32>)>,
    remembered: usize,
    /// Relationships that an object of a query asked for.
    asked: HashSet<(u32, u16)>,
}

impl Peers {
    /// A number for a query that begins.
    pub(super) fn begin(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// Remembers the objects of a query; old queries are forgotten when they outgrow the objects themselves.
    pub(super) fn end(&mut self, query: u32, slots: Vec<u32>, objects: usize) {
        if slots.len() < 2 {
            return; // a single object has no peers
        }
        while self.remembered > 4 * objects + 1_024 {
            let Some((forgotten, slots)) = self.queries.pop_front() else { break };
            self.remembered -= slots.len();
            self.asked.retain(|&(query, _)| query != forgotten);
        }
        self.remembered += slots.len();
        self.queries.push_back((query, slots));
    }

    pub(super) fn of(&self, query: u32) -> &[u32] {
        // Queries end in an order of their own when one is part of another, so the numbers are nearly sorted only.
        self.queries.iter().rev().find(|(number, _)| *number == query).map_or(&[], |(_, slots)| slots)
    }

    pub(super) fn asked_before(&mut self, query: u32, relation: u16) -> bool {
        !self.of(query).is_empty() && !self.asked.insert((query, relation))
    }
}
