//! Tables as maps: rows by name, foreign keys as the rows that they name.

use std::collections::{BTreeMap, BTreeSet};

use crate::schemas::{Kind, Rel, Var};

/// What the tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    pub rows: BTreeMap<Var, Row>,
    /// The association table of the blog: a post and a label.
    pub links: BTreeSet<(Var, Var)>,
}

/// A row; its foreign keys as the rows that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub value: i64,
    pub keys: [Option<Var>; 2],
}

impl Tables {
    /// Who is at the other end.
    pub fn ends(&self, var: Var, rel: Rel) -> BTreeSet<Var> {
        match rel {
            Rel::PostLabels => self.links.iter().filter(|link| link.0 == var).map(|link| link.1).collect(),
            Rel::LabelPosts => self.links.iter().filter(|link| link.1 == var).map(|link| link.0).collect(),
            _ if rel.shape().many => {
                let (target, position) = (rel.shape().target, rel.shape().inverse.position());
                let holds = |(other, row): &(&Var, &Row)| other.kind == target && row.keys[position] == Some(var);
                self.rows.iter().filter(holds).map(|(&other, _)| other).collect()
            }
            _ => self.rows.get(&var).and_then(|row| row.keys[rel.position()]).into_iter().collect(),
        }
    }

    pub fn of(&self, kind: Kind) -> BTreeSet<Var> {
        self.rows.keys().copied().filter(|var| var.kind == kind).collect()
    }

    pub(super) fn remove(&mut self, var: Var) {
        self.rows.remove(&var);
        self.links.retain(|&(post, label)| post != var && label != var);
    }
}

pub(super) fn link(owner: Var, item: Var) -> (Var, Var) {
    if owner.kind == Kind::Post { (owner, item) } else { (item, owner) }
}

/// Whose foreign key holds it, whose key that is, and the relationship on the side of the foreign key.
pub(super) fn sides(owner: Var, rel: Rel, item: Var) -> (Var, Var, Rel) {
    if rel.shape().many { (item, owner, rel.shape().inverse) } else { (owner, item, rel) }
}
