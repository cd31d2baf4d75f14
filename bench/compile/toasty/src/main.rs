mod models;

use models::{Category, Post, PostTag, Tag, User};

#[tokio::main]
async fn main() -> toasty::Result<()> {
    let mut db = toasty::Db::builder().models(toasty::models!(crate::*)).connect("sqlite::memory:").await?;
    db.push_schema().await?;

    let news = toasty::create!(Category { name: "News" }).exec(&mut db).await?;
    let rust = toasty::create!(Tag { name: "rust" }).exec(&mut db).await?;
    let ada = toasty::create!(User {
        name: "Ada",
        email: "ada@example.com",
        profile: { bio: "First programmer", city: "London" },
        posts: [{
            title: "Hello",
            category_id: news.id,
            comments: [{ text: "Nice", amount: 5 }],
        }],
    })
    .exec(&mut db)
    .await?;
    toasty::create!(in ada.posts() { title: "World", category_id: news.id }).exec(&mut db).await?;
    for post in ada.posts().exec(&mut db).await? {
        toasty::create!(PostTag { post_id: post.id, tag_id: rust.id }).exec(&mut db).await?;
    }

    let mut ada = User::get_by_email(&mut db, "ada@example.com").await?;
    for mut post in ada.posts().exec(&mut db).await? {
        let (tags, comments) = (post.tags().exec(&mut db).await?, post.comments().exec(&mut db).await?);
        println!("{}: {} tags, {} comments", post.title, tags.len(), comments.len());
        let title = format!("{}!", post.title);
        post.update().title(title).exec(&mut db).await?;
    }
    ada.update().active(false).exec(&mut db).await?;

    let mut tx = db.transaction().await?;
    let posts = Post::filter(Post::fields().title().like("%!")).order_by(Post::fields().title().asc());
    for post in posts.include(Post::fields().user()).exec(&mut tx).await? {
        println!("{} by {}", post.title, post.user.get().name);
        post.delete().exec(&mut tx).await?;
    }
    tx.rollback().await?;
    println!("{} posts", Post::all().count().exec(&mut db).await?);
    Ok(())
}
