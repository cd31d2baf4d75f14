//! `select`, `selectin`, `joined`: their statements, their results, options against the mapping; what a commit ages.

use crate::database::database;
use std::collections::{HashMap, HashSet};

use realgar::{Load, prelude::*};

use crate::blog::{Comment, File, Follows, Person, Post, Tag, User, memory, open, people, users};

#[derive(Model)]
#[model(table = "shelves")]
struct Shelf {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = shelf, lazy = "joined")]
    books: Many<Book>,
    #[relationship(lazy = "selectin", back_populates = shelf)]
    labels: Many<Label>,
}

#[derive(Model)]
#[model(table = "books")]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Shelf::id)]
    shelf_id: Option<i64>,
    #[relationship(back_populates = books, lazy = "select")]
    shelf: One<Option<Shelf>>,
}

#[derive(Model)]
#[model(table = "labels")]
struct Label {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Shelf::id)]
    shelf_id: i64,
    #[relationship(back_populates = labels)]
    shelf: One<Shelf>,
}

async fn shelves() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Shelf]).await?;
    db.create_all().await?;
    let mut s = db.session();
    for _ in 0..3 {
        s.add(new!(Shelf { books: [new!(Book {}), new!(Book {})], labels: [new!(Label {})] }));
    }
    s.commit().await?;
    Ok(db)
}

/// The statements that one query with this option and a loop over its answer send.
async fn sent<M: Model, T: Model>(db: &Db, option: Load<M, T>, what: realgar::Relationship<M, Many<T>>) -> usize {
    let (mut s, recorder) = (db.session(), db.recorder());
    for parent in M::select().options(option).all(&mut s).await.unwrap() {
        s.load(parent, what).await.unwrap();
    }
    recorder.count()
}

#[tokio::test]
async fn a_collection_costs_what_its_strategy_says() -> realgar::Result<()> {
    for (parents, select, selectin) in [(0, 1, 1), (1, 2, 2), (3, 4, 2), (1_001, 1_002, 4)] {
        let db = memory().await?;
        users(&db, parents).await?;
        people(&db, parents).await?;
        assert_eq!(sent(&db, User::posts.select(), User::posts).await, select, "{parents} users");
        assert_eq!(sent(&db, User::posts.selectin(), User::posts).await, selectin, "{parents} users");
        assert_eq!(sent(&db, User::posts.joined(), User::posts).await, 1, "{parents} users");
        assert_eq!(sent(&db, Person::follows.select(), Person::follows).await, select, "{parents} people");
        assert_eq!(sent(&db, Person::follows.selectin(), Person::follows).await, selectin, "{parents} people");
        assert_eq!(sent(&db, Person::follows.joined(), Person::follows).await, 1, "{parents} people");
        // Two posts for each user, so twice as many chunks.
        let chunks = (2 * parents).div_ceil(500);
        assert_eq!(sent(&db, Post::tags.select(), Post::tags).await, 1 + 2 * parents, "{parents} users' posts");
        assert_eq!(sent(&db, Post::tags.selectin(), Post::tags).await, 1 + chunks, "{parents} users' posts");
        assert_eq!(sent(&db, Post::tags.joined(), Post::tags).await, 1, "{parents} users' posts");
    }
    Ok(())
}

#[tokio::test]
async fn many_to_one_costs_what_its_strategy_says() -> realgar::Result<()> {
    for (parents, select, selectin) in [(0, 1, 1), (1, 2, 2), (3, 4, 2), (1_001, 1_002, 4)] {
        let db = memory().await?;
        users(&db, parents).await?;
        for (option, statements) in
            [(Post::author.select(), select), (Post::author.selectin(), selectin), (Post::author.joined(), 1)]
        {
            let (mut s, recorder) = (db.session(), db.recorder());
            for post in Post::select().options(option).all(&mut s).await? {
                let author = s.load(post, Post::author).await?;
                assert_eq!(s[author].name[5..], s[post].title[5..9]);
            }
            assert_eq!(recorder.count(), statements, "{parents} parents");
        }
    }
    Ok(())
}

