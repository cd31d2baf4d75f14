//! What goes out together: relationships of one level, loaded in the time of one where the server takes statements before it
//! has answered others; and their answers.

use realgar::prelude::*;

use crate::{
    counted::Counted,
    world::{Post, Tag, User, World},
};

mod level {
    //! Three relationships of one model.
    use super::*;

    #[derive(Debug, Model)]
    #[model(table = "hubs")]
    pub(super) struct Hub {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        #[relationship(back_populates = hub)]
        pub(super) reds: Many<Red>,
        #[relationship(back_populates = hub)]
        pub(super) blues: Many<Blue>,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship]
        pub(super) owner: One<Owner>,
    }

    #[derive(Debug, Model)]
    #[model(table = "reds")]
    pub(super) struct Red {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Hub::id)]
        pub(super) hub_id: i64,
        #[relationship(back_populates = reds)]
        pub(super) hub: One<Hub>,
        #[relationship]
        pub(super) dots: Many<Dot>,
    }

    #[derive(Debug, Model)]
    #[model(table = "dots")]
    pub(super) struct Dot {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Red::id)]
        pub(super) red_id: i64,
    }

    #[derive(Debug, Model)]
    #[model(table = "blues")]
    pub(super) struct Blue {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Hub::id)]
        pub(super) hub_id: i64,
        #[relationship(back_populates = blues)]
        pub(super) hub: One<Hub>,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[relationship]
        pub(super) owner: One<Owner>,
    }

    #[derive(Debug, Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

/// Relationships of one level are loaded in the time of one: PostgreSQL takes statements before it has answered others.
#[tokio::test]
async fn a_level_of_relationships_takes_one_trip() -> realgar::Result<()> {
    use level::{Blue, Dot, Hub, Owner, Red};
    let Some(counted) = Counted::new(models![Hub]).await else { return Ok(()) };
    let mut s = counted.db.session();
    for number in 0..20 {
        let owner = s.add(new!(Owner {}));
        let red = || new!(Red { dots: [new!(Dot {}), new!(Dot {})] });
        let reds: Vec<Red> = (0..3).map(|_| red()).collect();
        let blues = [new!(Blue { owner: owner }), new!(Blue { owner: owner })];
        s.add(new!(Hub { name: format!("{number}"), reds: reds, blues: blues, owner: owner }));
    }
    s.commit().await?;
    for (round, levels, texts) in [("prepared first", 3, 5), ("prepared", 0, 0)] {
        s.close().await?;
        counted.proxy.trips();
        let recorder = s.recorder();
        let level = Hub::select()
            .options(Hub::reds.selectin().then(Red::dots.selectin()))
            .options(Hub::blues.selectin())
            .options(Hub::owner.selectin());
        let hubs = level.order_by(Hub::id).all(&mut s).await?;
        // The hubs; what hangs on them; the dots. MySQL has BEGIN, and one statement after another.
        counted.took([3 + levels, 6 + texts], round);
        assert_eq!(recorder.count(), 5, "{round}");
        for &hub in &hubs {
            let (reds, blues) = (s.loaded(hub, Hub::reds)?, s.loaded(hub, Hub::blues)?);
            assert_eq!((reds.len(), blues.len()), (3, 2));
            assert_eq!(s[s.loaded(hub, Hub::owner)?].id, s[hub].owner_id);
            assert!(reds.iter().all(|&red| s[red].hub_id == s[hub].id));
            assert!(reds.iter().all(|&red| s.loaded(red, Red::dots).is_ok_and(|dots| dots.len() == 2)));
        }
        // Who was brought by one need not be asked for by the next.
        let recorder = s.recorder();
        s.preload(&hubs, Hub::blues.then(Blue::owner)).await?;
        assert_eq!(recorder.count(), 0, "{round}");
        s.rollback().await?;
    }
    // An error is that of the statement that failed, whatever was sent with it.
    sql("DROP TABLE blues").execute(&mut s).await?;
    s.commit().await?;
    let level =
        Hub::select().options(Hub::reds.selectin()).options(Hub::blues.selectin()).options(Hub::owner.selectin());
    let error = level.all(&mut s).await.unwrap_err();
    assert!(error.statement().is_some_and(|sql| sql.contains("blues")), "{error:?}");
    // On PostgreSQL that was the end of the transaction.
    let after = Hub::select().count(&mut s).await.map_err(|error| error.kind());
    assert_eq!(after, counted.world.brand.either(Err(Kind::PendingRollback), Ok(20)));
    s.rollback().await?;
    assert_eq!(Hub::select().count(&mut s).await?, 20);
    Ok(())
}

/// What goes out together is read one after another, however much the first of them brings.
#[tokio::test]
async fn large_answers_to_what_went_out_together_wait_for_one_another() -> realgar::Result<()> {
    let Some(world) = World::new(models![User, Tag]).await else { return Ok(()) };
    let mut s = world.db.session();
    let tag = s.add(new!(Tag { name: "x".repeat(60_000) }));
    for number in 0..2_000 {
        let posts = vec![new!(Post { title: "a title".to_owned() })];
        let user = s.add(new!(User { name: format!("{number:070}"), posts }));
        if number % 500 == 0 {
            let post = s.loaded(user, User::posts)?[0];
            s.append(post, Post::tags, tag)?;
        }
    }
    s.commit().await?;
    s.close().await?;
    let both = Post::select().options(Post::author.selectin()).options(Post::tags.selectin());
    let loaded = tokio::time::timeout(std::time::Duration::from_secs(20), both.all(&mut s)).await;
    let posts = loaded.expect("an answer that nobody reads holds up the next one")?;
    assert_eq!(posts.iter().filter(|&&post| s.loaded(post, Post::tags).is_ok_and(|tags| tags.len() == 1)).count(), 4);
    assert!(posts.iter().all(|&post| s.loaded(post, Post::author).is_ok()));
    Ok(())
}
