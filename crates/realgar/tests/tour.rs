//! The example `tour`, run as its users run it: what it prints, and what it leaves in a file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use realgar::rusqlite::Connection;

/// What is printed: the documents in their order, and their examples in theirs.
const LINES: &str = r#"
0. A lesson: one user, many posts

0.1 One-to-many: a user's posts
Ada's posts: ['Hello', 'World']
Author of 'Hello': Ada

0.2 Many-to-many: posts and tags
Tags on the post: ['python', 'flask']
Posts tagged python: ['Flask + SQLAlchemy', 'Pure Python']

0.3 Loading: lazily or eagerly
Ada -> ['Ada-1', 'Ada-2']
Bob -> ['Bob-1', 'Bob-2']
100 users, statements: lazy one by one 101, peers 3, selectin 2, joined 1

0.4 The same in Flask's style
Ada's posts: ['Hello', 'World']
Author of 'Hello': Ada

0.5 Exercise: an author's books
Books: ['The Dispossessed', 'The Lathe of Heaven']
FK value: 1 == 1

0.6 No foreign key
this does not compile

0.7 A typo in back_populates
this does not compile
one-sided back_populates, append to the side that names it: other side set = True
one-sided back_populates, set on the side that does not name it: collection = 0

0.8 Reading when the session is closed
lazy collection on a detached object: DetachedInstanceError
loaded column still readable: Ada
eager-loaded collection on a detached object: ['Hello', 'World']
re-attached: Ada

0.9 Exercise: students and courses
Math: ['Ann', 'Ben']
Math now: ['Ben']
Art now: []

1. A guide: four kinds of relationships

1.1 One-to-many: an author's books
['Flask 101'] Jane Doe
IntegrityError: `Book::author_id` takes no NULL, but nobody is at the other end of `Book::author` now
IntegrityError: FOREIGN KEY constraint failed

1.2 Many-to-many: students and courses
students of Math: ['Ann', 'Ben']
courses of Ben: ['Math']
list holds it 2 times before flush
after reload: 1

1.3 One-to-one: a user's profile
profile of a new user: None
bio: hello | same object back: True
bio: second | old row FK: None

1.4 Lazy: select, joined, dynamic
lazy='select': query=1 read=2 -> [['A1', 'A2'], ['B1', 'B2']]
lazy='joined': query=1 read=0 -> [['A1', 'A2'], ['B1', 'B2']]
lazy='subquery': query=2 read=0 -> [['A1', 'A2'], ['B1', 'B2']]
lazy='selectin': query=2 read=0 -> [['A1', 'A2'], ['B1', 'B2']]
lazy='immediate': query=3 read=0 -> [['A1', 'A2'], ['B1', 'B2']]
lazy='raise': query=1 read=0 -> InvalidRequestError
dynamic filter_by: ['A2']
dynamic count: 2 first: A2
after append: ['A1', 'A2', 'A3']

1.5 Parents and children
child.parent is the parent: True
child.parent: None child.parent_id: None

1.6 Troubleshooting
DetachedInstanceError: a handle of `Author` whose object the session let go: `expunge`, `detach`

1.7 Querying: from an author to the books, and back
['Flask 101', 'Flask 201']
Jane

1.8 Filtering by related models
any: ['Jane']
any(): ['Jane', 'Joe'] ~any(): ['Nobody']
has: ['Django']
== object: ['Django']
contains: ['Joe']
!= object: ['Flask 101', 'Flask 201']
== None: []
first of nothing: None

1.9 In the shell
['Flask 101'] Jane Doe

2. A chapter: connecting tables

2.1 One-to-many: a user's posts
user.posts: ['Hello'] post.author: ada
author before: None
author after: ada
IntegrityError: UNIQUE constraint failed: chapter_user.username
after rollback: ['ada']

