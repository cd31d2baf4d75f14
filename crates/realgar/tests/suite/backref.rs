//! Ways back without a field, and new objects that set them.

use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(backref(author, lazy = "joined"), order_by = Post::title)]
    posts: Many<Post>,
    #[relationship(backref = owner)]
    profile: One<Option<Profile>>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(secondary = PostTags, backref(posts, order_by = Post::title.desc()))]
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
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

#[derive(Model)]
#[model(table = "profiles")]
struct Profile {
    #[column(primary_key)]
    id: i64,
    bio: String,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
}

#[derive(Model)]
#[model(table = "nodes")]
struct Node {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(foreign_key = Node::id)]
    parent_id: Option<i64>,
    #[relationship(backref = parent)]
    children: Many<Node>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(backref = nodes)]
    user: One<Option<User>>,
}

async fn db() -> realgar::Result<Db> {
    // A way back is found whatever model is named.
    let db = Db::connect(&database().await, models![Tag, Node, Post]).await?;
    db.create_all().await?;
    Ok(db)
}

#[tokio::test]
async fn both_sides_are_in_step() -> realgar::Result<()> {
    let mut s = db().await?.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let bob = s.add(new!(User { name: "Bob" }));
    let post = s.append(ada, User::posts, new!(Post { title: "Hello" }))?;
    assert_eq!(s.loaded(post, Post::author)?, Some(ada));
    s.set(post, Post::author, bob)?;
    assert_eq!((s.loaded(ada, User::posts)?, s.loaded(bob, User::posts)?), (vec![], vec![post]));
    s.set(post, Post::author, None)?;
    assert_eq!(s.loaded(bob, User::posts)?, []);
    let tag = s.add(new!(Tag { name: "rust" }));
    s.append(tag, Tag::posts, post)?;
    assert_eq!(s.loaded(post, Post::tags)?, [tag]);
    Ok(())
}

#[tokio::test]
async fn the_type_follows_the_key() -> realgar::Result<()> {
    let mut s = db().await?.session();
    let ada = s.add(new!(User { name: "Ada", profile: new!(Profile { bio: "…" }) }));
    let profile = s.loaded(ada, User::profile)?.unwrap();
    let owner: Option<Handle<User>> = s.loaded(profile, Profile::owner)?;
    assert_eq!(owner, Some(ada));
    let root = s.add(new!(Node { name: "root", user: ada, children: [new!(Node { name: "leaf" })] }));
    let nodes: Vec<Handle<Node>> = s.loaded(ada, User::nodes)?;
    assert_eq!(nodes, [root]);
    s.commit().await?;
    let leaf = s.load(root, Node::children).await?[0];
    assert_eq!(s.load(leaf, Node::parent).await?, Some(root));
    assert_eq!(s.load(ada, User::nodes).await?, [root]);
    Ok(())
}

#[tokio::test]
async fn new_objects_set_relationships_without_a_field() -> realgar::Result<()> {
    let mut s = db().await?.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let tag = s.add(new!(Tag { name: "rust" }));
    let first = s.add(new!(Post { title: "1" }).with(Post::author, ada).with(Post::tags, [tag]));
    let second = s.add(new!(Post { title: "2" }).with(Post::author, new!(User { name: "Bob" })));
    let third = s.add(new!(Post { title: "3" }).with(Post::author, None));
    assert_eq!(s.loaded(first, Post::author)?, Some(ada));
    let bob = s.loaded(second, Post::author)?.unwrap();
    assert_eq!((s[bob].name.as_str(), s.loaded(third, Post::author)?), ("Bob", None));
    let nested = new!(Tag { name: "sql" }).with(Tag::posts, [new!(Post { title: "5" }).with(Post::author, bob)]);
    let carl = s.add(new!(User {
        name: "Carl",
        posts: [new!(Post { title: "4", tags: many![tag, nested] })],
        profile: new!(Profile { bio: "…" }).with(Profile::owner, ada)
    }));
    let eve = s.append(bob, User::nodes, new!(Node { name: "eve" }).with(Node::parent, new!(Node { name: "root" })))?;
    assert!(s.loaded(eve, Node::parent)?.is_some());
    s.commit().await?;
    let fourth = s.load(carl, User::posts).await?[0];
    assert_eq!(s.load(fourth, Post::tags).await?.len(), 2);
    let titles: Vec<String> = s.load(bob, User::posts).await?.iter().map(|&post| s[post].title.clone()).collect();
    assert_eq!(titles, ["2", "5"]);
    let tagged: Vec<String> = s.load(tag, Tag::posts).await?.iter().map(|&post| s[post].title.clone()).collect();
    assert_eq!(tagged, ["4", "1"]);
    Ok(())
}

#[tokio::test]
async fn a_foreign_handle_beside_an_object_is_reported_by_the_flush() -> realgar::Result<()> {
    let db = db().await?;
    let ada = db.session().add(new!(User { name: "Ada" }));
    let mut s = db.session();
    s.add(new!(Post { title: "Hello" }).with(Post::author, ada));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), Kind::DetachedInstance);
    assert!(error.to_string().contains("backref.rs"), "{error}");
    Ok(())
}

