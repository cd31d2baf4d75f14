//! What a flush would do, without doing it.

use std::{fmt, panic::Location};

use crate::{error::Result, flush, session::Session};

/// The steps of a flush that was not done, in order. It prints as one line a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan(Vec<String>);

impl Plan {
    /// Whether a flush would send nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The steps in words: the kind of statement, the table, the columns of an UPDATE, and the objects.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl Session {
    /// What the next flush would do. It does nothing of it, and the session is as before; what cascades is loaded, as the
    /// flush would do.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User { #[column(primary_key)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada" }));
    /// s.flush().await?;
    /// s[ada].name.push('!');
    /// assert_eq!(s.plan().await?.to_string(), "update users (name): User(id = 1)\n");
    /// s.delete(ada)?;
    /// assert_eq!(s.plan().await?.to_string(), "delete users: User(id = 1)\n");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`flush`](Session::flush) that are found before anything is sent: a foreign handle, a circle of rows.
    /// What only statements show (a violated constraint) is not found. The session needs no rollback after it.
    ///
    /// A difference from the reference, which has nothing like it.
    #[track_caller]
    pub fn plan(&mut self) -> impl Future<Output = Result<Plan>> + Send {
        self.called_at(Location::caller());
        async move {
            self.usable()?;
            flush::foresee(&mut self.loader()).await.map(Plan)
        }
    }
}
