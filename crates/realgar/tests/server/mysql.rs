//! MySQL and MariaDB: round trips, types, errors, TLS, what is left of a transaction.

mod errors;
mod round_trips;
mod tls;
mod trips;
mod types;

/// The MySQL or MariaDB of the tests.
fn server() -> Option<String> {
    std::env::var("REALGAR_TEST_URL").ok().filter(|url| url.starts_with("mysql:"))
}
