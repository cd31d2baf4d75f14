//! The one walk over a statement: text and parameters come out. Values are bound, identifiers quoted, always.

mod ddl;
mod expr;

use crate::{
    error::{Error, Kind, Result},
    sql::{Batches, Bound, Dialect, Expr, From, Join, Lock, Patience, Select, Source, Statement},
    value::Value,
};

/// A statement as a database takes it.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The values that the statement held, in order; places for later values are not among them.
    pub params: Vec<Value<'static>>,
    /// Which of all parameters are bound later, by position.
    pub open: Vec<usize>,
}

impl Rendered {
    /// All parameters: these at the places for later values, the statement's own at the others.
    #[must_use]
    pub fn with_values(&self, values: Vec<Value<'static>>) -> Vec<Value<'static>> {
        if self.params.is_empty() {
            return values;
        }
        let (mut own, mut later) = (self.params.iter().cloned(), values.into_iter());
        let all = self.params.len() + self.open.len();
        (0..all).filter_map(|place| if self.open.contains(&place) { later.next() } else { own.next() }).collect()
    }
}

/// Renders a statement for a database; what it cannot say is `Unsupported`.
pub fn render(statement: &Statement, dialect: &Dialect) -> Result<Rendered> {
    let (params, open) = (Vec::new(), Vec::new());
    let mut render = Render { dialect, text: String::with_capacity(128), params, open, places: 0, in_conflict: false };
    render.statement(statement)?;
    if render.params.len() > dialect.parameters {
        return Err(Error::new(
            Kind::Unsupported,
            format!("more than {} parameters in one statement", dialect.parameters),
        )
        .way_out("ask in several statements; a list in `in_` is one parameter, however long it is"));
    }
    Ok(Rendered { text: render.text, params: render.params, open: render.open })
}

pub(super) struct Render<'a> {
    pub(super) dialect: &'a Dialect,
    text: String,
    params: Vec<Value<'static>>,
    /// How many places for values there are so far.
    places: usize,
    open: Vec<usize>,
    /// Whether the row that was to be inserted is told by a function, `VALUES(…)`.
    pub(super) in_conflict: bool,
}

