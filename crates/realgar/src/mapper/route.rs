//! Which foreign keys a relationship goes along, found while compiling: one between the two tables, or one to each of
//! them from an association table. `join.rs` makes positions of it.

use crate::{
    mapper::{
        Direction, JoinDesc, ModelDesc, RelationshipDesc, TableDesc,
        link::{Link, is, said},
        mistake::{End, Mistake},
    },
    schema::{
        ForeignKey,
        names::{all_among, among, same},
    },
};

/// The foreign keys of a relationship.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) direction: Direction,
    /// The key between the two tables; of an association table, the one to our side.
    pub(super) near: &'static ForeignKey,
    /// Of an association table: the key to the other side.
    pub(super) far: Option<&'static ForeignKey>,
}

impl Link {
    /// Whether this end is the one to tell that there is no route.
    pub(super) const fn tells_route(&self) -> bool {
        let Err(mistake) = self.route else { return false };
        match mistake {
            Mistake::NoKey(_) => {
                let first = self.is_first(self.ours, self.theirs) && self.is_first(self.theirs, self.ours);
                first && !self.is_made()
            }
            Mistake::NoSecondary(_) | Mistake::HeldHere(_) => true,
            Mistake::NotNamed => names_a_key(self.relationship) || !self.is_mutual,
            _ => {
                // A way back that does not point back is judged by itself.
                let told_there = match (self.is_mutual, self.turned()) {
                    (false, Some(turned)) => turned.route.is_err() || self.is_claimed(),
                    _ => false,
                };
                self.tells() && !told_there
            }
        }
    }

    /// Whether another relationship over there names this one, which is told there.
    const fn is_claimed(&self) -> bool {
        let (mut index, relationships) = (0, self.theirs.relationships);
        while index < relationships.len() {
            if let Some(name) = said(&relationships[index])
                && same(name, self.relationship.name)
            {
                return true;
            }
            index += 1;
        }
        false
    }

    pub(super) const fn find_route(&self) -> Result<Route, Mistake> {
        let there = match self.mirror {
            Some(mirror) if self.is_mutual => mirror.secondary,
            _ => None,
        };
        match (self.relationship.secondary, there) {
            (None, Some(secondary)) => Err(Mistake::NoSecondary(secondary)),
            (None, None) => self.direct(),
            (Some(here), Some(there)) if !is(here, there) => Err(Mistake::OtherSecondary(here, there)),
            (Some(secondary), _) => self.through(secondary),
        }
    }

    const fn direct(&self) -> Result<Route, Mistake> {
        let (ours, theirs) = (self.ours.table, self.theirs.table);
        let remote_is_key = is_referred(ours, self.relationship.remote_side);
        // A self-reference has one key that could be read both ways: `Many` is one-to-many and `One` many-to-one,
        // unless `remote_side` says otherwise.
        let (forward, backward) = match (self.relationship.many, is(ours, theirs)) {
            (true, _) => (false, true),
            (false, true) => (remote_is_key, !remote_is_key),
            (false, false) => (true, true),
        };
        let here = if forward { self.keys(ours, theirs) } else { Keys::NONE };
        let there = if backward { self.keys(theirs, ours) } else { Keys::NONE };
        match (here.only(), there.only()) {
            (Some(near), None) if there.count == 0 => Ok(Route { direction: Direction::ManyToOne, near, far: None }),
            (None, Some(near)) if here.count == 0 => Ok(Route { direction: Direction::OneToMany, near, far: None }),
            (None, None) if here.count + there.count == 0 => match self.written() {
                Some(route) => Ok(route),
                None => Err(self.without_key()),
            },
            _ => Err(Mistake::Several),
        }
    }