#[tokio::test]
async fn queries_go_along_ways_back() -> realgar::Result<()> {
    let db = db().await?;
    let mut s = db.session();
    for name in ["Ada", "Bob"] {
        s.add(new!(User { name: name, posts: [new!(Post { title: name })] }));
    }
    s.add(new!(Post { title: "nobody's" }));
    s.commit().await?;
    let mut s = db.session();
    let recorder = db.recorder();
    // `lazy = "joined"`: the author comes with the post.
    for post in Post::select().order_by(Post::id).all(&mut s).await? {
        let author = s.loaded(post, Post::author)?.map_or("nobody's", |author| s[author].name.as_str());
        assert_eq!(s[post].title, author);
    }
    assert_eq!(recorder.count(), 1);
    let by = Post::select().join(Post::author).filter(User::name.eq("Bob")).one(&mut s).await?;
    assert_eq!(s[by].title, "Bob");
    assert_eq!(s.view(by).one(Post::author)?.map(|author| author.name.clone()), Some("Bob".to_owned()));
    assert_eq!(Post::select().filter(Post::author.has(User::name.eq("Ada"))).count(&mut s).await?, 1);
    assert_eq!(Post::select().filter(Post::author.is_none()).count(&mut s).await?, 1);
    let pairs: Vec<(String, String)> =
        select((Post::title, User::name)).join(Post::author).order_by(Post::title).all(&mut s).await?;
    assert_eq!(pairs.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_clone_has_lost_what_was_beside_it() -> realgar::Result<()> {
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Box {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = kept_in)]
        things: Many<Thing>,
    }
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Thing {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Box::id)]
        box_id: Option<i64>,
    }
    let mut s = Db::connect(&database().await, models![Thing]).await?.session();
    let kept = s.add(new!(Box {}));
    let thing = new!(Thing {}).with(Thing::kept_in, kept);
    s.add(thing.clone());
    let error = s.flush().await.unwrap_err();
    assert!(error.to_string().contains("call `.with(Thing::kept_in, …)` on the clone"), "{error}");
    assert_eq!((format!("{thing:?}").ends_with("with kept_in"), error.kind()), (true, Kind::InvalidRequest));
    Ok(())
}

mod joins {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "people")]
    struct Person {
        #[column(primary_key)]
        id: i64,
        #[relationship(secondary = Follows, backref = followers)]
        #[relationship(primaryjoin = Person::id == Follows::follower, secondaryjoin = Person::id == Follows::followed)]
        follows: Many<Person>,
        #[relationship(foreign_keys = Letter::sender_id, backref = sender)]
        sent: Many<Letter>,
        #[relationship(foreign_keys = Letter::receiver_id, backref(receiver, cascade = "all"))]
        received: Many<Letter>,
    }

    #[derive(Table)]
    #[table("follows")]
    struct Follows {
        #[column(primary_key, foreign_key = Person::id)]
        follower: i64,
        #[column(primary_key, foreign_key = Person::id)]
        followed: i64,
    }

    #[derive(Model)]
    #[model(table = "letters")]
    struct Letter {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Person::id)]
        sender_id: i64,
        #[column(foreign_key = Person::id)]
        receiver_id: i64,
    }

    #[derive(Model)]
    #[model(table = "lines")]
    struct Line {
        #[column(primary_key, foreign_key = Letter::id)]
        letter_id: i64,
        #[column(primary_key)]
        no: i64,
        #[relationship(backref(lines, cascade = "all, delete-orphan", order_by = Line::no))]
        letter: One<Letter>,
        #[relationship(backref = line)]
        notes: Many<Note>,
    }

    #[derive(Model)]
    #[model(table = "notes", foreign_key(columns = (letter_id, no), references = (Line::letter_id, Line::no)))]
    struct Note {
        #[column(primary_key)]
        id: i64,
        letter_id: Option<i64>,
        no: Option<i64>,
    }

    #[tokio::test]
    async fn the_way_back_takes_the_same_columns() -> realgar::Result<()> {
        let db = Db::connect(&crate::database::database().await, models![Note]).await?;
        db.create_all().await?;
        let mut s = db.session();
        let ada = s.add(new!(Person {}));
        let bob = s.add(new!(Person { follows: [ada] }));
        assert_eq!(s.loaded(ada, Person::followers)?, [bob]);
        let letter = s.add(new!(Letter {}).with(Letter::sender, ada).with(Letter::receiver, bob));
        let line = |no| new!(Line { no: no, notes: [new!(Note {})] });
        for no in [2, 1] {
            s.append(letter, Letter::lines, line(no))?;
        }
        s.commit().await?;
        assert_eq!((s[letter].sender_id, s[letter].receiver_id), (s[ada].id, s[bob].id));
        assert_eq!(s.load(bob, Person::received).await?, [letter]);
        assert_eq!(s.load(ada, Person::followers).await?, [bob]);
        let lines = s.load(letter, Letter::lines).await?;
        assert_eq!(lines.iter().map(|&line| s[line].no).collect::<Vec<_>>(), [1, 2]);
        let note = s.load(lines[0], Line::notes).await?[0];
        assert_eq!(s.load(note, Note::line).await?, Some(lines[0]));
        s.delete(lines[1])?;
        s.commit().await?;
        let orphaned = Note::select().filter(Note::line.is_none()).one(&mut s).await?;
        assert_eq!((s[orphaned].letter_id, s[orphaned].no), (None, None));
        Ok(())
    }
}

#[tokio::test]
async fn a_way_back_is_known_where_its_maker_is() -> realgar::Result<()> {
    let db = Db::connect(&database().await, models![Profile]).await?; // the foreign key leads to the maker
    db.create_all().await?;
    Profile::select().options(Profile::owner.selectin()).all(&mut db.session()).await?;
    let db = Db::connect(&database().await, models![Tag]).await?; // nothing does
    db.create_all().await?;
    let error = Tag::select().options(Tag::posts.selectin()).all(&mut db.session()).await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("`Tag` has no relationship `posts`") && told.contains("`models![…]`"), "{told}");
    Ok(())
}
