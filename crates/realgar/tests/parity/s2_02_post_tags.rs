//! An association table without a primary key: a pair can be there twice, and then cannot be removed as one.

use realgar::{Result, prelude::*};

use crate::{
    harness::Run,
    spelled::{Spelled, list},
};

#[derive(Model)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[relationship(secondary = PostTags, backref = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(unique, length = 50)]
    name: Option<String>,
}

#[derive(Table)]
#[table("post_tags")]
struct PostTags {
    #[column(foreign_key = Post::id)]
    post_id: Option<i64>,
    #[column(foreign_key = Tag::id)]
    tag_id: Option<i64>,
}

async fn names(s: &mut Session, post: Handle<Post>) -> Result<String> {
    let tags = s.load(post, Post::tags).await?;
    let mut names: Vec<String> = tags.iter().map(|&tag| s[tag].name.alone()).collect();
    names.sort();
    Ok(list(&names))
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Post, Tag]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let (posts, python, flask) = run
        .step("add + commit", async {
            let [python, flask] = ["python", "flask"].map(|name| s.add(new!(Tag { name })));
            let posts = s.add_all([new!(Post { tags: [python, flask] }), new!(Post { tags: [python] })]);
            s.commit().await?;
            Ok((posts, python, flask))
        })
        .await?;
    let mut writes = run.writes();
    writes.sort();
    run.check("writes", writes);
    run.step("read", async {
        let tags = names(&mut s, posts[0]).await?;
        let tagged = s.load(python, Tag::posts).await?;
        let mut ids: Vec<i64> = tagged.iter().map(|&post| s[post].id).collect();
        ids.sort_unstable();
        run.out(format!("post.tags: {tags} tag.posts: {}", list(&ids)));
        Ok(())
    })
    .await?;

    run.step("raw duplicate association row (no primary key): collection holds the tag once", async {
        let pair = sql("INSERT INTO post_tags (post_id, tag_id) VALUES (?, ?)");
        pair.bind(s[posts[0]].id).bind(s[python].id).execute(&mut s).await?;
        s.commit().await?;
        run.out(format!("post.tags with a duplicate row: {}", names(&mut s, posts[0]).await?));
        Ok(())
    })
    .await?;
    run.error("removing it deletes 2 rows where 1 was expected", async {
        s.remove(posts[0], Post::tags, python)?;
        s.commit().await
    })
    .await;
    s.rollback().await?;
    run.step("delete a post", async {
        s.delete(posts[1])?;
        s.commit().await
    })
    .await?;
    run.check("writes", run.writes());
    run.step("tag never queried by id list: replace whole collection", async {
        sql("DELETE FROM post_tags").execute(&mut s).await?;
        s.commit().await?;
        s.replace(posts[0], Post::tags, [flask]).await?;
        s.commit().await
    })
    .await?;
    run.out(format!("final: {}", names(&mut s, posts[0]).await?));
    s.close().await
}
