//! The crate from outside: requests through a router, on real databases.

mod app;
mod body;
mod config;
mod errors;
mod extras;
mod found;
mod keyset;
mod lifetime;
mod outside;
mod page;
mod recorded;
mod session;
