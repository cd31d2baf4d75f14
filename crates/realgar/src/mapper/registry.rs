//! The registry: descriptions become mappers, names are resolved, and every mistake is reported, all at once.

use std::{any::TypeId, collections::HashMap};

use crate::{
    error::{Error, Kind, Result},
    mapper::{
        Direction, Hook, Hooks, ModelDesc, Moment, RelationshipDesc, TableDesc,
        join::{join, order_by},
        link::Link,
        overlaps::warn_of_overlaps,
        relationship::Relation,
    },
    schema::{self, Table},
};

/// The position of a mapper in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MapperId(pub(crate) u32);

/// A model, linked to its table and to the other models.
#[derive(Debug)]
pub struct Mapper {
    /// Its position.
    pub id: MapperId,
    /// What the derive wrote.
    pub desc: &'static ModelDesc,
    /// The positions of the primary key's columns.
    pub key: Vec<usize>,
    /// The column whose value the database makes.
    pub generated: Option<usize>,
    /// The positions of the columns that an INSERT leaves to the database where the object has no value for them.
    pub made: Vec<usize>,
    /// The positions of those among them that the database computes from the others: they are never written.
    pub computed: Vec<usize>,
    /// What runs when something happens to its objects.
    pub hooks: Hooks,
    /// Its relationships; those with a field first, in the order of the fields.
    pub relations: Vec<Relation>,
}

impl Mapper {
    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.desc.name()
    }

    /// The model's table.
    #[must_use]
    pub fn table(&self) -> &'static Table {
        &self.desc.table.table
    }

    /// The relationship of this name.
    pub fn relation(&self, name: &str) -> Result<&Relation> {
        self.relations.iter().find(|relation| relation.name == name).ok_or_else(|| {
            Error::new(Kind::InvalidRequest, format!("`{}` has no relationship `{name}` in this database", self.name()))
                .way_out("where `backref` makes it, name the model that says so in `models![…]`, too")
        })
    }
}

/// All mappers of a database.
#[derive(Debug)]
pub struct Registry {
    mappers: Vec<Mapper>,
    tables: Vec<&'static Table>,
    structs: HashMap<&'static str, &'static str>,
    by_type: HashMap<TypeId, MapperId, foldhash::fast::FixedState>,
    by_table: HashMap<&'static str, MapperId>,
    /// Whether any table has a secret column.
    secrets: bool,
    /// Mappers in the order in which their rows are inserted; those of a circle of foreign keys stand in one group.
    order: Vec<Vec<MapperId>>,
}

