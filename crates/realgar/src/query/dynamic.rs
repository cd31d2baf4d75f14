//! Queries on models that are known by name only: what a shell or an admin page asks.

use std::fmt;

use crate::{
    error::{Error, Kind, Result},
    mapper::{AnyHandle, ModelDesc},
    query::{Expr, Expression, IntoExpr, Leaf, Output, Query, RelatedTest, Select, Term, Test},
    schema::Column,
    value::{Type, Value},
};

/// A column without its type: compared with a [`Value`], sorted by, described.
#[derive(Clone, Copy)]
pub struct AnyColumn {
    model: &'static ModelDesc,
    position: usize,
}

impl AnyColumn {
    /// The column of this field; `None` where the model has no such field.
    #[must_use]
    pub fn new(model: &'static ModelDesc, field: &str) -> Option<AnyColumn> {
        model.field(field).map(|position| AnyColumn { model, position })
    }

    /// All columns of a model, in order.
    pub fn all(model: &'static ModelDesc) -> impl ExactSizeIterator<Item = AnyColumn> {
        (0..model.fields.len()).map(move |position| AnyColumn { model, position })
    }

    fn described(self) -> &'static Column {
        &self.model.table.table.columns[self.position]
    }

    /// The name of its field.
    #[must_use]
    pub fn field(self) -> &'static str {
        self.model.fields[self.position]
    }

    /// Its position among the model's columns.
    #[must_use]
    pub fn position(self) -> usize {
        self.position
    }

    /// Whether this value can stand in it: NULL where it takes NULL, the right sort, in range, no longer than its length.
    ///
    /// # Errors
    /// `Data` with what is wrong; the value is not part of it.
    pub fn check(self, value: &Value<'_>) -> Result<()> {
        if let (Some(length), Value::Text(text)) = (self.described().length, value)
            && text.chars().count() > length as usize
        {
            return Err(Error::new(Kind::Data, format!("longer than {length} characters")));
        }
        let mut store = (self.model.objects)();
        store.blank(0);
        store.set_cell(0, self.position, value.borrow())
    }

    /// `LIKE`: `%` stands for any text, `_` for one character.
    #[must_use]
    pub fn like(self, pattern: &str) -> Expr<bool> {
        let pattern = Term::Value(Value::Text(pattern.to_owned().into()));
        Expr::new(Term::Like { text: Box::new(self.term()), pattern: Box::new(pattern), escape: false })
    }

    /// Its type.
    #[must_use]
    pub fn r#type(self) -> Type {
        self.described().r#type
    }

    /// Whether it takes NULL.
    #[must_use]
    pub fn is_nullable(self) -> bool {
        self.described().nullable
    }

    /// Whether it is (part of) the primary key.
    #[must_use]
    pub fn is_key(self) -> bool {
        self.described().primary_key
    }

    /// Whether its values are unique.
    #[must_use]
    pub fn is_unique(self) -> bool {
        self.described().unique
    }

    /// Whether its values are shown nowhere.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self.described().secret
    }

    /// Whether the database makes its value where a new object has none: a generated key, a default, a computation.
    #[must_use]
    pub fn is_made(self) -> bool {
        self.model.table.table.generated_key() == Some(self.position) || self.described().is_made()
    }

    /// The table that its foreign key leads to.
    #[must_use]
    pub fn refers_to(self) -> Option<&'static str> {
        let keys = self.model.table.table.foreign_keys.iter();
        let mut keys = keys.filter(|key| key.columns.contains(&self.described().name));
        keys.next().map(|key| key.table)
    }
}

impl fmt::Debug for AnyColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.model.name(), self.field())
    }
}

impl Expression for AnyColumn {
    type Type = Value<'static>;

    fn term(self) -> Term {
        Term::Leaf(Leaf::Column { table: self.model.table.table.name.into(), column: self.described().name })
    }
}

impl IntoExpr<Value<'static>> for Value<'static> {
    fn into_expr(self) -> Expr<Value<'static>> {
        Expr::new(Term::Value(self))
    }
}

impl Select<AnyHandle> {
    /// All objects of a model that is known by name only; sent by [`Dynamic::all`](crate::dynamic::Dynamic::all).
    pub fn of(model: &'static ModelDesc) -> Select<AnyHandle> {
        Select::from_query(Query { outputs: vec![Output::Entity(model, None)], ..Query::default() })
    }
}

/// Whether anybody at the end of this relationship meets the criterion.
///
/// Source: `any`, `has`.
#[must_use]
pub fn any_related(model: &'static ModelDesc, relationship: &'static str, criterion: Expr<bool>) -> Expr<bool> {
    let owner = model.table.table.name.into();
    let test = RelatedTest { owner, relationship, to: None, test: Test::Any(criterion.into()) };
    Expr::new(Term::Leaf(Leaf::Related(Box::new(test))))
}
