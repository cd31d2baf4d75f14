//! Mistakes in a relationship as data, and what is said of each: what is wrong, and how to mend it.
//!
//! They are found by functions that run while compiling and again where a database is opened. The derives call them in
//! free constants, where a mistake is a compile error; the registry makes an error of it.

use crate::{
    error::{Error, Kind},
    mapper::{
        ModelDesc, RelationshipDesc, TableDesc,
        link::{Link, is},
        text::Text,
    },
    schema::{ForeignKey, names::same},
};

/// What can be wrong with a relationship.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mistake {
    /// `back_populates` names nothing.
    NoWayBack(&'static str),
    /// `back_populates` names a column.
    ColumnAsWayBack(&'static str),
    /// `back_populates` names a relationship to another model.
    ElsewhereBack(&'static RelationshipDesc),
    /// `back_populates` names a relationship that names another one of ours.
    OtherWayBack(&'static RelationshipDesc, &'static str),
    /// `backref` makes what is there.
    Taken(&'static str),
    /// No foreign key is there at all; `true`: both sides are to many.
    NoKey(bool),
    /// Its way back goes through an association table, this one does not say so.
    NoSecondary(&'static TableDesc),
    /// The two ends name different association tables.
    OtherSecondary(&'static TableDesc, &'static TableDesc),
    /// To many, but this side holds the key.
    HeldHere(&'static ForeignKey),
    /// There are keys, and none of them is the one that is named.
    NotNamed,
    /// The way back goes along another key.
    OtherKey(&'static RelationshipDesc),
    /// Several keys would do.
    Several,
    /// The association table has no key to this end.
    NoEnd(End),
    /// The association table has several keys to this end.
    SeveralEnds(End),
    /// The relationship and its way back go in the same direction.
    SameDirection(&'static RelationshipDesc, &'static str),
    /// `One<T>` over a key that takes NULL.
    NullableKey(&'static str),
    /// `One<T>` on the side without the key.
    KeyOverThere,
    /// To one, and loaded as a collection.
    Collection(&'static str),
    /// `delete-orphan` where there may be several owners.
    Orphans,
    /// `passive_deletes = "all"` and a cascade.
    PassiveCascade,
    /// `post_update` without a key to be written later.
    NothingLater,
    /// `order_by` names a column of another table.
    OrderedBy(&'static str, &'static str),
}

/// An end of an association table.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Near,
    Far,
}

/// A mistake in words.
pub(super) struct Explanation {
    kind: Kind,
    what: Text,
    mend: Text,
}

impl Explanation {
    pub(super) const fn new(kind: Kind, what: Text, mend: Text) -> Explanation {
        Explanation { kind, what, mend }
    }

    /// The same at run time.
    pub(super) fn error(&self) -> Error {
        Error::new(self.kind, self.what.as_str()).way_out(self.mend.as_str())
    }

    /// Fails to compile.
    #[track_caller]
    pub(super) const fn stop(&self) -> ! {
        let name = match self.kind {
            Kind::NoForeignKeys => " (NoForeignKeys)",
            Kind::AmbiguousForeignKeys => " (AmbiguousForeignKeys)",
            _ => "",
        };
        panic!("{}", Text::of(&[self.what.as_str(), name, "\n", self.mend.as_str()]).as_str())
    }
}

impl Link {
    /// `relationship `User::posts`` and what is said of it.
    pub(super) const fn text(&self, parts: &[&str]) -> Text {
        Text::of(&["relationship `", self.ours.table.name, "::", self.relationship.name, "`"]).with(parts)
    }

    const fn say(&self, kind: Kind, what: &[&str], mend: &[&str]) -> Explanation {
        Explanation::new(kind, self.text(what), Text::of(mend))
    }

    /// The mistake in words.
    pub(super) const fn explain(&self, mistake: Mistake) -> Explanation {
        let (here, there) = (self.ours.table.name, self.theirs.table.name);
        let (ours, theirs) = (self.ours.table.table.name, self.theirs.table.table.name);
        let argument = Kind::Argument;
        match mistake {
            Mistake::NoWayBack(name) => Explanation::new(
                Kind::InvalidRequest,
                self.text(&[" back-populates `", there, "::", name, "`, which is not there"]),
                self.ways_back(),
            ),
            Mistake::ColumnAsWayBack(name) => Explanation::new(
                Kind::InvalidRequest,
                self.text(&[" back-populates `", there, "::", name, "`, which is a column, not a relationship"]),
                self.ways_back(),
            ),
            Mistake::ElsewhereBack(other) => Explanation::new(
                argument,
                self.text(&[" back-populates `", there, "::", other.name, "`, which leads to `", other.to.name, "`"]),
                self.ways_back(),
            ),
            Mistake::OtherWayBack(other, back) => self.say(
                argument,
                &[" back-populates `", there, "::", other.name, "`, which back-populates `", here, "::", back, "`"],
                &["write `back_populates = ", self.relationship.name, "` there, or name another relationship here"],
            ),
            Mistake::Taken(name) => self.say(
                argument,
                &[" makes `", there, "::", name, "`, which is there"],
                &["give the way back another name, or write `back_populates` on both sides"],
            ),
            Mistake::NoKey(both_many) => {
                let key = if self.relationship.many { (there, here, self.ours) } else { (here, there, self.theirs) };
                let mend = Text::of(&["`#[column(foreign_key = ", key.1, "::", key_of(key.2), ")]`"]);
                let through = "an association table with a key to each side: `secondary = …`";
                let mend = match (both_many, self.relationship.many) {
                    (true, _) => Text::of(&["many-to-many goes through ", through, " on both sides"]),
                    (_, true) => Text::of(&["give `", key.0, "` a field with ", mend.as_str(), ", or name ", through]),
                    (_, false) => Text::of(&["give `", key.0, "` a field with ", mend.as_str()]),
                };
                let what = self.text(&[": no foreign key links `", ours, "` and `", theirs, "`"]);
                Explanation::new(Kind::NoForeignKeys, what, mend)
            }
            Mistake::NoSecondary(table) => self.say(
                Kind::NoForeignKeys,
                &[" has a way back that goes through the association table `", table.name, "`"],
                &["write `secondary = ", table.name, "` here, too"],
            ),
            Mistake::OtherSecondary(one, other) => self.say(
                argument,
                &[" goes through `", one.name, "`, and its way back through `", other.name, "`"],
                &["name one association table on both sides"],
            ),
            Mistake::HeldHere(key) => self.say(
                argument,
                &[" is to many, but `", here, "` holds the key `", key.columns[0], "`: it is to one"],
                &["write `One<", there, ">`, or `One<Option<", there, ">>` where the key takes NULL"],
            ),
            Mistake::NotNamed => {
                let word = if self.relationship.foreign_keys.is_empty() { "primaryjoin" } else { "foreign_keys" };
                let what = [": `", word, "` goes along no foreign key between `", ours, "` and `", theirs, "`"];
                Explanation::new(Kind::NoForeignKeys, self.text(&what), self.choose("write "))
            }
            Mistake::OtherKey(back) => Explanation::new(
                argument,
                self.text(&[" and its way back `", there, "::", back.name, "` go along different foreign keys"]),
                self.choose("name one key, here or there: "),
            ),
            Mistake::Several => Explanation::new(
                Kind::AmbiguousForeignKeys,
                self.text(&[": several foreign keys link `", ours, "` and `", theirs, "`"]),
                self.choose("say which: "),
            ),
            Mistake::NoEnd(end) => {
                let (model, table) = (self.end(end), self.association());
                let join = if self.is_joined(end) { (" as `", end.word(), "` says") } else { ("", "", "") };
                let target = model.table.table.name;
                self.say(
                    Kind::NoForeignKeys,
                    &[": no foreign key links `", table.table.name, "` and `", target, "`", join.0, join.1, join.2],
                    &[
                        "give `",
                        table.name,
                        "` a field with `#[column(foreign_key = ",
                        model.table.name,
                        "::",
                        key_of(model),
                        ")]`",
                    ],
                )
            }
            Mistake::SeveralEnds(end) => {
                let (model, table) = (self.end(end), self.association());
                let what = [": several foreign keys link `", table.table.name, "` and `", model.table.table.name, "`"];
                Explanation::new(Kind::AmbiguousForeignKeys, self.text(&what), self.choose_join(end))
            }
            Mistake::SameDirection(back, column) => {
                let what = self.text(&[" and its way back `", there, "::", back.name, "` go in the same direction"]);
                let mend = if self.relationship.many {
                    Text::of(&["make the one along the row's own key `", column, "` a `One<Option<", there, ">>`"])
                } else {
                    Text::of(&["write `remote_side = ", column, "` at the one whose key the other row holds"])
                };
                Explanation::new(argument, what, mend)
            }
            Mistake::NullableKey(column) => self.say(
                argument,
                &[" is `One<", there, ">`, but its foreign key `", here, "::", column, "` takes NULL"],
                &["write `One<Option<", there, ">>`, or make the key's field no `Option`"],
            ),
            Mistake::KeyOverThere => self.say(
                argument,
                &[" is `One<", there, ">`, but the other side holds the key: there may be nobody"],
                &["write `One<Option<", there, ">>`"],
            ),
            Mistake::Collection(word) => self.say(
                Kind::InvalidRequest,
                &[" is to one `", there, "`, but is loaded as `", word, "`, which is for collections"],
                &["leave `lazy` out, or say \"select\" or \"joined\""],
            ),
            Mistake::Orphans => self.say(
                argument,
                &[" has the cascade delete-orphan, but a `", there, "` can have several owners"],
                &["put delete-orphan on the one-to-many side, or say `single_parent` where each has one owner only"],
            ),
            Mistake::PassiveCascade => self.say(
                argument,
                &[" leaves all deletions to the database and cascades them, too"],
                &["write `passive_deletes` without \"all\", or leave `delete` and `delete-orphan` out of the cascade"],
            ),
            Mistake::NothingLater => self.say(
                argument,
                &[" is `post_update`, but no foreign key that takes NULL is there to be written later"],
                &["make the key's field an `Option`, or say `post_update` at the relationship along the other key"],
            ),
            Mistake::OrderedBy(table, column) => self.say(
                argument,
                &[" is ordered by `", table, ".", column, "`"],
                &["a collection is ordered by columns of `", there, "`"],
            ),
        }
    }

    /// What `back_populates` could mean.
    const fn ways_back(&self) -> Text {
        let (here, there) = (self.ours.table.name, self.theirs.table.name);
        let relationships = self.theirs.relationships;
        let (mut index, mut names) = (0, Text::EMPTY);
        while index < relationships.len() {
            if is(relationships[index].to, self.ours.table) {
                let or = if names.is_empty() { "write `back_populates = " } else { "` or `back_populates = " };
                names = names.and(or).and(relationships[index].name);
            }
            index += 1;
        }
        if !names.is_empty() {
            return names.and("`");
        }
        let to_many = !self.relationship.many || self.relationship.secondary.is_some();
        let (one, end) = if to_many { ("Many<", ">`") } else { ("One<Option<", ">>`") };
        Text::of(&["no relationship of `", there, "` leads to `", here, "`: give it a field "])
            .with(&["`#[relationship(back_populates = ", self.relationship.name, ")] …: ", one, here, end])
            .and(", or write `backref` here")
    }

    /// The association table; asked for relationships that have one.
    const fn association(&self) -> &'static TableDesc {
        match self.relationship.secondary {
            Some(secondary) => secondary,
            None => self.ours.table,
        }
    }

    const fn end(&self, end: End) -> &'static ModelDesc {
        match end {
            End::Near => self.ours,
            End::Far => self.theirs,
        }
    }

    const fn is_joined(&self, end: End) -> bool {
        let (primary, second) = self.joins();
        match end {
            End::Near => primary.is_some(),
            End::Far => second.is_some(),
        }
    }

    /// The keys to choose from, as they are written.
    const fn choose(&self, begin: &str) -> Text {
        let (here, there) = (self.ours.table, self.theirs.table);
        let text = choices(Text::of(&[begin]), begin, there, here);
        let text = if is(here, there) { text } else { choices(text, begin, here, there) };
        text.and("`")
    }

    const fn choose_join(&self, end: End) -> Text {
        let (model, table) = (self.end(end).table, self.association());
        let (mut text, mut or, mut index) = (Text::of(&["say which: `"]), "", 0);
        while index < table.table.foreign_keys.len() {
            let key = &table.table.foreign_keys[index];
            if same(key.table, model.table.name) {
                text = text.with(&[or, end.word(), " = ", model.name, "::", key.references[0]]);
                text = text.with(&[" == ", table.name, "::", key.columns[0]]);
                or = "` or `";
            }
            index += 1;
        }
        text.and("`")
    }
}

impl End {
    /// The word that chooses its key.
    const fn word(self) -> &'static str {
        match self {
            End::Near => "primaryjoin",
            End::Far => "secondaryjoin",
        }
    }
}

/// `foreign_keys = Post::author_id` for each key of one table to the other.
const fn choices(mut text: Text, begin: &str, holder: &TableDesc, referred: &TableDesc) -> Text {
    let mut index = 0;
    while index < holder.table.foreign_keys.len() {
        let key = &holder.table.foreign_keys[index];
        if same(key.table, referred.table.name) {
            let or = if same(text.as_str(), begin) { "`foreign_keys = " } else { "` or `foreign_keys = " };
            text = text.with(&[or, holder.name, "::", key.columns[0]]);
        }
        index += 1;
    }
    text
}

/// The name of the key's column, to be shown.
const fn key_of(model: &ModelDesc) -> &'static str {
    let columns = model.table.table.columns;
    let mut index = 0;
    while index < columns.len() {
        if columns[index].primary_key {
            return columns[index].name;
        }
        index += 1;
    }
    "…"
}