2.2 Many-to-many: posts and tags
post.tags: ['flask', 'python'] tag.posts: [1, 2]
post.tags with a duplicate row: ['flask', 'python']
StaleDataError: a DELETE of one row of `chapter_post_tags` met 2 rows
final: ['flask']

2.3 One-to-one: a user's profile
bio: b
profile row kept, FK: None

2.4 Eager and lazy loading
u0 []
u1 ['p10']
u2 ['p20', 'p21']
u3 ['p30', 'p31', 'p32']
Lazy loading, statements: 5
u0 []
u1 ['p10']
u2 ['p20', 'p21']
u3 ['p30', 'p31', 'p32']
Eager loading, statements: 1

2.5 Joining queries
python-side default: [True, False, True]
active posts: ['a1', 'a2']
users with posts: ['ada', 'bob']
select().join(): 3
join(User.posts): ['ada', 'bob']
users without posts: ['cyd']

3. A how-to: syntax and examples

3.1 Syntax
parent.children: [1] child.parent: 1

3.2 Example
['First Post', 'Second Post']

3.3 Common pitfalls
these do not compile
Correct way:
children: 2 parent: True

3.4 Lazy: select or joined
lazy='select': query=1 read=1 -> ['First Post', 'Second Post']
lazy='joined': query=1 read=0 -> ['First Post', 'Second Post']
alice
['First Post', 'Second Post']

4. An article: cascades and association objects

4.1 One-to-many: users and posts
['johndoe: One', 'johndoe: Two', 'other: X']

4.2 A user and all posts
One
Two

4.3 The same in one statement
One
Two
Three

4.4 Cascades: when a user is deleted
orphans left: [('One', None), ('Two', None)]
IntegrityError: `Post::user_id` takes no NULL, but nobody is at the other end of `Post::author` now
after rollback: 1 user, 1 post
left: ['Two']
posts left: ['X']
final: ['new']

4.5 Many-to-many: users and groups
users: ['alice', 'bob'] groups: ['admin', 'staff', 'other']

4.6 Adding a user to a group
['admin'] ['alice']
['staff']

4.7 Joins along the association table
admin
staff
alice
bob
['admin', 'staff']
['alice', 'bob']
['other']

4.8 Navigation without joins
admin
staff

4.9 The association object
user_groups of alice: 0

4.10 Adding a user to a group with it
alice joined admin just now: True

4.11 Listing groups along with dates
Group: admin, Joined on: 2024-01-02 03:04:05
Group: staff, Joined on: 2020-05-05 00:00:00
get by pair: admin
FlushError: tried to blank out the primary-key column `UserGroup::user_id`: nobody is at the other end of `UserGroup::user` now
FlushError: tried to blank out the primary-key column `UserGroup::user_id`: nobody is at the other end of `UserGroup::user` now
"#;

/// How many examples each document has.
const EXAMPLES: [usize; 5] = [9, 9, 5, 4, 11];

/// Runs the example that was built beside this test.
fn tour(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().expect("this test is a file");
    let built = test.ancestors().nth(2).expect("it lies in `deps`");
    let example = built.join(format!("examples/tour{}", std::env::consts::EXE_SUFFIX));
    assert!(example.is_file(), "{} is missing: `cargo build -p realgar --examples` makes it", example.display());
    Command::new(example).args(arguments).output().expect("the example can be run")
}

fn stdout(arguments: &[&str]) -> String {
    let output = tour(arguments);
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {problem}");
    assert_eq!(problem, "", "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// A path where nothing is yet.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", path.display()));
    }
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// The first column of a query's rows.
fn column(file: &Path, sql: &str) -> Vec<String> {
    let sqlite = Connection::open(file).expect("the file opens");
    let mut statement = sqlite.prepare(sql).expect("the tables are there");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("text")
}

/// The same as Python prints it; there are no quotes in it.
fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("'{item}'")).collect();
    format!("[{}]", items.join(", "))
}

