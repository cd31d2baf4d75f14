//! A view: a borrowed lens on an object, for rendering. It derefs to the object and walks what is loaded.

use std::{fmt, ops::Deref};

use serde::{Serialize, Serializer, ser};

use crate::{
    error::Result,
    mapper::{Handle, Model, One, Relationship, ToMany, ToOne},
    session::Session,
};

/// A borrowed lens on an object: `view.name` reads a field, `view.many(User::posts)?` walks what is loaded.
///
/// It is `Copy`; its methods take `self`, so a view of a view lives as long as the session is lent.
pub struct View<'s, M> {
    session: &'s Session,
    handle: Handle<M>,
}

impl<M> Clone for View<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for View<'_, M> {}

impl<M: Model> fmt::Debug for View<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View of {:?}", self.handle)
    }
}

impl<M: Model> Deref for View<'_, M> {
    type Target = M;

    #[track_caller]
    fn deref(&self) -> &M {
        &self.session[self.handle]
    }
}

/// What a view serialises as is the object's [`tree`](Session::tree): everything that is loaded from it.
///
/// ```
/// # use realgar::prelude::*;
/// #[derive(Model, serde::Serialize)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     name: String,
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # let mut s = db.session();
/// let ada = s.add(new!(User { name: "Ada" }));
/// assert_eq!(serde_json::to_string(&s.view(ada))?, r#"{"id":0,"name":"Ada"}"#);
/// # Ok(()) }
/// ```
impl<M: Model + Serialize> Serialize for View<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.session.tree(self.handle).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl Session {
    /// A lens on an object, for rendering.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # let mut s = db.session();
    /// let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "Hello" })] }));
    /// for post in s.view(ada).many(User::posts)? {
    ///     assert_eq!(format!("{} by {}", post.title, post.one(Post::author)?.name), "Hello by Ada");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn view<M: Model>(&self, object: Handle<M>) -> View<'_, M> {
        View { session: self, handle: object }
    }
}

impl<'s, M: Model> View<'s, M> {
    /// The object's handle.
    #[must_use]
    pub fn handle(self) -> Handle<M> {
        self.handle
    }

    /// The object, for as long as the session is lent.
    #[must_use]
    #[track_caller]
    pub fn get(self) -> &'s M {
        &self.session[self.handle]
    }

    /// The objects of a loaded collection, in order; `NotLoaded` when it is not.
    pub fn many<C: ToMany<Loaded = Vec<Handle<T>>>, T: Model>(
        self,
        relationship: Relationship<M, C>,
    ) -> Result<impl ExactSizeIterator<Item = View<'s, T>> + use<'s, M, C, T>> {
        let session = self.session;
        let handles = session.loaded(self.handle, relationship)?;
        Ok(handles.into_iter().map(move |handle| View { session, handle }))
    }

    /// Who is at the other end of a loaded relationship to one; `NotLoaded` when it is not. `One<Option<T>>` answers an
    /// `Option`.
    pub fn one<C: ViewOne>(self, relationship: Relationship<M, C>) -> Result<C::View<'s>> {
        Ok(C::view(self.session, self.session.loaded(self.handle, relationship)?))
    }
}

/// What [`View::one`] answers for a field's type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is to many, where a relationship to one is needed",
    note = "`view(…).many(relationship)` walks those to many"
)]
pub trait ViewOne: ToOne {
    /// A view, or `Option` of one.
    type View<'s>;

    /// The view of what is loaded.
    fn view(session: &Session, loaded: Self::Loaded) -> Self::View<'_>;
}

impl<T: Model> ViewOne for One<T> {
    type View<'s> = View<'s, T>;

    fn view(session: &Session, loaded: Handle<T>) -> View<'_, T> {
        session.view(loaded)
    }
}

impl<T: Model> ViewOne for One<Option<T>> {
    type View<'s> = Option<View<'s, T>>;

    fn view(session: &Session, loaded: Option<Handle<T>>) -> Option<View<'_, T>> {
        loaded.map(|handle| session.view(handle))
    }
}
