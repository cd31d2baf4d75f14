//! Relationships in queries: `User::posts.any(…)`, `Post::author.has(…)`, `contains`, `is`, and the same from and to aliases.

use std::fmt;

use crate::{
    mapper::{Cardinality, Handle, Model, OrderDesc, Relationship, Strategy, Table, ToMany, ToOne},
    query::{
        Alias, AliasId, Expr, Filtered, IntoExpr, Leaf, Load, Order, RelatedTest, Seen, Select, SelectModel as _, Term,
        Test,
    },
};

/// A relationship from or to an [`alias`](crate::alias()): `Employee::manager.of_type(boss)`, `boss.rel(Employee::manager)`.
pub struct Path<M: Model, C> {
    relationship: Relationship<M, C>,
    from: Option<AliasId>,
    to: Option<AliasId>,
}

impl<M: Model, C> fmt::Debug for Path<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.relationship.fmt(f)?;
        let name = |alias: Option<AliasId>| alias.map_or("itself".to_owned(), |alias| format!("{alias:?}"));
        write!(f, " from {} to {}", name(self.from), name(self.to))
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// What is at the end of this relationship of one object, as a query: to filter, count, page. It comes in the order
    /// of the relationship's `order_by`; an order of the query's own sorts what that leaves equal.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, #[relationship(back_populates = author)] posts: Many<Post> }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String,
    /// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![User]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// # let ada = s.add(new!(User { posts: [new!(Post { title: "Hello" })] }));
    /// # s.flush().await?;
    /// let hellos = User::posts.of(ada).filter(Post::title.like("H%")).count(&mut s).await?;
    /// assert_eq!(hellos, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// Source: the collections of `lazy="dynamic"` and `lazy="write_only"`, and `with_parent`.
    pub fn of(self, owner: Handle<M>) -> Select<Handle<C::Target>> {
        C::Target::select().order_by(self.orders()).filter(Path::from(self).test(Test::Of(owner.erase())))
    }

    /// The mapping's `order_by`.
    fn orders(self) -> Vec<Order> {
        let own = M::MODEL.relationships.iter();
        let here = C::Target::MODEL.relationships.iter().filter(|theirs| theirs.to.table.name == M::DESC.table.name);
        let back = here.filter_map(|theirs| theirs.backref);
        let mut named = own.chain(back).filter(|relationship| relationship.name == self.name());
        let order = |order: &OrderDesc| {
            let (table, column) = order.column;
            Order { by: Term::Leaf(Leaf::Column { table: table.into(), column }), descending: order.descending }
        };
        named.next().map_or_else(Vec::new, |relationship| relationship.order_by.iter().map(order).collect())
    }
}

/// What is at the end of this relationship of one object, as a criterion of any query:
/// `select(count(Post::id)).filter(with_parent(ada, User::posts))`. [`Relationship::of`] is a query of its own.
///
/// ```
/// # use realgar::{prelude::*, with_parent};
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, #[relationship(back_populates = author)] posts: Many<Post> }
/// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, title: String,
/// #   #[column(foreign_key = User::id)] user_id: i64, #[relationship(back_populates = posts)] author: One<User> }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User, Post]).await?;
/// # db.create_all().await?;
/// # let mut s = db.session();
/// # let ada = s.add(new!(User { posts: [new!(Post { title: "Hello" })] }));
/// let titles = select(Post::title).filter(with_parent(ada, User::posts)).all(&mut s).await?;
/// assert_eq!(titles, ["Hello"]);
/// # Ok(()) }
/// ```
///
/// Source: `sqlalchemy.orm.with_parent`.
pub fn with_parent<M: Model, C: Cardinality>(owner: Handle<M>, relationship: impl Into<Path<M, C>>) -> Expr<bool> {
    relationship.into().test(Test::Of(owner.erase()))
}

// Written by hand: the derives would ask for `M: Clone`.
impl<M: Model, C> Clone for Path<M, C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Model, C> Copy for Path<M, C> {}

impl<M: Model, C> From<Relationship<M, C>> for Path<M, C> {
    fn from(relationship: Relationship<M, C>) -> Self {
        Path { relationship, from: None, to: None }
    }
}

impl<M: Model, C: Cardinality> Path<M, C> {
    pub(super) fn from_alias(relationship: Relationship<M, C>, from: AliasId) -> Self {
        Path { relationship, from: Some(from), to: None }
    }

    /// The same relationship, with an alias at its end.
    #[must_use]
    pub fn of_type(self, alias: Alias<C::Target>) -> Self {
        Path { to: Some(alias.id()), ..self }
    }

