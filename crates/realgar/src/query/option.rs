//! Loader options: which relationships a query loads, and how, to any depth.

use std::marker::PhantomData;

use crate::{
    error::{Error, Kind, Result},
    mapper::{Cardinality, Column, Model, Registry, Relationship, Strategy, TableDesc},
    query::{
        Branch, IntoColumns, Path, Seen, Term,
        columns::{Names, Undefer},
    },
};

/// How one relationship is loaded by a query, and what is loaded from there.
#[derive(Debug, Clone)]
pub struct LoadOption {
    /// The table whose relationship it is.
    pub owner: &'static TableDesc,
    /// The relationship's name.
    pub relationship: &'static str,
    /// How it is loaded.
    pub strategy: Strategy,
    /// The table in sight whose columns fill it: `contains_eager`.
    pub contained: Option<Seen>,
    /// Where it is joined in: by an inner join, so that owners without anybody are left out.
    pub inner: bool,
    /// What is said about the objects at its end.
    pub branch: Branch,
}

impl LoadOption {
    /// Adds the option to others: on the same path, the later strategy stands, and what is loaded from there adds up.
    pub fn merge_into(self, others: &mut Vec<LoadOption>) {
        let same = |other: &&mut LoadOption| {
            other.relationship == self.relationship && other.owner.table.name == self.owner.table.name
        };
        match others.iter_mut().find(same) {
            Some(other) => {
                (other.strategy, other.contained, other.inner) = (self.strategy, self.contained, self.inner);
                other.branch.criteria = self.branch.criteria;
                other.branch.undefer.extend(self.branch.undefer);
                self.branch.then.into_iter().for_each(|next| next.merge_into(&mut other.branch.then));
            }
            None => others.push(self),
        }
    }

    /// Whether it fills collections from rows of the query, which then has several for one object.
    pub fn repeats(&self, registry: &Registry) -> bool {
        let relation = registry.by_table(self.owner.table.name).map(|owner| owner.relation(self.relationship));
        let many = matches!(relation, Some(Ok(relation)) if relation.many);
        self.contained.is_some() && (many || self.branch.then.iter().any(|next| next.repeats(registry)))
    }

    /// Refuses what concerns none of the query's entities, which are given by their tables.
    ///
    /// # Errors
    /// `Argument`
    pub fn concerns<'t>(&self, mut entities: impl Iterator<Item = &'t str>) -> Result<()> {
        if entities.any(|table| table == self.owner.table.name) {
            return Ok(());
        }
        let name = format!("{}::{}", self.owner.name, self.relationship);
        Err(Error::new(Kind::Argument, format!("the query answers no object that has the relationship `{name}`"))
            .way_out(format!("select `{}::TABLE`, too, or leave the option out", self.owner.name)))
    }

    /// Refuses to load with the query what is asked for as a query of its own, here or further on the path.
    ///
    /// # Errors
    /// `InvalidRequest`: the relationship is mapped as `dynamic` or `write_only`.
    pub fn check(&self, registry: &Registry) -> Result<()> {
        let relation = match registry.by_table(self.owner.table.name) {
            Some(owner) => owner.relation(self.relationship)?,
            None => return Ok(()), // no model of this database: nothing it could concern
        };
        if self.strategy.is_eager() && matches!(relation.lazy, Strategy::Dynamic | Strategy::WriteOnly) {
            let name = format!("{}::{}", registry.mapper(relation.owner).name(), relation.name);
            let mapped = if relation.lazy == Strategy::Dynamic { "dynamic" } else { "write_only" };
            return Err(Error::new(
                Kind::InvalidRequest,
                format!("relationship `{name}` is `{mapped}`: it cannot be loaded with a query"),
            )
            .way_out(format!("ask it as a query: `{name}.of(…)`")));
        }
        self.branch.then.iter().try_for_each(|next| next.check(registry))
    }
}

/// A loader option from `M` to `T`: `User::posts.selectin()`.
///
/// A relationship that is mapped as `dynamic` or `write_only` is loaded with no query: `joined`, `selectin`, `subquery` and
/// `immediate` of it are `InvalidRequest` when the query is run, and nothing is sent.
#[derive(Debug, Clone)]
pub struct Load<M, T> {
    option: LoadOption,
    ends: PhantomData<fn() -> (M, T)>,
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    fn load(self, strategy: Strategy) -> Load<M, C::Target> {
        Load::new(Path::from(self), strategy, Vec::new())
    }

    /// With the query, by an outer join in the same SELECT. A LIMIT still counts objects, not joined rows.
    ///
    /// Source: `joinedload`.
    #[must_use]
    pub fn joined(self) -> Load<M, C::Target> {
        self.load(Strategy::Joined)
    }

    /// With the query, by one more SELECT for all its objects (for 500 at a time).
    ///
    /// Source: `selectinload`.
    #[must_use]
    pub fn selectin(self) -> Load<M, C::Target> {
        self.load(Strategy::SelectIn)
    }

    /// When asked, one statement per object.
    ///
    /// Source: `lazyload`.
    #[must_use]
    pub fn select(self) -> Load<M, C::Target> {
        self.load(Strategy::Select)
    }

    /// With the query, by one more SELECT that holds this one as a subquery: whatever the number of its objects.
    ///
    /// Source: `subqueryload`.
    #[must_use]
    pub fn subquery(self) -> Load<M, C::Target> {
        self.load(Strategy::Subquery)
    }

