//! Expressions in text; values are bound.

use crate::{
    error::Result,
    sql::{EXCLUDED, Expr, Operator, render::Render},
    value::{Type, Value},
};

/// The longest list that is spread, a place for each value.
const SPREAD: usize = 1_000;

impl Render<'_> {
    /// An expression inside another one: in parentheses where it is made of several parts.
    pub(super) fn operand(&mut self, expr: &Expr) -> Result<()> {
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

    pub(in crate::sql) fn expr(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Leaf(column) if self.in_conflict && column.table == EXCLUDED => {
                self.word("VALUES(");
                self.name(&column.column);
                self.word(")");
            }
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
            Expr::Binary(binary) => match &**binary {
                (left, Operator::Concat, right) if self.dialect.concat_function => {
                    self.word("CONCAT(");
                    self.expr(left)?;
                    self.word(", ");
                    self.expr(right)?;
                    self.word(")");
                }
                (left, operator, right) => {
                    self.operand(left)?;
                    self.word(" ");
                    self.word(match operator {
                        Operator::Quotient => self.dialect.quotient,
                        other => other.text(),
                    });
                    self.word(" ");
                    self.operand(right)?;
                }
            },
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
                let limited = select.limit.is_some() || select.offset.is_some();
                let wrapped = limited && !self.dialect.limit_in_list;
                self.word(if wrapped { " IN (SELECT * FROM (" } else { " IN (" });
                self.select(select)?;
                self.word(if wrapped { ") AS realgar_list)" } else { ")" });
            }
            Expr::Like { text, pattern, escape } => {
                self.operand(text)?;
                self.word(" LIKE ");
                self.operand(pattern)?;
                match (escape, self.dialect.like_escapes) {
                    (true, false) => self.word(" ESCAPE '\\'"),
                    (false, true) => self.word(" ESCAPE ''"), // a backslash is a backslash
                    (true, true) | (false, false) => {}
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
                    self.word(&format!(" AS {})", (self.dialect.cast_name)(to)));
                }
            }
            Expr::Cast(inner, to) => {
                self.word("CAST(");
                self.expr(inner)?;
                self.word(" AS ");
                self.word(&(self.dialect.cast_name)(*to));
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
    pub(super) fn standing_alone(&mut self, expr: &Expr) -> Result<()> {
        let Expr::Value(value) = expr else { return self.expr(expr) };
        let r#type = value.natural_type();
        if !self.dialect.bare_places || value.is_null() || r#type == Type::Text {
            return self.expr(expr);
        }
        self.word("CAST(");
        self.expr(expr)?;
        self.word(&format!(" AS {})", (self.dialect.cast_name)(r#type)));
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
        let spread = self.dialect.spread_lists && list.len() <= SPREAD;
        let list_of_one = if spread { None } else { self.dialect.list(list, left.len()) };
        if let Some(value) = list_of_one {
            let types: Vec<Type> = list.iter().take(left.len()).map(Value::natural_type).collect();
            self.in_param(left, &types)?;
            self.params.push(value);
            return Ok(());
        }
        self.tuple(left)?;
        self.word(" IN (");
        let mut rows: Vec<&[Value<'static>]> = list.chunks(left.len()).collect();
        if self.dialect.spread_lists {
            // Few texts for lists of any length: the last one is repeated, which changes nothing.
            rows.resize(rows.len().next_power_of_two(), rows[rows.len() - 1]);
        } else if left.len() > 1 {
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
        self.word(&after);
        Ok(())
    }

    pub(super) fn tuple(&mut self, exprs: &[Expr]) -> Result<()> {
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
