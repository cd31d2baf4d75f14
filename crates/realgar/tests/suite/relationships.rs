//! Settings of relationships: order, read-only ones, what is left to the database, rows that refer to one another.

use realgar::prelude::*;

use crate::models::open;

mod ordered {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        name: String,
        #[relationship(back_populates = author, order_by = (Post::stars.desc(), Post::title))]
        posts: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    struct Post {
        #[column(primary_key)]
        id: i64,
        title: String,
        #[column(default = 0)]
        stars: i64,
        #[column(foreign_key = User::id)]
        user_id: i64,
        #[relationship(back_populates = posts)]
        author: One<User>,
        #[relationship(secondary = PostTags, order_by = Tag::name.asc())]
        tags: Many<Tag>,
    }

    #[derive(Model)]
    #[model(table = "tags")]
    struct Tag {
        #[column(primary_key)]
        id: i64,
        name: String,
    }

    #[derive(Table)]
    #[table("post_tags")]
    struct PostTags {
        #[column(foreign_key = Post::id)]
        post_id: i64,
        #[column(foreign_key = Tag::id)]
        tag_id: i64,
    }

    fn titles(s: &Session, posts: &[Handle<Post>]) -> String {
        posts.iter().map(|&post| s[post].title.as_str()).collect()
    }

    #[tokio::test]
    async fn every_way_of_loading_keeps_the_order() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        for name in ["Ada", "Bob"] {
            let post = |title: &str, stars| new!(Post { title: title, stars: stars });
            s.add(new!(User { name: name, posts: [post("c", 1), post("b", 1), post("a", 1), post("d", 2)] }));
        }
        s.commit().await?;
        for option in [User::posts.joined(), User::posts.selectin(), User::posts.peers(), User::posts.select()] {
            let mut s = db.session();
            for user in User::select().options(option).all(&mut s).await? {
                let posts = s.load(user, User::posts).await?;
                assert_eq!(titles(&s, &posts), "dabc");
            }
        }
        let mut s = db.session();
        let users =
            User::select().options(User::posts.joined()).order_by(User::name.desc()).limit(1).all(&mut s).await?;
        assert_eq!((s[users[0]].name.as_str(), titles(&s, &s.loaded(users[0], User::posts)?)), ("Bob", "dabc".into()));
        let of = User::posts.of(users[0]);
        let (all, some) = (of.clone().all(&mut s).await?, of.clone().limit(2).offset(1).all(&mut s).await?);
        assert_eq!((titles(&s, &all), titles(&s, &some)), ("dabc".into(), "ab".into()));
        assert_eq!(of.order_by(Post::title.desc()).count(&mut s).await?, 4);
        // What is appended comes last until it is loaded anew.
        s.append(users[0], User::posts, new!(Post { title: "e", stars: 3 }))?;
        assert_eq!(titles(&s, &s.loaded(users[0], User::posts)?), "dabce");
        s.commit().await?;
        let posts = s.load(users[0], User::posts).await?;
        assert_eq!(titles(&s, &posts), "edabc");
        Ok(())
    }

    #[tokio::test]
    async fn through_an_association_table_too() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        let tags = ["c", "a", "b"].map(|name| new!(Tag { name: name }));
        s.add(new!(Post { title: "x", author: new!(User { name: "Ada" }), tags: tags }));
        s.commit().await?;
        for option in [Post::tags.joined(), Post::tags.selectin(), Post::tags.select()] {
            let mut s = db.session();
            let post = Post::select().options(option).one(&mut s).await?;
            let tags = s.load(post, Post::tags).await?;
            assert_eq!(tags.iter().map(|&tag| s[tag].name.as_str()).collect::<String>(), "abc");
        }
        Ok(())
    }
}

mod viewonly {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = user, cascade = "all, delete-orphan", viewonly)]
        seen: Many<Post>,
        #[relationship(secondary = Likes, viewonly)]
        liked: Many<Post>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
        #[relationship(back_populates = seen)]
        user: One<Option<User>>,
    }

    #[derive(Table)]
    #[table("likes")]
    struct Likes {
        #[column(primary_key, foreign_key = User::id)]
        user_id: i64,
        #[column(primary_key, foreign_key = Post::id)]
        post_id: i64,
    }

    #[tokio::test]
    async fn nothing_is_written_and_nobody_hears_of_it() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        let (user, post) = (s.add(new!(User {})), s.add(new!(Post {})));
        s.append(user, User::seen, post)?;
        s.append(user, User::liked, post)?;
        assert_eq!((s.loaded(user, User::seen)?, s.loaded(post, Post::user)?), (vec![post], None));
        s.commit().await?;
        assert_eq!(s.load(user, User::seen).await?, []);
        assert_eq!(s.load(user, User::liked).await?, []);
        // It is loaded like any other, and not kept in step.
        s.set(post, Post::user, user)?;
        assert_eq!(s.loaded(user, User::seen)?, []);
        s.commit().await?;
        assert_eq!(s.load(user, User::seen).await?, [post]);
        let recorder = db.recorder();
        s.remove(user, User::seen, post)?;
        s.flush().await?;
        assert_eq!(recorder.count(), 0);
        s.set(post, Post::user, None)?;
        s.delete(user)?;
        s.commit().await?;
        assert_eq!(Post::select().count(&mut s).await?, 1);
        Ok(())
    }
}

