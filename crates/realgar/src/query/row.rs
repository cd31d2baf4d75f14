//! What a row of the answer is: handles of entities, values, and tuples of them.

use crate::{
    error::{Error, Kind, Result},
    mapper::{Handle, Model, Owner},
    query::Out,
    value::{Cell, Row},
};

/// An entity of a row, now an object; or nobody, where an outer join found none.
#[derive(Debug, Clone, Copy)]
pub struct Met {
    /// Whose the objects of this entity are.
    pub owner: Owner,
    /// Its slot and round.
    pub object: Option<(u32, u32)>,
}

impl Met {
    /// The object's slot.
    #[inline]
    #[must_use]
    pub fn slot(self) -> Option<u32> {
        self.object.map(|(slot, _)| slot)
    }
}

/// One row of an answer, taken apart from left to right.
pub struct Taken<'a> {
    /// The row.
    pub row: &'a dyn Row,
    /// What each part is.
    pub outputs: &'a [Out],
    /// The entities of the row.
    pub entities: &'a [Met],
    /// The part that comes next.
    pub next: usize,
}

impl Taken<'_> {
    fn output(&mut self) -> Result<Out> {
        let output = self.outputs.get(self.next).copied();
        self.next += 1;
        output.ok_or_else(|| Error::bug("a row has fewer parts than its type"))
    }

    fn handle<M>(&mut self) -> Result<Option<Handle<M>>> {
        match self.output()? {
            Out::Entity(node) => {
                let Met { owner, object } = self.entities[node];
                Ok(object.map(|(slot, round)| Handle::new(slot, round, owner)))
            }
            Out::Cell(_) => Err(Error::bug("a value where a row's type has an entity")),
        }
    }
}

/// A row of an answer: what `Select<R>::all` makes of each row of the database.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of an answer",
    note = "rows are handles (`Handle<User>`), types of columns, `Option` of them, and tuples of up to twelve"
)]
pub trait FromRow: Sized + Send {
    /// Takes the parts it consists of.
    fn from_row(taken: &mut Taken<'_>) -> Result<Self>;

    /// Whether a row is one object and nothing else.
    const OBJECT: bool = false;

    /// The row that is this object, where it can be one.
    #[must_use]
    fn from_object(_slot: u32, _round: u32, _owner: Owner) -> Option<Self> {
        None
    }
}

impl<M: Model> FromRow for Handle<M> {
    fn from_row(taken: &mut Taken<'_>) -> Result<Self> {
        taken.handle()?.ok_or_else(|| {
            let name = M::DESC.name;
            Error::new(Kind::Data, format!("a row without `{name}`: an outer join found nobody"))
                .way_out(format!("select `{name}::TABLE.optional()`: it is an `Option<Handle<{name}>>` in each row"))
        })
    }

    const OBJECT: bool = true;

    #[inline]
    fn from_object(slot: u32, round: u32, owner: Owner) -> Option<Self> {
        Some(Handle::new(slot, round, owner))
    }
}

impl<M: Model> FromRow for Option<Handle<M>> {
    fn from_row(taken: &mut Taken<'_>) -> Result<Self> {
        taken.handle()
    }
}

impl<T: Cell> FromRow for T {
    fn from_row(taken: &mut Taken<'_>) -> Result<Self> {
        match taken.output()? {
            Out::Cell(at) => {
                let value = taken.row.get(at)?;
                if value.is_null() && !T::NULLABLE {
                    return Err(null::<T>(taken.next));
                }
                T::from_cell(value).map_err(|error| error.with_entity(|| part(taken.next)))
            }
            Out::Entity(_) => Err(Error::bug("an entity where a row's type has a value")),
        }
    }
}

fn part(number: usize) -> String {
    format!("part {number} of a row")
}

#[cold]
fn null<T>(number: usize) -> Error {
    let wanted = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
    Error::new(Kind::Data, format!("NULL where a row has a `{wanted}`"))
        .with_entity(|| part(number))
        .way_out("select it as `.optional()`, an `Option` in each row, or give NULLs a value: `.coalesce(…)`")
}

macro_rules! tuple_row {
    ($($name:ident),*) => {
        impl<$($name: FromRow),*> FromRow for ($($name,)*) {
            fn from_row(taken: &mut Taken<'_>) -> Result<Self> {
                Ok(($($name::from_row(taken)?,)*))
            }
        }
    };
}
tuple_row!(A);
tuple_row!(A, B);
tuple_row!(A, B, C);
tuple_row!(A, B, C, D);
tuple_row!(A, B, C, D, E);
tuple_row!(A, B, C, D, E, F);
tuple_row!(A, B, C, D, E, F, G);
tuple_row!(A, B, C, D, E, F, G, H);