#[test]
fn it_prints_what_the_documents_print() {
    let printed = stdout(&[]);
    for (line, want) in printed.lines().zip(LINES.lines().skip(1)) {
        assert_eq!(line, want, "in:\n{printed}");
    }
    assert_eq!(printed.lines().count(), LINES.lines().count() - 1, "{printed}");
    assert_eq!(printed, stdout(&[]), "every run prints the same");
}

#[test]
fn every_example_has_its_number() {
    let printed = stdout(&[]);
    let mut numbers = Vec::new();
    for (document, examples) in EXAMPLES.into_iter().enumerate() {
        numbers.push(format!("{document}."));
        numbers.extend((1..=examples).map(|example| format!("{document}.{example}")));
    }
    let number = |line: &str| {
        let word = line.split(' ').next().unwrap_or_default();
        let is_number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.') && word.contains('.');
        is_number.then(|| word.to_owned())
    };
    assert_eq!(printed.lines().filter_map(number).collect::<Vec<_>>(), numbers);
}

#[test]
fn another_name_replaces_ada_everywhere() {
    // That word has an "ada" of its own.
    let lines = |arguments: &[&str]| stdout(arguments).replace("readable", "legible");
    let printed = lines(&["--name", "Grace"]);
    assert!(!printed.to_lowercase().contains("ada"), "{printed}");
    assert_eq!(
        printed,
        lines(&[]).replace("Ada", "Grace").replace("ada", "grace").replace(
            // The list is sorted by name.
            "['grace', 'bob']",
            "['bob', 'grace']",
        )
    );
}

#[test]
fn any_text_is_a_name() {
    for (name, first_post) in [
        ("", "'-1'"),
        ("🦀 Åsa", "'🦀 Åsa-1'"),
        ("O'Brien", "\"O'Brien-1\""),
        ("O'Brien\"; DROP TABLE users;--", "'O\\'Brien\"; DROP TABLE users;---1'"),
        ("back\\slash", "'back\\\\slash-1'"),
        ("%_?1{}", "'%_?1{}-1'"),
        // Names that the documents give to others.
        ("Bob", "'Bob-1'"),
        ("cyd", "'cyd-1'"),
        ("johndoe", "'johndoe-1'"),
    ] {
        let file = fresh("names.db");
        let printed = stdout(&["--name", name, "--db", text(&file)]);
        for want in [
            format!("{name}'s posts: ['Hello', 'World']\nAuthor of 'Hello': {name}\n"),
            format!("\n{name} -> [{first_post}, "),
            format!("\nauthor after: {}\n", name.to_lowercase()),
        ] {
            assert!(printed.contains(&want), "{want:?} is missing:\n{printed}");
        }
        assert_eq!(column(&file, "SELECT name FROM users"), [name]);
    }
}

