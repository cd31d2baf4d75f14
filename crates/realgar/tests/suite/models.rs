//! The models that several modules of the suite share, as scenarios, and how a test opens a database and looks at it.

use crate::database::database;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use realgar::{Event, ModelDesc, Recorder, prelude::*};

/// A database in memory with its tables.
pub(crate) async fn open(models: impl AsRef<[&'static ModelDesc]>) -> Db {
    let db = Db::connect(&database().await, models).await.expect("the models are right");
    db.create_all().await.expect("the tables can be made");
    db
}

/// The statements that were sent, as the database got them.
pub(crate) fn texts(recorder: &Recorder) -> Vec<String> {
    recorder.statements().iter().map(|statement| plain(&statement.sql)).collect()
}

/// The statement with names in double quotes, as most databases have them.
pub(crate) fn plain(sql: &str) -> String {
    sql.replace('`', "\"")
}

/// The names of all users, in the order of their keys.
pub(crate) async fn names(s: &mut Session) -> Vec<String> {
    select(blog::User::name).order_by(blog::User::id).all(s).await.unwrap()
}

/// What was sent since the last look, in short: `BEGIN`, `INSERT users x2`, `UPDATE posts(title, user_id) x1`.
pub(crate) fn sent(recorder: &Recorder) -> Vec<String> {
    recorder.take().iter().map(short).collect()
}

/// As [`sent`], without the transaction marks.
pub(crate) fn statements(recorder: &Recorder) -> Vec<String> {
    recorder.take().iter().filter(|event| matches!(event, Event::Statement(_))).map(short).collect()
}

/// The statement's verb. On PostgreSQL, an INSERT whose keys are drawn first begins with WITH.
pub(crate) fn verb(sql: &str) -> &str {
    match sql.split(' ').next().unwrap_or_default() {
        "WITH" if sql.contains("INSERT INTO") => "INSERT",
        verb => verb,
    }
}

/// A SELECT as the database at hand spells its places for values.
pub(crate) fn spelled(sql: &str) -> String {
    if !crate::database::name().starts_with("postgres") {
        return sql.to_owned();
    }
    let mut pieces = sql.split('?');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.enumerate().fold(first, |text, (index, piece)| format!("{text}${}{piece}", index + 1))
}

fn short(event: &Event) -> String {
    let statement = match event {
        Event::Begin => return "BEGIN".to_owned(),
        Event::Commit => return "COMMIT".to_owned(),
        Event::Rollback => return "ROLLBACK".to_owned(),
        Event::Statement(statement) => statement,
        other => return format!("{other:?}"),
    };
    let sql = plain(&statement.sql);
    let verb = verb(&sql);
    let names: Vec<&str> = sql.split('"').skip(1).step_by(2).collect();
    match (verb, names.as_slice()) {
        ("UPDATE", [table, ..]) => {
            // MySQL joins the rows that are given, and says then what each column becomes.
            let columns: Vec<&str> =
                match sql.split_once(") AS realgar_given STRAIGHT_JOIN ").and_then(|(_, on)| on.split_once(" SET ")) {
                    Some((_, set)) => set.split('"').skip(3).step_by(4).collect(),
                    None => {
                        let set = sql.split_once(" WHERE ").map_or("", |(before, _)| before);
                        set.split('"').skip(3).step_by(2).collect()
                    }
                };
            format!("UPDATE {table}({}) x{}", columns.join(", "), statement.executions)
        }
        ("INSERT" | "DELETE", [table, ..]) => format!("{verb} {table} x{}", statement.executions),
        _ => verb.to_owned(),
    }
}

/// A database file of one test; it goes with the value.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new() -> File {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        File(std::env::temp_dir().join(format!("realgar-suite-{}-{number}.db", std::process::id())))
    }

    /// The URL of the database in this file.
    pub(crate) fn url(&self) -> String {
        format!("sqlite:///{}", self.0.display())
    }

    /// The database in this file, with its tables.
    pub(crate) async fn open(&self, models: impl AsRef<[&'static ModelDesc]>) -> Db {
        let db = Db::connect(&self.url(), models).await.expect("the file can be opened");
        db.create_all().await.expect("the tables can be made");
        db
    }

    /// Runs SQL on a connection of its own, behind the back of every session.
    pub(crate) fn execute(&self, sql: &str) {
        let connection = realgar::rusqlite::Connection::open(&self.0).expect("the file can be opened");
        connection.execute_batch(sql).expect("the SQL is right");
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Everything that has an owner must have one, and goes with it.
pub(crate) mod blog {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "users")]
    pub(crate) struct User {
        #[column(primary_key)]
        pub(crate) id: i64,
        #[column(unique)]
        pub(crate) name: String,
        pub(crate) city: Option<String>,
        #[relationship(back_populates = author, cascade = "all, delete-orphan")]
        pub(crate) posts: Many<Post>,
    }

    #[derive(Debug, Model)]
    #[model(table = "posts")]
    pub(crate) struct Post {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) title: String,
        #[column(foreign_key = User::id)]
        pub(crate) user_id: i64,
        #[relationship(back_populates = posts)]
        pub(crate) author: One<User>,
        #[relationship(back_populates = post, cascade = "all, delete-orphan")]
        pub(crate) comments: Many<Comment>,
        #[relationship(secondary = PostTags, back_populates = posts)]
        pub(crate) tags: Many<Tag>,
    }

    #[derive(Debug, Model)]
    #[model(table = "comments")]
    pub(crate) struct Comment {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) text: String,
        #[column(foreign_key = Post::id)]
        pub(crate) post_id: i64,
        #[relationship(back_populates = comments)]
        pub(crate) post: One<Post>,
    }

    #[derive(Debug, Model)]
    #[model(table = "tags")]
    pub(crate) struct Tag {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[relationship(secondary = PostTags, back_populates = tags)]
        pub(crate) posts: Many<Post>,
    }

    #[derive(Table)]
    #[table("post_tags")]
    pub(crate) struct PostTags {
        #[column(primary_key, foreign_key = Post::id)]
        pub(crate) post_id: i64,
        #[column(primary_key, foreign_key = Tag::id)]
        pub(crate) tag_id: i64,
    }
}

