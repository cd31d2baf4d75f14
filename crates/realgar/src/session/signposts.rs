//! What newcomers look for on a session and do not find there: it does not compile, and says where the thing is found.

use crate::{query::Select, session::Session};

/// What would have to be given for a session to be asked directly. Nothing is.
#[diagnostic::on_unimplemented(
    message = "a session does not take queries: a query takes the session",
    label = "the query comes first",
    note = "write `User::select().filter(…).all(&mut session).await?`; also `first`, `one`, `one_or_none`, `count`",
    note = "by primary key: `session.get::<User>(1).await?`; SQL of your own: `realgar::sql(\"…\").all(&mut session).await?`"
)]
pub trait Asked {
    /// What would be answered.
    type Answer;

    /// Nobody calls it.
    fn never() -> !;
}

#[doc(hidden)]
impl Session {
    pub fn query<Q: Asked>(&mut self) -> Q::Answer {
        Q::never()
    }
    pub fn execute<Q: Asked>(&mut self, _: Q) -> Q::Answer {
        Q::never()
    }
    pub fn scalars<Q: Asked>(&mut self, _: Q) -> Q::Answer {
        Q::never()
    }
    pub fn scalar<Q: Asked>(&mut self, _: Q) -> Q::Answer {
        Q::never()
    }
}

#[doc(hidden)]
impl<R> Select<R> {
    pub fn load<Q: Asked>(self, _: Q) -> Q::Answer {
        Q::never()
    }
}