    /// With a criterion, to join along: see [`Relationship::and`]. It names the alias: `alias.col(…)`.
    pub fn and(self, criterion: impl IntoExpr<bool>) -> Filtered<M, C> {
        Filtered::new(self, criterion.into_expr().into())
    }

    /// What the query has joined along it: see [`Relationship::contains_eager`].
    #[must_use]
    pub fn contains_eager(self) -> Load<M, C::Target> {
        let seen = Seen { table: <C::Target as Table>::DESC.table.name, alias: self.to };
        Load::new(self, Strategy::Joined, Vec::new()).contained(seen)
    }

    /// Whose relationship, its name, and the alias at its end.
    pub(super) fn steps(self) -> (Seen, &'static str, Option<AliasId>) {
        (Seen { table: M::DESC.table.name, alias: self.from }, self.relationship.name(), self.to)
    }

    fn test(self, test: Test) -> Expr<bool> {
        let (owner, relationship, to) = self.steps();
        Expr::new(Term::Leaf(Leaf::Related(Box::new(RelatedTest { owner, relationship, to, test }))))
    }
}

impl<M: Model, C: Cardinality> Path<M, C> {
    /// There is one among them that meets the criterion: see [`Relationship::any`].
    pub fn any(self, criterion: impl IntoExpr<bool>) -> Expr<bool>
    where
        C: ToMany,
    {
        self.test(Test::Any(criterion.into_expr().into()))
    }

    /// There is none: `NOT EXISTS`.
    pub fn is_empty(self) -> Expr<bool>
    where
        C: ToMany,
    {
        !self.any(true)
    }

    /// This object is among them: see [`Relationship::contains`].
    pub fn contains(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToMany,
    {
        self.test(Test::Contains(object.erase()))
    }
}

impl<M: Model, C: Cardinality> Path<M, C> {
    /// Somebody is there who meets the criterion: see [`Relationship::has`].
    pub fn has(self, criterion: impl IntoExpr<bool>) -> Expr<bool>
    where
        C: ToOne,
    {
        self.test(Test::Any(criterion.into_expr().into()))
    }

    /// It is this object.
    pub fn is(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToOne,
    {
        self.test(Test::Contains(object.erase()))
    }

    /// It is another object, or nobody: see [`Relationship::is_not`].
    pub fn is_not(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToOne,
    {
        self.test(Test::Other(object.erase()))
    }

    /// There is nobody.
    pub fn is_none(self) -> Expr<bool>
    where
        C: ToOne,
    {
        self.test(Test::Nobody)
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// The relationship to an alias of its target: `join(Employee::manager.of_type(boss))`.
    ///
    /// Source: `PropComparator.of_type`.
    #[must_use]
    pub fn of_type(self, alias: Alias<C::Target>) -> Path<M, C> {
        Path::from(self).of_type(alias)
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// There is one among them that meets the criterion: `EXISTS`. `any(true)`: there is one at all.
    ///
    /// Source: `RelationshipProperty.Comparator.any`.
    pub fn any(self, criterion: impl IntoExpr<bool>) -> Expr<bool>
    where
        C: ToMany,
    {
        Path::from(self).any(criterion)
    }

    /// There is none: `NOT EXISTS`.
    pub fn is_empty(self) -> Expr<bool>
    where
        C: ToMany,
    {
        Path::from(self).is_empty()
    }

    /// This object is among them. Its key is looked up when the query is sent; an object without one is
    /// `InvalidRequest`.
    pub fn contains(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToMany,
    {
        Path::from(self).contains(object)
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// Somebody is there who meets the criterion: `EXISTS`.
    ///
    /// Source: `RelationshipProperty.Comparator.has`.
    pub fn has(self, criterion: impl IntoExpr<bool>) -> Expr<bool>
    where
        C: ToOne,
    {
        Path::from(self).has(criterion)
    }

    /// It is this object: a comparison of keys, without a join.
    pub fn is(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToOne,
    {
        Path::from(self).is(object)
    }

    /// It is another object, or nobody: a comparison of keys, without a join. `!is(…)` leaves out rows without
    /// anybody, as SQL's NOT does.
    ///
    /// Source: `RelationshipProperty.Comparator.__ne__`.
    pub fn is_not(self, object: Handle<C::Target>) -> Expr<bool>
    where
        C: ToOne,
    {
        Path::from(self).is_not(object)
    }

    /// There is nobody.
    pub fn is_none(self) -> Expr<bool>
    where
        C: ToOne,
    {
        Path::from(self).is_none()
    }
}
