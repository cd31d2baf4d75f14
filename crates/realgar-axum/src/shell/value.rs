//! What an expression answers.

use realgar::{
    Expr, ModelDesc, Select, Value,
    dynamic::{AnyColumn, AnyHandle},
};
use serde_json::Value as Json;

use crate::cell;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Val {
    /// Nothing to show: the line did something.
    Done(String),
    /// A number, a text, a truth value, nothing.
    Plain(Json),
    /// A value that is shown nowhere.
    Secret,
    Object(Object),
    List(Vec<Val>),
    Model(&'static ModelDesc),
    Query(&'static ModelDesc, Box<Select<AnyHandle>>),
    Column(AnyColumn),
    /// A relationship of a model: `User.posts`.
    Relationship(&'static ModelDesc, &'static str, &'static ModelDesc),
    /// A column at the other end of one: `posts.title`.
    Beyond(&'static ModelDesc, &'static str, AnyColumn),
    Order(AnyColumn, bool),
    Criterion(Expr<bool>),
    /// `db`, and `db.session`.
    Db,
    Session,
}

/// An object: one of the session's, or a new one that is not added yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Object {
    Known(AnyHandle),
    Draft(usize),
}

/// A new object that is not added yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) model: &'static ModelDesc,
    pub(super) columns: Vec<(AnyColumn, Value<'static>)>,
    pub(super) related: Vec<(&'static str, Vec<Object>)>,
    /// The object, once it is added.
    pub(super) added: Option<AnyHandle>,
}

impl Val {
    /// A query that is not sent yet.
    pub(super) fn query(model: &'static ModelDesc, select: Select<AnyHandle>) -> Val {
        Val::Query(model, Box::new(select))
    }

    /// What sort of value this is, for messages.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Val::Done(_) => "nothing",
            Val::Plain(_) | Val::Secret => "a value",
            Val::Object(_) => "an object",
            Val::List(_) => "a list",
            Val::Model(_) => "a model",
            Val::Query(..) => "a query",
            Val::Column(_) | Val::Beyond(..) => "a column",
            Val::Relationship(..) => "a relationship",
            Val::Order(..) => "an order",
            Val::Criterion(_) => "a criterion",
            Val::Db => "the database",
            Val::Session => "the session",
        }
    }

    /// The value of a cell.
    pub(super) fn of(value: &Value<'_>) -> Val {
        cell::to_json(value).map_or(Val::Secret, Val::Plain)
    }

    /// The cell that stands for it in this column.
    pub(super) fn cell(&self, column: AnyColumn) -> Result<Value<'static>, String> {
        let Val::Plain(json) = self else {
            return Err(format!("`{}` takes a value, not {}", column.field(), self.sort()));
        };
        cell::from_json(json, column.r#type()).map_err(|expected| format!("`{}`: {expected}", column.field()))
    }
}