impl Registry {
    /// Links these models and all that they refer to. One error reports every mistake.
    pub fn build(models: &[&'static ModelDesc]) -> Result<Registry> {
        let mut found = Found::default();
        models.iter().for_each(|model| found.table(model.table));
        let mut problems = Vec::new();
        check_tables(&found.tables, &mut problems);
        let mut registry = Registry::unlinked(&found);
        let written = registry.written();
        // What both ends of a relationship see is told by one of them.
        let mut told_elsewhere = Vec::new();
        for (position, relationships) in written.iter().enumerate() {
            for (index, relationship) in relationships.iter().enumerate() {
                let link = registry.link_of(MapperId(position as u32), relationship)?;
                match registry.relate(&link, index, &written) {
                    Ok(relation) => registry.mappers[position].relations.push(relation),
                    Err(problem) if link.is_told_elsewhere() => told_elsewhere.push(problem),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        report(if problems.is_empty() { told_elsewhere } else { problems })?;
        warn_of_overlaps(&registry.mappers, &written);
        registry.order_by_relations();
        Ok(registry)
    }

    /// Relationships that go without a foreign key ask for an order, too.
    fn order_by_relations(&mut self) {
        let keyless = |relation: &&Relation| {
            let Some((holder, columns)) = relation.holder().filter(|_| !relation.viewonly) else { return false };
            let table = self.mappers[holder.0 as usize].table();
            let names: Vec<&str> = columns.iter().map(|&column| table.columns[column].name).collect();
            !table.foreign_keys.iter().any(|key| names.iter().all(|name| key.columns.contains(name)))
        };
        let edge = |relation: &Relation| match relation.direction {
            Direction::OneToMany => (relation.target.0 as usize, relation.owner.0 as usize),
            _ => (relation.owner.0 as usize, relation.target.0 as usize),
        };
        let relations = self.mappers.iter().flat_map(|mapper| &mapper.relations);
        let more: Vec<(usize, usize)> = relations.filter(keyless).map(edge).collect();
        if !more.is_empty() {
            let tables: Vec<&Table> = self.mappers.iter().map(Mapper::table).collect();
            self.order = groups(schema::sort_with(&tables, &more));
        }
    }

    fn unlinked(found: &Found) -> Registry {
        let models: Vec<&'static ModelDesc> =
            found.tables.iter().filter_map(|table| table.model.map(|model| model())).collect();
        let mapper = |(position, desc): (usize, &&'static ModelDesc)| {
            let table = &desc.table.table;
            Mapper {
                id: MapperId(position as u32),
                desc,
                key: table.primary_key().collect(),
                generated: table.generated_key(),
                made: positions(table, schema::Column::is_made),
                computed: positions(table, |column| column.computed.is_some()),
                hooks: Hooks::default(),
                relations: Vec::new(),
            }
        };
        let mappers: Vec<Mapper> = models.iter().enumerate().map(mapper).collect();
        let tables: Vec<&Table> = mappers.iter().map(Mapper::table).collect();
        let order = groups(schema::sort(&tables));
        Registry {
            order,
            by_type: mappers.iter().map(|mapper| ((mapper.desc.type_id)(), mapper.id)).collect(),
            by_table: mappers.iter().map(|mapper| (mapper.table().name, mapper.id)).collect(),
            tables: found.tables.iter().map(|table| &table.table).collect(),
            structs: found.tables.iter().map(|table| (table.table.name, table.name)).collect(),
            secrets: found.tables.iter().any(|table| table.table.columns.iter().any(|column| column.secret)),
            mappers,
        }
    }

    /// The relationships of each mapper: those with a field, then the ways back that others make here.
    fn written(&self) -> Vec<Vec<&'static RelationshipDesc>> {
        let mut written: Vec<Vec<&'static RelationshipDesc>> =
            self.mappers.iter().map(|mapper| mapper.desc.relationships.iter().collect()).collect();
        for mapper in &self.mappers {
            for relationship in mapper.desc.relationships {
                let Some(backref) = relationship.backref else { continue };
                let Ok(target) = self.by_type(((relationship.target)().type_id)()) else { continue };
                written[target.0 as usize].push(backref);
            }
        }
        written
    }

    fn link_of(&self, owner: MapperId, relationship: &'static RelationshipDesc) -> Result<Link> {
        let target = self.by_type(((relationship.target)().type_id)())?;
        Ok(Link::of(self.mapper(owner).desc, relationship, self.mapper(target).desc))
    }

    fn relate(&self, link: &Link, index: usize, written: &[Vec<&'static RelationshipDesc>]) -> Result<Relation> {
        let (owner, target) = (self.by_model(link.ours)?, self.by_model(link.theirs)?);
        let (relationship, mirror) = (link.relationship, link.mirror);
        let route = link.checked()?;
        let join = join(link, route)?;
        link.warn();
        let there = &written[target.0 as usize];
        let inverse = mirror.and_then(|mirror| there.iter().position(|other| other.name == mirror.name));
        // PARITY: what is only looked at sends no event to the other side, and hears none from there.
        let viewonly = relationship.viewonly;
        let in_step = !viewonly && mirror.is_none_or(|mirror| !mirror.viewonly);
        Ok(Relation {
            name: relationship.name,
            owner,
            index: index as u16,
            target,
            direction: route.direction,
            many: relationship.many,
            pairs: join.pairs,
            secondary: join.secondary,
            inverse: inverse.filter(|_| in_step).map(|inverse| inverse as u16),
            cascade: if viewonly { relationship.cascade.without_writes() } else { relationship.cascade },
            lazy: relationship.lazy,
            order_by: order_by(link)?,
            viewonly,
            passive_deletes: relationship.passive_deletes,
            // The key is one for both sides: what one says holds for the other.
            post_update: relationship.post_update || mirror.is_some_and(|mirror| mirror.post_update),
            single_parent: relationship.single_parent,
            innerjoin: relationship.innerjoin,
            join_depth: relationship.join_depth,
            validate: relationship.validate,
        })
    }

    /// The mapper at this position.
    #[must_use]
    pub fn mapper(&self, id: MapperId) -> &Mapper {
        &self.mappers[id.0 as usize]
    }

    /// Adds a hook for objects of this model.
    pub fn hook(&mut self, model: &ModelDesc, moment: Moment, hook: Hook) -> Result<()> {
        let mapper = self.by_model(model)?;
        self.mappers[mapper.0 as usize].hooks.add(moment, hook);
        Ok(())
    }

    /// All mappers.
    #[must_use]
    pub fn mappers(&self) -> &[Mapper] {
        &self.mappers
    }

    /// All tables, association tables among them.
    #[must_use]
    pub fn tables(&self) -> &[&'static Table] {
        &self.tables
    }

    /// Groups of mappers in the order of their foreign keys.
    #[must_use]
    pub fn order(&self) -> &[Vec<MapperId>] {
        &self.order
    }

    /// The mapper of a Rust type.
    #[inline]
    pub fn by_type(&self, type_id: TypeId) -> Result<MapperId> {
        self.by_type.get(&type_id).copied().ok_or_else(|| {
            Error::new(Kind::InvalidRequest, "a model that this database does not know")
                .way_out("name it in `models![…]` where the `Db` is made")
        })
    }

    /// The mapper of a model; the error names it.
    pub fn by_model(&self, model: &ModelDesc) -> Result<MapperId> {
        self.by_type((model.type_id)()).map_err(|error| error.with_entity(|| model.name().to_owned()))
    }

    /// The mapper of a table.
    #[must_use]
    pub fn by_table(&self, table: &str) -> Option<&Mapper> {
        self.by_table.get(table).map(|&id| self.mapper(id))
    }

    /// The name of the struct that stands for a table: a model's, or an association table's.
    #[must_use]
    pub fn struct_of(&self, table: &str) -> Option<&'static str> {
        self.structs.get(table).copied()
    }

    /// Whether any table has a secret column.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.secrets
    }

    /// Whether this column is secret.
    #[must_use]
    pub fn is_secret(&self, table: &str, column: &str) -> bool {
        let table = self.tables.iter().find(|found| found.name == table);
        table.is_some_and(|table| table.position(column).is_some_and(|position| table.columns[position].secret))
    }

    /// A relationship by its owner and position.
    #[must_use]
    pub fn relation(&self, owner: MapperId, index: u16) -> &Relation {
        &self.mapper(owner).relations[index as usize]
    }
}

fn positions(table: &Table, which: impl Fn(&schema::Column) -> bool) -> Vec<usize> {
    table.columns.iter().enumerate().filter(|(_, column)| which(column)).map(|(position, _)| position).collect()
}

fn groups(positions: Vec<Vec<usize>>) -> Vec<Vec<MapperId>> {
    let ids = |group: Vec<usize>| group.into_iter().map(|position| MapperId(position as u32)).collect();
    positions.into_iter().map(ids).collect()
}

/// Every table that can be reached from those given, once each, in the order of discovery.
#[derive(Default)]
struct Found {
    tables: Vec<&'static TableDesc>,
}

impl Found {
    fn table(&mut self, table: &'static TableDesc) {
        // By type, not by address: the compiler may keep several copies of a constant.
        let type_of = |table: &TableDesc| table.model.map(|model| (model().type_id)());
        let same = |found: &&TableDesc| {
            type_of(found) == type_of(table) && found.name == table.name && found.table == table.table
        };
        if self.tables.iter().any(same) {
            return;
        }
        self.tables.push(table);
        if let Some(model) = table.model {
            for relationship in model().relationships {
                self.table((relationship.target)().table);
                if let Some(secondary) = relationship.secondary {
                    self.table(secondary);
                }
            }
        }
        table.references.iter().for_each(|reference| self.table(reference()));
    }
}

fn check_tables(tables: &[&'static TableDesc], problems: &mut Vec<Error>) {
    for (position, desc) in tables.iter().enumerate() {
        if let Some(twin) = tables[..position].iter().find(|other| other.table.name == desc.table.name) {
            problems.push(
                Error::new(
                    Kind::InvalidRequest,
                    format!("`{}` and `{}` both stand for the table `{}`", twin.name, desc.name, desc.table.name),
                )
                .way_out("give one of them another name: `#[model(table = \"…\")]`"),
            );
        }
        for key in desc.table.foreign_keys {
            let problem = match tables.iter().find(|other| other.table.name == key.table) {
                None => Some((Kind::NoReferencedTable, format!("there is no table `{}`", key.table))),
                Some(other) => {
                    let missing = key.references.iter().find(|column| other.table.position(column).is_none());
                    missing.map(|column| {
                        (Kind::NoReferencedColumn, format!("table `{}` has no column `{column}`", key.table))
                    })
                }
            };
            if let Some((kind, what)) = problem {
                problems.push(
                    Error::new(kind, format!("foreign key `{}::{}`: {what}", desc.name, key.columns.join(", ")))
                        .way_out("name the key of a model: `foreign_key = Model::column`"),
                );
            }
        }
    }
}

/// All problems as one error of the first one's kind.
fn report(mut problems: Vec<Error>) -> Result<()> {
    match problems.len() {
        0 => Ok(()),
        1 => Err(problems.remove(0)),
        count => {
            let lines: Vec<String> =
                problems.iter().map(|problem| format!("\n- {}", problem.to_string().replace('\n', "\n  "))).collect();
            Err(Error::new(problems[0].kind(), format!("{count} mapping mistakes:{}", lines.concat())))
        }
    }
}
