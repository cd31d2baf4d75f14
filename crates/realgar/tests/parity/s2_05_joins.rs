//! Exercise: posts by active users, users who have posted; joins by foreign key and along relationships.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
#[model(table = "user")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 80)]
    username: Option<String>,
    #[column(default = true)]
    is_active: Option<bool>,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "post")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(length = 200)]
    title: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: Option<i64>,
    #[relationship(back_populates = posts)]
    author: One<Option<User>>,
}

fn sorted(s: &Session, users: &[Handle<User>]) -> String {
    let mut names: Vec<_> = users.iter().map(|&user| s[user].username.clone()).collect();
    names.sort();
    list(&names)
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let post = |title: &str| new!(Post { title });
    s.add_all([
        new!(User { username: "ada", posts: [post("a1"), post("a2")] }),
        new!(User { username: "bob", is_active: false, posts: [post("b1")] }),
        new!(User { username: "cyd" }),
    ]);
    s.commit().await?;
    let active = select(User::is_active).order_by(User::id).all(&mut s).await?;
    let spelled: Vec<_> = active.iter().map(|active| if *active == Some(true) { "True" } else { "False" }).collect();
    run.out(format!("python-side default: [{}]", spelled.join(", ")));
    s.close().await?;

    let active = Post::select().join(User::TABLE).filter(User::is_active.eq(true));
    let posts = run.step("posts by active users", active.all(&mut s)).await?;
    let titles: Vec<_> = posts.iter().map(|&post| s[post].title.clone()).collect();
    run.out(format!("active posts: {}", list(&titles)));
    run.check("active posts", titles);
    let recorder = db.recorder();
    let writers = User::select().join(Post::TABLE).distinct();
    let users = run.step("users who have posted, distinct", writers.clone().all(&mut s)).await?;
    run.out(format!("users with posts: {}", sorted(&s, &users)));
    run.check("SELECT DISTINCT", recorder.statements()[0].sql.starts_with("SELECT DISTINCT"));

    // There is no legacy query here that answers each entity once by itself: `distinct` says so.
    run.step("join without distinct: legacy Query returns each entity once", async {
        let all = writers.all(&mut s).await?.len();
        let count = User::select().join(Post::TABLE).count(&mut s).await?;
        run.out(format!("no distinct, .all(): {all} .count(): {count}"));
        Ok(())
    })
    .await?;
    let rows =
        run.step("2.x select(): rows are not de-duplicated", User::select().join(Post::TABLE).all(&mut s)).await?;
    run.out(format!("select().join(): {}", rows.len()));
    run.step("join along the relationship, outer join", async {
        let users = User::select().join(User::posts).distinct().all(&mut s).await?;
        run.out(format!("join(User.posts): {}", sorted(&s, &users)));
        let without = User::select().outer_join(User::posts).filter(Post::id.is_null()).all(&mut s).await?;
        run.out(format!("users without posts: {}", sorted(&s, &without)));
        Ok(())
    })
    .await?;
    s.close().await
}
