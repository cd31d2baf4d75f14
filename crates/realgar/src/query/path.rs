//! Relationships in queries: `User::posts.any(…)`, `Post::author.has(…)`, `contains`, `is`.

use crate::{
    mapper::{Cardinality, Handle, Model, Relationship, ToMany, ToOne},
    query::{Expr, IntoExpr, Leaf, RelatedTest, Term, Test},
};

impl<M: Model, C: Cardinality> Relationship<M, C> {
    fn test(self, test: Test) -> Expr<bool> {
        let leaf = RelatedTest { owner: M::DESC, relationship: self.name(), test };
        Expr::new(Term::Leaf(Leaf::Related(Box::new(leaf))))
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
