//! Rows 1 to 12: relationships as they are declared.

use realgar::prelude::*;

use super::{selects, writes};
use crate::models::{
    blog::{self, Tag},
    club::{Badge, Player, Team},
    oneway::{Book, Reads, Writer},
    open,
    shop::{Article, Line, Order},
};

#[tokio::test]
async fn r001_one_to_many_and_many_to_one() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red", players: [new!(Player { name: "Ada" }), new!(Player { name: "Bob" })] }));
    s.commit().await?;
    // The types say it: a list on the side without the key, a scalar on the side with it.
    let players: Vec<Handle<Player>> = s.load(red, Team::players).await?;
    assert_eq!(players.len(), 2);
    for &player in &players {
        let team: Option<Handle<Team>> = s.load(player, Player::team).await?;
        assert_eq!((team, s[player].team_id), (Some(red), Some(s[red].id)));
    }
    Ok(())
}

/// The child stands before its parent, which it names.
mod early {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "early_children")]
    pub(super) struct Child {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = super::late::Parent::id)]
        pub(super) parent_id: i64,
        #[relationship(back_populates = children)]
        pub(super) parent: One<super::late::Parent>,
    }
}

mod late {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "late_parents")]
    pub(super) struct Parent {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = parent)]
        pub(super) children: Many<super::early::Child>,
    }
}

#[tokio::test]
async fn r002_models_name_each_other_in_any_order() -> realgar::Result<()> {
    use early::Child;
    use late::Parent;

    // Either name brings the other model along.
    for models in [models![Child], models![Parent]] {
        let db = open(models).await;
        let mut s = db.session();
        let parent = s.add(new!(Parent { children: [new!(Child {})] }));
        s.commit().await?;
        let child = s.load(parent, Parent::children).await?[0];
        assert_eq!((s.load(child, Child::parent).await?, s[child].parent_id), (parent, s[parent].id));
    }
    Ok(())
}

#[tokio::test]
async fn r003_back_populates_keeps_both_sides_in_step() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let ada = s.append(red, Team::players, new!(Player { name: "Ada" }))?;
    let bob = s.add(new!(Player { name: "Bob", team: red }));
    assert_eq!((s.loaded(ada, Player::team)?, s.loaded(red, Team::players)?), (Some(red), vec![ada, bob]));
    assert_eq!(recorder.events(), []);
    Ok(())
}

mod backref {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "authors")]
    pub(super) struct Author {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(backref = author)]
        pub(super) books: Many<Book>,
        #[relationship(backref(inventor, lazy = "joined", cascade = "all"))]
        pub(super) ideas: Many<Idea>,
        #[relationship(secondary = Liked, backref(likers, order_by = Author::id.desc()))]
        pub(super) likes: Many<Book>,
    }

    #[derive(Model)]
    #[model(table = "books")]
    pub(super) struct Book {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Author::id)]
        pub(super) author_id: Option<i64>,
    }

    #[derive(Model)]
    #[model(table = "ideas")]
    pub(super) struct Idea {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Author::id)]
        pub(super) author_id: Option<i64>,
    }

    #[derive(Table)]
    #[table("liked")]
    pub(super) struct Liked {
        #[column(primary_key, foreign_key = Author::id)]
        pub(super) author_id: i64,
        #[column(primary_key, foreign_key = Book::id)]
        pub(super) book_id: i64,
    }
}

#[tokio::test]
async fn r004_backref_makes_the_way_back() -> realgar::Result<()> {
    use backref::{Author, Book};

    let db = open(models![Author]).await;
    let mut s = db.session();
    let ada = s.add(new!(Author {}));
    let book = s.append(ada, Author::books, new!(Book {}))?;
    assert_eq!(s.loaded(book, Book::author)?, Some(ada));
    let other = s.add(new!(Book {}));
    s.set(other, Book::author, ada)?;
    assert_eq!(s.loaded(ada, Author::books)?, [book, other]);
    s.commit().await?;
    assert_eq!(Book::select().filter(Book::author.is(ada)).count(&mut s).await?, 2);
    Ok(())
}

#[tokio::test]
async fn r005_backref_takes_options() -> realgar::Result<()> {
    use backref::{Author, Book, Idea};

    let db = open(models![Author]).await;
    let mut s = db.session();
    let book = s.add(new!(Book {}));
    s.add_all([(); 2].map(|()| new!(Author { likes: [book], ideas: [new!(Idea {})] })));
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let idea = Idea::select().order_by(Idea::id).first(&mut s).await?.expect("there are two");
    assert_eq!((s.loaded(idea, Idea::inventor)?.is_some(), selects(&recorder)), (true, 1), "lazy = joined");
    let book = s.get_one::<Book>(1).await?;
    let likers: Vec<i64> = s.load(book, Book::likers).await?.into_iter().map(|author| s[author].id).collect();
    assert_eq!(likers, [2, 1], "order_by");
    s.delete(idea)?;
    recorder.take();
    s.flush().await?;
    let written = writes(&recorder);
    assert!(written.contains(&"DELETE authors x1".to_owned()), "cascade = all: {written:?}");
    Ok(())
}

