//! Parity: the recording `s1_10_flask_extras`, line for line, and the step of `s1_06_errors` that belongs to the web.
//!
//! Where this crate does otherwise on purpose, [`DIFFERENCES`] says so; what is not listed there is compared.

use realgar::{Db, Event, Recorder, prelude::*};
use realgar_axum::{Config, PageParams, Pagination, Problem, prelude::*};
use serde_json::Value;

const RECORDED: &str = include_str!("../recorded/s1_10_flask_extras.json");
const ERRORS: &str = include_str!("../../../realgar/tests/parity/recorded/s1_06_errors.json");

/// What is otherwise here: the step or line, and what is so instead.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "one commit over two engines",
        "a session belongs to one database: two sessions, two commits, one after the other",
    ),
    ("two init_app calls", "a `Db` is a value: there is no application that it could be registered with twice"),
    (
        "get_or_404 of a missing id: begin",
        "no BEGIN: the session is the one that has read before, in the same transaction",
    ),
    ("object of the old context is detached", "the handle of a session that was closed is refused: `DetachedInstance`"),
];

mod main {
    use realgar::prelude::*;

    #[derive(Model)]
    pub(super) struct UserGroup {
        #[column(primary_key)]
        id: i64,
    }

    #[derive(Model)]
    pub(super) struct HTTPResponse {
        #[column(primary_key)]
        id: i64,
    }

    #[derive(Model)]
    pub(super) struct Author {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 80)]
        pub name: Option<String>,
        #[relationship(backref = author, lazy = "dynamic")]
        pub books: Many<Book>,
    }

    #[derive(Model)]
    pub(super) struct Book {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 120)]
        pub title: String,
        #[column(foreign_key = Author::id)]
        pub author_id: Option<i64>,
    }
}

use main::{Author, Book, HTTPResponse, UserGroup};

#[derive(Model)]
struct Log {
    #[column(primary_key)]
    id: i64,
    text: String,
}

/// The recording, read from top to bottom.
struct Replay {
    recording: Value,
    lines: Vec<String>,
    steps: usize,
    checks: usize,
    recorder: Recorder,
}

