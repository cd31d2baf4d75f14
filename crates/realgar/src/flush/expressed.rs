//! Rows of which columns become what an SQL expression says: each has a statement of its own, and the columns are read back.

use crate::{
    error::{Error, Kind, Result},
    flush::{
        blame::{Write, blame},
        fit::{bind, limits},
        texts::Left,
        update::check_met,
    },
    identity::Entity,
    load::{self, Loader},
    mapper::Mapper,
    query::compile_value,
    sql::{self, Expr, InsertRows, Name, Operator, Statement, UpdateWhere},
    value::Value,
};

/// A column, and what it becomes.
type Assignment = (Name, Expr);

/// Updates these columns of an object's row, and those that have an expression.
pub(super) async fn update(loader: &mut Loader<'_>, mapper: &Mapper, entity: Entity, columns: &[u16]) -> Result<()> {
    write(loader, mapper, (entity, entity), columns)
        .await
        .map_err(|error| blame(loader.identity, loader.registry, entity, Write::Update, error))?;
    loader.identity.updated(entity);
    read_back(loader, mapper, entity, &mapper.computed).await
}

/// Updates the row of a deleted object to that of a new one which has expressions; `left` is the database's to make.
pub(super) async fn switch(
    loader: &mut Loader<'_>,
    mapper: &Mapper,
    (new, old): (Entity, Entity),
    columns: &[u16],
    left: &[usize],
) -> Result<()> {
    write(loader, mapper, (new, old), columns)
        .await
        .map_err(|error| blame(loader.identity, loader.registry, new, Write::Insert, error))?;
    loader.identity.deleted(old);
    loader.identity.inserted(new, false);
    loader.identity.made(new, left);
    read_back(loader, mapper, new, left).await
}

/// Sends the UPDATE of the row that `old` has to what `new` holds and says.
async fn write(loader: &mut Loader<'_>, mapper: &Mapper, (new, old): (Entity, Entity), columns: &[u16]) -> Result<()> {
    let table = mapper.table();
    let set = assignments(loader, mapper, new, columns.iter().map(|&column| usize::from(column)))?;
    let identity = &*loader.identity;
    let key = mapper.key.iter().chain(&mapper.desc.version).map(|&column| {
        let value = Expr::Value(identity.was(old, column).into_owned());
        let column = Expr::column(table.name, table.columns[column].name);
        column.binary(Operator::Eq, value)
    });
    let statement = UpdateWhere { table: table.name.into(), set, filter: key.collect(), returning: Vec::new() };
    let rendered = sql::render(&Statement::UpdateWhere(Box::new(statement)), loader.transaction.engine().dialect())?;
    let met = loader.transaction.execute(&rendered.text, &rendered.params).await?;
    check_met(mapper, met)
}

/// Inserts an object of which columns have an expression.
pub(super) async fn insert(loader: &mut Loader<'_>, mapper: &Mapper, entity: Entity, left: &Left) -> Result<()> {
    let table = mapper.table();
    let given = (0..table.columns.len()).filter(|column| !left.has(*column));
    let (columns, row): (Vec<Name>, Vec<Expr>) = assignments(loader, mapper, entity, given)?.into_iter().unzip();
    let dialect = loader.transaction.engine().dialect();
    let returned = left.key.filter(|_| dialect.returning.insert);
    if left.key.is_some() && returned.is_none() && dialect.last_key.is_none() {
        let what = format!("{} cannot answer the key of a row that is inserted with an expression", dialect.name);
        return Err(Error::new(Kind::Unsupported, what)
            .with_entity(|| loader.identity.describe(entity))
            .way_out("flush the object first, and set the expression then"));
    }
    let returning = returned.map(|key| Expr::column(table.name, table.columns[key].name)).into_iter().collect();
    let statement = InsertRows { table: table.name.into(), columns, rows: vec![row], conflict: None, returning };
    let rendered = sql::render(&Statement::InsertRows(Box::new(statement)), dialect)?;
    let mut made = None;
    let on_row = &mut |row: &dyn crate::value::Row| {
        made = Some(row.get(0)?.into_owned());
        Ok(())
    };
    let sent = match returned {
        None => loader.transaction.execute(&rendered.text, &rendered.params).await,
        Some(_) => loader.transaction.query(&rendered.text, &rendered.params, on_row).await,
    };
    let sent = match (sent, dialect.last_key.filter(|_| left.key.is_some() && returned.is_none())) {
        (Ok(_), Some(last_key)) => loader.transaction.query(last_key, &[], on_row).await,
        (sent, _) => sent,
    };
    sent.map_err(|error| blame(loader.identity, loader.registry, entity, Write::Insert, error))?;
    if let Some((column, key)) = left.key.zip(made) {
        loader.identity.set_cell(entity, column, key)?;
    }
    loader.identity.inserted(entity, left.key.is_some());
    loader.identity.made(entity, &left.others);
    read_back(loader, mapper, entity, &left.others).await
}

/// What these columns become: what the object holds, or what its expression says.
fn assignments(
    loader: &Loader<'_>,
    mapper: &Mapper,
    entity: Entity,
    columns: impl Iterator<Item = usize>,
) -> Result<Vec<Assignment>> {
    let identity = &*loader.identity;
    let expressions = identity.expressions(entity);
    let mut columns: Vec<usize> = columns.chain(expressions.iter().map(|&(column, _)| column)).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut set = Vec::with_capacity(columns.len());
    for limit in limits(mapper, columns.into_iter()) {
        let name = Name::Borrowed(mapper.table().columns[limit.0].name);
        match expressions.iter().find(|(column, _)| *column == limit.0) {
            Some((_, term)) => {
                let cells = |handle, columns: &[usize]| identity.cells(handle, columns);
                set.push((name, compile_value((limit.0, term), mapper, loader.registry, &cells)?));
            }
            None => bind(identity, mapper, entity, limit, &mut |value: Value<'_>| {
                set.push((name.clone(), Expr::Value(value.into_owned())));
                Ok(())
            })?,
        }
    }
    Ok(set)
}

/// What the expressions said, and what else the database made.
async fn read_back(loader: &mut Loader<'_>, mapper: &Mapper, entity: Entity, made: &[usize]) -> Result<()> {
    let mut columns: Vec<usize> = loader.identity.expressions(entity).iter().map(|&(column, _)| column).collect();
    columns.extend(made);
    columns.sort_unstable();
    columns.dedup();
    load::columns(loader, mapper.id, &[entity], &columns).await
}
