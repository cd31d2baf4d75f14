//! The shell, line by line: what is typed, and what it answers.
#![cfg(feature = "shell")]

use realgar::prelude::*;
use realgar_axum::Shell;

#[derive(Model)]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: Option<String>,
    #[column(secret)]
    password: Option<String>,
    #[relationship(backref = author)]
    books: Many<Book>,
}

#[derive(Model)]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(length = 120)]
    title: String,
    pages: Option<i32>,
    #[column(foreign_key = Author::id)]
    author_id: i64,
    #[relationship(secondary = BookTopics)]
    topics: Many<Topic>,
}

#[derive(Table)]
#[table("book_topics")]
struct BookTopics {
    #[column(foreign_key = Book::id)]
    book_id: i64,
    #[column(foreign_key = Topic::name)]
    topic_name: String,
}

#[derive(Model)]
struct Topic {
    #[column(primary_key)]
    name: String,
}

async fn shell() -> (Shell, Db) {
    let db = Db::connect("sqlite::memory:", models![Author]).await.unwrap();
    db.create_all().await.unwrap();
    (Shell::new(db.clone()), db)
}

/// A shell in which statements are not shown, with two authors and three books.
async fn filled() -> (Shell, Db) {
    let (mut shell, db) = shell().await;
    for line in [
        "echo off",
        "jane = Author(name='Jane Doe', password='hunter2')",
        "add Book(title='Flask 101', pages=300, author=jane), Book(title='Rust 101', author=jane)",
        "add Book(title='It\\'s', pages=12, author=Author(name='Joe'), topics=[Topic(name='grammar')])",
        "commit",
    ] {
        assert_eq!(run(&mut shell, line).await, "", "{line}");
    }
    (shell, db)
}

async fn run(shell: &mut Shell, line: &str) -> String {
    shell.run(line).await.text
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not part of\n{text}");
    }
}

/// The session of the second document, line for line, and what it asks afterwards.
#[tokio::test]
async fn r152_r154_the_session_of_the_document_works_line_for_line() {
    let (mut shell, db) = shell().await;
    let mut all = String::new();
    for line in [
        "from your_app import db, Author, Book",
        "author = Author(name='Jane Doe')",
        "book1 = Book(title='Flask 101', author=author)",
        "print(author)",
        "db.session.add_all([author, book1])",
        "print(author, book1)",
        "db.session.commit()",
        "print(author.id, book1.author_id, author.books, author, Author(name='t'))",
    ] {
        let answer = shell.run(line).await;
        assert!(!answer.failed, "{line}: {}", answer.text);
        all += &answer.text;
    }
    assert_eq!(
        all,
        "the models are here already, and so is `db`\n\
         <Author (transient)>\n\
         <Author (pending)> <Book (pending)>\n\
         -- BEGIN\n\
         -- INSERT INTO \"author\" (\"name\", \"password\") VALUES (?, ?)\n\
         --   \"Jane Doe\", NULL\n\
         -- INSERT INTO \"book\" (\"title\", \"pages\", \"author_id\") VALUES (?, ?, ?)\n\
         --   \"Flask 101\", NULL, 1\n\
         -- COMMIT\n\
         -- BEGIN\n\
         -- SELECT \"author\".\"id\", \"author\".\"name\", \"author\".\"password\" FROM \"author\" WHERE \"author\".\"id\" = ?\n\
         --   1\n\
         -- SELECT \"book\".\"id\", \"book\".\"title\", \"book\".\"pages\", \"book\".\"author_id\" FROM \"book\" WHERE \"book\".\"author_id\" = ?\n\
         --   1\n\
         1 1 [<Book 1>] <Author 1> <Author (transient)>\n"
    );
    drop(shell);
    assert_eq!(select(Book::title).all(&mut db.session()).await.unwrap(), ["Flask 101"]);
}

