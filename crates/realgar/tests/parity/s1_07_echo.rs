//! `echo(true)` prints BEGIN, statements, parameters, COMMIT, and the ROLLBACK of a session that is closed.
//!
//! Echo goes to the standard output of the process, so the scenario is run once more in a process of its own: this test
//! program, asked for the one test that prints.

use std::{env, process::Command};

use realgar::{Result, prelude::*};

use crate::harness::Run;

#[derive(Model)]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(length = 80)]
    name: Option<String>,
}

/// Set for the process that prints; the line before and after what it prints.
const MARK: &str = "REALGAR_PARITY_ECHO";

async fn add(s: &mut Session) -> Result<()> {
    s.add(new!(Author { name: "Jane" }));
    s.commit().await
}

async fn query(s: &mut Session) -> Result<()> {
    let jane = Author::select().filter_by(Author::name, "Jane").first(s).await?;
    assert!(jane.is_some());
    Ok(())
}

pub(crate) async fn run(run: &Run<'_>) -> Result<()> {
    let db = run.connect(models![Author]).await?;
    db.create_all().await?;
    let mut s = db.session();
    run.step("add + commit", add(&mut s)).await?;
    run.step("query", query(&mut s)).await?;
    s.close().await?;

    let recorded = &run.recorded().0.lines;
    let printed = printed();
    for (number, line) in printed.iter().flat_map(|line| spelled(line)).enumerate() {
        match recorded.get(number) {
            Some(recorded) if *recorded != line => run.out_otherwise(recorded, line),
            _ => run.out(line),
        }
    }
    let has = |what: &str| printed.iter().any(|line| line.replace('"', "").starts_with(what));
    run.check("has BEGIN", has("BEGIN"));
    run.check("has INSERT", has("INSERT INTO author"));
    run.check("has COMMIT", has("COMMIT"));
    run.check("has ROLLBACK on close", has("ROLLBACK"));
    Ok(())
}

/// What the scenario prints with echo.
fn printed() -> Vec<String> {
    let program = env::current_exe().expect("this program is a file");
    let test = ["s1_07_echo::prints_where_it_is_asked_to", "--exact", "--nocapture", "--test-threads=1"];
    let out = Command::new(program).args(test).env(MARK, "1").output().expect("this program can be run");
    let out = String::from_utf8(out.stdout).expect("echo is text");
    let lines = out.lines().skip_while(|line| *line != MARK).skip(1).take_while(|line| *line != MARK);
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn prints_where_it_is_asked_to() -> Result<()> {
    if env::var_os(MARK).is_none() {
        return Ok(());
    }
    let db = Db::builder(models![Author]).echo(true).connect("sqlite::memory:").await?;
    db.create_all().await?;
    let mut s = db.session();
    println!("\n{MARK}");
    add(&mut s).await?;
    query(&mut s).await?;
    s.close().await?;
    println!("{MARK}");
    Ok(())
}

/// A line of echo as the reference's logger spells it: with its name in front, a clause a line, values as a tuple.
fn spelled(line: &str) -> Vec<String> {
    let line = match line.strip_prefix("[parameters] ") {
        Some(values) => format!("[generated in T] ({},)", values.replace('"', "'")),
        None if line == "BEGIN" => "BEGIN (implicit)".to_owned(),
        None => line.replace('"', ""),
    };
    let clauses = [" FROM ", " WHERE ", " LIMIT "];
    let line = clauses.iter().fold(line, |line, clause| line.replace(clause, &clause.replacen(' ', "\n", 1)));
    format!("sqlalchemy.engine.Engine INFO {line}").lines().map(str::to_owned).collect()
}