    /// The columns that `primaryjoin` names, where no foreign key links the tables. Who holds the key is said by
    /// `foreign_keys`, else by the type: `Many` is one-to-many and `One` many-to-one; with itself, the column that is no
    /// primary key holds it.
    const fn written(&self) -> Option<Route> {
        let (ours, theirs, many) = (self.ours.table, self.theirs.table, self.relationship.many);
        let (join, named) = match (&self.relationship.primaryjoin, self.mirror) {
            (Some(join), Some(mirror)) if self.relationship.foreign_keys.is_empty() => (join, mirror.foreign_keys),
            (Some(join), _) => (join, self.relationship.foreign_keys),
            (None, Some(RelationshipDesc { primaryjoin: Some(join), foreign_keys, .. })) => (join, *foreign_keys),
            (None, _) => return None,
        };
        let holders = [join.left.0, join.right.0];
        let mut index = 0;
        while index < 2 {
            let (near, holder) = (&join.keys[index], holders[index]);
            let chosen = match (named.is_empty(), is(ours, theirs)) {
                (false, _) => all_among(near.columns, named),
                (true, true) => !is_key(ours, near.columns),
                (true, false) => true,
            };
            let ours_holds = same(holder, ours.table.name) && same(near.table, theirs.table.name);
            let theirs_holds = same(holder, theirs.table.name) && same(near.table, ours.table.name);
            if chosen && ours_holds && !many {
                return Some(Route { direction: Direction::ManyToOne, near, far: None });
            }
            if chosen && theirs_holds && (many || !named.is_empty()) {
                return Some(Route { direction: Direction::OneToMany, near, far: None });
            }
            index += 1;
        }
        None
    }

    const fn without_key(&self) -> Mistake {
        let (ours, theirs) = (self.ours.table, self.theirs.table);
        match (any_key(ours, theirs), any_key(theirs, ours), self.mirror) {
            (None, None, _) => Mistake::NoKey(self.relationship.many && self.has_many_back()),
            (Some(key), None, _) if self.relationship.many => Mistake::HeldHere(key),
            (_, _, Some(mirror)) if names_a_key(self.relationship) && names_a_key(mirror) => Mistake::OtherKey(mirror),
            _ => Mistake::NotNamed,
        }
    }

    /// Whether a relationship over there is to many of ours: then both are.
    const fn has_many_back(&self) -> bool {
        let (mut index, relationships) = (0, self.theirs.relationships);
        while index < relationships.len() {
            if relationships[index].many && is(relationships[index].to, self.ours.table) {
                return !is(self.ours.table, self.theirs.table);
            }
            index += 1;
        }
        false
    }

    /// The keys of one table to the other that this relationship and its way back do not exclude.
    const fn keys(&self, holder: &'static TableDesc, referred: &TableDesc) -> Keys {
        let (mut index, mut keys) = (0, Keys::NONE);
        while index < holder.table.foreign_keys.len() {
            let key = &holder.table.foreign_keys[index];
            let chosen = match self.mirror {
                Some(mirror) => is_named(key, holder, mirror),
                None => true,
            };
            if same(key.table, referred.table.name) && is_named(key, holder, self.relationship) && chosen {
                keys = keys.and(key);
            }
            index += 1;
        }
        keys
    }

    const fn through(&self, secondary: &'static TableDesc) -> Result<Route, Mistake> {
        let (primary, second) = self.joins();
        let near = keys_to(secondary, self.ours, primary, None);
        let far = keys_to(secondary, self.theirs, second, None);
        // With one end named, the other end of a self-reference is the key that is left.
        let (near, far) = match (near.only(), far.only()) {
            (Some(taken), _) => (near, keys_to(secondary, self.theirs, second, Some(taken))),
            (None, Some(taken)) => (keys_to(secondary, self.ours, primary, Some(taken)), far),
            (None, None) => (near, far),
        };
        match (near.only(), far.only()) {
            (Some(near), Some(far)) => Ok(Route { direction: Direction::ManyToMany, near, far: Some(far) }),
            (None, _) if near.count == 0 => Err(Mistake::NoEnd(End::Near)),
            (None, _) => Err(Mistake::SeveralEnds(End::Near)),
            (_, None) if far.count == 0 => Err(Mistake::NoEnd(End::Far)),
            (_, None) => Err(Mistake::SeveralEnds(End::Far)),
        }
    }

    /// `primaryjoin` and `secondaryjoin`, said here or, the other way round, at the way back.
    pub(super) const fn joins(&self) -> (Option<&'static JoinDesc>, Option<&'static JoinDesc>) {
        let relationship = self.relationship;
        let (mut primary, mut second) = (relationship.primaryjoin.as_ref(), relationship.secondaryjoin.as_ref());
        if let Some(mirror) = self.mirror {
            if primary.is_none() {
                primary = mirror.secondaryjoin.as_ref();
            }
            if second.is_none() {
                second = mirror.primaryjoin.as_ref();
            }
        }
        (primary, second)
    }

    /// Whether no relationship from `a` to `b` is told before this one.
    const fn is_first(&self, a: &'static ModelDesc, b: &'static ModelDesc) -> bool {
        let mut index = 0;
        while index < a.relationships.len() {
            let other = &a.relationships[index];
            if is(other.to, b.table) && other.secondary.is_none() && self.stands_behind(a, other) {
                return false;
            }
            index += 1;
        }
        true
    }
}

