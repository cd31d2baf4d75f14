//! What a database refused, in the mapping's words: which key, which column, which other table, and how to go on.

use crate::{
    error::{Error, Kind},
    identity::{Entity, Identity},
    mapper::{Direction, Mapper, Registry, Relation},
    schema::{ForeignKey, Table},
    value::{Key, Value},
};

/// What was to be done with the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Insert,
    Update,
    Delete,
}

/// Says whom the error is about, and how to mend it.
#[cold]
pub(super) fn blame(identity: &Identity, registry: &Registry, entity: Entity, write: Write, error: Error) -> Error {
    let mapper = registry.mapper(entity.mapper);
    let error = error.with_entity(|| identity.describe(entity));
    let error = match error.kind() {
        // DIALECT: some databases tell the constraint's name, and nothing else.
        Kind::UniqueViolation => {
            let name = error.database().and_then(|facts| facts.constraint.clone()).unwrap_or_default();
            match &mapper.table().unique_columns(&name)[..] {
                [] => error,
                columns => error.or_in(mapper.table().name, columns),
            }
        }
        _ => error,
    };
    let error = match error.kind() {
        Kind::UniqueViolation => taken(identity, mapper, entity, write, error),
        Kind::ForeignKeyViolation if write == Write::Delete => referred(registry, mapper.table(), error),
        Kind::ForeignKeyViolation => missing(identity, registry, entity, error),
        Kind::NotNullViolation => empty(mapper, error),
        Kind::CheckViolation => error
            .way_out("the rule stands in the table, and the model says it with `check`: mend the value, or the rule"),
        Kind::Data => error.way_out("give the field a value that its column can hold"),
        _ => return error,
    };
    match write {
        Write::Insert => error.go_on(
            "the object still holds its values: `session.rollback().await?`, mend it, `session.add_again(…)?` and flush",
        ),
        Write::Update => error.go_on(
            "the object holds what was written to it until `session.rollback().await?`; then write anew and flush",
        ),
        Write::Delete => error,
    }
}

fn taken(identity: &Identity, mapper: &Mapper, entity: Entity, write: Write, error: Error) -> Error {
    let columns = error.database().map_or(&[][..], |facts| &facts.columns);
    let is_key = columns.len() == mapper.key.len()
        && mapper.key.iter().all(|&position| columns.iter().any(|name| name == mapper.table().columns[position].name));
    let way_out = if is_key && write == Write::Insert {
        let key = Key::new(mapper.key.iter().map(|&column| identity.cell(entity, column)));
        match key.and_then(|key| identity.find(entity.mapper, &key)) {
            Some(_) => {
                "the session has the object with this key: change that one, or `merge` instead of `add`".to_owned()
            }
            None => "a row has this key already: `merge` instead of `add` writes to it, another key makes a new one"
                .to_owned(),
        }
    } else {
        let names: Vec<String> = columns.iter().map(|column| format!("`{}::{column}`", mapper.name())).collect();
        match names.is_empty() {
            true => "another row has the same value there".to_owned(),
            false => format!("another row has the same {}", names.join(", ")),
        }
    };
    error.way_out(way_out)
}

fn empty(mapper: &Mapper, error: Error) -> Error {
    let column = error.database().and_then(|facts| facts.columns.first()).cloned();
    match column {
        Some(column) if mapper.table().position(&column).is_none() => error.way_out(format!(
            "`{}` has no field for the column `{column}`: give it one, or change the table, which is another than the model's",
            mapper.name()
        )),
        Some(column) => error.way_out(format!(
            "give `{}::{column}` a value; the model lets it be none and the table does not, so change one of the two",
            mapper.name()
        )),
        None => error.way_out("give the column a value"),
    }
}

/// The foreign keys of the row that may point nowhere: those set, but for those whose target the session knows.
fn missing(identity: &Identity, registry: &Registry, entity: Entity, error: Error) -> Error {
    let mapper = registry.mapper(entity.mapper);
    let table = mapper.table();
    let held = |column: &str| table.position(column).map(|position| identity.cell(entity, position));
    let said = error.database().map_or(&[][..], |facts| &facts.columns);
    let is_open = |key: &&ForeignKey| {
        if !said.is_empty() && said != key.columns {
            return false;
        }
        let values = key.columns.iter().map(|column| held(column).unwrap_or(Value::Null));
        let Some(value) = Key::new(values) else { return false };
        let target = registry.by_table(key.table);
        !target.is_some_and(|target| by_key(target, key) && identity.find(target.id, &value).is_some())
    };
    let open: Vec<&ForeignKey> = table.foreign_keys.iter().filter(is_open).collect();
    let unset = |key: &&&ForeignKey| key.columns.iter().any(|column| held(column) == Some(Value::Int(0)));
    let unset = open.iter().find(unset);
    // DIALECT: SQLite does not say which key it was; where one only can be meant, we do.
    let error = match (unset, &open[..]) {
        (Some(key), _) | (None, [key]) => error.or_in(table.name, key.columns),
        _ => error,
    };
    if let Some(key) = unset {
        let column = key.columns[0];
        let along = |relation: &&Relation| {
            relation.direction == Direction::ManyToOne
                && relation.pairs.iter().any(|&(ours, _)| table.columns[ours].name == column)
        };
        let or =
            mapper.relations.iter().find(along).map(|relation| format!(", or `{}::{}`,", mapper.name(), relation.name));
        let name = format!("{}::{column}", mapper.name());
        return error.way_out(format!("`{name}` is still 0: set it{} before the flush", or.unwrap_or_default()));
    }
    let keys: Vec<String> = open.iter().map(|key| spelled(mapper.name(), key)).collect();
    error.way_out(match &keys[..] {
        [] => "a row that this one refers to was deleted meanwhile, or others refer to the key that it had".to_owned(),
        [key] => format!("{key} has no such row: add that one, too, or set the relationship instead of the column"),
        keys => format!("one of these has no such row: {}: add that one, too", keys.join(", ")),
    })
}

/// Whether the foreign key refers to the target's primary key, in its order.
fn by_key(target: &Mapper, key: &ForeignKey) -> bool {
    let columns = target.key.iter().map(|&position| target.table().columns[position].name);
    columns.eq(key.references.iter().copied())
}

/// `` `Post::user_id` → `users.id` ``
fn spelled(holder: &str, key: &ForeignKey) -> String {
    format!("`{holder}::{}` → `{}.{}`", key.columns.join("+"), key.table, key.references.join("+"))
}

/// The tables whose rows may still refer to the one that was to be deleted.
fn referred(registry: &Registry, table: &Table, error: Error) -> Error {
    let holders = registry.tables().iter().flat_map(|holder| {
        let keys = holder.foreign_keys.iter().filter(|key| key.table == table.name);
        keys.map(|key| format!("`{}.{}`", holder.name, key.columns.join("+")))
    });
    let holders: Vec<String> = holders.collect();
    error.way_out(format!(
        "rows still refer to it by {}: delete them first, or let it happen: a relationship with \
         `cascade = \"all, delete-orphan\"`, or `on_delete = \"cascade\"` at the key",
        if holders.is_empty() { "a table without a model".to_owned() } else { holders.join(" or ") }
    ))
}