/// The queries that the document shows.
#[tokio::test]
async fn queries_in_the_documents_words() {
    let (mut shell, _) = filled().await;
    for (line, answer) in [
        ("author = Author.query.first()", ""),
        ("print(author.books)", "[<Book 1>, <Book 2>]\n"),
        ("book = Book.query.first()", ""),
        ("print(book.author.name)", "Jane Doe\n"),
        ("print(Author.query.filter(Author.books.any(title='Flask 101')).all())", "[<Author 1>]\n"),
        ("print(db.session.query(Book).filter(Book.pages > 100).all())", "[<Book 1>]\n"),
        ("print(Book.query.filter_by(title='Rust 101', pages=None).one())", "<Book 2>\n"),
        ("print(Book.query.order_by(Book.title.desc()).limit(2).all())", "[<Book 2>, <Book 3>]\n"),
        ("print(db.session.get(Book, 3), Book.query.get(9))", "<Book 3> None\n"),
        ("print(Book.query.count(), len(author.books))", "3 2\n"),
        ("print(Book.query.filter(Book.title.like('%101'), Book.pages.is_(None)).all())", "[<Book 2>]\n"),
        ("print(Book.query.filter(Book.title.in_(['It\\'s', 'x'])).all())", "[<Book 3>]\n"),
    ] {
        assert_eq!(run(&mut shell, line).await, answer, "{line}");
    }
}

#[tokio::test]
async fn queries_in_its_own_words() {
    let (mut shell, _) = filled().await;
    for (line, answer) in [
        ("print(Book where title = 'Flask 101')", "[<Book 1>]\n"),
        ("print(Book where pages > 10 and not title like 'Fl%')", "[<Book 3>]\n"),
        ("print(Book where pages is null or pages in [12, 13] order by title desc)", "[<Book 2>, <Book 3>]\n"),
        ("print(Book where author.name = 'Joe')", "[<Book 3>]\n"),
        ("print(Author where books.title like '%101' limit 1)", "[<Author 1>]\n"),
        ("print(Book where topics.name = 'grammar')", "[<Book 3>]\n"),
        ("print(Topic 'grammar', Book 2, Author[9])", "<Topic grammar> <Book 2> None\n"),
        ("print(Author.books)", "a relationship\n"),
        ("Book where pages != 300", "┌────┬───────┬───────┬───────────┐\n"),
        ("print(_.author)", "[<Author 2>]\n"),
        ("print(Book limit 0)", "[]\n"),
    ] {
        let text = run(&mut shell, line).await;
        assert!(text.starts_with(answer), "{line}\n{text}");
    }
    assert_eq!(
        run(&mut shell, "Book where title = 'Flask 101'").await,
        "┌────┬───────────┬───────┬───────────┐\n\
         │ id ┆ title     ┆ pages ┆ author_id │\n\
         ╞════╪═══════════╪═══════╪═══════════╡\n\
         │ 1  ┆ Flask 101 ┆ 300   ┆ 1         │\n\
         └────┴───────────┴───────┴───────────┘\n\
         1 row\n"
    );
    assert_has(&run(&mut shell, ".author").await, &["Jane Doe", "1 row"]);
    run(&mut shell, "Book").await;
    assert_has(&run(&mut shell, "_[0]").await, &["<Book 1>", "follow: .topics .author"]);
    assert_eq!(run(&mut shell, ".author.books.title").await, "'Flask 101'\n'Rust 101'\n2 rows\n");
}

