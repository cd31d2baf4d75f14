//! How often memory is asked for, a row: the same in every run and on every machine, so speed can be guarded without a clock.
//!
//! Each figure is a slope: the same work with few rows and with many, the difference divided by the rows more. What a session
//! or a statement costs once is not in it; what lists cost while they grow is, a little.
//!
//! `REALGAR_COUNT=1 cargo test -p realgar --test allocations -- --nocapture` prints the table as it is now. A figure may
//! only be raised together with the reason.

use allocation_counter::measure;
use realgar::prelude::*;
use tokio::runtime::{Builder, Runtime};

/// Allocations of one more, at most. A post has two texts, which are two allocations by themselves; a user has one. The tags
/// are the same for all posts.
const MOST: [(&str, f64); 10] = [
    ("a post loaded", 2.01),
    ("a post met again", 0.01),
    ("a user got by its key", 5.01),
    ("a post inserted", 2.06),
    ("a post updated", 0.03),
    ("a post deleted", 0.08),
    ("a child by selectin", 2.12),
    ("a child by a join", 2.12),
    ("a child loaded when asked for", 2.12),
    ("a tag of a post by selectin", 0.13),
];

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: String,
    #[column(foreign_key = User::id, index)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
    #[relationship(secondary = PostTags)]
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
#[table(name = "post_tags")]
struct PostTags {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

/// So many users, with as many posts each, and as many tags on each post.
#[derive(Clone, Copy)]
struct Size {
    users: i64,
    posts: i64,
    tags: i64,
}

/// A database in memory, and the thread that everything runs in.
struct World {
    runtime: Runtime,
    db: Db,
    size: Size,
}

impl World {
    fn new(size: Size) -> World {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let db = runtime.block_on(async {
            let db = Db::connect("sqlite::memory:", models![User, Post, Tag]).await?;
            db.create_all().await?;
            let mut s = db.session();
            let tags: Vec<_> = (0..size.tags).map(|tag| s.add(new!(Tag { name: format!("tag {tag}") }))).collect();
            for user in 0..size.users {
                let posts: Vec<_> = (0..size.posts)
                    .map(|_| new!(Post { title: "Title", body: "What it says", tags: tags.clone() }))
                    .collect();
                s.add(new!(User { name: format!("user {user}"), posts }));
            }
            s.commit().await.map(|()| db)
        });
        World { runtime, db: db.unwrap(), size }
    }

