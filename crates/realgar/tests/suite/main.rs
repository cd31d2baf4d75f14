//! The behaviour suite: the public API against a real database, a module per behaviour.

mod alias;
mod backref;
mod blog;
mod cascade;
mod cascade_more;
mod db;
mod defaults;
mod deferred;
mod derives;
mod first;
mod flush;
mod lazy_options;
mod load_peers;
mod load_strategies;
mod mapping;
mod models;
mod query;
mod query_more;
mod raw_sql;
mod registry;
mod relationships;
mod secret;
mod session_more;
mod strategies_more;
mod sync;
mod types;
