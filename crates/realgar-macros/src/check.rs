//! What fields and attributes mean for each other: one function per rule, each with the input that it rejects.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Ident, Path};

use crate::{
    model::{Column, Field, Mapping, Property, Relationship, Sort, is_one_option, target},
    problems::Problems,
};

/// All rules. Each finds every mistake of its sort.
pub(crate) fn all(mapping: &Mapping, problems: &mut Problems) {
    if mapping.fields.is_empty() && !problems.is_empty() {
        return; // Not a struct of ours: whatever is missing is missing for that reason.
    }
    primary_key(mapping, problems);
    nullable_key(mapping, problems);
    stray_action(mapping, problems);
    secondary_of_one(mapping, problems);
    orphans(mapping, problems);
    passive_cascades(mapping, problems);
    backrefs(mapping, problems);
    reserved_names(mapping, problems);
    same_column(mapping, problems);
    index_fields(mapping, problems);
    remote_side_fields(mapping, problems);
    foreign_keys(mapping, problems);
    server_made(mapping, problems);
    auto_key(mapping, problems);
    deferred_key(mapping, problems);
    versions(mapping, problems);
}

/// Two columns that say `version`, or one that is a key or may be NULL.
fn versions(mapping: &Mapping, problems: &mut Problems) {
    let versions = mapping.columns().filter_map(|(field, column)| Some((field, column, column.version.as_ref()?)));
    for (index, (field, column, word)) in versions.enumerate() {
        let what = if column.primary_key || mapping.in_foreign_key(field) {
            "a version that is a key"
        } else if field.is_option() || field.is_auto() || field.is_deferred() {
            "a version whose value may be missing"
        } else if index > 0 {
            "a second version of the same row"
        } else {
            continue;
        };
        let mend = "make it a field of its own, of type `i64`: the session counts the row's updates in it";
        problems.push(word, &place(mapping, field), what, mend);
    }
}

/// `#[derive(Model)] struct User { name: String }`
fn primary_key(mapping: &Mapping, problems: &mut Problems) {
    // With a misspelled attribute around, the key may be what it was to say.
    if mapping.sort == Sort::Model && problems.is_empty() && mapping.keys().next().is_none() {
        let mend = "put `#[column(primary_key)]` on the field that tells the rows apart; \
                    a bare association table is a `#[derive(Table)]`";
        problems.push(&mapping.ident, &mapping.name(), "a model without a primary key", mend);
    }
}

/// `#[column(primary_key)] id: Option<i64>`
fn nullable_key(mapping: &Mapping, problems: &mut Problems) {
    for (field, _) in mapping.keys().filter(|(field, _)| field.is_option()) {
        let mend = "leave out `Option`: a single integer key of 0 is generated, any other key is given";
        problems.push(&field.ty, &place(mapping, field), "a primary key that may be NULL", mend);
    }
}

/// `#[column(on_delete = "cascade")] user_id: i64`
fn stray_action(mapping: &Mapping, problems: &mut Problems) {
    for (field, column) in mapping.columns() {
        if let Some(word) = &column.stray_action {
            let mend = "add `foreign_key = Model::column`, or leave it out";
            problems.push(word, &place(mapping, field), format!("`{word}` without a foreign key"), mend);
        }
    }
}

/// `#[relationship(secondary = PostTags)] tag: One<Tag>`
fn secondary_of_one(mapping: &Mapping, problems: &mut Problems) {
    for (field, relationship) in mapping.relationships().filter(|(_, relationship)| !relationship.many) {
        if let Some(secondary) = &relationship.secondary {
            let mend = "make the field a `Many<…>`, or leave out `secondary`";
            problems.push(
                secondary,
                &place(mapping, field),
                "an association table between a `One` and its target",
                mend,
            );
        }
    }
}