impl Render<'_> {
    pub(super) fn word(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A place for a value.
    pub(super) fn place(&mut self) {
        self.places += 1;
        match self.dialect.numbered {
            true => self.text.push_str(&format!("${}", self.places)),
            false => self.text.push('?'),
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        let quote = self.dialect.quote;
        self.text.push(quote);
        for character in name.chars() {
            if character == quote {
                self.text.push(quote);
            }
            self.text.push(character);
        }
        self.text.push(quote);
    }

    pub(super) fn list<T>(
        &mut self,
        items: &[T],
        between: &str,
        mut each: impl FnMut(&mut Self, &T) -> Result<()>,
    ) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.word(between);
            }
            each(self, item)?;
        }
        Ok(())
    }

    pub(super) fn names(&mut self, names: &[impl AsRef<str>]) -> Result<()> {
        self.list(names, ", ", |render, name| {
            render.name(name.as_ref());
            Ok(())
        })
    }

    /// `"a" = ? <between> "b" = ?`
    fn assignments(&mut self, columns: &[Bound], between: &str) -> Result<()> {
        self.list(columns, between, |render, column| {
            render.name(&column.name);
            render.word(" = ");
            render.place();
            Ok(())
        })
    }

    fn statement(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Select(select) => self.select(select),
            Statement::Insert(insert) if self.dialect.batches == Batches::Arrays && !insert.one => {
                self.insert_arrays(insert)
            }
            Statement::Update(update) if self.dialect.batches == Batches::Arrays && !update.one => {
                self.update_arrays(update)
            }
            Statement::Delete(delete) if self.dialect.batches == Batches::Arrays && !delete.one => {
                self.delete_arrays(delete)
            }
            Statement::Update(update) if self.dialect.batches == Batches::Values && !update.one => {
                self.update_values(update)
            }
            Statement::Delete(delete) if self.dialect.batches == Batches::Values && !delete.one => {
                self.delete_values(delete)
            }
            Statement::Insert(insert) => self.insert_values(insert),
            Statement::Update(update) => {
                self.word("UPDATE ");
                self.name(&update.table);
                self.word(" SET ");
                self.assignments(&update.set, ", ")?;
                self.word(" WHERE ");
                self.assignments(&update.key, " AND ")
            }
            Statement::Delete(delete) => {
                self.word("DELETE FROM ");
                self.name(&delete.table);
                self.word(" WHERE ");
                self.assignments(&delete.key, " AND ")
            }
            Statement::UpdateWhere(update) => self.update_where(update),
            Statement::DeleteWhere(delete) => self.delete_where(delete),
            Statement::InsertRows(insert) => self.insert_rows(insert),
            Statement::CreateTable(table, keys) => self.create_table(table, keys),
            Statement::AddForeignKey(table, key) => self.add_foreign_key(table, key),
            Statement::CreateIndex(table, index) => self.create_index(table, index),
            Statement::CreateType(words) => self.create_type(words),
            Statement::DropType(words) => {
                self.word("DROP TYPE IF EXISTS ");
                self.name(words.name);
                Ok(())
            }
            Statement::DropTables(tables) => {
                if tables.len() > 1 {
                    self.word(self.dialect.tables.drop_circle);
                }
                self.word("DROP TABLE IF EXISTS ");
                let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
                self.names(&names)
            }
        }
    }

    fn select(&mut self, select: &Select) -> Result<()> {
        self.word(if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
        if select.columns.is_empty() {
            self.word("1");
        }
        for (index, column) in select.columns.iter().enumerate() {
            if index > 0 {
                self.word(", ");
            }
            self.standing_alone(column)?;
            if let Some(name) = select.names.get(index) {
                self.word(" AS ");
                self.name(name);
            }
        }
        if !select.from.is_empty() {
            self.word(" FROM ");
            self.list(&select.from, ", ", Self::source)?;
        }
        for join in &select.joins {
            self.join(join)?;
        }
        self.all_of(" WHERE ", &select.filter)?;
        if !select.group_by.is_empty() {
            self.word(" GROUP BY ");
            self.list(&select.group_by, ", ", Self::expr)?;
        }
        self.all_of(" HAVING ", &select.having)?;
        if !select.order_by.is_empty() {
            self.word(" ORDER BY ");
            self.list(&select.order_by, ", ", |render, order| {
                render.expr(&order.by)?;
                if order.descending {
                    render.word(" DESC");
                }
                Ok(())
            })?;
        }
        self.limit(select);
        select.lock.as_ref().map_or(Ok(()), |lock| self.lock(lock))
    }

    fn lock(&mut self, lock: &Lock) -> Result<()> {
        let Some(locks) = &self.dialect.row_locks else { return Ok(()) };
        self.word(" ");
        self.word(if lock.read { locks.read } else { "FOR UPDATE" });
        if !lock.of.is_empty() {
            if !locks.of {
                return Err(Error::new(
                    Kind::Unsupported,
                    format!("{} cannot lock the rows of some tables only", self.dialect.name),
                )
                .way_out("leave `of` out: rows of all tables are locked"));
            }
            self.word(" OF ");
            self.names(&lock.of)?;
        }
        self.word(match lock.wait {
            Patience::Endless => "",
            Patience::None => " NOWAIT",
            Patience::SkipLocked => " SKIP LOCKED",
        });
        Ok(())
    }

    pub(super) fn all_of(&mut self, word: &str, terms: &[Expr]) -> Result<()> {
        if terms.is_empty() {
            return Ok(());
        }
        self.word(word);
        match terms {
            [one] => self.expr(one),
            several => self.list(several, " AND ", Self::operand),
        }
    }

    /// DIALECT: a bound LIMIT makes SQLite compile the statement anew for every value, so numbers stand in the text.
    fn limit(&mut self, select: &Select) {
        match (select.limit, select.offset, self.dialect.no_limit) {
            (Some(limit), _, _) => self.word(&format!(" LIMIT {}", limit.min(i64::MAX as u64))),
            (None, Some(_), Some(none)) => self.word(&format!(" LIMIT {none}")),
            _ => {}
        }
        if let Some(offset) = select.offset {
            self.word(&format!(" OFFSET {}", offset.min(i64::MAX as u64)));
        }
    }

    fn source(&mut self, source: &Source) -> Result<()> {
        match &source.from {
            From::Table(name) => self.name(name),
            From::Select(select) => {
                self.word("(");
                self.select(select)?;
                self.word(")");
            }
            From::Compound(first, rest) => {
                self.word("(");
                self.select(first)?;
                for (operator, select) in rest {
                    self.word(" ");
                    self.word(operator.text());
                    self.word(" ");
                    self.select(select)?;
                }
                self.word(")");
            }
        }
        if let Some(alias) = &source.alias {
            self.word(" AS ");
            self.name(alias);
        }
        Ok(())
    }

    fn join(&mut self, join: &Join) -> Result<()> {
        self.word(if join.outer { " LEFT OUTER JOIN " } else { " JOIN " });
        self.source(&join.source)?;
        self.word(" ON ");
        self.expr(&join.on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Name, dialect::RowLocks};

    #[test]
    fn locks_are_spelled_where_there_are_any() {
        let select = |read, wait, of: &[&'static str]| {
            let of = of.iter().map(|&name| Name::Borrowed(name)).collect();
            let lock = Some(Lock { read, wait, of });
            Statement::Select(Box::new(Select { from: vec![Source::table("users")], lock, ..Select::default() }))
        };
        let locking = |of| Dialect { row_locks: Some(RowLocks { read: "FOR SHARE", of }), ..Dialect::SQLITE };
        let check = |statement, lock: &str| {
            let text = render(&statement, &locking(true)).unwrap().text;
            assert_eq!(text, format!("SELECT 1 FROM \"users\"{lock}"));
            assert_eq!(render(&statement, &Dialect::SQLITE).unwrap().text, "SELECT 1 FROM \"users\"");
        };
        check(select(false, Patience::Endless, &[]), " FOR UPDATE");
        check(select(false, Patience::None, &["users"]), " FOR UPDATE OF \"users\" NOWAIT");
        check(select(true, Patience::SkipLocked, &[]), " FOR SHARE SKIP LOCKED");
        let error = render(&select(false, Patience::Endless, &["users"]), &locking(false)).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
    }
}
