//! The statements of a request, and the header `Server-Timing`.

use std::{fmt::Write, time::Duration};

use axum::http::HeaderValue;
use realgar::Statement;

/// So many statements have an entry of their own in the header.
const ENTRIES: usize = 20;

/// What the session of a request sent, in order, the layer's commit included: among the extensions of the response,
/// where the layer records. See [`DbLayer::record`](crate::DbLayer::record).
///
/// Source: `get_recorded_queries`.
#[derive(Debug, Clone)]
pub struct RecordedQueries(pub Vec<Statement>);

impl RecordedQueries {
    /// How long the database took for all of them.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.0.iter().map(|statement| statement.duration).sum()
    }

    /// `db;dur=1.2;desc="2 statements", db1;dur=0.8;desc="SELECT at src/main.rs:7", …`
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let count = self.0.len();
        let plural = if count == 1 { "" } else { "s" };
        let mut text = format!("db;dur={};desc=\"{count} statement{plural}\"", milliseconds(self.duration()));
        for (index, statement) in self.0.iter().take(ENTRIES).enumerate() {
            let verb: String = statement.sql.chars().take_while(char::is_ascii_alphabetic).take(16).collect();
            let place = statement.place.map(|place| format!(" at {}:{}", place.file(), place.line()));
            let place = place.unwrap_or_default().replace(['"', '\\'], "/");
            let _ = write!(text, ", db{};dur={};desc=\"{verb}{place}\"", index + 1, milliseconds(statement.duration));
        }
        HeaderValue::from_str(&text).ok()
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}
