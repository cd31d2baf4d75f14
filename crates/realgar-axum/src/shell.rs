//! A shell on the models of a database: it lists, makes, changes and queries objects, follows relationships, prints
//! tables and the statements that were sent.
//!
//! | file | what |
//! |---|---|
//! | `token.rs`, `parse.rs` | a line becomes what is to be done |
//! | `value.rs` | what an expression answers |
//! | `eval.rs` | expressions are evaluated |
//! | `call.rs` | methods: those of queries, columns, collections, the session |
//! | `act.rs` | what changes something: new objects, assignments, `add`, `delete` |
//! | `show.rs` | values as text and tables |
//! | `hint.rs` | ways out of what is wrong with a line |
//! | `edit.rs` | the line editor, and what completes names |

mod act;
mod call;
mod edit;
mod eval;
mod hint;
mod parse;
mod show;
mod token;
mod value;

use std::{collections::BTreeMap, io::IsTerminal};

use realgar::{Db, Error, Event, Recorder, Result, Select, Session};

use self::{
    parse::{Line, parse},
    value::{Draft, Val},
};

/// What is wrong with a line.
pub(crate) enum Fault {
    /// The line itself.
    Line(String),
    /// What the database or the session says.
    Realgar(Error),
}

impl From<String> for Fault {
    fn from(text: String) -> Fault {
        Fault::Line(text)
    }
}

impl From<&str> for Fault {
    fn from(text: &str) -> Fault {
        Fault::Line(text.to_owned())
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Realgar(error)
    }
}

/// Reads lines from the terminal, with completion by Tab, or from a pipe, until there are no more or one says `quit`.
/// What was not committed is rolled back then. A web server is not needed.
///
/// ```text
/// >>> author = Author(name='Jane Doe')
/// >>> book1 = Book(title='Flask 101', author=author)
/// >>> db.session.add_all([author, book1])
/// >>> db.session.commit()
/// >>> Author where name like 'Jane%'
/// >>> .books
/// ```
///
/// `help` lists everything that it understands.
///
/// # Errors
/// Where the terminal cannot be read. What is wrong with a line is printed, and the next one is read.
///
/// Source: `flask shell`, with `db` and all models in its namespace.
pub async fn shell(db: Db) -> Result<()> {
    let mut shell = Shell::new(db);
    if std::io::stdin().is_terminal() { edit::interactive(&mut shell).await } else { edit::piped(&mut shell).await }
}

/// A shell that is given its lines, and answers text: what [`shell()`] talks to, for programs and tests.
///
/// ```
/// # use realgar::prelude::*;
/// # #[derive(Model)] struct User { #[column(primary_key)] id: i64, name: String }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> realgar::Result<()> {
/// # let db = Db::connect("sqlite::memory:", models![User]).await?;
/// # db.create_all().await?;
/// let mut shell = realgar_axum::Shell::new(db);
/// shell.run("echo off").await;
/// shell.run("add User(name='Ada')").await;
/// assert_eq!(shell.run("print(User where name = 'Ada')").await.text, "[<User 1>]\n");
/// # Ok(()) }
/// ```
pub struct Shell {
    db: Db,
    session: Session,
    recorder: Recorder,
    variables: BTreeMap<String, Val>,
    drafts: Vec<Draft>,
    last: Val,
    echo: bool,
    /// Whether something was changed since the last commit or rollback.
    changed: bool,
}

/// What a line was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// What is to be printed.
    pub text: String,
    /// Whether something was wrong with the line.
    pub failed: bool,
    /// Whether the line said that it was the last one.
    pub over: bool,
}

const HELP: &str = "\
models                          the models of this database
describe User                   its columns and relationships
User                            all of them; User 1 or User['a'] by key
User where name = 'Ada' and posts.title like 'H%' order by name desc limit 5
.posts                          follows a relationship of the last answer, `_`; _[0], .title, .count()
ada = User(name='Ada')          a new object; Post(title='Hello', author=ada) with a relationship
add ada                         the next commit inserts it, with what it is related to
ada.name = 'Grace'              changes a field; ada.posts.append(post), ada.posts.remove(post), post.author = None
delete ada                      the next commit deletes it, with what its cascades say
commit, rollback, flush         ends the transaction, takes it back, writes what is pending
echo off, echo on               whether statements are printed
print(x)                        an object in short
help, quit

A line with an open bracket goes on in the next one. Ctrl-C forgets what is typed, Ctrl-D ends the shell.

Lines of Python work, too: User.query.filter_by(name='Ada').first(), User.query.filter(User.posts.any(title='Hello')).all(),
db.session.add_all([ada, post]), db.session.commit(), db.session.get(User, 1)
";

