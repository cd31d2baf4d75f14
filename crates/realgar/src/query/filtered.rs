//! A relationship with a criterion: `User::posts.and(Post::title.like("A%"))`, to load and to join along.

use std::fmt;

use crate::{
    mapper::{Cardinality, Model, Relationship, Strategy},
    query::{Along, IntoExpr, IntoJoin, Load, Path, Term},
};

/// A relationship of which only some count: see [`Relationship::and`].
pub struct Filtered<M: Model, C> {
    path: Path<M, C>,
    criteria: Vec<Term>,
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// Only those that meet the criterion, to load or to join along: `User::posts.and(Post::title.like("A%"))`.
    ///
    /// Loaded with the criterion, a collection holds just what met it, and owners without a match have an empty one; it
    /// counts as loaded. Changing it changes what is in it: a flush leaves alone what it never held. In a join, the
    /// criterion stands in ON, so that an outer join keeps rows without a match.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add(new!(User { posts: [new!(Post { title: "Ants" }), new!(Post { title: "Bees" })] }));
    /// # s.commit().await?;
    /// let only = User::posts.and(Post::title.like("A%"));
    /// let user = User::select().options(only.selectin()).one(&mut s).await?;
    /// let posts = s.loaded(user, User::posts)?;
    /// assert_eq!(posts.len(), 1);
    /// # Ok(()) }
    /// ```
    ///
    /// Source: `PropComparator.and_`.
    pub fn and(self, criterion: impl IntoExpr<bool>) -> Filtered<M, C> {
        Path::from(self).and(criterion)
    }

    /// Filled from what the query has joined along it: `join(User::posts)` and `options(User::posts.contains_eager())`.
    /// No join is added, and no statement.
    ///
    /// What the query filters out is not in the collection, which counts as loaded. A LIMIT counts joined rows. Where the
    /// join is to an alias, so is this: `User::posts.of_type(other).contains_eager()`.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] #[model(table = "users")] struct User {
    /// #   #[column(primary_key)] id: i64, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] #[model(table = "posts")] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # s.add(new!(User { posts: [new!(Post { title: "Ants" }), new!(Post { title: "Bees" })] }));
    /// # s.commit().await?;
    /// let users = User::select()
    ///     .join(User::posts)
    ///     .filter(Post::title.like("A%"))
    ///     .options(User::posts.contains_eager())
    ///     .all(&mut s)
    ///     .await?;
    /// assert_eq!(s.loaded(users[0], User::posts)?.len(), 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `InvalidRequest` when the query is sent and has not joined the relationship's end.
    ///
    /// Source: `contains_eager`.
    #[must_use]
    pub fn contains_eager(self) -> Load<M, C::Target> {
        Path::from(self).contains_eager()
    }
}

impl<M: Model, C: Cardinality> Filtered<M, C> {
    pub(super) fn new(path: Path<M, C>, criterion: Term) -> Self {
        Filtered { path, criteria: vec![criterion] }
    }

    /// And only those that meet this one, too.
    #[must_use]
    pub fn and(mut self, criterion: impl IntoExpr<bool>) -> Self {
        self.criteria.push(criterion.into_expr().into());
        self
    }

    fn load(self, strategy: Strategy) -> Load<M, C::Target> {
        Load::new(self.path, strategy, self.criteria)
    }

    /// By an outer join, the criterion in its ON: see [`Relationship::joined`].
    #[must_use]
    pub fn joined(self) -> Load<M, C::Target> {
        self.load(Strategy::Joined)
    }

    /// By one more SELECT, the criterion in its WHERE: see [`Relationship::selectin`].
    #[must_use]
    pub fn selectin(self) -> Load<M, C::Target> {
        self.load(Strategy::SelectIn)
    }

    /// When asked, the criterion in the WHERE: see [`Relationship::select`]. What the session knows is no shortcut.
    #[must_use]
    pub fn select(self) -> Load<M, C::Target> {
        self.load(Strategy::Select)
    }

    /// By one more SELECT around this one: see [`Relationship::subquery`].
    #[must_use]
    pub fn subquery(self) -> Load<M, C::Target> {
        self.load(Strategy::Subquery)
    }

    /// By one SELECT for each object: see [`Relationship::immediate`].
    #[must_use]
    pub fn immediate(self) -> Load<M, C::Target> {
        self.load(Strategy::Immediate)
    }

    /// When asked, for all objects of the query as soon as that repeats: see [`Relationship::peers`].
    #[must_use]
    pub fn peers(self) -> Load<M, C::Target> {
        self.load(Strategy::Peers)
    }
}

impl<M: Model, C: Cardinality> IntoJoin for Filtered<M, C> {
    fn into_join(self) -> (Along, Option<Term>) {
        (self.path.into_join().0, Some(Term::And(self.criteria)))
    }
}

impl<M: Model, C> fmt::Debug for Filtered<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} criteria", self.path, self.criteria.len())
    }
}
