//! The behaviour suite: the public API against a real database, a module per behaviour.

mod defaults;
mod deferred;
mod derives;
mod first;
mod lazy_options;
mod secret;
mod types;
