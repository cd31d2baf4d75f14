//! The behaviour suite: the public API against a real database, a module per behaviour.

mod alias;
mod first;
mod lazy_options;
mod query_more;
mod raw_sql;
