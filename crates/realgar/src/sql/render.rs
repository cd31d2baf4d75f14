//! The one walk over a statement: text and parameters come out. Values are bound, identifiers quoted, always.

mod ddl;

use crate::{
    error::{Error, Kind, Result},
    sql::{Batches, Bound, Dialect, Expr, From, Join, Lock, Patience, Select, Source, Statement},
    value::{Type, Value},
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
    let mut render = Render { dialect, text: String::with_capacity(128), params, open, places: 0 };
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
            Statement::Insert(insert) if self.dialect.batches == Batches::Arrays => self.insert_arrays(insert),
            Statement::Update(update) if self.dialect.batches == Batches::Arrays => self.update_arrays(update),
            Statement::Delete(delete) if self.dialect.batches == Batches::Arrays => self.delete_arrays(delete),
            Statement::Insert(insert) => {
                self.word("INSERT INTO ");
                self.name(&insert.table);
                if insert.columns.is_empty() {
                    self.word(" DEFAULT VALUES");
                    return Ok(());
                }
                self.word(" (");
                let names: Vec<&str> = insert.columns.iter().map(|column| &*column.name).collect();
                self.names(&names)?;
                self.word(") VALUES (");
                self.list(&insert.columns, ", ", |render, _| {
                    render.place();
                    Ok(())
                })?;
                self.word(")");
                Ok(())
            }
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
            Statement::DropTables(tables) => {
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

    /// An expression inside another one: in parentheses where it is made of several parts.
    fn operand(&mut self, expr: &Expr) -> Result<()> {
        if matches!(
            expr,
            Expr::Leaf(_)
                | Expr::Value(_)
                | Expr::Param
                | Expr::Call { .. }
                | Expr::Cast(..)
                | Expr::Exists(_)
                | Expr::Subquery(_)
        ) {
            return self.expr(expr);
        }
        self.word("(");
        self.expr(expr)?;
        self.word(")");
        Ok(())
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Leaf(column) => {
                self.name(&column.table);
                self.word(".");
                self.name(&column.column);
            }
            Expr::Value(Value::Null) => self.word("NULL"),
            Expr::Value(value) => {
                self.place();
                self.params.push(value.clone());
            }
            Expr::Param => {
                self.place();
                self.later();
            }
            Expr::Binary(left, operator, right) => {
                self.operand(left)?;
                self.word(" ");
                self.word(operator.text());
                self.word(" ");
                self.operand(right)?;
            }
            Expr::And(all) if all.is_empty() => self.word("1 = 1"),
            Expr::And(all) => self.list(all, " AND ", Self::operand)?,
            Expr::Or(all) if all.is_empty() => self.word("1 = 0"),
            Expr::Or(all) => self.list(all, " OR ", Self::operand)?,
            Expr::Not(inner) => {
                self.word("NOT ");
                self.operand(inner)?;
            }
            Expr::IsNull(inner) => {
                self.operand(inner)?;
                self.word(" IS NULL");
            }
            Expr::In(left, list) => self.in_list(left, list)?,
            Expr::InParam(left, types) => {
                self.in_param(left, types)?;
                self.later();
            }
            Expr::InSelect(left, select) => {
                self.tuple(left)?;
                self.word(" IN (");
                self.select(select)?;
                self.word(")");
            }
            Expr::Like { text, pattern, escape } => {
                self.operand(text)?;
                self.word(" LIKE ");
                self.operand(pattern)?;
                match (escape, self.dialect.like_escapes) {
                    (true, _) => self.word(" ESCAPE '\\'"),
                    (false, true) => self.word(" ESCAPE ''"), // a backslash is a backslash
                    (false, false) => {}
                }
            }
            Expr::Call { function, distinct, arguments, returns } => {
                let cast = returns.filter(|_| self.dialect.wide_sums);
                if cast.is_some() {
                    self.word("CAST(");
                }
                self.word(function);
                self.word(if *distinct { "(DISTINCT " } else { "(" });
                match arguments.is_empty() {
                    true => self.word("*"),
                    false => self.list(arguments, ", ", Self::expr)?,
                }
                self.word(")");
                if let Some(to) = cast {
                    self.word(&format!(" AS {})", (self.dialect.type_name)(to, None)));
                }
            }
            Expr::Cast(inner, to) => {
                self.word("CAST(");
                self.expr(inner)?;
                self.word(" AS ");
                self.word(&(self.dialect.type_name)(*to, None));
                self.word(")");
            }
            Expr::Case(cases, otherwise) => self.case(cases, otherwise.as_deref())?,
            Expr::Exists(select) => {
                self.word("EXISTS (");
                self.select(select)?;
                self.word(")");
            }
            Expr::Subquery(select) => {
                self.word("(");
                self.select(select)?;
                self.word(")");
            }
        }
        Ok(())
    }

    /// An expression beside which nothing says of what type it is.
    fn standing_alone(&mut self, expr: &Expr) -> Result<()> {
        let Expr::Value(value) = expr else { return self.expr(expr) };
        let r#type = value.natural_type();
        if !self.dialect.bare_places || value.is_null() || r#type == Type::Text {
            return self.expr(expr);
        }
        self.word("CAST(");
        self.expr(expr)?;
        self.word(&format!(" AS {})", (self.dialect.type_name)(r#type, None)));
        Ok(())
    }

    /// The place just written is for a later value.
    fn later(&mut self) {
        self.open.push(self.params.len() + self.open.len());
    }

    fn case(&mut self, cases: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<()> {
        if cases.is_empty() {
            return self.operand(otherwise.unwrap_or(&Expr::Value(Value::Null)));
        }
        self.word("CASE");
        for (when, then) in cases {
            self.word(" WHEN ");
            self.expr(when)?;
            self.word(" THEN ");
            self.standing_alone(then)?;
        }
        if let Some(otherwise) = otherwise {
            self.word(" ELSE ");
            self.standing_alone(otherwise)?;
        }
        self.word(" END");
        Ok(())
    }

    fn in_list(&mut self, left: &[Expr], list: &[Value<'static>]) -> Result<()> {
        if list.is_empty() {
            self.word("1 = 0"); // nothing is in an empty list
            return Ok(());
        }
        if let Some(value) = self.dialect.list(list, left.len()) {
            let types: Vec<Type> = list.iter().take(left.len()).map(Value::natural_type).collect();
            self.in_param(left, &types)?;
            self.params.push(value);
            return Ok(());
        }
        self.tuple(left)?;
        self.word(" IN (");
        let rows: Vec<&[Value<'static>]> = list.chunks(left.len()).collect();
        if left.len() > 1 {
            self.word("VALUES ");
        }
        self.list(&rows, ", ", |render, row| {
            render.word(if row.len() > 1 { "(" } else { "" });
            render.list(row, ", ", |render, value| {
                render.place();
                render.params.push(value.clone());
                Ok(())
            })?;
            render.word(if row.len() > 1 { ")" } else { "" });
            Ok(())
        })?;
        self.word(")");
        Ok(())
    }

    fn in_param(&mut self, left: &[Expr], types: &[Type]) -> Result<()> {
        let (before, after) = (self.dialect.list.around)(types);
        self.tuple(left)?;
        self.word(&before);
        self.place();
        self.word(after);
        Ok(())
    }

    fn tuple(&mut self, exprs: &[Expr]) -> Result<()> {
        match exprs {
            [one] => self.operand(one),
            several => {
                self.word("(");
                self.list(several, ", ", Self::expr)?;
                self.word(")");
                Ok(())
            }
        }
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
