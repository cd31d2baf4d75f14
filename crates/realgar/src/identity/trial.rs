//! A flush can be foreseen: what collecting it changes is kept first, and put back.

use crate::identity::{Entity, Identity, Related, State};

/// What collecting a flush may change.
pub struct Trial {
    pending: Vec<(Entity, &'static std::panic::Location<'static>)>,
    changed: Vec<(Entity, u16)>,
    doomed: Vec<Entity>,
    orphans: Vec<(Entity, Entity, u16)>,
    /// By mapper and slot.
    states: Vec<Vec<State>>,
    related: Vec<Vec<Vec<Related>>>,
}

impl Identity {
    /// Keeps what collecting a flush may change. Costs a copy of all relationships of the session.
    #[must_use]
    pub fn begin_trial(&self) -> Trial {
        Trial {
            pending: self.pending.clone(),
            changed: self.changed.clone(),
            doomed: self.doomed.clone(),
            orphans: self.orphans.clone(),
            states: self
                .arenas
                .iter()
                .map(|arena| (0..arena.metas.len()).map(|slot| arena.metas[slot].state).collect())
                .collect(),
            related: self.arenas.iter().map(|arena| arena.related.clone()).collect(),
        }
    }

    /// Puts it back. Objects that came in meanwhile stay, without what was loaded of their relationships.
    pub fn end_trial(&mut self, trial: Trial) {
        (self.pending, self.changed, self.doomed, self.orphans) =
            (trial.pending, trial.changed, trial.doomed, trial.orphans);
        for (arena, (states, related)) in self.arenas.iter_mut().zip(trial.states.into_iter().zip(trial.related)) {
            states.into_iter().enumerate().for_each(|(slot, state)| arena.metas[slot].state = state);
            (0..arena.metas.len()).for_each(|slot| arena.metas[slot].doomed = false);
            arena.related = related;
        }
        for entity in self.doomed.clone() {
            self.meta_mut(entity).doomed = true;
        }
    }
}
