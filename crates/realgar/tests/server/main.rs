//! Tests on a database server: round trips, faults on the way to it, TLS, a pooler, its own types.
//!
//! `REALGAR_TEST_URL` names the server; without it, nothing is tested here. `cargo xtask test` starts one.

mod counted;
mod faults;
mod keys;
mod line;
mod mysql;
mod natives;
mod pooler;
mod proxy;
mod round_trips;
mod tls;
mod together;
mod transactions;
mod types;
mod world;