impl Shell {
    /// A shell on this database, with a session of its own.
    #[track_caller]
    #[must_use]
    pub fn new(db: Db) -> Shell {
        let mut session = db.session();
        let recorder = session.recorder_with_parameters();
        Shell {
            db,
            session,
            recorder,
            variables: BTreeMap::new(),
            drafts: Vec::new(),
            last: Val::Done(String::new()),
            echo: true,
            changed: false,
        }
    }

    /// Whether something was changed and not committed.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changed
    }

    /// Does what the line says. What is wrong with it is part of the answer, and the next line works: nothing panics,
    /// whatever is typed. Statements come first, each behind `-- `.
    pub async fn run(&mut self, line: &str) -> Answer {
        let done = match parse(line) {
            Ok(Line::Command(command, _)) if command == "quit" || command == "exit" => {
                return Answer { text: String::new(), failed: false, over: true };
            }
            Ok(line) => self.act(line).await,
            Err(text) => Err(Fault::Line(text)),
        };
        let (text, failed) = match done {
            Ok(text) => (text, false),
            Err(Fault::Line(text)) if text.contains("way out: ") => (format!("error: {text}\n"), true),
            Err(Fault::Line(text)) => match hint::elsewhere(line) {
                Some(way_out) => (format!("error: {text}\n  way out: {way_out}\n"), true),
                None => (format!("error: {text}\n"), true),
            },
            Err(Fault::Realgar(error)) => (format!("error: {}\n", in_shell(&error)), true),
        };
        Answer { text: self.sent() + &text, failed, over: false }
    }

    /// The statements of this line.
    fn sent(&self) -> String {
        let mut text = String::new();
        for event in self.recorder.take() {
            let mark = match event {
                _ if !self.echo => continue,
                Event::Statement(sent) => {
                    text.push_str(&format!("-- {}\n", sent.sql));
                    let bound = sent.parameters.iter().filter(|bound| !bound.is_empty());
                    bound.for_each(|bound| text.push_str(&format!("--   {bound}\n")));
                    continue;
                }
                Event::Begin => "BEGIN",
                Event::Commit => "COMMIT",
                Event::Rollback => "ROLLBACK",
                _ => continue,
            };
            text.push_str(&format!("-- {mark}\n"));
        }
        text
    }

    async fn act(&mut self, line: Line) -> Result<String, Fault> {
        match line {
            Line::Empty => Ok(String::new()),
            Line::Command(command, words) => self.command(&command, &words).await,
            Line::Verb(verb, what) => {
                for expr in &what {
                    let value = self.eval(expr, None).await?;
                    match verb.as_str() {
                        "add" => self.add(&value).await?,
                        _ => self.delete(&value).await?,
                    }
                }
                Ok(String::new())
            }
            Line::Assign(target, value) => {
                let value = self.eval(&value, None).await?;
                self.assign(&target, value).await?;
                Ok(String::new())
            }
            Line::Show(expr) => {
                // What a model's name answers are its objects: they can be followed.
                let value = match self.eval(&expr, None).await? {
                    Val::Model(model) => Val::query(model, Select::of(model)),
                    value => value,
                };
                let text = self.show(&value).await?;
                if !matches!(value, Val::Done(_)) {
                    self.last = value;
                }
                Ok(text)
            }
        }
    }

    async fn command(&mut self, command: &str, words: &[String]) -> Result<String, Fault> {
        match (command, words) {
            ("help", _) => Ok(HELP.to_owned()),
            ("models", _) => Ok(show::models(&self.db)?),
            ("describe", [name]) => match self.db.model(name) {
                Ok(model) => Ok(show::describe(&self.db, model)?),
                Err(_) => Err(self.nothing_called(name).into()),
            },
            ("describe", _) => Err("say which model: `describe User`".into()),
            ("echo", [word]) if word == "on" || word == "off" => {
                self.echo = word == "on";
                Ok(String::new())
            }
            ("echo", _) => Err("`echo on` or `echo off`".into()),
            ("from" | "import", _) => Ok("the models are here already, and so is `db`\n".to_owned()),
            ("commit", _) => self.commit().await,
            ("rollback", _) => self.rollback().await,
            _ => self.flush().await,
        }
    }

    fn nothing_called(&self, name: &str) -> String {
        hint::nothing_called(&self.db, name, self.variables.keys().map(String::as_str))
    }

    async fn commit(&mut self) -> Result<String, Fault> {
        self.session.commit().await?;
        self.changed = false;
        Ok(String::new())
    }

    async fn rollback(&mut self) -> Result<String, Fault> {
        self.session.rollback().await?;
        self.changed = false;
        Ok(String::new())
    }

    async fn flush(&mut self) -> Result<String, Fault> {
        self.session.flush().await?;
        Ok(String::new())
    }
}

/// The error's way out, in the shell's words where they differ.
fn in_shell(error: &Error) -> String {
    let text = error.to_string();
    text.replace("call `session.rollback().await?`", "say `rollback`").replace("`session.flush().await?`", "`flush`")
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shell").field("session", &self.session).finish_non_exhaustive()
    }
}
