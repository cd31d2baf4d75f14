//! The behaviour suite: the public API against a real database, a module per behaviour.

mod backref;
mod cascade;
mod first;
mod flush;
mod lazy_options;
mod mapping;
mod models;
mod registry;
mod session_more;
mod strategies_more;
mod sync;