/// The list says what its way back is; the scalar does not.
mod half {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "parents")]
    pub(super) struct Parent {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = parent)]
        pub(super) children: Many<Child>,
    }

    #[derive(Model)]
    #[model(table = "children")]
    pub(super) struct Child {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Parent::id)]
        pub(super) parent_id: Option<i64>,
        pub(super) parent: One<Option<Parent>>,
    }
}

#[tokio::test]
async fn r006_one_sided_back_populates_goes_one_way() -> realgar::Result<()> {
    use half::{Child, Parent};

    let db = open(models![Parent]).await;
    let mut s = db.session();
    let parent = s.add(new!(Parent {}));
    let appended = s.append(parent, Parent::children, new!(Child {}))?;
    assert_eq!(s.loaded(appended, Child::parent)?, Some(parent));
    let set = s.add(new!(Child {}));
    s.set(set, Child::parent, parent)?;
    assert_eq!(s.loaded(parent, Parent::children)?, [appended]);
    s.commit().await?;
    assert_eq!((s[appended].parent_id, s[set].parent_id), (Some(1), Some(1)));
    assert_eq!(s.load(parent, Parent::children).await?, [appended, set]);
    Ok(())
}

#[tokio::test]
async fn r007_many_to_many_writes_and_removes_association_rows() -> realgar::Result<()> {
    use blog::{Post, PostTags, User};

    let db = open(models![User]).await;
    let mut s = db.session();
    let (rust, sql) = (s.add(new!(Tag { name: "rust" })), s.add(new!(Tag { name: "sql" })));
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.add(new!(Post { title: "a", author: ada, tags: [rust] }));
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(writes(&recorder).iter().filter(|sent| *sent == "INSERT post_tags x1").count(), 1);
    s.load(post, Post::tags).await?;
    s.remove(post, Post::tags, rust)?;
    s.append(sql, Tag::posts, post)?;
    recorder.take();
    s.commit().await?;
    let mut written = writes(&recorder);
    written.sort();
    assert_eq!(written, ["DELETE post_tags x1", "INSERT post_tags x1"]);
    assert_eq!(select((PostTags::post_id, PostTags::tag_id)).all(&mut s).await?, [(s[post].id, s[sql].id)]);
    assert_eq!((s.load(post, Post::tags).await?, s.load(rust, Tag::posts).await?), (vec![sql], vec![]));
    Ok(())
}

#[tokio::test]
async fn r008_duplicate_association_rows_are_one_object() -> realgar::Result<()> {
    let db = open(models![Writer]).await; // `reads` has no primary key
    let mut s = db.session();
    let ada = s.add(new!(Writer { reading: [new!(Book { title: "a" }), new!(Book { title: "b" })] }));
    s.commit().await?;
    sql(r#"INSERT INTO "reads" (writer_id, book_id) SELECT writer_id, book_id FROM "reads""#).execute(&mut s).await?;
    assert_eq!(select(Reads::book_id).all(&mut s).await?.len(), 4);
    assert_eq!(s.load(ada, Writer::reading).await?.len(), 2);
    s.commit().await?;
    for option in [Writer::reading.joined(), Writer::reading.selectin(), Writer::reading.subquery()] {
        s.expire_all()?;
        let ada = Writer::select().options(option).one(&mut s).await?;
        assert_eq!(s.loaded(ada, Writer::reading)?.len(), 2);
    }
    Ok(())
}

#[tokio::test]
async fn r009_one_to_one_is_a_scalar() -> realgar::Result<()> {
    let db = open(models![Player]).await;
    let mut s = db.session();
    let (ada, bob) =
        (s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "x" }) })), s.add(new!(Player { name: "Bob" })));
    s.commit().await?;
    let badge = s.load(ada, Player::badge).await?.expect("she has one");
    assert_eq!((s[badge].code.as_str(), s[badge].player_id), ("x", Some(s[ada].id)));
    assert_eq!((s.load(badge, Badge::player).await?, s.load(bob, Player::badge).await?), (Some(ada), None));
    Ok(())
}

