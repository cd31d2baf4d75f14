//! What a new blog holds: something to look at.

use realgar::{Result, prelude::*};

use crate::{
    models::{Comment, Post, Profile, Tag, User},
    secrets::hash_password,
};

/// The users of a new blog, and the password of all of them.
pub const USERS: [&str; 3] = ["ada", "grace", "hedy"];
pub const PASSWORD: &str = "realgar-demo";

const TOPICS: [(&str, &str, &[&str]); 6] = [
    (
        "One object per row",
        "A row that is loaded twice is the same object, whichever way it was reached.",
        &["identity"],
    ),
    (
        "Both sides in step",
        "Append a post to a user, and the post knows its author, before any SQL is sent.",
        &["relationships"],
    ),
    (
        "What awaits",
        "Reading a field never asks the database. Loading a relationship does, and says so.",
        &["loading", "async"],
    ),
    ("A loop over a thousand", "The first touch loads one, the second one loads for the rest.", &["loading"]),
    (
        "Whatever is theirs",
        "Delete a user, and posts, comments and profile follow, in the right order.",
        &["cascades", "relationships"],
    ),
    ("Pages by key", "However large the table is, the next page begins where this one ended.", &["web"]),
];

/// Fills a blog that has no users; says whether it did.
pub async fn seed(db: &Db) -> Result<bool> {
    let mut s = db.session();
    if User::select().exists(&mut s).await? {
        return Ok(false);
    }
    let password = hash_password(PASSWORD.to_owned()).await;
    let users = s.add_all(USERS.map(|name| {
        let bio = format!("Hello, I am {name}. I came with the blog.");
        new!(User { username: name, password: password.as_str(), profile: new!(Profile { bio: bio }) })
    }));
    let mut tags: Vec<(&str, Handle<Tag>)> = Vec::new();
    for round in 1..=4 {
        for (index, (title, content, names)) in TOPICS.into_iter().enumerate() {
            let (author, reader) = (users[(index + round) % 3], users[(index + round + 1) % 3]);
            let title = if round == 1 { title.to_owned() } else { format!("{title}, part {round}") };
            let post = s.add(new!(Post { title: title, content: content, author: author }));
            for &name in names {
                let known = tags.iter().find(|(known, _)| *known == name).map(|&(_, tag)| tag);
                let tag = known.unwrap_or_else(|| s.add(new!(Tag { name: name })));
                tags.push((name, tag));
                s.append(post, Post::tags, tag)?;
            }
            s.append(post, Post::comments, new!(Comment { text: "I did not know that.", author: reader }))?;
        }
    }
    s.commit().await?;
    Ok(true)
}
