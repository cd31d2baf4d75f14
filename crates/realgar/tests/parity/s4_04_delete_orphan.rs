//! `cascade = "all, delete-orphan"`: posts that leave their user are deleted, those that never arrived are not inserted.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    username: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    content: Option<String>,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
}

fn titles(s: &Session, posts: &[Handle<Post>]) -> String {
    list(&posts.iter().map(|&post| s[post].title.clone()).collect::<Vec<_>>())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![User, Post]).await?;
    db.create_all().await?;
    let mut s = db.session();
    s.add(new!(User { username: "johndoe", posts: [new!(Post { title: "One" }), new!(Post { title: "Two" })] }));
    s.add(new!(User { username: "other", posts: [new!(Post { title: "X" })] }));
    s.commit().await?;
    s.close().await?;

    let mut s = db.session();
    let user = User::select().filter_by(User::username, "johndoe").one(&mut s).await?;
    run.step("remove one post from the collection + commit", async {
        let posts = s.load(user, User::posts).await?;
        s.remove(user, User::posts, posts[0])?;
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    let posts = s.load(user, User::posts).await?;
    run.out(format!("left: {}", titles(&s, &posts)));
    run.step("delete the user + commit", async {
        s.delete(user)?;
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    let posts = Post::select().all(&mut s).await?;
    run.out(format!("posts left: {}", titles(&s, &posts)));
    let other = run
        .step("replace the whole collection", async {
            let other = User::select().one(&mut s).await?;
            s.replace(other, User::posts, [new!(Post { title: "new" })]).await?;
            s.commit().await?;
            Ok(other)
        })
        .await?;
    let mut writes = run.writes();
    writes.sort();
    run.check("writes", writes);
    let step = run.step("orphan never attached is not inserted: pending post appended then removed", async {
        // There, the list is loaded to be appended to. Here it need not be, and nothing at all would be sent.
        s.load(other, User::posts).await?;
        let never = s.append(other, User::posts, new!(Post { title: "never" }))?;
        run.check("pending", s.state(never)? == State::Pending);
        s.remove(other, User::posts, never)?;
        // The flush decides who is an orphan: until then, the post may find another place.
        run.check_otherwise("expunged", s.state(never)? == State::Pending, true);
        s.commit().await?;
        assert_eq!(s.state(never)?, State::Transient);
        Ok(())
    });
    step.await?;
    run.check("writes", run.writes());
    let posts = Post::select().all(&mut s).await?;
    run.out(format!("final: {}", titles(&s, &posts)));
    s.close().await
}
