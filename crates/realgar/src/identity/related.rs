//! What is known of one relationship of one object, and how it differs from what the database holds.

use std::collections::HashSet;

/// The state of one relationship of one object; other objects are slots of the relationship's target.
#[derive(Debug, Clone, Default)]
pub enum Related {
    /// Nothing is known.
    #[default]
    Unloaded,
    /// A collection that is not loaded, but was added to or removed from.
    Queued(Box<Queue>),
    /// A relationship to one.
    One {
        /// Who it is.
        now: Option<u32>,
        /// Who the database says it is.
        was: Was,
    },
    /// A collection.
    Many {
        /// What is in it.
        now: Vec<u32>,
        /// What the database holds, where that differs.
        was: Option<Box<[u32]>>,
    },
}

/// What the database holds for a relationship to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// The same as now.
    Same,
    /// It was never asked.
    Unknown,
    /// This one, or nobody.
    Object(Option<u32>),
}

/// Changes of a collection that is not loaded.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// What was added.
    pub added: Vec<u32>,
    /// What was removed.
    pub removed: Vec<u32>,
}

impl Related {
    /// What is at the other end, in order; `None` when it is not loaded.
    #[must_use]
    pub fn items(&self) -> Option<&[u32]> {
        match self {
            Related::One { now, .. } => Some(now.as_slice()),
            Related::Many { now, .. } => Some(now),
            Related::Unloaded | Related::Queued(_) => None,
        }
    }

