//! The behaviour suite: the public API against a real database, a module per behaviour.

mod backref;
mod cascade_more;
mod first;
mod lazy_options;
mod relationships;
