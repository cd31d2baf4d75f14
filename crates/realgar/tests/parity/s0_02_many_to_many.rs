//! Posts and tags through the `post_tag` association table.

use realgar::{Result, prelude::*};

use crate::{harness::Run, spelled::list};

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    title: Option<String>,
    #[relationship(secondary = PostTag, back_populates = posts)]
    tags: Many<Tag>,
}

#[derive(Model)]
#[model(table = "tags")]
struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: Option<String>,
    #[relationship(secondary = PostTag, back_populates = tags)]
    posts: Many<Post>,
}

#[derive(Table)]
#[table("post_tag")]
struct PostTag {
    #[column(primary_key, foreign_key = Post::id)]
    post_id: i64,
    #[column(primary_key, foreign_key = Tag::id)]
    tag_id: i64,
}

fn names(s: &Session, tags: &[Handle<Tag>]) -> Vec<Option<String>> {
    tags.iter().map(|&tag| s[tag].name.clone()).collect()
}

fn titles(s: &Session, posts: &[Handle<Post>]) -> Vec<Option<String>> {
    posts.iter().map(|&post| s[post].title.clone()).collect()
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Post, Tag]).await?;
    run.step("create tables", db.create_all()).await?;

    let mut s = db.session();
    let (post, python, flask) = run
        .step("build graph in memory (no SQL)", async {
            let post = s.add(new!(Post {
                title: "Flask + SQLAlchemy",
                tags: [new!(Tag { name: "python" }), new!(Tag { name: "flask" })]
            }));
            let tags = s.loaded(post, Post::tags)?;
            let pure = s.add(new!(Post { title: "Pure Python" }));
            s.append(pure, Post::tags, tags[0])?;
            Ok((post, tags[0], tags[1]))
        })
        .await?;
    run.check("reverse side in memory", titles(&s, &s.loaded(python, Tag::posts)?));
    run.step("add_all + commit", s.commit()).await?;
    run.check("kinds", sorted(run.writes()));
    let tags = run.step("read post.tags", s.load(post, Post::tags)).await?;
    let tags = names(&s, &tags);
    run.out(format!("Tags on the post: {}", list(&tags)));
    let posts = run.step("read tag.posts", s.load(python, Tag::posts)).await?;
    let posts = sorted(titles(&s, &posts));
    run.out(format!("Posts tagged python: {}", list(&posts)));
    run.check("tags", tags);
    run.check("posts (any order)", posts);
    run.step("remove a tag from one post + commit", async {
        s.remove(post, Post::tags, flask)?;
        s.commit().await
    })
    .await?;
    run.check("kinds", run.writes());
    run.step("re-append + commit", async {
        s.append(post, Post::tags, flask)?;
        s.commit().await
    })
    .await?;
    run.check("kinds", run.writes());
    s.close().await?;

    let mut s = db.session();
    let (tags, posts) = run
        .step("fresh session: lazy load of tags and posts", async {
            let post = Post::select().filter(Post::title.eq("Flask + SQLAlchemy")).one(&mut s).await?;
            let tags = s.load(post, Post::tags).await?;
            let posts = s.load(tags[0], Tag::posts).await?;
            assert!(posts.contains(&post), "one row is one object");
            Ok((names(&s, &tags), sorted(titles(&s, &posts))))
        })
        .await?;
    run.check("fresh tags", tags);
    run.check("fresh posts (any order)", posts);
    s.close().await
}
