//! The end of a transaction or a savepoint: what the tables and the objects return to.

use std::collections::BTreeSet;

use super::{Life, Model, Moment};

impl Model {
    pub(super) fn roll_back(&mut self) {
        let (life, stale) = self.begin.clone();
        self.restore(Moment { db: self.committed.clone(), life, hazy: BTreeSet::new(), stale });
        self.savepoints.clear();
        self.end();
    }

    pub(super) fn restore(&mut self, moment: Moment) {
        for (var, life) in &mut self.life {
            let row = moment.db.rows.get(var);
            let before = moment.life.get(var).copied().filter(|life| *life != Life::Pending);
            *life = match (row, *life) {
                (_, Life::Lost) => Life::Lost,
                (Some(_), _) => Life::Persistent,
                (None, _) => before.unwrap_or(Life::Transient),
            };
            // Met again, it took what was not committed, and nothing takes that back.
            let met = self.expunged.get(var).filter(|met| row.is_some_and(|row| row != *met));
            if let Some(met) = met {
                self.stale.entry(*var).or_default().push(met.clone());
            }
        }
        (self.db, self.memory) = (moment.db.clone(), moment.db);
        self.hazy = moment.hazy;
        for (var, rows) in moment.stale {
            self.stale.entry(var).or_default().extend(rows);
        }
        self.failed = false;
        self.settle();
    }

    /// The transaction is over.
    pub(super) fn end(&mut self) {
        self.hazy.clear();
        self.expunged.clear();
        self.begin = (self.life.clone(), self.stale.clone());
        self.idle = true;
    }
}
