//! A relationship with both of its ends, and the relationship over there that is its way back.
//!
//! Everything here runs while compiling: the derives call `check_…` in free constants, at the words that are judged. The
//! registry calls the same functions. A mistake that two ends can see is told by one of them. What is found is kept in
//! the `Link`, for the compiler runs these functions step by step, and not fast.

use crate::{
    error::Result,
    mapper::{Direction, ModelDesc, RelationshipDesc, TableDesc, mistake::Mistake, route::Route},
    schema::names::{before, same},
};

/// A relationship and the models at its ends.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub(super) ours: &'static ModelDesc,
    pub(super) relationship: &'static RelationshipDesc,
    pub(super) theirs: &'static ModelDesc,
    /// What `back_populates` names, or `backref` makes.
    pub(super) mirror: Option<&'static RelationshipDesc>,
    /// Whether the way back says so itself: each end knows of the other.
    pub(super) is_mutual: bool,
    /// The foreign keys it goes along.
    pub(super) route: Result<Route, Mistake>,
}

impl Link {
    /// The relationship at this position among those with a field.
    #[must_use]
    pub const fn new(ours: &'static ModelDesc, index: usize, theirs: &'static ModelDesc) -> Link {
        Link::of(ours, &ours.relationships[index], theirs)
    }

    pub(super) const fn of(
        ours: &'static ModelDesc,
        relationship: &'static RelationshipDesc,
        theirs: &'static ModelDesc,
    ) -> Link {
        let mirror = match (relationship.backref, relationship.back_populates) {
            (Some(made), _) => Some(made),
            (None, Some(name)) => find(theirs, name),
            (None, None) => None,
        };
        let is_mutual = match mirror {
            Some(mirror) => match said(mirror) {
                Some(name) => same(name, relationship.name) && is(mirror.to, ours.table),
                None => false,
            },
            None => false,
        };
        let mut link = Link { ours, relationship, theirs, mirror, is_mutual, route: Err(Mistake::Several) };
        link.route = link.find_route();
        link
    }

    /// The same from the other end; only where there is a way back.
    pub(super) const fn turned(&self) -> Option<Link> {
        match self.mirror {
            Some(mirror) => Some(Link::of(self.theirs, mirror, self.ours)),
            None => None,
        }
    }

    /// A derive with mistakes leaves a table without columns: they are told already.
    const fn is_stub(&self) -> bool {
        self.ours.table.table.columns.is_empty() || self.theirs.table.table.columns.is_empty()
    }

    /// Whether `backref` made it: then it has no words of its own in the source.
    pub(super) const fn is_made(&self) -> bool {
        match self.mirror {
            Some(mirror) => mirror.backref.is_some(),
            None => false,
        }
    }

    /// Of two ends that see the same mistake, whether this one tells it: the one to one, which holds the key.
    pub(super) const fn tells(&self) -> bool {
        match self.mirror {
            Some(mirror) if self.is_mutual => {
                self.relationship.backref.is_some() || (!self.is_made() && !self.stands_behind(self.theirs, mirror))
            }
            _ => true,
        }
    }

    /// Whether another relationship is told first: one to one before those to many, then by the letter.
    pub(super) const fn stands_behind(&self, owner: &ModelDesc, other: &RelationshipDesc) -> bool {
        let (ours, theirs) = (self.ours.table.table.name, owner.table.table.name);
        if self.relationship.many != other.many {
            return self.relationship.many;
        }
        before(theirs, ours) || (same(theirs, ours) && before(other.name, self.relationship.name))
    }

    /// The way back is a relationship over there, and points back.
    const fn way_back(&self) -> Result<(), Mistake> {
        let Some(name) = self.relationship.back_populates else { return Ok(()) };
        let Some(mirror) = self.mirror else {
            let column = self.theirs.table.table.holds(name);
            return Err(if column { Mistake::ColumnAsWayBack(name) } else { Mistake::NoWayBack(name) });
        };
        if self.is_mutual {
            return Ok(());
        }
        if !is(mirror.to, self.ours.table) {
            return Err(Mistake::ElsewhereBack(mirror));
        }
        match said(mirror) {
            // Where it names nothing of ours, that is told over there.
            Some(back) if find(self.ours, back).is_some() => Err(Mistake::OtherWayBack(mirror, back)),
            _ => Ok(()),
        }
    }

    /// What `backref` makes is not there yet.
    const fn made_name(&self) -> Result<(), Mistake> {
        match self.relationship.backref {
            Some(made) if self.theirs.table.table.holds(made.name) || find(self.theirs, made.name).is_some() => {
                Err(Mistake::Taken(made.name))
            }
            _ => Ok(()),
        }
    }

