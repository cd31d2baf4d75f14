//! The behaviour suite: the public API against a real database, a module per behaviour.

mod backref;
mod first;
mod lazy_options;
mod session_more;
mod strategies_more;
