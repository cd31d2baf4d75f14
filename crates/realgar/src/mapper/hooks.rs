//! Functions of the user's that run when the session does something to an object: SQLAlchemy's mapper events.

use std::{any::Any, fmt, sync::Arc};

use crate::{error::Result, mapper::Model};

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Before the INSERT of an object, which can still be changed.
    BeforeInsert,
    /// After the INSERT of an object; its key is there.
    AfterInsert,
    /// Before the UPDATE of an object, which can still be changed.
    BeforeUpdate,
    /// After the UPDATE of an object.
    AfterUpdate,
    /// Before the DELETE of an object.
    BeforeDelete,
    /// After the DELETE of an object.
    AfterDelete,
    /// A row became an object that the session did not hold.
    Load,
}

type Run = dyn Fn(&mut dyn Any) -> Result<()> + Send + Sync;

/// A function for objects of one model, without its type: it is given `&mut M`.
#[derive(Clone)]
pub struct Hook(Arc<Run>);

impl Hook {
    /// The function without its type.
    pub fn new<M: Model>(run: impl Fn(&mut M) -> Result<()> + Send + Sync + 'static) -> Hook {
        Hook(Arc::new(move |object| object.downcast_mut().map_or(Ok(()), &run)))
    }

    /// Runs it; `object` is `&mut M`.
    pub fn run(&self, object: &mut dyn Any) -> Result<()> {
        (self.0)(object)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// The hooks of one model, in the order in which they were given.
#[derive(Debug, Default)]
pub struct Hooks(Vec<(Moment, Hook)>);

impl Hooks {
    /// Adds one.
    pub fn add(&mut self, moment: Moment, hook: Hook) {
        self.0.push((moment, hook));
    }

    /// Those of this moment.
    pub fn of(&self, moment: Moment) -> impl Iterator<Item = &Hook> {
        self.0.iter().filter(move |(found, _)| *found == moment).map(|(_, hook)| hook)
    }
}