#[tokio::test]
async fn r010_an_association_object_has_columns_of_its_own() -> realgar::Result<()> {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let (pen, ink) =
        (s.add(new!(Article { code: "pen", price: 1.5 })), s.add(new!(Article { code: "ink", price: 3.0 })));
    let lines = many![new!(Line { article: pen, quantity: 2 }), new!(Line { article: ink })];
    let order = s.add(new!(Order { customer: "Ada", lines: lines }));
    s.commit().await?;
    let line = s.get_one::<Line>((s[order].id, "pen".to_owned())).await?;
    assert_eq!(
        (s[line].quantity, s.load(line, Line::order).await?, s.load(line, Line::article).await?),
        (2, order, pen)
    );
    let codes: Vec<(String, i32)> =
        select((Article::code, Line::quantity)).join(Line::article).order_by(Article::code).all(&mut s).await?;
    assert_eq!(codes, [("ink".to_owned(), 1), ("pen".to_owned(), 2)]);
    Ok(())
}

mod words {
    use realgar::prelude::*;

    /// A collection for each word of `lazy`.
    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(lazy = "peers", viewonly)]
        pub(super) peers: Many<Thing>,
        #[relationship(lazy = "select", viewonly)]
        pub(super) selected: Many<Thing>,
        #[relationship(lazy = "joined", viewonly)]
        pub(super) joined: Many<Thing>,
        #[relationship(lazy = "selectin", viewonly)]
        pub(super) selectin: Many<Thing>,
        #[relationship(lazy = "subquery", viewonly)]
        pub(super) subquery: Many<Thing>,
        #[relationship(lazy = "immediate", viewonly)]
        pub(super) immediate: Many<Thing>,
        #[relationship(lazy = "raise", viewonly)]
        pub(super) raise: Many<Thing>,
        #[relationship(lazy = "raise_on_sql", viewonly)]
        pub(super) raise_on_sql: Many<Thing>,
        #[relationship(lazy = "noload", viewonly)]
        pub(super) noload: Many<Thing>,
        #[relationship(lazy = "dynamic", viewonly)]
        pub(super) dynamic: Many<Thing>,
        #[relationship(lazy = "write_only")]
        pub(super) write_only: Many<Thing>,
    }

    #[derive(Model)]
    #[model(table = "things")]
    pub(super) struct Thing {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
    }
}

#[tokio::test]
async fn r011_lazy_takes_every_word() -> realgar::Result<()> {
    use words::{Owner, Thing};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let owner = s.add(new!(Owner {}));
    s.append(owner, Owner::write_only, new!(Thing {}))?;
    s.append(owner, Owner::write_only, new!(Thing {}))?;
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let owner = Owner::select().one(&mut s).await?;
    assert_eq!(selects(&recorder), 4, "owners with joined; selectin; subquery; immediate");
    for eager in [Owner::joined, Owner::selectin, Owner::subquery, Owner::immediate] {
        assert_eq!(s.loaded(owner, eager)?.len(), 2);
    }
    for (lazy, statements) in [(Owner::peers, 1), (Owner::selected, 1), (Owner::noload, 0), (Owner::dynamic, 1)] {
        assert_eq!(s.loaded(owner, lazy).unwrap_err().kind(), Kind::NotLoaded);
        let found = s.load(owner, lazy).await?.len();
        assert_eq!((found, selects(&recorder)), (2 * statements, statements), "{lazy:?}");
    }
    for refused in [Owner::raise, Owner::raise_on_sql, Owner::write_only] {
        assert_eq!(s.load(owner, refused).await.unwrap_err().kind(), Kind::InvalidRequest);
    }
    assert_eq!((Owner::write_only.of(owner).count(&mut s).await?, selects(&recorder)), (2, 1));
    Ok(())
}

mod ordered {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "lists")]
    pub(super) struct List {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(order_by = (Entry::rank.desc(), Entry::name))]
        pub(super) entries: Many<Entry>,
    }

    #[derive(Model)]
    #[model(table = "entries")]
    pub(super) struct Entry {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        pub(super) rank: i32,
        #[column(foreign_key = List::id)]
        pub(super) list_id: Option<i64>,
    }
}

#[tokio::test]
async fn r012_order_by_of_a_relationship_orders_every_load() -> realgar::Result<()> {
    use ordered::{Entry, List};

    let db = open(models![List]).await;
    let mut s = db.session();
    let list = s.add(new!(List {}));
    for (name, rank) in [("c", 1), ("b", 1), ("a", 2)] {
        s.append(list, List::entries, new!(Entry { name, rank }))?;
    }
    let names = |s: &Session, list| -> realgar::Result<String> {
        Ok(s.loaded(list, List::entries)?.into_iter().map(|entry| s[entry].name.as_str()).collect())
    };
    assert_eq!(names(&s, list)?, "cba", "appends in memory keep their order");
    s.commit().await?;
    s.load(list, List::entries).await?;
    assert_eq!(names(&s, list)?, "abc");
    let eager = [List::entries.joined(), List::entries.selectin(), List::entries.subquery(), List::entries.immediate()];
    for option in eager {
        s.expire_all()?;
        let list = List::select().options(option).one(&mut s).await?;
        assert_eq!(names(&s, list)?, "abc");
    }
    Ok(())
}
