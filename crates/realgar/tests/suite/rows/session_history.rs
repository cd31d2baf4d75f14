//! Rows 21, 72, 76, 92 and 93: validators, row switches, expressions as values, versions, history, events.

use std::sync::{Arc, Mutex};

use realgar::prelude::*;

use super::writes;
use crate::models::{
    blog::{Post, User},
    open,
    shop::Article,
    statements,
};

mod checked {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(validate = named)]
        pub(super) name: String,
        #[relationship(back_populates = owner, validate = fed)]
        pub(super) pets: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) food: String,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Option<Owner>>,
    }

    fn named(name: &str) -> Result<(), &'static str> {
        if name.is_empty() { Err("a name has letters") } else { Ok(()) }
    }

    fn fed(pet: &Pet) -> Result<(), &'static str> {
        if pet.food.is_empty() { Err("a pet is fed") } else { Ok(()) }
    }
}

#[tokio::test]
async fn r021_validators_refuse_sets_and_appends() -> realgar::Result<()> {
    use checked::{Owner, Pet};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let ada = s.add(new!(Owner { name: "Ada" }));
    s.commit().await?;
    let recorder = db.recorder();
    assert_eq!(s.append(ada, Owner::pets, new!(Pet { food: "" })).unwrap_err().kind(), Kind::Validation);
    let hungry = s.add(new!(Pet { food: "" }));
    assert_eq!(s.set(hungry, Pet::owner, ada).unwrap_err().kind(), Kind::Validation, "through the way back");
    assert_eq!(s.loaded(hungry, Pet::owner)?, None, "unchanged");
    // A column is asked about when the object is settled, by the flush: what is invalid is never sent.
    s[ada].name.clear();
    assert_eq!((s.flush().await.unwrap_err().kind(), statements(&recorder)), (Kind::Validation, vec![]));
    s[ada].name.push_str("Ida");
    s.commit().await
}

#[tokio::test]
async fn r072_a_row_switch_is_an_update() -> realgar::Result<()> {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let old = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.commit().await?;
    s.delete(old)?;
    let new = s.add(new!(Article { code: "pen", price: 2.0 }));
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["UPDATE groups(price) x1"]);
    assert_eq!((s.state(old)?, s.get::<Article>("pen").await?), (State::Detached, Some(new)));
    assert_eq!(select(Article::price).all(&mut s).await?, [2.0]);
    Ok(())
}

#[tokio::test]
async fn r076_an_expression_is_a_value_and_read_back() -> realgar::Result<()> {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.0 }));
    s.flush().await?;
    sql("UPDATE groups SET price = 41").execute(&mut s).await?;
    let recorder = db.recorder();
    s.set_expression(pen, Article::price, Article::price + 1.0)?;
    s.flush().await?;
    let sent = statements(&recorder);
    assert_eq!((sent.len(), sent[0].starts_with("UPDATE groups(price"), sent[1].as_str()), (2, true, "SELECT"));
    assert_eq!((s[pen].price, s.is_modified(pen)?), (42.0, false), "the database's value, not the session's");
    Ok(())
}

mod versioned {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "pages")]
    pub(super) struct Page {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) title: String,
        #[column(version)]
        pub(super) version: i64,
        #[relationship(back_populates = page)]
        pub(super) notes: Many<Note>,
    }

    #[derive(Model)]
    #[model(table = "notes")]
    pub(super) struct Note {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Page::id)]
        pub(super) page_id: Option<i64>,
        #[relationship(back_populates = notes)]
        pub(super) page: One<Option<Page>>,
    }
}

#[tokio::test]
async fn r092_versions_start_at_one_and_are_asked_for() -> realgar::Result<()> {
    use versioned::{Note, Page};

    let db = open(models![Page]).await;
    let mut s = db.session();
    let page = s.add(new!(Page { title: "a" }));
    s.flush().await?;
    assert_eq!(s[page].version, 1);
    s[page].title.push('!');
    s.append(page, Page::notes, new!(Note {}))?;
    s.flush().await?;
    s.append(page, Page::notes, new!(Note {}))?;
    s.commit().await?;
    assert_eq!(s[page].version, 2, "of updates of the row alone");
    for delete in [false, true] {
        s.refresh(page).await?;
        s.load(page, Page::notes).await?;
        sql("UPDATE pages SET version = version + 1").execute(&mut s).await?;
        if delete {
            s.delete(page)?;
        } else {
            s[page].title.push('?');
        }
        assert_eq!(s.flush().await.unwrap_err().kind(), Kind::StaleData);
        s.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn r093_history_of_columns_and_relationships() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.commit().await?;
    s[ada].name = "Eve".to_owned();
    let history = s.history(ada, User::name)?;
    assert_eq!(
        (history.added.concat(), history.unchanged.len(), history.deleted.concat()),
        ("Eve".into(), 0, "Ada".into())
    );
    let new = s.append(ada, User::posts, new!(Post { title: "c" }))?;
    let history = s.history(ada, User::posts)?;
    assert_eq!(
        (history.added, history.unchanged, history.deleted),
        (vec![new], vec![], vec![]),
        "queued changes alone"
    );
    let posts = s.load(ada, User::posts).await?;
    s.remove(ada, User::posts, posts[0])?;
    let history = s.history(ada, User::posts)?;
    assert_eq!((history.added, history.unchanged, history.deleted), (vec![], posts[1..].to_vec(), vec![posts[0]]));
    Ok(())
}

#[tokio::test]
async fn r093_events_run_in_their_moment() -> realgar::Result<()> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let say = |what: &'static str| {
        let heard = heard.clone();
        move || heard.lock().expect("nobody panics with it").push(what)
    };
    let (a, b, c, d, e, f, g) =
        (say("flush"), say("insert"), say("inserted"), say("update"), say("delete"), say("load"), say("flushed"));
    let db = Db::builder(models![Article])
        .before_flush(move |_| {
            a();
            Ok(())
        })
        .before_insert(move |_: &mut Article| {
            b();
            Ok(())
        })
        .after_insert(move |_: &Article| c())
        .before_update(move |_: &mut Article| {
            d();
            Ok(())
        })
        .before_delete(move |_: &Article| {
            e();
            Ok(())
        })
        .on_load(move |_: &mut Article| f())
        .after_flush(move |_| g())
        .connect(&crate::database::database().await)
        .await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(Article { code: "pen", price: 1.0 }));
    s.commit().await?;
    s.close().await?;
    let pen = s.get_one::<Article>("pen").await?;
    s[pen].price = 2.0;
    s.flush().await?;
    s.delete(pen)?;
    s.commit().await?;
    let heard = heard.lock().expect("nobody panics with it").join(" ");
    assert_eq!(heard, "flush insert inserted flushed load flush update flushed flush delete flushed");
    Ok(())
}
