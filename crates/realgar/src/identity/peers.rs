//! Which objects came from the same query: a lazy load that sees it is being repeated loads for all of them.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{mapper::Strategy, query::Branch};

/// How a relationship is loaded when it is asked for, and what is said about the objects at its end.
pub type Lazy = (Strategy, Branch);

/// Why rows are read: it decides which objects become peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Known objects take new values: they keep the peers they have.
    Refresh,
    /// A relationship is loaded: objects that have no peers yet become peers of one another. The others keep theirs,
    /// else a walk along a relationship of a model with itself would part the peers it needs.
    Relationship,
    /// A query is answered: its objects become peers of one another, whatever they were part of before.
    Query,
}

/// A query that brings rows.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Its number among the queries of the model; 0 for a refresh.
    pub query: u32,
    /// Why it is sent.
    pub reason: Reason,
    /// Whether an object is in every row: no outer join can miss it.
    pub certain: bool,
    /// Whether one object is expected in several rows, one behind the other: what is joined in for it makes them.
    pub repeats: bool,
}

/// The queries of one model, the newest last.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// How many queries there were; the number 0 stands for none.
    count: u32,
    /// The objects of those that are remembered.
    queries: HashMap<u32, Vec<u32>>,
    /// In the order in which they ended.
    order: VecDeque<u32>,
    /// How many objects all of them have.
    remembered: usize,
    /// Relationships that an object of a query asked for.
    asked: HashSet<(u32, u16)>,
    /// How the options of a query load a relationship when it is asked for.
    options: HashMap<(u32, u16), Lazy>,
}

impl Peers {
    /// A number for a query that begins.
    pub(super) fn begin(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// Remembers the objects of a query; old queries are forgotten when they outgrow the objects themselves.
    pub(super) fn end(&mut self, query: u32, slots: Vec<u32>, objects: usize, options: Vec<(u16, Lazy)>) {
        if slots.len() < 2 && (slots.is_empty() || options.is_empty()) {
            return; // a single object has no peers
        }
        while self.remembered > 4 * objects + 1_024 {
            let Some(forgotten) = self.order.pop_front() else { break };
            self.remembered -= self.queries.remove(&forgotten).map_or(0, |slots| slots.len());
            self.asked.retain(|&(query, _)| query != forgotten);
            self.options.retain(|&(query, _), _| query != forgotten);
        }
        self.remembered += slots.len();
        self.queries.insert(query, slots);
        self.order.push_back(query);
        self.options.extend(options.into_iter().map(|(relation, lazy)| ((query, relation), lazy)));
    }

    pub(super) fn of(&self, query: u32) -> &[u32] {
        self.queries.get(&query).map_or(&[], Vec::as_slice)
    }

    pub(super) fn option(&self, query: u32, relation: u16) -> Option<&Lazy> {
        self.options.get(&(query, relation))
    }

    pub(super) fn asked_before(&mut self, query: u32, relation: u16) -> bool {
        !self.of(query).is_empty() && !self.asked.insert((query, relation))
    }
}