    /// Whether it differs from what the database holds.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        match self {
            Related::Unloaded => false,
            Related::Queued(_) => true,
            Related::One { was, .. } => *was != Was::Same,
            Related::Many { was, .. } => was.is_some(),
        }
    }

    /// What the database does not hold yet.
    #[must_use]
    pub fn added(&self) -> Vec<u32> {
        match self {
            Related::Queued(queue) => queue.added.clone(),
            Related::One { now, was } if *was != Was::Same && *was != Was::Object(*now) => {
                now.iter().copied().collect()
            }
            Related::Many { now, was: Some(was) } => difference(now, was),
            _ => Vec::new(),
        }
    }

    /// What the database still holds.
    #[must_use]
    pub fn removed(&self) -> Vec<u32> {
        match self {
            Related::Queued(queue) => queue.removed.clone(),
            Related::One { now, was: Was::Object(Some(was)) } if *now != Some(*was) => vec![*was],
            Related::Many { now, was: Some(was) } => difference(was, now),
            _ => Vec::new(),
        }
    }

    /// Adds to a collection, at a position or at the end. `new`: the object has no row, so nothing is there to load.
    pub(super) fn add(&mut self, slot: u32, position: Option<usize>, new: bool) {
        if new && matches!(self, Related::Unloaded) {
            *self = Related::Many { now: Vec::new(), was: Some(Box::default()) };
        }
        match self {
            Related::Many { now, was } => {
                was.get_or_insert_with(|| now.as_slice().into());
                now.insert(position.unwrap_or(now.len()).min(now.len()), slot);
            }
            Related::Queued(queue) => match queue.removed.iter().position(|&removed| removed == slot) {
                Some(position) => {
                    queue.removed.remove(position);
                }
                None => queue.added.push(slot),
            },
            Related::Unloaded | Related::One { .. } => {
                *self = Related::Queued(Box::new(Queue { added: vec![slot], removed: Vec::new() }));
            }
        }
    }

    /// The items of a collection stand in this order from now on.
    pub(super) fn reorder(&mut self, slots: &[u32]) {
        if let Related::Many { now, was } = self
            && now != slots
        {
            was.get_or_insert_with(|| now.as_slice().into());
            *now = slots.to_vec();
        }
    }

    /// Removes from a collection; says whether it was there, or may have been.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        match self {
            Related::Many { now, was } => match now.iter().position(|&item| item == slot) {
                Some(position) => {
                    was.get_or_insert_with(|| now.as_slice().into());
                    now.remove(position);
                    true
                }
                None => false,
            },
            Related::Queued(queue) => {
                match queue.added.iter().position(|&added| added == slot) {
                    Some(position) => {
                        queue.added.remove(position);
                    }
                    None => queue.removed.push(slot),
                }
                true
            }
            Related::Unloaded | Related::One { .. } => {
                *self = Related::Queued(Box::new(Queue { added: Vec::new(), removed: vec![slot] }));
                true
            }
        }
    }

    /// Sets a relationship to one. `before`: what is known to be there, when it is not loaded.
    pub(super) fn set(&mut self, slot: Option<u32>, before: Was) {
        let was = match self {
            Related::One { now, was: Was::Same } => Was::Object(*now),
            Related::One { was, .. } => *was,
            _ => before,
        };
        *self = Related::One { now: slot, was: if was == Was::Object(slot) { Was::Same } else { was } };
    }

    /// Whether it was set without knowing what the database holds.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        matches!(self, Related::One { was: Was::Unknown, .. })
    }

    /// What the database holds in the place of what was set without knowing it.
    pub(super) fn learn(&mut self, item: Option<u32>) {
        if let Related::One { now, was } = self {
            *was = if *now == item { Was::Same } else { Was::Object(item) };
        }
    }

    /// Whether this object is at the other end now, as far as that is known.
    #[must_use]
    pub fn has(&self, slot: u32) -> bool {
        match self {
            Related::Queued(queue) => queue.added.contains(&slot),
            other => other.items().is_some_and(|items| items.contains(&slot)),
        }
    }

    /// Takes what the database holds; what was queued meanwhile comes after it, without duplicates.
    pub(super) fn fill(&mut self, mut items: Vec<u32>, many: bool) {
        if !many {
            *self = Related::One { now: items.first().copied(), was: Was::Same };
            return;
        }
        let Related::Queued(queue) = std::mem::take(self) else {
            *self = Related::Many { now: items, was: None };
            return;
        };
        let held: Box<[u32]> = items.as_slice().into();
        items.retain(|item| !queue.removed.contains(item));
        items.extend(difference(&queue.added, &items));
        let was = (*held != *items).then_some(held);
        *self = Related::Many { now: items, was };
    }

    /// Whether a relationship to one was set to nobody.
    #[must_use]
    pub fn is_nobody_now(&self) -> bool {
        matches!(self, Related::One { now: None, was } if !matches!(was, Was::Same | Was::Object(None)))
    }

    /// Forgets an object that leaves the session. Its row stays: what held it is not known whole any more, and is loaded
    /// anew; `new` objects have nothing to load.
    pub(super) fn let_go(&mut self, slot: u32, new: bool) {
        match self {
            Related::Unloaded => {}
            Related::Queued(queue) => {
                queue.added.retain(|&item| item != slot);
                queue.removed.retain(|&item| item != slot);
            }
            Related::One { now, was } => {
                if *now == Some(slot) || *was == Was::Object(Some(slot)) {
                    *self = Related::Unloaded;
                }
            }
            Related::Many { now, .. } if new => now.retain(|&item| item != slot),
            Related::Many { now, was } => {
                if now.contains(&slot) || was.as_ref().is_some_and(|was| was.contains(&slot)) {
                    let mut queue = Queue { added: self.added(), removed: self.removed() };
                    queue.added.retain(|&item| item != slot);
                    queue.removed.retain(|&item| item != slot);
                    let changed = !(queue.added.is_empty() && queue.removed.is_empty());
                    *self = if changed { Related::Queued(Box::new(queue)) } else { Related::Unloaded };
                }
            }
        }
    }

    /// The object has no row again: the database holds nothing of this.
    pub(super) fn renew(&mut self) {
        match self {
            Related::One { now, was } => *was = if now.is_some() { Was::Unknown } else { *was },
            Related::Many { now, was } => *was = (!now.is_empty()).then(Box::default),
            Related::Queued(_) | Related::Unloaded => {}
        }
    }

    /// The database holds what is here now.
    pub(super) fn settle(&mut self) {
        match self {
            Related::Queued(_) => *self = Related::Unloaded,
            Related::One { was, .. } => *was = Was::Same,
            Related::Many { was, .. } => *was = None,
            Related::Unloaded => {}
        }
    }
}

/// What is in `these` and not in `those`, in order.
fn difference(these: &[u32], those: &[u32]) -> Vec<u32> {
    match those.len() {
        0 => these.to_vec(),
        1..16 => these.iter().copied().filter(|item| !those.contains(item)).collect(),
        _ => {
            let those: HashSet<u32, foldhash::fast::RandomState> = those.iter().copied().collect();
            these.iter().copied().filter(|item| !those.contains(item)).collect()
        }
    }
}
