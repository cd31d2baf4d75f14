//! Lists of columns of one model: `(User::id, User::name)`.

use crate::mapper::{Column, Table};

/// Columns by table and name.
pub type Names = Vec<(&'static str, &'static str)>;

/// Columns of one model: one, a tuple of them, or `()` for none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of columns of `{M}`",
    note = "give a column, or a tuple of up to eight of them: `(User::id, User::name)`"
)]
pub trait IntoColumns<M> {
    /// Adds the columns.
    fn names(self, to: &mut Names);
}

impl<M: Table, T> IntoColumns<M> for Column<M, T> {
    fn names(self, to: &mut Names) {
        to.push((self.table(), self.name()));
    }
}

/// None.
impl<M> IntoColumns<M> for () {
    fn names(self, _: &mut Names) {}
}

macro_rules! tuple_columns {
    ($($name:ident),*) => {
        impl<M, $($name: IntoColumns<M>),*> IntoColumns<M> for ($($name,)*) {
            #[allow(non_snake_case)]
            fn names(self, to: &mut Names) {
                let ($($name,)*) = self;
                $($name.names(to);)*
            }
        }
    };
}
tuple_columns!(A);
tuple_columns!(A, B);
tuple_columns!(A, B, C);
tuple_columns!(A, B, C, D);
tuple_columns!(A, B, C, D, E);
tuple_columns!(A, B, C, D, E, F);
tuple_columns!(A, B, C, D, E, F, G);
tuple_columns!(A, B, C, D, E, F, G, H);

/// The deferred columns that a query loads nevertheless.
pub(super) trait Undefer: Sized {
    fn undeferred(&mut self) -> &mut Names;

    fn add<M, T>(mut self, column: Column<M, T>) -> Self {
        self.undeferred().push((column.table(), column.name()));
        self
    }

    fn drop_one<M, T>(mut self, column: Column<M, T>) -> Self {
        self.undeferred().retain(|named| *named != (column.table(), column.name()));
        self
    }

    fn only<M: Table>(mut self, columns: impl IntoColumns<M>) -> Self {
        self.undeferred().retain(|(table, _)| *table != M::DESC.table.name);
        columns.names(self.undeferred());
        self
    }
}
