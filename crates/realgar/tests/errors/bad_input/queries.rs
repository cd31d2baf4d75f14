//! Queries at their edges, and queries that cannot be.

use realgar::prelude::*;

use crate::{
    models::{Node, Post, PostTags, Section, Tag, User, blog, open},
    told::{MARKER, told},
};

#[tokio::test]
async fn in_nothing_finds_nothing_and_in_very_many_works() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    assert_eq!(User::select().filter(User::id.in_(Vec::<i64>::new())).all(&mut s).await?, []);
    assert_eq!(User::select().filter(!User::id.in_(Vec::<i64>::new())).all(&mut s).await?, [user]);
    assert_eq!(User::select().filter(User::id.in_(1..=200_000)).all(&mut s).await?, [user]);
    let names = (0..100_000).map(|number| format!("{MARKER}{number}"));
    assert_eq!(User::select().filter(User::name.in_(names)).all(&mut s).await?, []);
    Ok(())
}

#[tokio::test]
async fn limits_and_offsets_of_any_size() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    assert_eq!(User::select().limit(0).all(&mut s).await?, []);
    assert_eq!(User::select().limit(0).first(&mut s).await?, None);
    assert_eq!(User::select().limit(0).count(&mut s).await?, 0);
    assert_eq!(User::select().limit(u64::MAX).all(&mut s).await?, [user]);
    assert_eq!(User::select().limit(u64::MAX).options(User::posts.joined()).all(&mut s).await?, [user]);
    assert_eq!(User::select().limit(i64::MAX as u64 + 1).count(&mut s).await?, 1);
    assert_eq!(User::select().offset(u64::MAX).all(&mut s).await?, []);
    assert_eq!(User::select().offset(u64::MAX).limit(u64::MAX).all(&mut s).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_very_long_and_a_very_deep_criterion() -> realgar::Result<()> {
    let (mut s, user, _) = blog().await?;
    let or = |count: i64| (0..count).map(|id| User::id.eq(id));
    let left = or(900).reduce(|all, one| all | one).expect("there are some");
    let right = or(900).reduce(|all, one| one | all).expect("there are some");
    for long in [left, right] {
        assert_eq!(User::select().filter(long).all(&mut s).await?, [user]);
    }
    let many = or(5_000).reduce(|all, one| all | one).expect("there are some");
    let error = User::select().filter(many).all(&mut s).await.unwrap_err();
    told("queries/longer_than_the_database_takes", Kind::Operational, &error);
    let sum = |count: i32| (0..count).fold(User::age + 0, |sum, one| sum + one).ge(0);
    assert_eq!(User::select().filter(sum(190)).all(&mut s).await?, [user]);
    for deep in [sum(300), sum(20_000), (0..20_000).fold(User::id.eq(1), |not, _| !not)] {
        let error = User::select().filter(deep).all(&mut s).await.unwrap_err();
        told("queries/nested_too_deep", Kind::Unsupported, &error);
    }
    let long = (0..40_000).fold(User::select(), |query, id| query.filter(User::id.ne(-id)));
    told("queries/more_parameters_than_the_database_takes", Kind::Unsupported, &long.all(&mut s).await.unwrap_err());
    Ok(())
}

#[tokio::test]
async fn joins_that_cannot_be() -> realgar::Result<()> {
    let mut s = open(models![User, Node, Letter]).await?.session();
    let recorder = s.db().recorder();
    let boss = alias::<Node>();
    for (name, kind, error) in [
        ("joined_twice", Kind::InvalidRequest, Post::select().join(Post::author).join(Post::author).all(&mut s).await),
        ("joined_to_itself", Kind::InvalidRequest, Post::select().join(Post::TABLE).all(&mut s).await),
        ("no_route", Kind::InvalidRequest, Post::select().join(Node::TABLE).all(&mut s).await),
        ("no_route_but_by_a_table_between", Kind::InvalidRequest, Post::select().join(Tag::TABLE).all(&mut s).await),
        (
            "two_routes",
            Kind::AmbiguousForeignKeys,
            Post::select().join(Letter::TABLE).join(User::TABLE).all(&mut s).await,
        ),
        (
            "filter_on_a_model_that_is_not_selected",
            Kind::InvalidRequest,
            Post::select().filter(Section::name.eq(MARKER)).all(&mut s).await,
        ),
        (
            "order_by_a_model_that_is_not_selected",
            Kind::InvalidRequest,
            Post::select().order_by(User::name).all(&mut s).await,
        ),
        (
            "filter_on_an_association_table",
            Kind::InvalidRequest,
            Post::select().filter(PostTags::tag_id.eq(1)).all(&mut s).await,
        ),
    ] {
        told(&format!("queries/{name}"), kind, &error.unwrap_err());
    }
    let error = Node::select().filter(boss.col(Node::name).eq(MARKER)).all(&mut s).await.unwrap_err();
    told("queries/filter_on_an_alias_that_is_not_selected", Kind::InvalidRequest, &error);
    let error = select(User::id).filter(Node::name.eq(MARKER)).all(&mut s).await.unwrap_err();
    told("queries/filter_without_any_way_there", Kind::InvalidRequest, &error);
    assert_eq!(recorder.count(), 0, "none of it was sent");
    // The ways out that the texts name.
    Post::select().join(Post::author).order_by(User::name).all(&mut s).await?;
    Post::select().join(PostTags::TABLE).join(Tag::TABLE).all(&mut s).await?;
    let other = alias::<User>();
    Post::select().join(Post::author).join(Post::author.of_type(other)).all(&mut s).await?;
    Ok(())
}

/// Two ways lead from a letter to a user.
#[derive(Debug, Model)]
#[model(table = "letters")]
struct Letter {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[column(foreign_key = User::id)]
    from_id: i64,
    #[column(foreign_key = User::id)]
    to_id: i64,
    #[relationship(foreign_keys = Letter::from_id)]
    from: One<User>,
    #[relationship(foreign_keys = Letter::to_id)]
    to: One<User>,
}

#[derive(Debug, Model)]
#[model(table = "strangers")]
struct Stranger {
    #[column(primary_key)]
    id: i64,
}

#[tokio::test]
async fn a_model_that_the_database_was_not_told_of() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    told(
        "queries/select_of_an_unknown_model",
        Kind::InvalidRequest,
        &Stranger::select().all(&mut s).await.unwrap_err(),
    );
    told("queries/get_of_an_unknown_model", Kind::InvalidRequest, &s.get::<Stranger>(1).await.unwrap_err());
    let handle = s.add(new!(Stranger {}));
    told("queries/add_of_an_unknown_model", Kind::InvalidRequest, &s.flush().await.unwrap_err());
    told("queries/handle_of_an_unknown_model", Kind::InvalidRequest, &s.try_ref(handle).unwrap_err());
    Ok(())
}

