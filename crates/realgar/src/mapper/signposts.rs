//! What newcomers look for on a field or a column and do not find there: none of it compiles, and each says where the
//! thing is found. `Many` is no `Vec`, and `==` is no criterion.

use crate::mapper::{Column, Handle, Many, Model};

/// What a relationship's field would need to be the collection itself. Nothing has it.
#[diagnostic::on_unimplemented(
    message = "a relationship's field is no collection: the session loads and changes what is related",
    label = "ask the session",
    note = "to read: `for post in session.load(user, User::posts).await?`, which walks over handles",
    note = "to change: `session.append(user, User::posts, post)?`, and `remove`, `replace`, `clear`",
    note = "of an object that left its session by `fetch` or `tree`: `user.posts.get()?`"
)]
pub trait LoadedBySession {
    /// Nobody calls it.
    fn never() -> !;
}

#[doc(hidden)]
impl<T: Model> Many<T>
where
    Many<T>: LoadedBySession,
{
    pub fn push<I>(&mut self, _: I) {
        <Self as LoadedBySession>::never()
    }
    pub fn append<I>(&mut self, _: I) {
        <Self as LoadedBySession>::never()
    }
    pub fn extend<I>(&mut self, _: I) {
        <Self as LoadedBySession>::never()
    }
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        <Self as LoadedBySession>::never()
    }
    pub fn len(&self) -> usize {
        <Self as LoadedBySession>::never()
    }
    pub fn is_empty(&self) -> bool {
        <Self as LoadedBySession>::never()
    }
}

// `Iterator`, not `IntoIterator`: then rustc names `LoadedBySession`; its notes it keeps for itself in a `for`.
impl<T: Model> Iterator for Many<T>
where
    Many<T>: LoadedBySession,
{
    type Item = Handle<T>;

    fn next(&mut self) -> Option<Handle<T>> {
        <Self as LoadedBySession>::never()
    }
}

impl<T: Model> Iterator for &Many<T>
where
    Many<T>: LoadedBySession,
{
    type Item = Handle<T>;

    fn next(&mut self) -> Option<Handle<T>> {
        <Many<T> as LoadedBySession>::never()
    }
}

/// What a value would need to be compared with a column by an operator. Nothing has it.
#[diagnostic::on_unimplemented(
    message = "columns are compared by methods: `==` and `<` answer a `bool` in Rust, and no criterion",
    label = "write `.eq(…)`, `.ne(…)`, `.lt(…)`, `.le(…)`, `.gt(…)` or `.ge(…)`",
    note = "`User::name.eq(\"Ada\")` is a criterion; `&`, `|` and `!` connect them; `use realgar::prelude::*;` brings the methods"
)]
pub trait Operand {
    /// Nobody calls it.
    fn never() -> !;
}

impl<M, T, O: Operand> PartialEq<O> for Column<M, T> {
    fn eq(&self, _: &O) -> bool {
        O::never()
    }
}

impl<M, T, O: Operand> PartialOrd<O> for Column<M, T> {
    fn partial_cmp(&self, _: &O) -> Option<std::cmp::Ordering> {
        O::never()
    }
}
