//! What a foreign key may refer to: called by the derives in free constants, so that the rest does not compile.

use crate::{
    error::Kind,
    mapper::{Column, TableDesc, mistake::Explanation, text::Text},
    schema::names::{all_among, among},
    value::Cell,
};

/// Fails to compile when a foreign key refers to what is no column, or to one of another type.
pub const fn foreign_key<Ours, C: Referred<Ours> + Copy>(_: C) {}

/// What a foreign key of type `Ours` can refer to.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Ours}` cannot refer to `{Self}`",
    label = "not a column of this type",
    note = "it names a column over there, `foreign_key = User::id`, and the field has that column's type or `Option` of it"
)]
pub trait Referred<Ours> {}
impl<M, T: Cell<Inner: Holds<Ours>>, Ours> Referred<Ours> for Column<M, T> {}

/// The type of a foreign key, and of the column that it refers to.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Ours}` cannot refer to a column of type `{Self}`",
    label = "not a column of this type",
    note = "give the field the type of the column over there, or `Option` of it"
)]
pub trait Holds<Ours> {}
impl<T> Holds<T> for T {}

/// Fails to compile when a foreign key refers to columns that do not tell rows apart: no database takes that.
#[track_caller]
pub const fn refers_to_key(ours: &TableDesc, field: &str, theirs: &TableDesc, columns: &[&str]) {
    // A derive with mistakes leaves a table without columns: they are told already.
    if theirs.table.columns.is_empty() || is_unique(theirs, columns) {
        return;
    }
    let column = if columns.len() == 1 { columns[0] } else { "…" };
    let explanation = Explanation::new(
        Kind::Argument,
        Text::of(&["foreign key `", ours.name, "::", field, "` refers to `", theirs.name, "::", column])
            .and("`, which is neither the primary key nor unique"),
        Text::of(&["refer to the primary key of `", theirs.name, "`, or make what it refers to unique: "])
            .and(if columns.len() == 1 { "`#[column(unique)]`" } else { "`#[model(unique(…))]`" }),
    );
    explanation.stop();
}

/// Whether the database keeps these columns, taken together, unique.
const fn is_unique(table: &TableDesc, columns: &[&str]) -> bool {
    let (mut index, mut keys, mut named) = (0, 0, 0);
    while index < table.table.columns.len() {
        let column = &table.table.columns[index];
        if column.unique && columns.len() == 1 && among(columns, column.name) {
            return true;
        }
        if column.primary_key {
            keys += 1;
            named += among(columns, column.name) as usize;
        }
        index += 1;
    }
    if keys > 0 && named == keys && keys == columns.len() {
        return true;
    }
    let mut index = 0;
    while index < table.table.indexes.len() {
        let found = &table.table.indexes[index];
        if found.unique && found.columns.len() == columns.len() && all_among(columns, found.columns) {
            return true;
        }
        index += 1;
    }
    false
}