#[tokio::test]
async fn raw_sql_that_does_not_fit() -> realgar::Result<()> {
    let (mut s, ..) = blog().await?;
    let error = sql("SELECT name FROM users WHERE name = ?").all::<String>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_too_few_values", Kind::Programming, &error);
    let error = sql("SELECT name FROM users").bind(MARKER).all::<String>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_too_many_values", Kind::Programming, &error);
    let error = sql("SELECT id FROM users").all::<Handle<User>>(&mut s).await.unwrap_err();
    told("queries/raw_sql_without_a_column_of_the_model", Kind::InvalidRequest, &error);
    let error = sql("SELECT id, name FROM users").all::<i64>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_another_number_of_values", Kind::InvalidRequest, &error);
    let error = sql("SELECT name FROM users").all::<i64>(&mut s).await.unwrap_err();
    told("queries/raw_sql_of_another_type", Kind::Data, &error);
    let error = sql("COMMIT").execute(&mut s).await.unwrap_err();
    told("queries/raw_sql_that_ends_the_transaction", Kind::InvalidRequest, &error);
    let error = sql("SELECT 1; DROP TABLE users").all::<i64>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_two_statements", Kind::Programming, &error);
    let error = sql("").all::<i64>(&mut s).await.unwrap_err();
    told("queries/raw_sql_without_text", Kind::Programming, &error);
    let error = sql("SELECT name FROM usres").all::<String>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_a_misspelt_table", Kind::Operational, &error);
    let error = sql("SELECT name FROM users WHERE name = 'O'Brien'").all::<String>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_a_value_written_into_it", Kind::Programming, &error);
    let error = sql("SELECT nmae FROM users").all::<String>(&mut s).await.unwrap_err();
    told("queries/raw_sql_with_a_misspelt_column", Kind::Operational, &error);
    let error = sql("INSERT INTO users (name) VALUES (?)").bind(MARKER).execute(&mut s).await.unwrap_err();
    told("queries/raw_sql_that_breaks_a_constraint", Kind::NotNullViolation, &error);
    Ok(())
}
