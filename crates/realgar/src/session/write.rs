//! How statements that write are sent: `User::update()`, `User::delete_where()`, `User::insert()`.

use std::panic::Location;

use crate::{
    error::{Error, Kind, Result},
    flush,
    identity::Entity,
    load::{self, Step},
    mapper::{Mapper, Model},
    query::{
        Around, Compiled, DeleteWhere, Filled, FromRow, Insert, IntoWrite, Output, Query, Returning, Taken, Term,
        Update, Verb, Write, compile_write, key_terms,
    },
    session::Session,
    sql::OnConflict,
    value::{Key, Row, Value},
};

/// How many rows one INSERT takes: its text grows with them.
const AT_ONCE: usize = 1_000;

/// What is done with each row of the answer.
type OnRow<'a> = &'a mut (dyn FnMut(&mut Taken<'_>) -> Result<()> + Send);

impl Session {
    /// Sends a statement that writes; says how many rows it met.
    async fn write(&mut self, write: Write, on_row: OnRow<'_>) -> Result<u64> {
        self.ready().await?;
        let registry = self.db.registry().clone();
        let mapper = registry.mapper(registry.by_model(write.model)?);
        check_values(&write, mapper)?;
        let step = self.step(&write, mapper);
        let (able, deletes) = self.can_answer(&write);
        let found = match &write.verb {
            Verb::Insert(..) => None,
            _ if step.is_empty() || able => None,
            _ => Some(self.find_known(&write, mapper).await?),
        };
        let answered = if found.is_some() || !able { &[][..] } else { &step };
        let mut met = 0;
        // DIALECT: some databases count a row twice that was updated instead of inserted.
        let counted = match &write.verb {
            Verb::Insert(_, Some(conflict)) => {
                conflict.set.is_empty() || self.db.engine().dialect().on_conflict == OnConflict::Columns
            }
            _ => true,
        };
        for rows in batches(&write, mapper, self.db.engine().dialect().parameters) {
            let given = rows.1.len() as u64;
            let compiled = self.compile_write(&write, rows, answered)?;
            let step = Step { mapper: mapper.id, columns: answered, deleted: deletes };
            let done = match compiled.outputs.is_empty() && answered.is_empty() {
                true => self.transaction().execute(&compiled.sql.text, &compiled.sql.params).await?,
                false => load::run_written(&mut self.loader(), &compiled, step, on_row).await?,
            };
            met += if counted { done } else { given };
        }
        if let Some(found) = found {
            self.keep_in_step(mapper, &found, &step, deletes).await?;
        }
        Ok(met)
    }

    fn compile_write(&self, write: &Write, rows: Batch<'_>, step: &[usize]) -> Result<Compiled> {
        let cells = |handle, columns: &[usize]| self.identity.cells(handle, columns);
        let around = Around { cells: &cells, criteria: &self.everywhere.criteria, step };
        compile_write(write, rows, self.db.registry(), self.db.engine().dialect(), &around)
    }

    /// Whether the statement can answer its rows, and whether they are gone then.
    fn can_answer(&self, write: &Write) -> (bool, bool) {
        let returning = &self.db.engine().dialect().returning;
        match write.verb {
            Verb::Update(_) => (returning.update, false),
            Verb::Delete => (returning.delete, true),
            Verb::Insert(..) => (returning.insert, false),
        }
    }

    /// The key's columns, and those that the statement writes to rows that objects may stand for; none where there are no
    /// such objects, or where the key itself is written.
    fn step(&self, write: &Write, mapper: &Mapper) -> Vec<usize> {
        let set = match &write.verb {
            Verb::Update(set) => &set[..],
            Verb::Insert(_, Some(conflict)) if !conflict.set.is_empty() => &conflict.set,
            Verb::Insert(..) => return Vec::new(),
            Verb::Delete => &[],
        };
        let written: Vec<usize> = set.iter().filter_map(|(column, _)| mapper.table().position(column)).collect();
        let key_is_written = written.iter().any(|column| mapper.key.contains(column));
        if !write.synchronized || key_is_written || !self.identity.knows_any(mapper.id) {
            return Vec::new();
        }
        let mut step = mapper.key.clone();
        step.extend(&written);
        if !written.is_empty() {
            step.extend(mapper.computed.iter().filter(|column| !written.contains(column)));
        }
        step
    }

    /// The objects that the statement will meet, where it cannot answer them itself.
    async fn find_known(&mut self, write: &Write, mapper: &Mapper) -> Result<Vec<Entity>> {
        let outputs = key_terms(mapper).into_iter().map(Output::Value).collect();
        let query = Query { outputs, filter: write.filter.clone(), ..Query::default() };
        let Filled { compiled, params } = self.compile(Box::new(query))?;
        let mut keys: Vec<Key> = Vec::new();
        let read = &mut |row: &dyn Row| {
            let types = mapper.key.iter().map(|&column| mapper.table().columns[column].r#type).enumerate();
            let values: Vec<Value<'_>> = types.map(|(at, of)| row.get(at)?.as_type(of)).collect::<Result<_>>()?;
            keys.extend(Key::new(values));
            Ok(())
        };
        self.transaction().query(&compiled.sql.text, &params, read).await?;
        Ok(keys.iter().filter_map(|key| self.identity.find(mapper.id, key)).collect())
    }

    /// What the statement did to these objects' rows is done to the objects.
    async fn keep_in_step(&mut self, mapper: &Mapper, found: &[Entity], step: &[usize], deletes: bool) -> Result<()> {
        if deletes {
            found.iter().for_each(|&entity| self.identity.deleted(entity));
            return Ok(());
        }
        for &entity in found {
            self.identity.rewritten(entity, &[])?; // what a rollback restores
        }
        load::columns(&mut self.loader(), mapper.id, found, &step[mapper.key.len()..]).await
    }
}

/// The columns that are given, and rows that give them.
type Batch<'a> = (Vec<usize>, &'a [Vec<Value<'static>>]);

/// One statement for UPDATE and DELETE; for INSERT, one for rows that leave the same columns to the database.
fn batches<'a>(write: &'a Write, mapper: &Mapper, parameters: usize) -> Vec<Batch<'a>> {
    let Verb::Insert(rows, conflict) = &write.verb else { return vec![(Vec::new(), &[])] };
    let beside = conflict.as_ref().map_or(0, |conflict| 4 * (conflict.set.len() + conflict.filter.len()));
    let mut batches = Vec::new();
    for run in rows.chunk_by(|one, other| given(one, mapper) == given(other, mapper)) {
        let columns = given(&run[0], mapper);
        let at_once = match columns.len() {
            0 => 1, // a row of defaults
            width => (parameters.saturating_sub(beside) / width).clamp(1, AT_ONCE),
        };
        batches.extend(run.chunks(at_once).map(|rows| (columns.clone(), rows)));
    }
    batches
}

/// The columns that a row gives; the database makes the others.
fn given(row: &[Value<'static>], mapper: &Mapper) -> Vec<usize> {
    let made = |column: &usize| {
        mapper.computed.contains(column)
            || (mapper.made.contains(column) && row[*column].is_null())
            || (mapper.generated == Some(*column) && row[*column] == Value::Int(0))
    };
    (0..row.len()).filter(|column| !made(column)).collect()
}

/// What a database would cut, keep or refuse, each in its own way, is refused here.
fn check_values(write: &Write, mapper: &Mapper) -> Result<()> {
    let set = |set: &[(&'static str, Term)]| {
        set.iter().try_for_each(|(name, term)| match (mapper.table().position(name), term) {
            (Some(column), Term::Value(value)) => flush::fits(mapper, column, value),
            _ => Ok(()),
        })
    };
    match &write.verb {
        Verb::Delete => Ok(()),
        Verb::Update(columns) => set(columns),
        Verb::Insert(rows, conflict) => {
            for row in rows {
                row.iter().enumerate().try_for_each(|(column, value)| flush::fits(mapper, column, value))?;
            }
            conflict.as_ref().map_or(Ok(()), |conflict| set(&conflict.set))
        }
    }
}

macro_rules! execute {
    ($($statement:ident),*) => {$(
        impl<M: Model> $statement<M> {
            /// Sends it; says how many rows it met. Pending changes are flushed first.
            ///
            /// # Shape
            /// One statement; of an INSERT, one for a thousand rows. Where the session knows objects of the model and the
            /// database cannot answer the rows that it writes, a SELECT finds them before, and the columns of those are
            /// read after it.
            ///
            /// # Errors
            /// Those of [`flush`](Session::flush); what the database refuses; `Data` for a value that does not fit its
            /// column; `InvalidRequest` for an UPDATE that sets nothing and for columns of other models; `Unsupported` for
            /// what the database cannot say.
            #[track_caller]
            pub fn execute(self, session: &mut Session) -> impl Future<Output = Result<u64>> + Send {
                session.called_at(Location::caller());
                async move {
                    session.usable()?;
                    session.write(self.into_write()?, &mut |_| Ok(())).await
                }
            }
        }
    )*};
}
execute!(Update, DeleteWhere, Insert);

impl<R: FromRow> Returning<R> {
    /// Sends it; answers the rows that were written, in no order that could be relied on. Pending changes are flushed
    /// first.
    ///
    /// # Errors
    /// As for `execute`.
    #[track_caller]
    pub fn all(self, session: &mut Session) -> impl Future<Output = Result<Vec<R>>> + Send {
        session.called_at(Location::caller());
        self.rows(session)
    }

    async fn rows(self, session: &mut Session) -> Result<Vec<R>> {
        session.usable()?;
        let mut rows = Vec::new();
        let write = self.into_write()?;
        session
            .write(write, &mut |taken| {
                rows.push(R::from_row(taken)?);
                Ok(())
            })
            .await?;
        Ok(rows)
    }

    /// The one row that was written.
    ///
    /// # Errors
    /// `NoResultFound` for none, `MultipleResultsFound` for several: what was written stays written until a rollback.
    #[track_caller]
    pub fn one(self, session: &mut Session) -> impl Future<Output = Result<R>> + Send {
        session.called_at(Location::caller());
        self.one_row(session)
    }

    async fn one_row(self, session: &mut Session) -> Result<R> {
        let mut rows = self.rows(session).await?;
        match rows.len() {
            1 => Ok(rows.remove(0)),
            0 => Err(Error::new(Kind::NoResultFound, "no row was written where one was wanted")
                .way_out("use `first` where none is fine")),
            several => {
                Err(Error::new(Kind::MultipleResultsFound, format!("{several} rows were written where one was wanted"))
                    .way_out("use `all` where several are fine, or roll back"))
            }
        }
    }

    /// A row that was written, or `None`.
    #[track_caller]
    pub fn first(self, session: &mut Session) -> impl Future<Output = Result<Option<R>>> + Send {
        session.called_at(Location::caller());
        async move { Ok(self.rows(session).await?.into_iter().next()) }
    }
}