/// Foreign keys that would do: how many, and the first of them.
#[derive(Clone, Copy)]
struct Keys {
    count: usize,
    first: Option<&'static ForeignKey>,
}

impl Keys {
    const NONE: Keys = Keys { count: 0, first: None };

    const fn and(&self, key: &'static ForeignKey) -> Keys {
        let first = if self.count == 0 { Some(key) } else { self.first };
        Keys { count: self.count + 1, first }
    }

    const fn only(&self) -> Option<&'static ForeignKey> {
        if self.count == 1 { self.first } else { None }
    }
}

/// The keys of an association table to a model, without the one that is taken; where it has none to it, the join that is
/// written.
const fn keys_to(
    secondary: &'static TableDesc,
    end: &ModelDesc,
    join: Option<&'static JoinDesc>,
    taken: Option<&ForeignKey>,
) -> Keys {
    let (mut index, mut keys) = (0, Keys::NONE);
    while index < secondary.table.foreign_keys.len() {
        let key = &secondary.table.foreign_keys[index];
        let joined = match join {
            Some(join) => goes_along(join, secondary, key),
            None => true,
        };
        let free = match taken {
            Some(taken) => !all_among(key.columns, taken.columns),
            None => true,
        };
        if same(key.table, end.table.table.name) && joined && free {
            keys = keys.and(key);
        }
        index += 1;
    }
    match join {
        Some(join) if keys.count == 0 && same(join.left.0, secondary.table.name) => written_end(&join.keys[0], end),
        Some(join) if keys.count == 0 && same(join.right.0, secondary.table.name) => written_end(&join.keys[1], end),
        _ => keys,
    }
}

const fn written_end(key: &'static ForeignKey, end: &ModelDesc) -> Keys {
    if same(key.table, end.table.table.name) { Keys::NONE.and(key) } else { Keys::NONE }
}

/// Whether `foreign_keys` or `primaryjoin` is there.
const fn names_a_key(relationship: &RelationshipDesc) -> bool {
    !relationship.foreign_keys.is_empty() || relationship.primaryjoin.is_some()
}

/// Whether a foreign key is the one that `foreign_keys` or `primaryjoin` names; without these, any is.
const fn is_named(key: &ForeignKey, holder: &TableDesc, relationship: &RelationshipDesc) -> bool {
    let named = relationship.foreign_keys;
    let listed = named.is_empty() || (key.columns.len() == named.len() && all_among(named, key.columns));
    match relationship.primaryjoin {
        Some(join) => listed && goes_along(&join, holder, key),
        None => listed,
    }
}

const fn goes_along(join: &JoinDesc, holder: &TableDesc, key: &ForeignKey) -> bool {
    pairs(join.left, join.right, holder, key) || pairs(join.right, join.left, holder, key)
}

const fn pairs(here: (&str, &str), there: (&str, &str), holder: &TableDesc, key: &ForeignKey) -> bool {
    key.columns.len() == 1
        && same(here.0, holder.table.name)
        && same(here.1, key.columns[0])
        && same(there.0, key.table)
        && same(there.1, key.references[0])
}

/// The first key of one table to another, chosen or not.
const fn any_key(holder: &'static TableDesc, referred: &TableDesc) -> Option<&'static ForeignKey> {
    let mut index = 0;
    while index < holder.table.foreign_keys.len() {
        if same(holder.table.foreign_keys[index].table, referred.table.name) {
            return Some(&holder.table.foreign_keys[index]);
        }
        index += 1;
    }
    None
}

/// Whether these columns are what a row of the table is referred to by, from its own table: its primary key, or what a
/// foreign key to itself names.
pub(super) const fn is_referred(table: &TableDesc, named: &[&str]) -> bool {
    let (mut index, keys) = (0, table.table.foreign_keys);
    while index < keys.len() {
        if same(keys[index].table, table.table.name) && all_among(named, keys[index].references) {
            return true;
        }
        index += 1;
    }
    is_key(table, named)
}

/// Whether these columns are (part of) the table's primary key.
pub(super) const fn is_key(table: &TableDesc, named: &[&str]) -> bool {
    let columns = table.table.columns;
    let (mut index, mut keys) = (0, 0);
    while index < columns.len() {
        if columns[index].primary_key && among(named, columns[index].name) {
            keys += 1;
        }
        index += 1;
    }
    keys == named.len()
}