    /// A relationship and its way back go along one key, one of them to one.
    const fn directions(&self, route: Route) -> Result<(), Mistake> {
        // The side that a key is on says the direction; only a table that refers to itself leaves it open.
        if !is(self.ours.table, self.theirs.table) || !self.tells() {
            return Ok(());
        }
        let Some(turned) = self.turned() else { return Ok(()) };
        let Ok(back) = turned.route else { return Ok(()) };
        match (route.direction, back.direction) {
            (Direction::OneToMany, Direction::OneToMany) | (Direction::ManyToOne, Direction::ManyToOne) => {
                Err(Mistake::SameDirection(turned.relationship, route.near.columns[0]))
            }
            (_, _) => Ok(()),
        }
    }

    /// What a relationship's type promises must be what its columns can hold.
    const fn ends(&self, route: Route) -> Result<(), Mistake> {
        if self.relationship.many || self.relationship.optional {
            return Ok(());
        }
        let (Direction::ManyToOne, columns) = (route.direction, route.near.columns) else {
            return Err(Mistake::KeyOverThere);
        };
        let mut index = 0;
        while index < columns.len() {
            if self.ours.table.table.takes_null(columns[index]) {
                return Err(Mistake::NullableKey(columns[index]));
            }
            index += 1;
        }
        Ok(())
    }

    /// The first thing that is wrong, or else its foreign keys.
    fn judge(&self) -> Result<Route, Mistake> {
        self.way_back()?;
        self.made_name()?;
        let route = self.route?;
        self.directions(route)?;
        self.ends(route)?;
        self.settings(route)?;
        Ok(route)
    }

    /// Its foreign keys where nothing is wrong; for the registry.
    pub(super) fn checked(&self) -> Result<Route> {
        self.judge().map_err(|mistake| self.explain(mistake).error())
    }

    /// Whether what is wrong with it is told at another relationship.
    pub(super) fn is_told_elsewhere(&self) -> bool {
        self.way_back().is_ok() && self.route.is_err() && !self.tells_route()
    }
}

/// Called by the derives in free constants, each at the words it judges; none says anything where another has.
impl Link {
    #[track_caller]
    const fn tell(&self, result: Result<(), Mistake>) {
        if let Err(mistake) = result
            && !self.is_stub()
        {
            self.explain(mistake).stop();
        }
    }

    /// `back_populates`
    #[track_caller]
    pub const fn check_way_back(&self) {
        self.tell(self.way_back());
    }

    /// `backref`
    #[track_caller]
    pub const fn check_backref(&self) {
        self.tell(self.made_name());
        if let (Ok(_), Some(made)) = (self.route, self.turned())
            && let Ok(route) = made.route
        {
            made.tell(made.settings(route));
        }
    }

    /// `foreign_keys`, `primaryjoin`, `secondary`, or the relationship's type.
    #[track_caller]
    pub const fn check_route(&self) {
        if let Err(mistake) = self.route
            && self.tells_route()
        {
            self.tell(Err(mistake));
        }
    }

    /// The relationship's type.
    #[track_caller]
    pub const fn check_ends(&self) {
        if let Ok(route) = self.route {
            self.tell(self.directions(route));
            self.tell(self.ends(route));
        }
    }

    /// `cascade`
    #[track_caller]
    pub const fn check_cascade(&self) {
        if let Ok(route) = self.route {
            self.tell(self.cascade(route));
        }
    }

    /// `lazy`
    #[track_caller]
    pub const fn check_lazy(&self) {
        self.tell(self.lazy());
    }

    /// `order_by`
    #[track_caller]
    pub const fn check_order_by(&self) {
        self.tell(self.order_by());
    }

    /// `passive_deletes`
    #[track_caller]
    pub const fn check_passive_deletes(&self) {
        self.tell(self.passive_deletes());
    }

    /// `post_update`
    #[track_caller]
    pub const fn check_post_update(&self) {
        if let Ok(route) = self.route {
            self.tell(self.post_update(route));
        }
    }
}

/// The relationship of this name that has a field.
const fn find(model: &'static ModelDesc, name: &str) -> Option<&'static RelationshipDesc> {
    let mut index = 0;
    while index < model.relationships.len() {
        if same(model.relationships[index].name, name) {
            return Some(&model.relationships[index]);
        }
        index += 1;
    }
    None
}

/// What it names as its way back, or makes.
pub(super) const fn said(relationship: &RelationshipDesc) -> Option<&'static str> {
    match (relationship.back_populates, relationship.backref) {
        (Some(name), _) => Some(name),
        (None, Some(made)) => Some(made.name),
        (None, None) => None,
    }
}

/// Whether two descriptions are of one table. The registry refuses two models on one table.
pub(super) const fn is(a: &TableDesc, b: &TableDesc) -> bool {
    same(a.table.name, b.table.name)
}
