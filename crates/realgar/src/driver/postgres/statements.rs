//! The cache of prepared statements, by text and parameter types.

use std::collections::HashMap;

use tokio_postgres::{Statement, types::Type};

use crate::value::Value;

use super::encode::hint;

/// Statements that stay prepared on a connection; the one that was used longest ago goes first.
#[derive(Default)]
pub(super) struct Statements {
    /// How many at most; 0: none has a name, for poolers that hand statements to different servers.
    most: usize,
    known: HashMap<String, Vec<Known>, foldhash::fast::RandomState>,
    count: usize,
    clock: u64,
}

struct Known {
    types: Vec<Type>,
    statement: Statement,
    used: u64,
}

impl Statements {
    pub(super) fn new(most: usize) -> Statements {
        Statements { most, ..Statements::default() }
    }

    /// Whether statements have no names.
    pub(super) fn is_off(&self) -> bool {
        self.most == 0
    }

    pub(super) fn get(&mut self, sql: &str, types: &[Type]) -> Option<Statement> {
        self.clock += 1;
        let found = self.known.get_mut(sql)?.iter_mut().find(|known| known.types == types)?;
        found.used = self.clock;
        Some(found.statement.clone())
    }

    /// The statement as the server itself understood it, where that takes these values.
    pub(super) fn fitting(&mut self, sql: &str, params: &[Value<'_>]) -> Option<Statement> {
        let found = self.get(sql, &[])?;
        let places = found.params();
        let fits = places.len() == params.len()
            && params.iter().zip(places).all(|(value, place)| hint(value, place) == Type::UNKNOWN);
        fits.then_some(found)
    }

    pub(super) fn keep(&mut self, sql: &str, types: &[Type], statement: &Statement) {
        if self.count >= self.most {
            self.forget_half();
        }
        let known = Known { types: types.to_vec(), statement: statement.clone(), used: self.clock };
        self.known.entry(sql.to_owned()).or_default().push(known);
        self.count += 1;
    }

    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.count = 0;
    }

    /// Half at once, so that a full cache is not searched for every new statement.
    fn forget_half(&mut self) {
        let mut used: Vec<u64> = self.known.values().flatten().map(|known| known.used).collect();
        used.sort_unstable();
        let Some(&middle) = used.get(used.len() / 2) else { return };
        self.known.retain(|_, all| {
            all.retain(|known| known.used > middle);
            !all.is_empty()
        });
        self.count = self.known.values().map(Vec::len).sum();
    }
}