#[tokio::test]
async fn all_strategies_answer_the_same() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 4).await?;
    let mut s = db.session();
    let lonely = s.add(new!(User { name: "lonely" }));
    let shared = Tag::select().order_by(Tag::id).first(&mut s).await?.expect("a tag");
    for post in Post::select().all(&mut s).await? {
        if !s.load(post, Post::tags).await?.contains(&shared) {
            s.append(post, Post::tags, shared)?;
        }
    }
    s.commit().await?;
    let lonely = s.key(lonely)?;
    drop(s);

    let mut answers = Vec::new();
    for (posts, tags) in [
        (User::posts.select(), Post::tags.select()),
        (User::posts.peers(), Post::tags.peers()),
        (User::posts.selectin(), Post::tags.selectin()),
        (User::posts.joined(), Post::tags.joined()),
        (User::posts.joined(), Post::tags.selectin()),
        (User::posts.selectin(), Post::tags.joined()),
    ] {
        let mut s = db.session();
        let mut answer = HashMap::new();
        let mut handles: HashMap<i64, HashSet<Handle<Tag>>> = HashMap::new();
        for user in User::select().options(posts.then(tags)).all(&mut s).await? {
            let mut of_user = HashSet::new();
            for post in s.load(user, User::posts).await? {
                for tag in s.load(post, Post::tags).await? {
                    handles.entry(s[tag].id).or_default().insert(tag);
                    of_user.insert((s[post].title.clone(), s[tag].name.clone()));
                }
            }
            answer.insert(s[user].id, of_user);
        }
        assert!(handles.values().all(|handles| handles.len() == 1), "one object for one row");
        assert_eq!((answer.len(), answer[&lonely].len()), (5, 0));
        answers.push(answer);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    Ok(())
}

#[tokio::test]
async fn a_parent_without_children_has_a_loaded_empty_collection() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    s.add(new!(User { name: "Ada" }));
    s.commit().await?;
    for option in [User::posts.joined(), User::posts.selectin()] {
        let mut s = db.session();
        let ada = User::select().options(option).one(&mut s).await?;
        assert_eq!(s.loaded(ada, User::posts)?, []);
    }
    Ok(())
}

#[tokio::test]
async fn joined_with_a_limit_has_complete_collections() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 5).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let two = User::select().options(User::posts.joined()).order_by(User::name.desc()).limit(2).offset(1);
    let two = two.all(&mut s).await?;
    let names: Vec<&str> = two.iter().map(|&user| s[user].name.as_str()).collect();
    assert_eq!(names, ["user 0003", "user 0002"]);
    for &user in &two {
        assert_eq!(s.loaded(user, User::posts)?.len(), 2);
    }
    let first = User::select().options(User::posts.joined()).order_by(User::id).first(&mut s).await?.expect("a user");
    assert_eq!(s.loaded(first, User::posts)?.len(), 2);
    let one = User::select().options(User::posts.joined()).filter_by(User::id, 5).one(&mut s).await?;
    assert_eq!(s.loaded(one, User::posts)?.len(), 2);
    assert_eq!(recorder.count(), 3);
    Ok(())
}

#[tokio::test]
async fn joined_with_a_limit_keeps_filters_joins_and_order_by_other_tables() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 5).await?;
    let mut s = db.session();
    let found = Post::select()
        .join(Post::author)
        .options(Post::tags.joined())
        .filter(User::name.ne("user 0004") & Post::tags.any(Tag::name.ends_with("b")))
        .order_by((User::name.desc(), Post::id))
        .limit(2)
        .all(&mut s)
        .await?;
    let titles: Vec<&str> = found.iter().map(|&post| s[post].title.as_str()).collect();
    assert_eq!(titles, ["post 0003b", "post 0002b"]);
    assert_eq!(s.loaded(found[1], Post::tags)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn joined_to_one_with_a_limit_needs_no_subquery() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let posts = Post::select().options(Post::author.joined().then(User::profile.joined()));
    assert_eq!(posts.order_by(Post::id).limit(3).all(&mut s).await?.len(), 3);
    let sql = &crate::models::plain(&recorder.statements()[0].sql);
    assert!(sql.matches("SELECT").count() == 1 && sql.contains("LEFT OUTER JOIN"), "{sql}");
    Ok(())
}

