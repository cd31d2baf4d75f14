//! Columns that become what an SQL expression says.

use crate::{
    error::{Error, Kind, Result},
    identity::State,
    mapper::{Column, Handle, Model},
    query::{Expression, IntoExpr},
    session::Session,
};

impl Session {
    /// The next flush sets the column to what the expression says, computed by the database; then the field is read back.
    ///
    /// Until then the field reads as before. What is written into it meanwhile does not count, the expression does.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "pages")] struct Page { #[column(primary_key)] id: i64, visits: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![Page]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let page = s.add(new!(Page { visits: 1 }));
    /// s.flush().await?;
    /// s.set_expression(page, Page::visits, Page::visits + 1)?; // no visit is lost, whoever counts at the same time
    /// s.flush().await?;
    /// assert_eq!(s[page].visits, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Shape
    /// The row has an UPDATE or INSERT of its own, and one SELECT reads back what the database made of it. The expression
    /// sees its own row only, an INSERT not even that; a select inside it (`scalar_subquery`) sees any table.
    ///
    /// # Errors
    /// `InvalidRequest` for a column of the primary key and for an object whose row is deleted, `DetachedInstance` for a
    /// foreign handle. The flush: `Unsupported` for a new object with a generated key where the database has no RETURNING.
    ///
    /// Source: an SQL expression as an attribute's value, `page.visits = Page.visits + 1`.
    pub fn set_expression<M: Model, T>(
        &mut self,
        object: Handle<M>,
        column: Column<M, T>,
        expression: impl IntoExpr<T>,
    ) -> Result<()> {
        let entity = self.identity.entity(object)?;
        let mapper = self.identity.mapper(entity);
        let position = mapper.table().position(column.name());
        let position = position.ok_or_else(|| Error::bug("a column that its table has not"))?;
        let wrong = |what: String, way_out: &str| {
            Err(Error::new(Kind::InvalidRequest, what).with_entity(|| self.identity.describe(entity)).way_out(way_out))
        };
        let name = format!("`{}::{}`", mapper.name(), column.name());
        if mapper.key.contains(&position) {
            return wrong(
                format!("{name} is part of the primary key, which the session has to know"),
                "give it a value",
            );
        }
        if mapper.desc.version == Some(position) || mapper.computed.contains(&position) {
            return wrong(format!("{name} is not yours to set"), "set the other columns");
        }
        let state = self.identity.state(entity);
        if matches!(state, State::Deleted | State::Detached) {
            return wrong(format!("{name} of a row that was deleted"), "roll back, or add a new object");
        }
        self.identity.set_expression(entity, position, expression.into_expr().term());
        Ok(())
    }
}