#[tokio::test]
async fn objects_are_changed_and_deleted() {
    let (mut shell, db) = filled().await;
    for line in [
        "jane.name = 'Jane'",
        "book = Book 2",
        "book.pages = 7",
        "joe = Author where name = 'Joe'",
        "book.author = joe[0]",
        "new = Book(title='new')",
        "new.title = 'newer'",
        "jane.books.append(new)",
        "t = Topic(name='t')",
        "new.topics = [t, Topic(name='u')]",
        "new.topics.remove(t)",
        "delete Book where title = 'It\\'s'",
    ] {
        assert_eq!(run(&mut shell, line).await, "", "{line}");
    }
    assert!(shell.has_changes());
    assert_eq!(run(&mut shell, "commit").await, "");
    assert!(!shell.has_changes());
    let mut s = db.session();
    let books = select((Book::title, Book::pages, Author::name)).join(Book::author).order_by(Book::title);
    let books = books.all(&mut s).await.unwrap();
    let (jane, joe) = (Some("Jane".to_owned()), Some("Joe".to_owned()));
    assert_eq!(
        books,
        [
            ("Flask 101".to_owned(), Some(300), jane.clone()),
            ("Rust 101".to_owned(), Some(7), joe),
            ("newer".to_owned(), None, jane)
        ]
    );
    let topics = select(BookTopics::topic_name).all(&mut s).await.unwrap();
    assert_eq!(topics, ["u"], "the other one was removed, and the deleted book had the third");
}

#[tokio::test]
async fn what_was_done_is_taken_back() {
    let (mut shell, db) = filled().await;
    run(&mut shell, "jane.name = 'x'").await;
    run(&mut shell, "add Author(name='y')").await;
    assert_eq!(run(&mut shell, "print(Author.query.count())").await, "3\n");
    run(&mut shell, "rollback").await;
    assert_eq!(run(&mut shell, "print(Author.query.count(), jane.name)").await, "2 Jane Doe\n");
    drop(shell);
    assert_eq!(Author::select().count(&mut db.session()).await.unwrap(), 2);
}

#[tokio::test]
async fn statements_are_shown_unless_echo_is_off() {
    let (mut shell, _) = shell().await;
    let text = run(&mut shell, "Author where name = 'x'").await;
    assert_has(
        &text,
        &["-- BEGIN\n", "-- SELECT count(*) FROM \"author\" WHERE \"author\".\"name\" = ?\n--   \"x\"\n"],
    );
    run(&mut shell, "echo off").await;
    assert_eq!(run(&mut shell, "Author where name = 'x'").await, "0 rows\n");
}

