//! Rows 18 to 24: the further settings of a relationship.

use realgar::prelude::*;

use super::{selects, writes};
use crate::{
    events::Ear,
    models::{open, statements, texts},
};

mod viewed {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = user)]
        pub(super) posts: Many<Post>,
        #[relationship(viewonly, cascade = "all", order_by = Post::id.desc())]
        pub(super) newest: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: Option<i64>,
        #[relationship(back_populates = posts)]
        pub(super) user: One<Option<User>>,
    }
}

#[tokio::test]
async fn r018_viewonly_writes_nothing() -> realgar::Result<()> {
    use viewed::{Post, User};

    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { posts: [new!(Post {}), new!(Post {})] }));
    let free = s.add(new!(Post {}));
    s.commit().await?;
    let newest = s.load(ada, User::newest).await?;
    assert_eq!(newest.iter().map(|&post| s[post].id).collect::<Vec<_>>(), [2, 1]);
    s.append(ada, User::newest, free)?;
    let recorder = db.recorder();
    s.remove(ada, User::newest, newest[0])?;
    assert_eq!((s.load(free, Post::user).await?, s.load(newest[0], Post::user).await?), (None, Some(ada)), "no events");
    s.commit().await?;
    assert_eq!(writes(&recorder), Vec::<String>::new());
    assert_eq!((s.load(ada, User::newest).await?, s[free].user_id), (newest, None));
    // The write cascades of `all` are dropped: the posts stay.
    s.delete(ada)?;
    s.commit().await?;
    assert_eq!(Post::select().filter(Post::user_id.is_null()).count(&mut s).await?, 3);
    Ok(())
}

mod overlapping {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "users")]
    pub(super) struct User {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) posts: Many<Post>,
        #[relationship(back_populates = author)]
        pub(super) notes: Many<Note>,
        #[relationship(viewonly)]
        pub(super) newest: Many<Note>,
    }

    /// Writes `user_id`, as `User::posts` does, and is not its way back.
    #[derive(Model)]
    #[model(table = "posts")]
    pub(super) struct Post {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: Option<i64>,
        pub(super) author: One<Option<User>>,
    }

    #[derive(Model)]
    #[model(table = "notes")]
    pub(super) struct Note {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = User::id)]
        pub(super) user_id: Option<i64>,
        #[relationship(back_populates = notes)]
        pub(super) author: One<Option<User>>,
    }

    /// The same as `User` and `Post`, and said to be meant.
    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(overlaps = owner)]
        pub(super) pets: Many<Pet>,
        #[relationship(secondary = Walks)]
        pub(super) walked: Many<Pet>,
        #[relationship(secondary = Walks, overlaps = (walked, pets))]
        pub(super) fed: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
        pub(super) owner: One<Option<Owner>>,
    }

    #[derive(Table)]
    #[table("walks")]
    pub(super) struct Walks {
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: i64,
        #[column(foreign_key = Pet::id)]
        pub(super) pet_id: i64,
    }
}

#[tokio::test]
async fn r019_relationships_that_write_one_key_are_warned_about() -> realgar::Result<()> {
    use overlapping::{Owner, User};

    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    Db::connect(&crate::database::database().await, models![User, overlapping::Note]).await?;
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "pairs and what is viewonly are fine: {warnings:?}");
    for part in ["`User::posts`", "`Post::author`", "`posts.user_id`", "overlaps = "] {
        assert!(warnings[0].contains(part), "{part} in {warnings:?}");
    }
    Db::connect(&crate::database::database().await, models![Owner]).await?;
    assert_eq!(ear.heard("WARN").len(), 1, "said to overlap");
    Ok(())
}

mod circle {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "widgets")]
    pub(super) struct Widget {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Entry::id)]
        pub(super) favorite_id: Option<i64>,
        #[relationship(foreign_keys = Widget::favorite_id, post_update)]
        pub(super) favorite: One<Option<Entry>>,
        #[relationship(foreign_keys = Entry::widget_id, back_populates = widget)]
        pub(super) entries: Many<Entry>,
    }

    #[derive(Model)]
    #[model(table = "entries")]
    pub(super) struct Entry {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Widget::id)]
        pub(super) widget_id: Option<i64>,
        #[relationship(foreign_keys = Entry::widget_id, back_populates = entries)]
        pub(super) widget: One<Option<Widget>>,
    }

    /// The same without `post_update`.
    #[derive(Model)]
    #[model(table = "hens")]
    pub(super) struct Hen {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Egg::id)]
        pub(super) egg_id: Option<i64>,
        #[relationship(foreign_keys = Hen::egg_id)]
        pub(super) egg: One<Option<Egg>>,
    }

    #[derive(Model)]
    #[model(table = "eggs")]
    pub(super) struct Egg {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Hen::id)]
        pub(super) hen_id: Option<i64>,
        #[relationship(foreign_keys = Egg::hen_id)]
        pub(super) hen: One<Option<Hen>>,
    }
}

