//! Rows 126 to 136: what a load overwrites, refuses, and leaves to be asked.

use realgar::prelude::*;

use super::{selects, writes};
use crate::{
    events::Ear,
    models::{
        blog::{Post, User},
        club::{Badge, Player},
        open,
        tree::Node,
    },
};

#[tokio::test]
async fn r126_an_eager_option_keeps_what_is_loaded() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.commit().await?;
    s.close().await?;
    let ada = User::select().options(User::posts.selectin()).one(&mut s).await?;
    sql("DELETE FROM posts WHERE title = 'a'").execute(&mut s).await?;
    for option in [User::posts.selectin(), User::posts.joined()] {
        User::select().options(option).one(&mut s).await?;
        assert_eq!(s.loaded(ada, User::posts)?.len(), 2);
    }
    s.expire(ada)?;
    User::select().options(User::posts.joined()).one(&mut s).await?;
    assert_eq!(s.loaded(ada, User::posts)?.len(), 1, "expired");
    Ok(())
}

#[tokio::test]
async fn r128_raise_in_both_forms() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" })] }));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let post = Post::select().options(Post::author.raise()).one(&mut s).await?;
    assert_eq!(s.load(post, Post::author).await.unwrap_err().kind(), Kind::InvalidRequest);
    s.close().await?;
    let post = Post::select().options(Post::author.raise_on_sql()).one(&mut s).await?;
    assert_eq!(s.load(post, Post::author).await.unwrap_err().kind(), Kind::InvalidRequest);
    let known = s.get_one::<User>(1).await?;
    assert_eq!(s.load(post, Post::author).await?, known, "the identity map");
    let user = User::select().options(User::posts.raise()).one(&mut s).await?;
    recorder.take();
    s.delete(user)?;
    s.commit().await?;
    assert_eq!((writes(&recorder).len(), ada == user), (2, false), "the flush loads all the same");
    Ok(())
}

#[tokio::test]
async fn r130_a_scalar_that_finds_two_takes_the_first() -> realgar::Result<()> {
    let db = open(models![Player]).await;
    let mut s = db.session();
    s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) }));
    s.add(new!(Badge { code: "y", player_id: 1 }));
    s.commit().await?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    for option in [Player::badge.select(), Player::badge.joined(), Player::badge.selectin()] {
        s.close().await?;
        let ada = Player::select().options(option).all(&mut s).await?[0];
        let badge = s.load(ada, Player::badge).await?.expect("there are two");
        assert_eq!(s[badge].code, "x");
    }
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.contains("`Player::badge`") && warning.contains("Player(id = 1)")));
    Ok(())
}

mod asked {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = owner, lazy = "dynamic")]
        pub(super) pets: Many<Pet>,
        #[relationship(lazy = "write_only")]
        pub(super) visits: Many<Visit>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Option<Owner>>,
    }

    #[derive(Model)]
    #[model(table = "visits")]
    pub(super) struct Visit {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
    }

    #[derive(Model)]
    #[model(table = "sites")]
    pub(super) struct Site {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(lazy = "write_only", passive_deletes)]
        pub(super) logs: Many<Log>,
    }

    #[derive(Model)]
    #[model(table = "logs")]
    pub(super) struct Log {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Site::id, on_delete = "cascade")]
        pub(super) site_id: Option<i64>,
    }
}