#[tokio::test]
async fn two_joined_collections_at_once_do_not_multiply() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let mut s = db.session();
    let post = Post::select().order_by(Post::id).first(&mut s).await?.expect("a post");
    let author = s.load(post, Post::author).await?;
    for number in 0..3 {
        let comment = new!(Comment { text: number.to_string(), author: author });
        s.append(post, Post::comments, comment)?;
        s.append(post, Post::tags, new!(Tag { name: number.to_string() }))?;
    }
    s.commit().await?;
    s.close().await?;
    let recorder = db.recorder();
    let all = Post::select().options(Post::comments.joined()).options(Post::tags.joined()).order_by(Post::id);
    let all = all.all(&mut s).await?;
    let counts: Vec<_> = all
        .iter()
        .map(|&post| Ok((s.loaded(post, Post::comments)?.len(), s.loaded(post, Post::tags)?.len())))
        .collect::<realgar::Result<_>>()?;
    assert_eq!(counts, [(3, 4), (0, 1), (0, 1), (0, 1)]);
    assert_eq!(recorder.count(), 1);
    Ok(())
}

#[tokio::test]
async fn three_levels_deep_costs_a_statement_per_level_or_one() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    let selectin = User::posts.selectin().then(Post::tags.selectin().then(Tag::posts.selectin()));
    let joined = User::posts.joined().then(Post::tags.joined().then(Tag::posts.joined()));
    let mixed = User::posts.selectin().then(Post::tags.joined().then(Tag::posts.selectin()));
    for (option, statements) in [(selectin, 4), (joined, 1), (mixed, 3)] {
        let (mut s, recorder) = (db.session(), db.recorder());
        for user in User::select().options(option).all(&mut s).await? {
            for post in s.loaded(user, User::posts)? {
                for tag in s.loaded(post, Post::tags)? {
                    assert_eq!(s.loaded(tag, Tag::posts)?, [post]);
                }
            }
        }
        assert_eq!(recorder.count(), statements);
    }
    Ok(())
}

#[tokio::test]
async fn a_diamond_ends_in_one_object() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.append(ada, User::posts, new!(Post { title: "Hello" }))?;
    s.append(post, Post::comments, new!(Comment { text: "first!", author: ada }))?;
    s.commit().await?;
    s.close().await?;
    for option in [
        Post::comments.joined().then(Comment::author.joined()),
        Post::comments.selectin().then(Comment::author.selectin()),
        Post::comments.joined().then(Comment::author.selectin()),
    ] {
        let mut s = db.session();
        let found = Post::select().options(Post::author.joined()).options(option).one(&mut s).await?;
        let comment = s.loaded(found, Post::comments)?[0];
        assert_eq!(s.loaded(comment, Comment::author)?, s.loaded(found, Post::author)?);
        assert_eq!(s.loaded(comment, Comment::post)?, found);
    }
    Ok(())
}

#[tokio::test]
async fn the_mapping_says_how_and_a_query_may_say_otherwise() -> realgar::Result<()> {
    let db = shelves().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let all = Shelf::select().all(&mut s).await?;
    assert_eq!(recorder.count(), 2, "books joined, labels by selectin");
    for &shelf in &all {
        assert_eq!((s.loaded(shelf, Shelf::books)?.len(), s.loaded(shelf, Shelf::labels)?.len()), (2, 1));
    }

    s.close().await?;
    recorder.take();
    let all = Shelf::select().options(Shelf::books.selectin()).options(Shelf::labels.joined()).all(&mut s).await?;
    assert_eq!(recorder.count(), 2, "the other way round");
    assert_eq!(s.loaded(all[2], Shelf::labels)?.len(), 1);

    s.close().await?;
    recorder.take();
    let lazy = Shelf::select().options(Shelf::books.select()).options(Shelf::labels.peers()).all(&mut s).await?;
    assert_eq!(recorder.count(), 1, "back to lazy");
    assert_eq!(s.loaded(lazy[0], Shelf::books).unwrap_err().kind(), Kind::NotLoaded);
    for &shelf in &lazy {
        s.load(shelf, Shelf::books).await?;
    }
    assert_eq!(recorder.count(), 4, "one statement per shelf");
    for &shelf in &lazy {
        s.load(shelf, Shelf::labels).await?;
    }
    assert_eq!(recorder.count(), 6, "the first shelf, and its peers");
    Ok(())
}