#[tokio::test]
async fn secrets_are_shown_nowhere() {
    let (mut shell, _) = filled().await;
    run(&mut shell, "echo on").await;
    let mut all = String::new();
    for line in [
        "Author",
        "jane",
        "jane.password",
        "print(jane.password)",
        "Author where password = 'hunter2'",
        "jane.password = 'hunter22'",
        "commit",
        "x = Author(password='hunter2')",
        "x",
    ] {
        all += &run(&mut shell, line).await;
    }
    assert_has(&all, &["[secret]"]);
    let shown = all.lines().filter(|line| line.contains("hunter2")).collect::<Vec<_>>();
    assert_eq!(shown, [""; 0], "{all}");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_the_next_line_works() {
    let (mut shell, _) = filled().await;
    for (line, said) in [
        ("Autor", "there is nothing called `Autor`"),
        ("describe Autor", "there is nothing called `Autor`"),
        ("Author where nam = 'x'", "`Author` has no field `nam`"),
        ("Author(nam='x')", "`Author` has no field `nam`"),
        ("add Book(pages=1)", "a new `Book` needs title"),
        ("add 1", "`add` takes objects, not a value"),
        ("jane.books = 1", "`books` takes a list"),
        ("jane.id = 'x'", "`id`: expected an integer"),
        ("add Book(title='x', pages=3000000000)", "an integer that does not fit 32 bits"),
        ("Book where pages = 'x'", "`pages`: expected an integer"),
        ("Book where title", "error"),
        ("jane.books[99]", "there is no item 99"),
        ("1 + 1", "`+` is not understood here"),
        ("'open", "has no end"),
        ("Author = 1", "`Author` is taken"),
        ("jane.nothing", "`Author` has no field `nothing`"),
        ("jane.nothing()", "an object has no method `nothing`"),
        ("echo", "`echo on` or `echo off`"),
        ("Author.query.one()", "several rows"),
    ] {
        let answer = shell.run(line).await;
        assert!(answer.failed && answer.text.contains(said), "{line}: {}", answer.text);
    }
    run(&mut shell, "add Author(id=1)").await;
    assert_has(&run(&mut shell, "commit").await, &["UniqueViolation"]);
    assert_has(&run(&mut shell, "Author").await, &["PendingRollback", "say `rollback`"]);
    assert_eq!(run(&mut shell, "rollback").await, "");
    assert_has(&run(&mut shell, "print(Author.query.count())").await, &["2"]);
}

#[tokio::test]
async fn models_are_listed_and_described() {
    let (mut shell, _) = shell().await;
    assert_has(&run(&mut shell, "models").await, &["Author", "author", "id, name, password", "books"]);
    let text = run(&mut shell, "describe Book").await;
    assert_has(&text, &["title", "Text", "refers to author", "many Topic", "relationship", "made by the database"]);
    assert_has(&run(&mut shell, "describe Author").await, &["secret", "may be NULL"]);
    assert_has(&run(&mut shell, "help").await, &["db.session.add_all", "rollback"]);
    assert!(shell.run("quit").await.over);
}

#[tokio::test]
async fn long_and_strange_values_stay_in_their_line() {
    let (mut shell, _) = shell().await;
    run(&mut shell, "echo off").await;
    run(&mut shell, &format!("add Author(name='{}'), Author(name='a\\nb\\tc')", "x".repeat(70))).await;
    let text = run(&mut shell, "Author").await;
    assert_has(&text, &[&format!("{}…", "x".repeat(50)), "a b c"]);
    for index in 0..40 {
        run(&mut shell, &format!("add Author(name='{index}')")).await;
    }
    assert_has(&run(&mut shell, "Author").await, &["42 rows, 12 of them not shown"]);
}

/// What is wrong is told with a way out.
#[tokio::test]
async fn mistakes_come_with_a_way_out() {
    let (mut shell, _) = filled().await;
    for (line, way_out) in [
        ("Author where nmae = 'x'", "did you mean `name`?"),
        ("Author.query.filter_by(nmae='x').first()", "did you mean `name`?"),
        ("jane.bosk", "did you mean `books`?"),
        ("Author(nam='x')", "did you mean `name`?"),
        ("Book where xyz = 1", "it has id, title, pages, author_id, topics, author"),
        ("Bok where id = 1", "did you mean `Book`?"),
        ("describe book", "did you mean `Book`?"),
        ("print(jnae)", "did you mean `jane`?"),
        ("x9y9", "`models` lists the models; a variable is made by `name = …`"),
        ("SELECT * FROM book", "a query is written `User where name = 'Ada' order by name limit 5`"),
        ("insert into book values (1)", "a row is made by `add User(name='Ada')`, then `commit`"),
        ("update book set title = 'x'", "a field is changed by `ada.name = 'Grace'`, then `commit`"),
        ("for book in jane.books: print(book)", "the shell has no blocks"),
        ("a b", "`help` says what there is"),
    ] {
        let answer = shell.run(line).await;
        assert!(answer.failed, "{line}");
        assert_has(&answer.text, &[&format!("way out: {way_out}")]);
    }
    run(&mut shell, "new = Book()").await;
    assert_has(
        &run(&mut shell, "add new").await,
        &["a new `Book` needs title", "way out: say `new.title = …`, then add it again"],
    );
    assert_has(&run(&mut shell, "new.autor").await, &["way out: did you mean `author`?"]);
    assert_has(&run(&mut shell, "new.topics").await, &["way out: `add` it first"]);
    for last in ["exit()", "quit()", "exit", "quit"] {
        assert!(shell.run(last).await.over, "{last}");
    }
}