#[tokio::test]
async fn r131_dynamic_is_a_query() -> realgar::Result<()> {
    use asked::{Owner, Pet};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner {}));
    s.commit().await?;
    let recorder = db.recorder();
    let pets = ["c", "a", "b"].map(|name| s.append(ada, Owner::pets, new!(Pet { name })));
    let pets = pets.into_iter().collect::<realgar::Result<Vec<_>>>()?;
    assert_eq!(recorder.count(), 0, "nothing is loaded to append");
    let of = || Owner::pets.of(ada).order_by(Pet::name);
    assert_eq!(of().all(&mut s).await?, [pets[1], pets[2], pets[0]]);
    assert_eq!(
        (of().filter(Pet::name.gt("a")).count(&mut s).await?, of().offset(1).limit(1).all(&mut s).await?),
        (2, vec![pets[2]])
    );
    s.remove(ada, Owner::pets, pets[0])?;
    assert_eq!((s.load(ada, Owner::pets).await?.len(), s[pets[0]].owner_id), (2, None));
    let eager = Owner::select().options(Owner::pets.selectin()).all(&mut s).await.unwrap_err();
    assert_eq!(eager.kind(), Kind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn r132_write_only_is_never_read_as_a_whole() -> realgar::Result<()> {
    use asked::{Log, Owner, Site, Visit};

    let db = open(models![Owner, Site]).await;
    let mut s = db.session();
    let (ada, site) = (s.add(new!(Owner {})), s.add(new!(Site {})));
    s.commit().await?;
    let visit = s.append(ada, Owner::visits, new!(Visit {}))?;
    s.append(ada, Owner::visits, new!(Visit {}))?;
    s.append(site, Site::logs, new!(Log {}))?;
    s.flush().await?;
    assert_eq!(s.load(ada, Owner::visits).await.unwrap_err().kind(), Kind::InvalidRequest);
    s.remove(ada, Owner::visits, visit)?;
    let recorder = db.recorder();
    assert_eq!((Owner::visits.of(ada).count(&mut s).await?, s[visit].owner_id), (1, None));
    assert_eq!(selects(&recorder), 1);
    s.commit().await?;
    // A deletion would have to read it all, unless the database sees to it.
    s.delete(ada)?;
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.to_string().contains("`Owner::visits`") && error.to_string().contains("passive_deletes"), "{error}");
    s.rollback().await?;
    s.delete(site)?;
    recorder.take();
    s.commit().await?;
    assert_eq!(
        (crate::models::statements(&recorder), Log::select().count(&mut s).await?),
        (vec!["DELETE sites x1".to_owned()], 0)
    );
    Ok(())
}

mod depth {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "joined_nodes")]
    pub(super) struct Joined {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Joined::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(lazy = "joined")]
        pub(super) children: Many<Joined>,
    }
}

#[tokio::test]
async fn r133_eager_joins_with_itself_stop() -> realgar::Result<()> {
    use depth::Joined;

    let db = open(models![Joined, Node]).await;
    let mut s = db.session();
    let chain = new!(Joined { children: [new!(Joined { children: [new!(Joined {})] })] });
    s.add(chain);
    let third = new!(Node { name: "3", children: [new!(Node { name: "4" })] });
    s.add(new!(Node { name: "1", children: [new!(Node { name: "2", children: [third] })] }));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    // Mapped as joined with itself, it does not start by itself.
    let root = Joined::select().filter(Joined::parent_id.is_null()).one(&mut s).await?;
    assert_eq!(s.loaded(root, Joined::children).unwrap_err().kind(), Kind::NotLoaded);
    assert_eq!(selects(&recorder), 1);
    // An option says how deep.
    let load = Node::children.selectin().then(Node::children.selectin());
    let root = Node::select().filter(Node::parent.is_none()).options(load).one(&mut s).await?;
    assert_eq!(selects(&recorder), 3);
    let third = s.loaded(s.loaded(root, Node::children)?[0], Node::children)?[0];
    assert_eq!((s[third].name.as_str(), s.loaded(third, Node::children).unwrap_err().kind()), ("3", Kind::NotLoaded));
    Ok(())
}

#[tokio::test]
async fn r134_pending_objects_load_nothing() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    s.flush().await?;
    let recorder = db.recorder();
    let post = s.add(new!(Post { title: "a", user_id: 1 }));
    // Without a flush it has no row, and there is nothing to load: nobody.
    let nobody = s.no_autoflush(async |s| s.load(post, Post::comments).await).await?;
    assert_eq!((nobody.len(), recorder.count(), s.state(post)?), (0, 0, State::Pending));
    // `load` is a question, and questions flush first: then there is a row.
    let author = s.load(post, Post::author).await?;
    assert_eq!((s[author].name.as_str(), s.state(post)?), ("Ada", State::Persistent));
    Ok(())
}
