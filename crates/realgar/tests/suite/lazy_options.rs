//! What a query's options say about loading on demand, against what the mapping says.

use crate::database::database;
use realgar::prelude::*;

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[relationship(back_populates = author)]
    posts: Many<Post>,
    #[relationship(back_populates = owner, lazy = "select")]
    pets: Many<Pet>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = posts)]
    author: One<User>,
    #[relationship(back_populates = post)]
    notes: Many<Note>,
}

#[derive(Model)]
#[model(table = "pets")]
struct Pet {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = pets)]
    owner: One<User>,
}

#[derive(Model)]
#[model(table = "notes")]
struct Note {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Post::id)]
    post_id: i64,
    #[relationship(back_populates = notes)]
    post: One<Post>,
}

async fn ten_users() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![User]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let user = |_| new!(User { posts: [new!(Post { notes: [new!(Note {})] })], pets: [new!(Pet {})] });
    s.add_all((0..10).map(user));
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn an_option_outranks_the_mapping() -> realgar::Result<()> {
    let db = ten_users().await?;
    for (posts, pets, want) in
        [(User::posts.peers(), User::pets.select(), 1 + 2 + 10), (User::posts.select(), User::pets.peers(), 1 + 10 + 2)]
    {
        let mut s = db.session();
        let recorder = db.recorder();
        for user in User::select().options(posts).options(pets).all(&mut s).await? {
            s.load(user, User::posts).await?;
            s.load(user, User::pets).await?;
        }
        assert_eq!(recorder.count(), want);
    }
    Ok(())
}

#[tokio::test]
async fn what_comes_after_a_lazy_step_is_loaded_with_it() -> realgar::Result<()> {
    let db = ten_users().await?;
    for (posts, want) in [
        (User::posts.select().then(Post::notes.joined()), 1 + 10),
        (User::posts.peers().then(Post::notes.selectin()), 1 + 2 + 2),
    ] {
        let mut s = db.session();
        let recorder = db.recorder();
        for user in User::select().options(posts).all(&mut s).await? {
            for post in s.load(user, User::posts).await? {
                assert_eq!(s.loaded(post, Post::notes)?.len(), 1);
            }
        }
        assert_eq!(recorder.count(), want);
    }
    Ok(())
}
