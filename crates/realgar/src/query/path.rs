//! Relationships in queries: `User::posts.any(…)`, `Post::author.has(…)`, `contains`, `is`.

use crate::{
    mapper::{Cardinality, Handle, Model, Relationship, ToMany, ToOne},
    query::{Expr, IntoExpr, Leaf, RelatedTest, Select, SelectModel as _, Term, Test},
};

impl<M: Model, C: Cardinality> Relationship<M, C> {
    fn test(self, test: Test) -> Expr<bool> {
        let leaf = RelatedTest { owner: M::DESC, relationship: self.name(), test };
        Expr::new(Term::Leaf(Leaf::Related(Box::new(leaf))))
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// What is at the end of this relationship of one object, as a query: to filter, count, page.
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
        C::Target::select().filter(self.test(Test::Of(owner.erase())))
    }
}

impl<M: Model, C: ToMany> Relationship<M, C> {
    /// There is one among them that meets the criterion: `EXISTS`. `any(true)`: there is one at all.
    ///
    /// Source: `RelationshipProperty.Comparator.any`.
    pub fn any(self, criterion: impl IntoExpr<bool>) -> Expr<bool> {
        self.test(Test::Any(criterion.into_expr().into()))
    }

    /// There is none: `NOT EXISTS`.
    pub fn is_empty(self) -> Expr<bool> {
        !self.any(true)
    }

    /// This object is among them. Its key is looked up when the query is sent; an object without one is
    /// `InvalidRequest`.
    pub fn contains(self, object: Handle<C::Target>) -> Expr<bool> {
        self.test(Test::Contains(object.erase()))
    }
}

impl<M: Model, C: ToOne> Relationship<M, C> {
    /// Somebody is there who meets the criterion: `EXISTS`.
    ///
    /// Source: `RelationshipProperty.Comparator.has`.
    pub fn has(self, criterion: impl IntoExpr<bool>) -> Expr<bool> {
        self.test(Test::Any(criterion.into_expr().into()))
    }

    /// It is this object: a comparison of keys, without a join.
    pub fn is(self, object: Handle<C::Target>) -> Expr<bool> {
        self.test(Test::Contains(object.erase()))
    }

    /// There is nobody.
    pub fn is_none(self) -> Expr<bool> {
        self.test(Test::Nobody)
    }
}
