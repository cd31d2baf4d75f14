//! What `order_by` and `group_by` take: terms, and tuples of them.

use crate::{
    query::{Expression, Term},
    sql,
};

/// A term of ORDER BY: `User::name.desc()`.
pub type Order = sql::Order<Term>;

impl Order {
    /// NULLs before all values: by default, databases differ.
    pub fn nulls_first(self) -> (Order, Order) {
        let nulls = Term::IsNull(Box::new(self.by.clone()));
        (Order { by: nulls, descending: true }, self)
    }

    /// NULLs after all values: by default, databases differ.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, age: Option<i32> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// s.add_all([new!(User {}), new!(User { age: 36 })]);
    /// let ages = select(User::age).order_by(User::age.asc().nulls_last()).all(&mut s).await?;
    /// assert_eq!(ages, [Some(36), None]);
    /// # Ok(()) }
    /// ```
    pub fn nulls_last(self) -> (Order, Order) {
        // DIALECT: two terms say it everywhere; not every database knows the words NULLS LAST.
        let nulls = Term::IsNull(Box::new(self.by.clone()));
        (Order { by: nulls, descending: false }, self)
    }
}

/// What `order_by` takes: columns, expressions, `.asc()`, `.desc()`, and tuples of them.
#[diagnostic::on_unimplemented(
    message = "a query cannot be sorted by `{Self}`",
    note = "sort by columns, expressions, `.asc()`, `.desc()`, or a tuple of up to six of them"
)]
pub trait IntoOrder {
    /// Adds the terms, in order.
    fn into_order(self, to: &mut Vec<Order>);
}

impl IntoOrder for Order {
    fn into_order(self, to: &mut Vec<Order>) {
        to.push(self);
    }
}

impl IntoOrder for Vec<Order> {
    fn into_order(mut self, to: &mut Vec<Order>) {
        to.append(&mut self);
    }
}

impl<E: Expression> IntoOrder for E {
    fn into_order(self, to: &mut Vec<Order>) {
        to.push(self.asc());
    }
}

macro_rules! tuple_order {
    ($($name:ident),*) => {
        impl<$($name: IntoOrder),*> IntoOrder for ($($name,)*) {
            #[allow(non_snake_case)]
            fn into_order(self, to: &mut Vec<Order>) {
                let ($($name,)*) = self;
                $($name.into_order(to);)*
            }
        }
    };
}
tuple_order!(A, B);
tuple_order!(A, B, C);
tuple_order!(A, B, C, D);
tuple_order!(A, B, C, D, E);
tuple_order!(A, B, C, D, E, F);

/// What `group_by` takes: columns, expressions, and tuples of them.
#[diagnostic::on_unimplemented(
    message = "a query cannot be grouped by `{Self}`",
    note = "group by columns, expressions, or a tuple of up to six of them"
)]
pub trait IntoGroup {
    /// Adds the terms, in order.
    fn into_group(self, to: &mut Vec<Term>);
}

impl<E: Expression> IntoGroup for E {
    fn into_group(self, to: &mut Vec<Term>) {
        to.push(self.term());
    }
}

macro_rules! tuple_group {
    ($($name:ident),*) => {
        impl<$($name: IntoGroup),*> IntoGroup for ($($name,)*) {
            #[allow(non_snake_case)]
            fn into_group(self, to: &mut Vec<Term>) {
                let ($($name,)*) = self;
                $($name.into_group(to);)*
            }
        }
    };
}
tuple_group!(A, B);
tuple_group!(A, B, C);
tuple_group!(A, B, C, D);
tuple_group!(A, B, C, D, E);
tuple_group!(A, B, C, D, E, F);