    /// With the query, by one SELECT for each of its objects.
    ///
    /// Source: `immediateload`.
    #[must_use]
    pub fn immediate(self) -> Load<M, C::Target> {
        self.load(Strategy::Immediate)
    }

    /// Never: loading it is `InvalidRequest`. A flush loads what it needs all the same.
    ///
    /// Source: `raiseload`.
    #[must_use]
    pub fn raise(self) -> Load<M, C::Target> {
        self.load(Strategy::Raise)
    }

    /// Only where the session knows the object at the other end; what needs a statement is `InvalidRequest`.
    ///
    /// Source: `raiseload(sql_only=True)`.
    #[must_use]
    pub fn raise_on_sql(self) -> Load<M, C::Target> {
        self.load(Strategy::RaiseOnSql)
    }

    /// Never: it answers nobody, and the empty list.
    ///
    /// Source: `noload`.
    #[must_use]
    pub fn noload(self) -> Load<M, C::Target> {
        self.load(Strategy::NoLoad)
    }

    /// When asked, for all objects of the query at once as soon as that repeats: the default.
    #[must_use]
    pub fn peers(self) -> Load<M, C::Target> {
        self.load(Strategy::Peers)
    }
}

impl<M, T> Undefer for Load<M, T> {
    fn undeferred(&mut self) -> &mut Names {
        &mut self.option.branch.undefer
    }
}

/// What `options`, `then` and `preload` take: a loader option, or a relationship, which stands for its `selectin()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loader option of `{M}`",
    note = "options begin at a relationship of the model before them: `User::posts.joined().then(Post::tags.selectin())`"
)]
pub trait IntoLoad<M, T> {
    /// The option.
    fn into_load(self) -> Load<M, T>;
}

impl<M, T> IntoLoad<M, T> for Load<M, T> {
    fn into_load(self) -> Load<M, T> {
        self
    }
}

impl<M: Model, C: Cardinality> IntoLoad<M, C::Target> for Relationship<M, C> {
    fn into_load(self) -> Load<M, C::Target> {
        self.selectin()
    }
}

impl<M: Model, C: Cardinality> Relationship<M, C> {
    /// And from there, this: `User::posts.then(Post::tags)`, both by `selectin`.
    #[must_use]
    pub fn then<U>(self, next: impl IntoLoad<C::Target, U>) -> Load<M, C::Target> {
        self.selectin().then(next)
    }
}

impl<M: Model, T> Load<M, T> {
    /// The relationship, loaded in this way, with criteria.
    pub(super) fn new<C: Cardinality<Target = T>>(path: Path<M, C>, strategy: Strategy, criteria: Vec<Term>) -> Self {
        let (_, relationship, _) = path.steps();
        let branch = Branch { criteria, ..Branch::default() };
        let option = LoadOption { owner: M::DESC, relationship, strategy, contained: None, inner: false, branch };
        Load { option, ends: PhantomData }
    }

    /// The same, filled from a table in sight.
    pub(super) fn contained(mut self, seen: Seen) -> Self {
        self.option.contained = Some(seen);
        self
    }
}

impl<M, T> Load<M, T> {
    /// And from there, this: `User::posts.joined().then(Post::tags.selectin())`. Called several times, each starts
    /// at `T`.
    #[must_use]
    pub fn then<U>(mut self, next: impl IntoLoad<T, U>) -> Load<M, T> {
        next.into_load().option.merge_into(&mut self.option.branch.then);
        self
    }

    /// Where it is `joined`: by an inner JOIN, which some databases carry out faster. Objects without anybody at the other
    /// end are then left out of the answer: for relationships that always have somebody.
    ///
    /// ```
    /// # use realgar::prelude::*;
    /// # #[derive(Model)] struct User { #[column(primary_key)] id: i64 }
    /// # #[derive(Model)] struct Post { #[column(primary_key)] id: i64, #[column(foreign_key = User::id)] user_id: i64, author: One<User> }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
    /// # let db = Db::connect("sqlite::memory:", models![Post]).await?;
    /// # db.create_all().await?;
    /// # let mut s = db.session();
    /// let posts = Post::select().options(Post::author.joined().innerjoin()).all(&mut s).await?;
    /// # assert!(posts.is_empty()); Ok(()) }
    /// ```
    ///
    /// Behind an outer join it is one, too: what is in front of it stays. Of other strategies it says nothing.
    ///
    /// Source: `joinedload(…, innerjoin=True)`.
    #[must_use]
    pub fn innerjoin(mut self) -> Self {
        self.option.inner = true;
        self
    }

    /// Loads a [`Deferred`](crate::Deferred) column of the objects at its end with them: `User::posts.selectin().undefer(Post::body)`.
    #[must_use]
    pub fn undefer<V>(self, column: Column<T, V>) -> Self {
        self.add(column)
    }

    /// Takes back an `undefer` before it: see [`Select::defer`](crate::Select::defer).
    #[must_use]
    pub fn defer<V>(self, column: Column<T, V>) -> Self {
        self.drop_one(column)
    }

    /// Of the [`Deferred`](crate::Deferred) columns of the objects at its end, loads just those named here: see
    /// [`Select::load_only`](crate::Select::load_only).
    #[must_use]
    pub fn load_only(self, columns: impl IntoColumns<T>) -> Self
    where
        T: Model,
    {
        self.only::<T>(columns)
    }

    pub(crate) fn into_option(self) -> LoadOption {
        self.option
    }
}