#[tokio::test]
async fn r022_post_update_breaks_a_circle_of_rows() -> realgar::Result<()> {
    use circle::{Egg, Entry, Hen, Widget};

    let db = open(models![Widget]).await;
    let mut s = db.session();
    let recorder = db.recorder();
    let widget = s.add(new!(Widget { entries: [new!(Entry {})] }));
    let entry = s.loaded(widget, Widget::entries)?[0];
    s.set(widget, Widget::favorite, entry)?;
    s.commit().await?;
    assert_eq!(statements(&recorder), ["INSERT widgets x1", "INSERT entries x1", "UPDATE widgets(favorite_id) x1"]);
    assert_eq!(s[widget].favorite_id, Some(s[entry].id));
    s.load(widget, Widget::favorite).await?;
    s.delete(widget)?;
    s.delete(entry)?;
    recorder.take();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["UPDATE widgets(favorite_id) x1", "DELETE entries x1", "DELETE widgets x1"]);

    let db = open(models![Hen]).await;
    let mut s = db.session();
    let (hen, egg) = (s.add(new!(Hen {})), s.add(new!(Egg {})));
    s.set(hen, Hen::egg, egg)?;
    s.set(egg, Egg::hen, hen)?;
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::CircularDependency);
    Ok(())
}

mod settings {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "cars")]
    pub(super) struct Car {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Engine::id)]
        pub(super) engine_id: Option<i64>,
        #[relationship(single_parent, cascade = "all, delete-orphan")]
        pub(super) engine: One<Option<Engine>>,
    }

    #[derive(Model)]
    #[model(table = "engines")]
    pub(super) struct Engine {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Maker::id)]
        pub(super) maker_id: i64,
        #[relationship(lazy = "joined", innerjoin)]
        pub(super) maker: One<Maker>,
    }

    #[derive(Model)]
    #[model(table = "makers")]
    pub(super) struct Maker {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Model)]
    #[model(table = "boxes")]
    pub(super) struct Box {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Box::id)]
        pub(super) outer_id: Option<i64>,
        #[relationship(lazy = "joined", join_depth = 2)]
        pub(super) inner: Many<Box>,
    }
}

#[tokio::test]
async fn r024_further_settings() -> realgar::Result<()> {
    use settings::{Box, Car, Engine, Maker};

    let db = open(models![Car, Box]).await;
    let mut s = db.session();
    // single_parent
    let engine = new!(Engine { maker: new!(Maker {}) });
    let (first, second) = (s.add(new!(Car { engine: engine })), s.add(new!(Car {})));
    let engine = s.loaded(first, Car::engine)?.expect("it was set");
    assert_eq!(s.set(second, Car::engine, engine).unwrap_err().kind(), Kind::InvalidRequest);
    s.add(new!(Box { inner: [new!(Box { inner: [new!(Box { inner: [new!(Box {})] })] })] }));
    s.commit().await?;
    s.close().await?;
    // innerjoin
    let recorder = db.recorder();
    let engine = Engine::select().one(&mut s).await?;
    let text = texts(&recorder).concat();
    assert!(text.contains(" JOIN \"makers\"") && !text.contains("OUTER"), "{text}");
    assert!(s.loaded(engine, Engine::maker).is_ok());
    // join_depth
    recorder.take();
    let mut inner = Box::select().filter(Box::outer_id.is_null()).one(&mut s).await?;
    assert_eq!((selects(&recorder), texts(&recorder).len()), (1, 0));
    for _ in 0..2 {
        inner = s.loaded(inner, Box::inner)?[0];
    }
    assert_eq!(s.loaded(inner, Box::inner).unwrap_err().kind(), Kind::NotLoaded, "two levels");
    Ok(())
}