/// `#[relationship(cascade = "all, delete-orphan")] author: One<User>`
fn orphans(mapping: &Mapping, problems: &mut Problems) {
    for (field, relationship) in mapping.relationships().filter(|(_, relationship)| !relationship.single_parent) {
        let what = match (relationship.many, relationship.secondary.is_some()) {
            (true, true) => "`delete-orphan` through an association table",
            (true, false) => continue,
            // It may own what is over there; where it does not, the registry says so.
            (false, _) if is_one_option(&field.ty) => continue,
            (false, _) => "`delete-orphan` on a `One`",
        };
        if let Some(span) = relationship.cascade.delete_orphan {
            let mend = "say `delete-orphan` at the `Many` that owns the objects, or `single_parent` beside it where each \
                        of them has one owner only, or leave it out";
            problems.push(cascade_at(span), &place(mapping, field), what, mend);
        }
    }
}

/// `#[relationship(cascade = "all", passive_deletes = "all")]`
fn passive_cascades(mapping: &Mapping, problems: &mut Problems) {
    let all = |relationship: &Relationship| relationship.passive_deletes == Some("All");
    for (field, relationship) in mapping.relationships().filter(|(_, relationship)| all(relationship)) {
        if let Some(span) = relationship.cascade.delete.or(relationship.cascade.delete_orphan) {
            let what = "all deletions are left to the database, and cascade too";
            let mend = "write `passive_deletes` without \"all\", or leave `delete` and `delete-orphan` out";
            problems.push(cascade_at(span), &place(mapping, field), what, mend);
        }
    }
}

/// `#[relationship(back_populates = author, backref = author)]`, or a way back that stands in the way of a function.
fn backrefs(mapping: &Mapping, problems: &mut Problems) {
    for (field, relationship) in mapping.relationships() {
        let Some(backref) = &relationship.backref else { continue };
        let (name, place) = (&backref.name, place(mapping, field));
        if relationship.back_populates.is_some() {
            let mend = "leave out `back_populates` where the other model has no field for it, else `backref`";
            problems.push(name, &place, "`backref` beside `back_populates`", mend);
        }
        if name == "select" || name == "default" {
            let what = format!("a constant `{name}` would stand in the way of the other model's `{name}()`");
            problems.push(name, &place, what, "give the way back another name");
        }
        if target(&field.ty).is_none() {
            let mend = "write the type out: `Many<Post>`, `One<User>` or `One<Option<User>>`";
            problems.push(&field.ty, &place, "a `backref` to a model that cannot be seen", mend);
        }
    }
}

fn cascade_at(span: Span) -> TokenStream {
    Ident::new("cascade", span).into_token_stream()
}

/// `select: bool`: the constant would stand before `User::select()`.
fn reserved_names(mapping: &Mapping, problems: &mut Problems) {
    for field in &mapping.fields {
        let constant = field.constant();
        if constant == "select" || constant == "default" {
            let attribute = match field.property {
                Property::Column(_) => "column",
                Property::Relationship(_) => "relationship",
            };
            let what = format!("a constant `{constant}` would stand in the way of `{}::{constant}()`", mapping.name());
            let mend = format!("give the constant another name: `#[{attribute}(constant = {constant}_)]`");
            problems.push(constant, &place(mapping, field), what, mend);
        }
    }
}

/// `#[column(name = "title")] heading: String, title: String`
fn same_column(mapping: &Mapping, problems: &mut Problems) {
    for (index, (field, column)) in mapping.columns().enumerate() {
        if let Some((other, _)) = mapping.columns().take(index).find(|(_, other)| other.name == column.name) {
            let what = format!("its column `{}` is the column of `{}` too", column.name, other.name());
            problems.push(&field.ident, &place(mapping, field), what, "give one of them another `name = \"…\"`");
        }
    }
}

/// `#[model(unique(first, lsat))]`
fn index_fields(mapping: &Mapping, problems: &mut Problems) {
    for index in &mapping.indexes {
        let word = if index.unique { "unique" } else { "index" };
        column_fields(&index.columns, word, &mapping.name(), mapping, problems);
    }
}