#[tokio::test]
async fn mapped_select_is_one_statement_each_and_peers_is_a_way_out() -> realgar::Result<()> {
    let db = shelves().await?;
    for (option, statements) in [(Book::shelf.select(), 4), (Book::shelf.peers(), 2)] {
        let mut s = db.session();
        let recorder = db.recorder();
        for book in Book::select().options(option).all(&mut s).await? {
            s.load(book, Book::shelf).await?;
        }
        // A shelf that is loaded brings its labels by selectin, hence one more for each that loads shelves.
        let shelves = recorder
            .statements()
            .iter()
            .filter(|sent| !crate::models::plain(&sent.sql).contains("FROM \"labels\""))
            .count();
        assert_eq!(shelves, statements);
    }
    Ok(())
}

#[tokio::test]
async fn an_option_beyond_an_option_may_stay_lazy() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let all = User::select().options(User::posts.selectin().then(Post::tags.select())).all(&mut s).await?;
    assert_eq!(recorder.count(), 2);
    for user in all {
        for post in s.loaded(user, User::posts)? {
            assert_eq!(s.loaded(post, Post::tags).unwrap_err().kind(), Kind::NotLoaded);
            s.load(post, Post::tags).await?;
        }
    }
    assert_eq!(recorder.count(), 6);
    Ok(())
}

#[tokio::test]
async fn what_is_loaded_already_still_gets_what_the_options_ask_beyond_it() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    for option in [User::posts.selectin().then(Post::tags.selectin()), User::posts.joined().then(Post::tags.joined())] {
        let mut s = db.session();
        let first = User::select().order_by(User::id).first(&mut s).await?.expect("a user");
        s.load(first, User::posts).await?;
        for user in User::select().options(option).all(&mut s).await? {
            for post in s.loaded(user, User::posts)? {
                assert_eq!(s.loaded(post, Post::tags)?.len(), 1);
            }
        }
    }
    let mut s = db.session();
    User::select().filter_by(User::id, 1).all(&mut s).await?;
    let option = Post::author.selectin().then(User::profile.selectin());
    for post in Post::select().options(option).all(&mut s).await? {
        let author = s.loaded(post, Post::author)?;
        s.loaded(author, User::profile)?;
    }
    Ok(())
}

#[tokio::test]
async fn options_on_one_path_add_up() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 2).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let all = User::select()
        .options(User::posts.joined().then(Post::tags.selectin().then(Tag::posts.selectin())))
        .options(User::posts.selectin().then(Post::comments.selectin()).then(Post::tags.joined()));
    for user in all.all(&mut s).await? {
        for post in s.loaded(user, User::posts)? {
            assert_eq!(s.loaded(post, Post::comments)?, []);
            assert_eq!(s.loaded(s.loaded(post, Post::tags)?[0], Tag::posts)?, [post]);
        }
    }
    assert_eq!(recorder.count(), 4, "users; posts with tags; comments; the tags' posts");
    Ok(())
}

#[tokio::test]
async fn a_loaded_collection_is_not_overwritten_by_an_eager_query() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 1).await?;
    let mut s = db.session();
    let user = User::select().options(User::posts.selectin()).one(&mut s).await?;
    let posts = s.loaded(user, User::posts)?;
    s.remove(user, User::posts, posts[0])?;
    s.set(posts[0], Post::author, new!(User { name: "other" }))?;
    let again = User::select().options(User::posts.joined()).order_by(User::id).all(&mut s).await?;
    assert_eq!((again[0], s.loaded(user, User::posts)?), (user, vec![posts[1]]));
    assert_eq!(s.loaded(again[1], User::posts)?, [posts[0]]);
    Ok(())
}

#[tokio::test]
async fn eager_joins_with_itself_go_as_deep_as_asked() -> realgar::Result<()> {
    let db = memory().await?;
    people(&db, 4).await?;
    for (option, statements) in [
        (Person::follows.joined().then(Person::follows.joined()), 1),
        (Person::follows.selectin().then(Person::follows.selectin()), 3),
    ] {
        let (mut s, recorder) = (db.session(), db.recorder());
        let person = Person::select().options(option).filter_by(Person::id, 1).one(&mut s).await?;
        assert_eq!(recorder.count(), statements);
        let second = s.loaded(person, Person::follows)?[0];
        let third = s.loaded(second, Person::follows)?[0];
        assert_eq!(s[third].name, "person 0002");
        assert_eq!(s.loaded(third, Person::follows).unwrap_err().kind(), Kind::NotLoaded);
    }
    assert_eq!(select(count(Follows::follower_id)).one(&mut db.session()).await?, 3);
    Ok(())
}