    /// How often memory is asked for while `work` runs, in a session that did `before`.
    fn count<T>(
        &self,
        before: impl AsyncFnOnce(&mut Session) -> realgar::Result<T>,
        work: impl AsyncFnOnce(&mut Session, T) -> realgar::Result<()>,
    ) -> u64 {
        let mut s = self.db.session();
        let prepared = self.runtime.block_on(before(&mut s)).unwrap();
        measure(|| self.runtime.block_on(work(&mut s, prepared)).unwrap()).count_total
    }
}

/// Allocations of one more, by the difference of two sizes, `more` apart; statements are prepared by a first run.
fn slope(few: Size, many: Size, more: i64, count: impl Fn(&World) -> u64) -> f64 {
    let [few, many] = [few, many].map(|size| {
        let world = World::new(size);
        count(&world);
        count(&world) as f64
    });
    (many - few) / more as f64
}

const fn posts(posts: i64) -> Size {
    Size { users: 1, posts, tags: 0 }
}

/// By 1,000 posts more.
fn by_posts(count: impl Fn(&World) -> u64) -> f64 {
    slope(posts(1_000), posts(2_000), 1_000, count)
}

/// By 1,000 children more: 100 users with 10 more each.
fn by_children(count: impl Fn(&World) -> u64) -> f64 {
    let size = |posts| Size { users: 100, posts, tags: 0 };
    slope(size(10), size(20), 1_000, count)
}

async fn nothing(_: &mut Session) -> realgar::Result<()> {
    Ok(())
}

async fn all_posts(s: &mut Session) -> realgar::Result<Vec<Handle<Post>>> {
    Post::select().all(s).await
}

async fn new_posts(s: &mut Session, posts: i64) -> realgar::Result<Vec<Post>> {
    let author = User::select().one(s).await?;
    Ok((0..posts).map(|_| new!(Post { title: "Title", body: "What it says", author })).collect())
}

fn counted(what: &str) -> f64 {
    match what {
        "a post loaded" => by_posts(|world| world.count(nothing, async |s, ()| all_posts(s).await.map(drop))),
        "a post met again" => by_posts(|world| world.count(all_posts, async |s, _| all_posts(s).await.map(drop))),
        "a user got by its key" => {
            let users = |users| Size { users, posts: 0, tags: 0 };
            slope(users(1_000), users(2_000), 1_000, |world| {
                world.count(nothing, async |s, ()| {
                    for id in 1..=world.size.users {
                        s.get_one::<User>(id).await?;
                    }
                    Ok(())
                })
            })
        }
        "a post inserted" => by_posts(|world| {
            world.count(
                async |s| new_posts(s, world.size.posts).await,
                async |s, posts| {
                    s.add_all(posts);
                    s.flush().await
                },
            )
        }),
        "a post updated" => by_posts(|world| {
            world.count(
                async |s| Ok(all_posts(s).await?.into_iter().map(|post| (post, "Another".to_owned())).collect()),
                async |s, posts: Vec<_>| {
                    for (post, title) in posts {
                        s[post].title = title;
                    }
                    s.flush().await
                },
            )
        }),
        "a post deleted" => by_posts(|world| {
            world.count(all_posts, async |s, posts| {
                for post in posts {
                    s.delete(post)?;
                }
                s.flush().await
            })
        }),
        "a child by selectin" => by_children(|world| {
            let users = || User::select().options(User::posts.selectin());
            world.count(nothing, async |s, ()| users().all(s).await.map(drop))
        }),
        "a child by a join" => by_children(|world| {
            let users = || User::select().options(User::posts.joined());
            world.count(nothing, async |s, ()| users().all(s).await.map(drop))
        }),
        "a child loaded when asked for" => by_children(|world| {
            world.count(
                async |s| User::select().all(s).await,
                async |s, users| {
                    for user in users {
                        s.load(user, User::posts).await?;
                    }
                    Ok(())
                },
            )
        }),
        "a tag of a post by selectin" => {
            let size = |tags| Size { users: 1, posts: 100, tags };
            slope(size(10), size(20), 1_000, |world| {
                let posts = || Post::select().options(Post::tags.selectin());
                world.count(nothing, async |s, ()| posts().all(s).await.map(drop))
            })
        }
        _ => panic!("nothing counts {what}"),
    }
}

#[test]
fn no_row_costs_more_allocations_than_it_did() {
    let counted = MOST.map(|(what, most)| (what, most, counted(what)));
    if std::env::var_os("REALGAR_COUNT").is_some() {
        for (what, _, count) in counted {
            println!("    ({what:?}, {:.2}),", (count * 100.0).ceil() / 100.0);
        }
        return;
    }
    let more: Vec<String> = counted
        .iter()
        .filter(|(_, most, count)| count > most)
        .map(|(what, most, count)| format!("{what}: {count:.3}, at most {most}"))
        .collect();
    assert!(more.is_empty(), "more allocations than before; see the head of this file:\n{}", more.join("\n"));
}

/// Futures are moved on their way to whoever awaits them, so what they rarely need lies in a box.
#[test]
fn futures_stay_small() {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let db = Db::connect("sqlite::memory:", models![User]).await.unwrap();
        db.create_all().await.unwrap();
        let mut s = db.session();
        let user = s.add(new!(User { name: "Ada" }));
        s.flush().await.unwrap();
        let get = size_of_val(&s.get::<User>(1));
        let load = size_of_val(&s.load(user, User::posts));
        let all = size_of_val(&User::select().all(&mut s));
        let flush = size_of_val(&s.flush());
        let commit = size_of_val(&s.commit());
        let most = [
            ("get", get, 1_200),
            ("load", load, 2_000),
            ("all", all, 1_200),
            ("flush", flush, 100),
            ("commit", commit, 500),
        ];
        let large: Vec<_> = most.into_iter().filter(|(_, size, most)| size > most).collect();
        assert!(large.is_empty(), "future, bytes, at most: {large:?}");
    });
}