#[test]
fn a_file_keeps_what_was_printed() {
    let file = fresh("tour.db");
    let mut names = Vec::new();
    // The second run takes the place of the first.
    for name in ["Ada", "Grace"] {
        let printed = stdout(&["--db", text(&file), "--name", name]);
        assert_eq!(printed, stdout(&["--name", name]), "in memory and in a file, the same is printed");
        for (begin, sql) in [
            (
                &*format!("{name}'s posts: "),
                "SELECT title FROM posts JOIN users ON users.id = user_id ORDER BY posts.id",
            ),
            (
                "Tags on the post: ",
                "SELECT name FROM tags JOIN post_tag ON tag_id = tags.id JOIN posts ON post_id = posts.id
                 WHERE title = 'Flask + SQLAlchemy' ORDER BY tags.id",
            ),
            (
                "Posts tagged python: ",
                "SELECT title FROM posts JOIN post_tag ON post_id = posts.id JOIN tags ON tag_id = tags.id
                 WHERE name = 'python' ORDER BY posts.id",
            ),
            (
                "Bob -> ",
                "SELECT title FROM loading_posts JOIN loading_users ON loading_users.id = user_id
                 WHERE name = 'Bob' ORDER BY loading_posts.id",
            ),
            ("Books: ", "SELECT title FROM books ORDER BY id"),
            // Tables without a name of their own are named after their models.
            (&*format!("{name}'s posts: "), "SELECT title FROM post JOIN user ON user.id = user_id ORDER BY post.id"),
            (
                "Math now: ",
                "SELECT name FROM students JOIN enrollments ON student_id = students.id
                 JOIN courses ON course_id = courses.id WHERE title = 'Math'",
            ),
            ("after rollback: ", "SELECT username FROM chapter_user ORDER BY id"),
            (
                "active posts: ",
                "SELECT title FROM joins_post JOIN joins_user ON joins_user.id = user_id WHERE is_active",
            ),
            ("", "SELECT title FROM howto_post ORDER BY id"),
            ("final: ", "SELECT name FROM chapter_tag JOIN chapter_post_tags ON tag_id = chapter_tag.id"),
            ("after append: ", "SELECT title FROM guide_dynamic_book ORDER BY title"),
            ("", "SELECT title FROM joined_post ORDER BY id"),
            ("final: ", "SELECT title FROM article_cascade_posts"),
        ] {
            let want = format!("\n{begin}{}\n", list(&column(&file, sql)));
            assert!(printed.contains(&want), "{want:?} is missing:\n{printed}");
        }
        names = column(&file, "SELECT name FROM users");
    }
    assert_eq!(names, ["Grace"]);
    assert_eq!(column(&file, "SELECT name FROM loading_users ORDER BY id"), ["Grace", "Bob"]);
    assert!(!file.with_extension("db-wal").exists(), "the file alone holds everything");
}

#[test]
fn echo_shows_the_sql() {
    let printed = stdout(&["--echo"]);
    for want in [
        "BEGIN\n",
        "COMMIT\n",
        "\nINSERT INTO \"users\"",
        "\nSELECT \"users\".",
        "\nCREATE TABLE",
        "[parameters] \"Ada\"",
    ] {
        assert!(printed.contains(want), "{want:?} is missing:\n{printed}");
    }
    assert!(!stdout(&[]).contains("SELECT \""));
}

#[test]
fn help_is_printed() {
    let printed = stdout(&["--help"]);
    for word in ["--name", "--db", "--echo", "Usage"] {
        assert!(printed.contains(word), "{printed}");
    }
}

#[test]
fn what_it_does_not_understand_ends_with_2() {
    for arguments in [&["--nme", "Ada"][..], &["Ada"], &["--name"], &["--echo", "--db"], &["--db", ""]] {
        let output = tour(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: "), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_used_ends_with_1() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let nowhere = folder.join("no such folder/tour.db");
    let noise = fresh("noise.db");
    fs::write(&noise, "this is not a database, and long enough to be taken for one").expect("written");
    let others = fresh("others.db");
    Connection::open(&others).and_then(|sqlite| sqlite.execute_batch("CREATE TABLE users (x)")).expect("written");
    for (path, want) in [
        (nowhere.as_path(), "unable to open database file"),
        (folder, "unable to open database file"),
        (&noise, "not a database"),
        (&others, "somebody else"),
    ] {
        let before = fs::read(path).ok();
        let output = tour(&["--db", text(path)]);
        let problem = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{problem}");
        assert!(problem.starts_with("tour: ") && problem.contains(text(path)) && problem.contains(want), "{problem}");
        assert!(!problem.contains("panicked"), "{problem}");
        assert!(output.stdout.is_empty());
        assert!(fs::read(path).ok() == before, "{} was changed", path.display());
    }
}

#[test]
fn any_file_name_will_do() {
    for name in ["a?b.db", "a%20b.db", "ä b.db", "empty.db"] {
        let file = fresh(name);
        if name == "empty.db" {
            fs::write(&file, "").expect("written");
        }
        stdout(&["--db", text(&file)]);
        assert_eq!(column(&file, "SELECT name FROM users"), ["Ada"], "{name}");
    }
}