mod passive {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(back_populates = user, cascade = "all, delete-orphan", passive_deletes)]
        posts: Many<Post>,
        #[relationship(passive_deletes = "all", back_populates = user)]
        notes: Many<Note>,
    }

    #[derive(Model)]
    #[model(table = "posts")]
    struct Post {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id, on_delete = "cascade")]
        user_id: i64,
        #[relationship(back_populates = posts)]
        user: One<User>,
    }

    #[derive(Model)]
    #[model(table = "notes")]
    struct Note {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id, on_delete = "set null")]
        user_id: Option<i64>,
        #[relationship(back_populates = notes)]
        user: One<Option<User>>,
    }

    #[tokio::test]
    async fn what_is_not_loaded_is_left_to_the_database() -> realgar::Result<()> {
        let db = open(models![User]).await;
        for (load, statements) in [(false, 1), (true, 2)] {
            let mut s = db.session();
            let user = s.add(new!(User { posts: [new!(Post {}), new!(Post {})], notes: [new!(Note {})] }));
            s.commit().await?;
            if load {
                s.load(user, User::posts).await?;
                s.load(user, User::notes).await?;
            }
            let recorder = db.recorder();
            s.delete(user)?;
            s.flush().await?;
            // The loaded posts are one batch; notes are never touched.
            assert_eq!(recorder.count(), statements);
            assert_eq!(Post::select().count(&mut s).await?, 0);
            assert_eq!(Note::select().filter(Note::user_id.is_null()).count(&mut s).await?, 1);
            s.rollback().await?;
            s.delete(user)?;
            s.commit().await?;
            assert_eq!(Note::select().all(&mut s).await?.len(), 1);
            for note in Note::select().all(&mut s).await? {
                s.delete(note)?;
            }
            s.commit().await?;
        }
        Ok(())
    }
}

mod mutual {
    use super::*;

    #[derive(Model)]
    #[model(table = "widgets")]
    struct Widget {
        #[column(primary_key)]
        id: i64,
        name: String,
        #[column(foreign_key = Entry::id)]
        favorite_id: Option<i64>,
        #[relationship(back_populates = widget, foreign_keys = Entry::widget_id, cascade = "all, delete-orphan")]
        entries: Many<Entry>,
        #[relationship(foreign_keys = Widget::favorite_id, post_update)]
        favorite: One<Option<Entry>>,
    }

    #[derive(Model)]
    #[model(table = "entries")]
    struct Entry {
        #[column(primary_key)]
        id: i64,
        name: String,
        #[column(foreign_key = Widget::id)]
        widget_id: i64,
        #[relationship(back_populates = entries, foreign_keys = Entry::widget_id)]
        widget: One<Widget>,
    }

    #[tokio::test]
    async fn an_update_of_its_own_breaks_the_circle() -> realgar::Result<()> {
        let db = open(models![Widget]).await;
        let mut s = db.session();
        let widget = s.add(new!(Widget { name: "w", entries: [new!(Entry { name: "a" }), new!(Entry { name: "b" })] }));
        let entry = s.loaded(widget, Widget::entries)?[1];
        s.set(widget, Widget::favorite, entry)?;
        let recorder = db.recorder();
        s.flush().await?;
        assert_eq!(recorder.count(), 3); // the widget, its entries as one batch, the favorite
        s.commit().await?;
        assert_eq!(s.load(widget, Widget::favorite).await?, Some(entry));
        let recorder = db.recorder();
        s.load(widget, Widget::entries).await?;
        let loads = recorder.count();
        s.delete(widget)?;
        s.flush().await?;
        assert_eq!(recorder.count() - loads, 3); // the favorite, the entries, the widget
        s.rollback().await?;
        assert_eq!(s[widget].favorite_id, Some(2));
        s.delete(widget)?;
        s.commit().await?;
        assert_eq!(Entry::select().count(&mut s).await?, 0);
        Ok(())
    }

    #[derive(Model)]
    #[model(table = "eggs")]
    struct Egg {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Hen::id)]
        hen_id: Option<i64>,
        #[relationship(foreign_keys = Egg::hen_id)]
        hen: One<Option<Hen>>,
    }

    #[derive(Model)]
    #[model(table = "hens")]
    struct Hen {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Egg::id)]
        egg_id: Option<i64>,
        #[relationship(foreign_keys = Hen::egg_id)]
        egg: One<Option<Egg>>,
    }

    #[tokio::test]
    async fn without_it_a_circle_is_reported() -> realgar::Result<()> {
        let db = open(models![Egg]).await;
        let mut s = db.session();
        let hen = s.add(new!(Hen {}));
        let egg = s.add(new!(Egg { hen: hen }));
        s.set(hen, Hen::egg, egg)?;
        let error = s.flush().await.unwrap_err();
        assert_eq!(error.kind(), Kind::CircularDependency);
        assert!(error.to_string().contains("post_update"), "{error}");
        Ok(())
    }

    #[derive(Model)]
    #[model(table = "nodes")]
    struct Node {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Node::id)]
        next_id: Option<i64>,
        #[relationship(post_update)]
        next: One<Option<Node>>,
    }

    #[tokio::test]
    async fn rows_of_one_table_in_a_circle() -> realgar::Result<()> {
        let db = open(models![Node]).await;
        let mut s = db.session();
        let nodes: Vec<_> = (0..3).map(|_| s.add(new!(Node {}))).collect();
        for index in 0..3 {
            s.set(nodes[index], Node::next, nodes[(index + 1) % 3])?;
        }
        let alone = s.add(new!(Node {}));
        s.set(alone, Node::next, alone)?;
        s.commit().await?;
        assert_eq!(s.load(nodes[2], Node::next).await?, Some(nodes[0]));
        assert_eq!(s.load(alone, Node::next).await?, Some(alone));
        for node in nodes {
            s.delete(node)?;
        }
        s.delete(alone)?;
        s.commit().await?;
        assert_eq!(Node::select().count(&mut s).await?, 0);
        Ok(())
    }
}