/// Nobody needs anybody: keys that take NULL, and the default cascade.
pub(crate) mod club {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "teams")]
    pub(crate) struct Team {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[relationship(back_populates = team)]
        pub(crate) players: Many<Player>,
    }

    #[derive(Debug, Model)]
    #[model(table = "players")]
    pub(crate) struct Player {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[column(default = 10)]
        pub(crate) number: i32,
        #[column(foreign_key = Team::id)]
        pub(crate) team_id: Option<i64>,
        #[relationship(back_populates = players)]
        pub(crate) team: One<Option<Team>>,
        #[relationship(back_populates = player)]
        pub(crate) badge: One<Option<Badge>>,
    }

    #[derive(Debug, Model)]
    #[model(table = "badges")]
    pub(crate) struct Badge {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) code: String,
        #[column(foreign_key = Player::id)]
        pub(crate) player_id: Option<i64>,
        #[relationship(back_populates = badge)]
        pub(crate) player: One<Option<Player>>,
    }
}

/// A tree of one table.
pub(crate) mod tree {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "nodes")]
    pub(crate) struct Node {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[column(foreign_key = Node::id)]
        pub(crate) parent_id: Option<i64>,
        #[relationship(back_populates = children)]
        pub(crate) parent: One<Option<Node>>,
        #[relationship(back_populates = parent, cascade = "all")]
        pub(crate) children: Many<Node>,
    }
}

/// An association with a column of its own: its key is made of two foreign keys. The default cascade.
pub(crate) mod shop {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "order")]
    pub(crate) struct Order {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) customer: String,
        #[relationship(back_populates = order)]
        pub(crate) lines: Many<Line>,
    }

    #[derive(Debug, Model)]
    #[model(table = "groups")]
    pub(crate) struct Article {
        #[column(primary_key)]
        pub(crate) code: String,
        pub(crate) price: f64,
    }

    #[derive(Debug, Model)]
    #[model(table = "user")]
    pub(crate) struct Line {
        #[column(primary_key, foreign_key = Order::id)]
        pub(crate) order_id: i64,
        #[column(primary_key, foreign_key = Article::code)]
        pub(crate) article_code: String,
        #[column(default = 1)]
        pub(crate) quantity: i32,
        #[relationship(back_populates = lines)]
        pub(crate) order: One<Order>,
        pub(crate) article: One<Article>,
    }
}

/// Relationships without a way back.
pub(crate) mod oneway {
    use realgar::prelude::*;

    #[derive(Debug, Model)]
    #[model(table = "writers")]
    pub(crate) struct Writer {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) books: Many<Book>,
        #[relationship(cascade = "all, delete-orphan")]
        pub(crate) drafts: Many<Draft>,
        #[relationship(secondary = Reads)]
        pub(crate) reading: Many<Book>,
    }

    #[derive(Debug, Model)]
    #[model(table = "books")]
    pub(crate) struct Book {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) title: String,
        #[column(foreign_key = Writer::id)]
        pub(crate) writer_id: Option<i64>,
    }

    #[derive(Debug, Model)]
    #[model(table = "drafts")]
    pub(crate) struct Draft {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) title: String,
        #[column(foreign_key = Writer::id)]
        pub(crate) writer_id: Option<i64>,
    }

    #[derive(Table)]
    #[table("reads")]
    pub(crate) struct Reads {
        #[column(foreign_key = Writer::id)]
        pub(crate) writer_id: i64,
        #[column(foreign_key = Book::id)]
        pub(crate) book_id: i64,
    }
}
