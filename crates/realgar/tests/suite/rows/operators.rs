//! Rows 137 to 147: relationships in queries.

use realgar::{Expr, count_all, prelude::*};

use super::selects;
use crate::models::{
    blog::{Comment, Post, PostTags, Tag, User},
    club::{Badge, Player, Team},
    open,
    shop::{Article, Line, Order},
    texts,
    tree::Node,
};

/// Ada with posts `a` (tags rust, sql; a comment) and `b` (rust); Bob with `c`; Cyd with none.
async fn blog() -> realgar::Result<Session> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (rust, sql) = (s.add(new!(Tag { name: "rust" })), s.add(new!(Tag { name: "sql" })));
    let a = new!(Post { title: "a", tags: many![rust, sql], comments: [new!(Comment { text: "!" })] });
    s.add(new!(User { name: "Ada", city: "Rome", posts: [a, new!(Post { title: "b", tags: [rust] })] }));
    s.add(new!(User { name: "Bob", posts: [new!(Post { title: "c" })] }));
    s.add(new!(User { name: "Cyd", city: "Rome" }));
    s.commit().await?;
    s.close().await?;
    Ok(s)
}

async fn names(s: &mut Session, criterion: Expr<bool>) -> realgar::Result<String> {
    Ok(select(User::name).filter(criterion).order_by(User::name).all(s).await?.join(" "))
}

async fn titles(s: &mut Session, criterion: Expr<bool>) -> realgar::Result<String> {
    Ok(select(Post::title).filter(criterion).order_by(Post::title).all(s).await?.concat())
}

#[tokio::test]
async fn r137_any_is_exists() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    assert_eq!(names(&mut s, User::posts.any(Post::title.eq("c"))).await?, "Bob");
    assert_eq!(names(&mut s, User::posts.any(true)).await?, "Ada Bob");
    assert_eq!(names(&mut s, !User::posts.any(true)).await?, "Cyd");
    assert_eq!(names(&mut s, !User::posts.any(Post::title.eq("c"))).await?, "Ada Cyd");
    assert_eq!(names(&mut s, User::posts.any(Post::tags.any(Tag::name.eq("sql")))).await?, "Ada");
    assert!(texts(&recorder).iter().all(|text| text.contains("EXISTS") && !text.contains("JOIN")));
    assert_eq!(selects(&recorder), 5);
    Ok(())
}

/// Ada in the red team with a badge, Bob in the blue one, Cyd in none.
async fn club() -> realgar::Result<(Session, Handle<Team>)> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let ada = new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) });
    let red = s.add(new!(Team { name: "red", players: [ada] }));
    s.add(new!(Team { name: "blue", players: [new!(Player { name: "Bob" })] }));
    s.add(new!(Player { name: "Cyd" }));
    s.commit().await?;
    Ok((s, red))
}

async fn players(s: &mut Session, criterion: Expr<bool>) -> realgar::Result<String> {
    Ok(select(Player::name).filter(criterion).order_by(Player::name).all(s).await?.join(" "))
}

#[tokio::test]
async fn r138_has_is_exists() -> realgar::Result<()> {
    let (mut s, _) = club().await?;
    let recorder = s.db().recorder();
    let red = || Player::team.has(Team::name.eq("red"));
    assert_eq!(players(&mut s, red()).await?, "Ada");
    assert_eq!(players(&mut s, !red()).await?, "Bob Cyd", "rows without a target, too");
    assert_eq!(players(&mut s, Player::badge.has(true)).await?, "Ada", "from the side without the key");
    assert!(texts(&recorder).iter().all(|text| text.contains("EXISTS")));
    Ok(())
}

#[tokio::test]
async fn r139_contains_compares_keys() -> realgar::Result<()> {
    let mut s = blog().await?;
    let post = Post::select().filter_by(Post::title, "b").one(&mut s).await?;
    let tag = Tag::select().filter_by(Tag::name, "sql").one(&mut s).await?;
    let recorder = s.db().recorder();
    assert_eq!(names(&mut s, User::posts.contains(post)).await?, "Ada");
    let text = texts(&recorder).concat();
    assert!(!text.contains("EXISTS") && !text.contains("JOIN") && !text.contains("\"posts\""), "{text}");
    assert_eq!(titles(&mut s, Post::tags.contains(tag)).await?, "a");
    assert_eq!(titles(&mut s, !Post::tags.contains(tag)).await?, "bc");
    Ok(())
}

