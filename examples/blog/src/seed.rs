//! What a new blog holds: something to look at.

use chrono::{TimeDelta, Utc};
use realgar::{Result, prelude::*};

use crate::{
    models::{Comment, Post, Profile, Tag, User},
    secrets::hash_password,
};

/// The users of a new blog, and the password of all of them.
pub const USERS: [&str; 3] = ["ada", "grace", "hedy"];
pub const PASSWORD: &str = "realgar-demo";

/// Titles, texts, and tags; the oldest first.
const POSTS: [(&str, &str, &[&str]); 24] = [
    (
        "One object per row",
        "A row that is loaded twice is the same object, whichever way it was reached.\n\nChange it through one handle, \
         and read the change through the other.",
        &["identity"],
    ),
    (
        "Both sides in step",
        "Append a post to a user, and the post knows its author, before any SQL is sent.",
        &["relationships"],
    ),
    (
        "What awaits",
        "Reading a field never asks the database. Loading a relationship does, and one sees it: there is an .await.",
        &["loading", "async"],
    ),
    (
        "A loop over a thousand",
        "The first touch loads one, the second one loads for the rest. The loop that cost a thousand and one \
         statements costs four.",
        &["loading"],
    ),
    (
        "Whatever is theirs",
        "Delete a user, and posts, comments and profile follow, in the right order. The page for leaving counts them \
         first.",
        &["cascades", "relationships"],
    ),
    (
        "Pages by key",
        "However large the table is, the next page begins where this one ended. Have a look at /api/feed.",
        &["web"],
    ),
    (
        "A flush is a plan",
        "What will be sent can be printed before it is: session.plan() lists inserts, updates and deletes in their \
         order.",
        &["identity"],
    ),
    (
        "Tags are shared",
        "Many to many: a table without objects lies between posts and tags. Nobody reads it, and nobody writes it by \
         hand.",
        &["relationships"],
    ),
    (
        "No waiting in line",
        "SQLite is called in place: a read takes microseconds, less than a thread would need to wake up.",
        &["async", "loading"],
    ),
    (
        "Joined or by a second select",
        "A joined load repeats the post in each row of its comments; a second select names the posts once. Both are \
         one word in the query.",
        &["loading"],
    ),
    (
        "Orphans",
        "A comment that leaves its post belongs to nobody. delete-orphan takes its row away with the next flush.",
        &["cascades", "relationships"],
    ),
    (
        "A session for each request",
        "The extractor that finds out who you are and the handler of this page had the same session, and the same \
         object of you.",
        &["web"],
    ),
    (
        "Handles are tickets",
        "Sixteen bytes, copied freely. The session owns the object; the ticket says where it sits.",
        &["identity"],
    ),
    (
        "A profile at most",
        "One to one: the key lies on the side of the profile, and it is unique. The user has one, or none.",
        &["relationships"],
    ),
    (
        "Dropped at any await",
        "A browser that goes away drops the handler's future, and the session with it. Nothing half written stays.",
        &["async", "loading"],
    ),
    (
        "Only what is asked for",
        "A deferred column stays in the database until somebody wants it. Lists of long articles are grateful.",
        &["loading"],
    ),
    (
        "In which order",
        "Parents are inserted before their children, and deleted after them. A circle is named, not guessed at.",
        &["cascades", "relationships"],
    ),
    (
        "Not found",
        "get_or_404 answers an object, or a page that says what is missing: as HTML for you, as JSON for programs.",
        &["web"],
    ),
    ("Rolled back", "After a rollback each object holds again what it held before, without a query.", &["identity"]),
    (
        "Who wrote to whom",
        "Comments have two ways to a user: the one who wrote them, and the author of the post that they stand under.",
        &["relationships"],
    ),
    (
        "Reading without a writer's leave",
        "With a write-ahead log those who read go on while somebody writes. Writers wait for one another.",
        &["async", "loading"],
    ),
    (
        "Twice is a hint",
        "A relationship that is loaded one by one, again and again, is warned about: with the line, and the option \
         that mends it.",
        &["loading"],
    ),
    ("What stays", "Tags outlive their posts. Only the rows between them go.", &["cascades", "relationships"]),
    (
        "Welcome",
        "This blog is an example: every page shows something of the library behind it. Log in as one of its users, \
         write, comment, tag; or sign up, and leave again to see what goes with you.",
        &["web"],
    ),
];

/// What is said to the posts, by turns.
const SAID: [&str; 4] =
    ["I did not know that.", "This saved me an afternoon.", "Where can I read more?", "Now I see why. Thank you!"];

/// Fills a blog that has no users; says whether it did.
pub async fn seed(db: &Db) -> Result<bool> {
    let mut s = db.session();
    if User::select().exists(&mut s).await? {
        return Ok(false);
    }
    let now = Utc::now();
    let password = hash_password(PASSWORD.to_owned()).await;
    let users = s.add_all(USERS.map(|name| {
        let bio = format!("Hello, I am {name}. I came with the blog.");
        let profile = new!(Profile { bio: bio });
        new!(User { username: name, password: password.as_str(), joined: now - TimeDelta::days(30), profile: profile })
    }));
    let mut tags: Vec<(&str, Handle<Tag>)> = Vec::new();
    for (index, (title, content, names)) in POSTS.into_iter().enumerate() {
        let (author, reader) = (users[(index + index / 6 + 1) % 3], users[(index + index / 6 + 2) % 3]);
        let written = now - TimeDelta::days((POSTS.len() - index) as i64);
        let post = s.add(new!(Post { title: title, content: content, written: written, author: author }));
        for &name in names {
            let known = tags.iter().find(|(known, _)| *known == name).map(|&(_, tag)| tag);
            let tag = known.unwrap_or_else(|| s.add(new!(Tag { name: name })));
            tags.push((name, tag));
            s.append(post, Post::tags, tag)?;
        }
        let (text, written) = (SAID[index % SAID.len()], written + TimeDelta::hours(5));
        s.append(post, Post::comments, new!(Comment { text: text, written: written, author: reader }))?;
    }
    s.commit().await?;
    Ok(true)
}
