mod models;

use models::{Category, Comment, Post, Profile, Tag, User};
use realgar::prelude::*;

#[tokio::main]
async fn main() -> realgar::Result<()> {
    let db = Db::connect("sqlite::memory:", models![User, Profile, Category, Post, Comment, Tag]).await?;
    db.create_all().await?;
    let mut s = db.session();

    let news = s.add(new!(Category { name: "News" }));
    let rust = s.add(new!(Tag { name: "rust" }));
    let ada = s.add(new!(User {
        name: "Ada",
        email: "ada@example.com",
        profile: new!(Profile { bio: "First programmer", city: "London" }),
        posts: [new!(Post {
            title: "Hello",
            category: news,
            comments: [new!(Comment { text: "Nice", amount: 5 })],
            tags: [rust],
        })],
    }));
    s.commit().await?;

    s.append(ada, User::posts, new!(Post { title: "World", category: news, tags: [rust] }))?;
    s.commit().await?;

    let ada = User::select().filter_by(User::email, "ada@example.com").one(&mut s).await?;
    for post in s.load(ada, User::posts).await? {
        let (tags, comments) = (s.load(post, Post::tags).await?, s.load(post, Post::comments).await?);
        println!("{}: {} tags, {} comments", s[post].title, tags.len(), comments.len());
        s[post].title.push('!');
    }
    s[ada].active = false;
    s.commit().await?;

    let posts = Post::select().filter(Post::title.like("%!")).order_by(Post::title);
    for post in posts.options(Post::author.joined()).all(&mut s).await? {
        let author = s.load(post, Post::author).await?;
        println!("{} by {}", s[post].title, s[author].name);
        s.delete(post)?;
    }
    s.rollback().await?;
    println!("{} posts", Post::select().count(&mut s).await?);
    Ok(())
}