#[tokio::test]
async fn r140_a_scalar_compares_its_key() -> realgar::Result<()> {
    let (mut s, red) = club().await?;
    let recorder = s.db().recorder();
    assert_eq!(players(&mut s, Player::team.is(red)).await?, "Ada");
    assert_eq!(players(&mut s, Player::team.is_not(red)).await?, "Bob Cyd", "NULL included");
    assert_eq!(players(&mut s, Player::team.is_none()).await?, "Cyd");
    assert!(texts(&recorder).iter().all(|text| !text.contains("EXISTS") && !text.contains("JOIN")));
    let empty = Team::select().filter(Team::players.is_empty()).count(&mut s).await?;
    assert!(texts(&recorder).concat().contains("NOT") && empty == 0);
    // The key is looked up when the query is sent: an object without one makes it fail.
    s.no_autoflush(async |s| {
        let new = s.add(new!(Team { name: "new" }));
        let criterion = Player::team.is(new);
        assert_eq!(players(s, criterion.clone()).await.unwrap_err().kind(), Kind::InvalidRequest);
        s.flush().await?;
        assert_eq!(players(s, criterion).await?, "");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn r142_joins_find_their_way() -> realgar::Result<()> {
    let mut s = blog().await?;
    let by = |text: &str| Post::title.eq(text);
    assert_eq!(select(User::name).join(Post::TABLE).filter(by("c")).all(&mut s).await?, ["Bob"], "by the key");
    assert_eq!(select(User::name).join(User::posts).filter(by("c")).all(&mut s).await?, ["Bob"], "by relationship");
    let rows = Tag::select().join(PostTags::TABLE).join(Post::TABLE).filter(by("a")).order_by(Tag::name);
    assert_eq!(rows.all(&mut s).await?.len(), 2, "by the association table");
    let through = select((User::name, Tag::name)).join(User::posts).join(Post::tags).order_by((User::name, Tag::name));
    assert_eq!(through.all(&mut s).await?.len(), 3);
    drop(s);
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.add(new!(Order { customer: "Ada", lines: [new!(Line { article: pen })] }));
    let customers = select(Order::customer).join(Line::TABLE).join(Article::TABLE).filter(Article::code.eq("pen"));
    assert_eq!(customers.all(&mut s).await?, ["Ada"]);
    Ok(())
}

#[tokio::test]
async fn r143_the_words_of_a_query() -> realgar::Result<()> {
    let mut s = blog().await?;
    let recorder = s.db().recorder();
    let rome = || User::select().filter_by(User::city, "Rome").order_by(User::name.desc());
    assert_eq!((rome().all(&mut s).await?.len(), rome().count(&mut s).await?), (2, 2));
    let first = rome().first(&mut s).await?.expect("there are two");
    let last = texts(&recorder).pop().unwrap_or_default();
    assert_eq!((s[first].name.as_str(), last.ends_with("LIMIT 1")), ("Cyd", true), "{last}");
    assert_eq!(User::select().filter(User::name.eq("Eve")).first(&mut s).await?, None);
    assert_eq!(rome().one(&mut s).await.unwrap_err().kind(), Kind::MultipleResultsFound);
    assert_eq!(rome().one_or_none(&mut s).await.unwrap_err().kind(), Kind::MultipleResultsFound);
    assert_eq!(User::select().filter_by(User::id, 9).one(&mut s).await.unwrap_err().kind(), Kind::NoResultFound);
    assert_eq!(User::select().filter_by(User::id, 9).one_or_none(&mut s).await?, None);
    assert_eq!(rome().offset(1).limit(1).one(&mut s).await.map(|user| s[user].name.clone())?, "Ada");
    assert_eq!(select(User::city).distinct().count(&mut s).await?, 2);
    let ada = User::select().filter_by(User::name, "Ada").one(&mut s).await?;
    let with_parent = User::posts.of(ada).order_by(Post::title.desc()).all(&mut s).await?;
    assert_eq!((with_parent.len(), s[with_parent[0]].title.as_str()), (2, "b"));
    let counts = select((User::name, count(Post::id))).outer_join(User::posts).group_by(User::name);
    let counts = counts.order_by(User::name).all(&mut s).await?;
    assert_eq!(counts, [("Ada", 2), ("Bob", 1), ("Cyd", 0)].map(|(name, posts)| (name.to_owned(), posts)));
    assert_eq!(select((max(Post::title), count_all())).one(&mut s).await?, (Some("c".to_owned()), 3));
    Ok(())
}

mod routes {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Model)]
    #[model(table = "letters")]
    pub(super) struct Letter {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) from_id: i64,
        #[column(foreign_key = User::id)]
        pub(super) to_id: i64,
    }

    #[derive(Model)]
    #[model(table = "stones")]
    pub(super) struct Stone {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn r144_a_join_without_a_way() -> realgar::Result<()> {
    use routes::{Letter, Stone, User};

    let db = open(models![Letter, Stone]).await;
    let mut s = db.session();
    let recorder = db.recorder();
    let none = Stone::select().join(User::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(none.kind(), Kind::InvalidRequest);
    let two = Letter::select().join(User::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(two.kind(), Kind::AmbiguousForeignKeys);
    assert!(two.to_string().contains("join_on"), "{two}");
    let itself = User::select().join(User::TABLE).all(&mut s).await.unwrap_err();
    assert_eq!(itself.kind(), Kind::InvalidRequest);
    assert!(itself.to_string().contains("alias"), "{itself}");
    assert_eq!(recorder.events(), []);
    Letter::select().join_on(User::TABLE, Letter::to_id.eq(User::id)).all(&mut s).await?;
    Ok(())
}

#[tokio::test]
async fn r145_aliases_stand_for_two_roles() -> realgar::Result<()> {
    let mut s = blog().await?;
    let (first, second) = (alias::<Tag>(), alias::<Tag>());
    let both = Post::select()
        .join(Post::tags.of_type(first))
        .join(Post::tags.of_type(second))
        .filter(first.col(Tag::name).eq("rust") & second.col(Tag::name).eq("sql"));
    let post = both.one(&mut s).await?;
    assert_eq!(s[post].title, "a");
    drop(s);
    let db = open(models![Node]).await;
    let mut s = db.session();
    s.add(new!(Node { name: "root", children: [new!(Node { name: "leaf" })] }));
    let parent = alias::<Node>();
    let pairs = select((Node::name, parent.col(Node::name))).join(Node::parent.of_type(parent)).all(&mut s).await?;
    assert_eq!(pairs, [("leaf".to_owned(), "root".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn r146_outer_joins_and_tuples() -> realgar::Result<()> {
    let (mut s, red) = club().await?;
    let rows = select((Player::TABLE, Team::TABLE.optional())).outer_join(Player::team).order_by(Player::name);
    let rows: Vec<(Handle<Player>, Option<Handle<Team>>)> = rows.all(&mut s).await?;
    assert_eq!((rows[0].1, rows[2].1, s[rows[2].0].name.as_str()), (Some(red), None, "Cyd"));
    let inner = select((entity::<Player>(), entity::<Team>(), Team::name)).join(Player::team).all(&mut s).await?;
    assert_eq!(inner.len(), 2);
    let nobody = select((entity::<Player>(), entity::<Team>())).outer_join(Player::team).all(&mut s).await.unwrap_err();
    assert_eq!(nobody.kind(), Kind::Data, "what may be missing is asked for as `optional`");
    Ok(())
}

#[tokio::test]
async fn r147_filter_by_names_the_model() -> realgar::Result<()> {
    let (mut s, red) = club().await?;
    // Both have a `name`: the column says whose.
    let joined = || select((Player::name, Team::name)).join(Player::team);
    assert_eq!(joined().filter_by(Team::name, "blue").all(&mut s).await?, [("Bob".to_owned(), "blue".to_owned())]);
    assert_eq!(joined().filter_by(Player::name, "blue").all(&mut s).await?, []);
    let absent = Player::select().filter_by(Badge::code, "x").all(&mut s).await.unwrap_err();
    assert_eq!((absent.kind(), s.state(red)?), (Kind::InvalidRequest, State::Persistent));
    Ok(())
}