/// `#[relationship(remote_side = idd)] parent: One<Node>`
fn remote_side_fields(mapping: &Mapping, problems: &mut Problems) {
    for (field, relationship) in mapping.relationships() {
        column_fields(&relationship.remote_side, "remote_side", &place(mapping, field), mapping, problems);
    }
}

/// `foreign_key(columns = (order_id, line), references = Line::no)`, or with fields that are none, or to two tables.
fn foreign_keys(mapping: &Mapping, problems: &mut Problems) {
    let name = mapping.name();
    for key in &mapping.foreign_keys {
        column_fields(&key.columns, "foreign_key", &name, mapping, problems);
        let (ours, theirs) = (key.columns.len(), key.references.len());
        if ours != theirs {
            let what = format!("a foreign key of {ours} columns that refers to {theirs}");
            problems.push(&key.word, &name, what, "give `columns` and `references` the same number, in the same order");
        } else if let Some(other) = key.references.iter().find(|path| owner(path) != owner(&key.references[0])) {
            let mend = "write one `foreign_key(…)` for each table";
            problems.push(other, &name, "a foreign key that refers to two tables", mend);
        }
    }
}

/// `#[column(server_default = "CURRENT_TIMESTAMP")] created: DateTime<Utc>`
fn server_made(mapping: &Mapping, problems: &mut Problems) {
    let made = |column: &Column| {
        let words = [("computed", &column.computed), ("server_default", &column.server_default)];
        words.into_iter().find_map(|(word, sql)| sql.clone().map(|sql| (word, sql)))
    };
    for (field, column) in mapping.columns() {
        let Some((word, sql)) = made(column) else { continue };
        let place = place(mapping, field);
        if column.computed.is_some() && column.server_default.is_some() {
            problems.push(&sql, &place, "a computed column has no default", "leave out `server_default`");
        }
        // No object stands for the row of a bare table, so nothing would win there.
        if mapping.sort == Sort::Model && !field.is_auto() && !field.is_option() {
            let ty = field.ty.to_token_stream().to_string().replace(' ', "");
            let what = format!("`{word}` on a plain type: what a new object holds would win over the database's value");
            let mend = format!("make the field an `Auto<{ty}>`, or an `Option<{ty}>` where the column takes NULL");
            problems.push(&field.ty, &place, what, mend);
        }
    }
}

/// `#[column(primary_key)] id: Auto<i64>`
fn auto_key(mapping: &Mapping, problems: &mut Problems) {
    for (field, _) in mapping.keys().filter(|(field, _)| field.is_auto()) {
        let mend = "leave out `Auto`: a single integer key of 0 is generated, any other key is given";
        problems.push(&field.ty, &place(mapping, field), "a primary key that is not known when its row is sent", mend);
    }
}

/// `#[column(foreign_key = User::id)] user_id: Deferred<i64>`
fn deferred_key(mapping: &Mapping, problems: &mut Problems) {
    for (field, column) in mapping.columns().filter(|(field, _)| field.is_deferred()) {
        if column.primary_key || mapping.in_foreign_key(field) {
            let what = "a key that is not loaded with its row";
            problems.push(&field.ty, &place(mapping, field), what, "leave out `Deferred`");
        }
    }
}

/// `Line` of `order::Line::no`.
fn owner(path: &Path) -> Option<&Ident> {
    path.segments.iter().rev().nth(1).map(|segment| &segment.ident)
}

fn column_fields(named: &[Ident], word: &str, place: &str, mapping: &Mapping, problems: &mut Problems) {
    for ident in named.iter().filter(|ident| mapping.column(ident).is_none()) {
        let found = mapping.fields.iter().any(|field| field.is(ident));
        let not = if found { "a relationship, not a column" } else { "no field of this struct" };
        let columns: Vec<String> = mapping.columns().map(|(field, _)| format!("`{}`", field.ident)).collect();
        let mend = format!("columns are named by their fields: {}", columns.join(", "));
        problems.push(ident, place, format!("`{word}` names `{ident}`, which is {not}"), mend);
    }
}

fn place(mapping: &Mapping, field: &Field) -> String {
    format!("{}::{}", mapping.name(), field.name())
}