impl Replay {
    fn out(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// The next step must be this one, and what was sent since the last must be no more than there.
    #[track_caller]
    fn step(&mut self, name: &str) -> Value {
        let step = self.recording["steps"][self.steps].clone();
        self.steps += 1;
        assert_eq!(step["step"], name);
        let sent = self.recorder.take().into_iter().filter(|event| matches!(event, Event::Statement(_))).count();
        let allowed = step["count_batched"].as_u64().unwrap();
        assert!(sent as u64 <= allowed, "{name}: {sent} statements, {allowed} there");
        step
    }

    /// A step that ends with a 404 on both sides.
    #[track_caller]
    fn not_found<T>(&mut self, name: &str, result: Result<T, Problem>) {
        let step = self.step(name);
        let problem = result.err().unwrap_or_else(|| panic!("{name}: no error here"));
        assert_eq!((problem.status().as_u16(), &step["error"]["type"]), (404, &"NotFound".into()), "{name}");
        self.out(format!("NotFound: {}", step["error"]["message"].as_str().unwrap()));
    }

    #[track_caller]
    fn check(&mut self, name: &str, value: impl Into<Value>) {
        let checks = self.recording["checks"].as_array().unwrap();
        // Those that repeat what steps compare are the harness's own there.
        let own = |check: &&Value| {
            check["check"]
                .as_str()
                .is_some_and(|name| name.starts_with("error in") || name.starts_with("statements in"))
        };
        let check = checks.iter().filter(|check| !own(check)).nth(self.checks).cloned().unwrap();
        self.checks += 1;
        assert_eq!((&check["check"], &check["got"]), (&name.into(), &value.into()));
    }

    #[track_caller]
    fn differs(name: &str) {
        assert!(DIFFERENCES.iter().any(|(known, _)| *known == name), "{name} is not listed");
    }
}

fn python(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

fn number(number: Option<u64>) -> String {
    number.map_or("None".to_owned(), |number| number.to_string())
}

fn numbers(page: &Pagination<Handle<Book>>) -> String {
    format!("[{}]", page.iter_pages().map(number).collect::<Vec<_>>().join(", "))
}

fn titles(s: &Session, books: &[Handle<Book>]) -> String {
    let titles: Vec<String> = books.iter().map(|&book| format!("'{}'", s[book].title)).collect();
    format!("[{}]", titles.join(", "))
}

fn tables(names: &mut [&str]) -> String {
    names.sort_unstable();
    format!("[{}]", names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn s1_10_flask_extras() {
    let db = Db::connect("sqlite::memory:", models![UserGroup, HTTPResponse, Author, Book]).await.unwrap();
    let audit = Db::connect("sqlite::memory:", models![Log]).await.unwrap();
    let recording = serde_json::from_str(RECORDED).unwrap();
    let mut r = Replay { recording, lines: Vec::new(), steps: 0, checks: 0, recorder: db.recorder() };

    let name = |db: &Db, model: &str| db.model(model).unwrap().table.table.name;
    r.out(format!("names: {} {} {}", name(&db, "UserGroup"), name(&db, "HTTPResponse"), name(&db, "Author")));
    let all = |db: &Db| tables(&mut db.models().iter().map(|model| model.table.table.name).collect::<Vec<_>>());
    r.out(format!("default metadata: {} audit: {}", all(&db), all(&audit)));
    db.create_all().await.unwrap();
    audit.create_all().await.unwrap();

    Replay::differs("one commit over two engines");
    let (mut s, mut a) = (db.session(), audit.session());
    let books: Vec<Book> = (1..=45).map(|number| new!(Book { title: format!("B{number:02}") })).collect();
    s.add(new!(Author { name: "Jane", books: books }));
    a.add(new!(Log { text: "x" }));
    r.recorder.take();
    let there = audit.recorder();
    s.commit().await.unwrap();
    a.commit().await.unwrap();
    let mut writes: Vec<String> = [r.recorder.statements(), there.statements()]
        .concat()
        .iter()
        .map(|sent| {
            let table = sent.sql.split('"').nth(1).unwrap();
            let count = if sent.executions > 1 { format!(" x{}", sent.executions) } else { String::new() };
            format!("INSERT {table}{count}")
        })
        .collect();
    writes.sort();
    r.step("one commit over two engines");
    r.check("writes", writes);

    let result = s.get_or_404::<Author>(99).await;
    Replay::differs("get_or_404 of a missing id: begin");
    r.not_found("get_or_404 of a missing id", result);
    let result = Author::select().filter_by(Author::name, "no").first_or_404(&mut s).await;
    r.not_found("first_or_404", result);
    let result = Book::select().one_or_404(&mut s).await;
    r.not_found("one_or_404 with many", result);
    let jane = s.get_or_404::<Author>(1).await.unwrap();
    r.check("get_or_404 hit", s[jane].name.clone().unwrap());

    r.recorder.take();
    let p = Book::select().order_by(Book::id).paginate(&mut s, PageParams::new(2, 10)).await.unwrap();
    r.step("paginate page 2");
    r.out(format!(
        "page {} of {} total {} items {} ... first {} last {} prev {} {} next {} {} iter {}",
        p.page,
        p.pages(),
        number(p.total),
        titles(&s, &p.items[..2]),
        p.first(),
        p.last(),
        python(p.has_prev()),
        number(p.prev_num()),
        python(p.has_next()),
        number(p.next_num()),
        numbers(&p)
    ));
    let p = select(Book::TABLE).order_by(Book::id).paginate(&mut s, PageParams::new(5, 10)).await.unwrap();
    r.step("select-style paginate, last page");
    r.out(format!(
        "last page items {} has_next {} next_num {}",
        p.items.len(),
        python(p.has_next()),
        number(p.next_num())
    ));
    let result = Book::select().paginate(&mut s, PageParams::new(6, 10)).await;
    r.not_found("page beyond the end", result);
    let result = Book::select().paginate(&mut s, PageParams::new(0, 20)).await;
    r.not_found("page 0", result);
    let beyond = Book::select().paginate(&mut s, PageParams::new(6, 10).error_out(false)).await.unwrap();
    let zero = Book::select().paginate(&mut s, PageParams::new(0, 20).error_out(false)).await.unwrap();
    r.out(format!("error_out off: {} {}", titles(&s, &beyond.items), zero.page));
    let large = Book::select().paginate(&mut s, PageParams::new(1, 1000)).await.unwrap();
    let standard = Book::select().paginate(&mut s, PageParams::default()).await.unwrap();
    r.out(format!("max_per_page caps: {} default per_page: {}", large.per_page, standard.per_page));
    let p = Book::select().order_by(Book::id).paginate(&mut s, PageParams::new(10, 2)).await.unwrap();
    r.out(format!("gaps: {}", numbers(&p)));

    r.recorder.take();
    let jane = s.get_one::<Author>(1).await.unwrap();
    let newest = Author::books.of(jane).order_by(Book::id.desc());
    let p = newest.paginate(&mut s, PageParams::new(1, 3)).await.unwrap();
    r.step("dynamic relationship paginates");
    r.out(format!("dynamic: {} {}", titles(&s, &p.items), number(p.total)));
    let own = s.recorder();
    for _ in 0..6 {
        Book::select().count(&mut s).await.unwrap();
    }
    r.check("recorded queries", own.count() > 5);

    // The context ends: the session is closed, and a new one knows nothing of its objects.
    s.close().await.unwrap();
    let mut new = db.session();
    let again = new.get_one::<Author>(1).await.unwrap();
    r.check("a new context has a new session", again == jane);
    Replay::differs("object of the old context is detached");
    r.check("object of the old context is detached", new.try_ref(jane).is_ok());
    assert_eq!(new.load(jane, Author::books).await.unwrap_err().kind(), Kind::DetachedInstance);

    r.recorder.take();
    Replay::differs("two init_app calls");
    let step = r.step("two init_app calls");
    let error = |step: &Value| format!("RuntimeError: {}", step["error"]["message"].as_str().unwrap());
    r.out(error(&step));
    let unset = Config::from_variables(|_| None).unwrap().connect(models![Log]).await.unwrap_err();
    assert_eq!(unset.kind(), Kind::Argument);
    let step = r.step("no URI and no binds");
    r.out(error(&step));

    let lines: Vec<&str> =
        r.recording["stdout"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(r.lines, lines);
    assert_eq!(r.steps, r.recording["steps"].as_array().unwrap().len(), "every step was run");
}

/// There, a query outside of an application context is a `RuntimeError`; here, a handler that asks for a session where
/// no database is in the state does not compile: [`realgar_axum::DbSession`] shows it, as a test.
#[test]
fn s1_06_no_application_context() {
    let recording: Value = serde_json::from_str(ERRORS).unwrap();
    let steps = recording["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["step"] == "no application context").expect("the step is recorded");
    assert_eq!(step["error"]["type"], "RuntimeError");
    assert_eq!(step["count"], 0, "nothing is sent on either side");
    let shown = include_str!("../../src/session.rs");
    assert!(shown.contains("```compile_fail,E0277"), "the case that fails to compile is part of the documentation");
}
