//! What a step sent, in the recordings' short form: `SELECT posts`, `INSERT posts x2`.

/// The statements of a step, in order; neighbours of one kind are one.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Vec<(String, usize)>);

impl Kinds {
    /// A statement, executed so often.
    pub(crate) fn add(&mut self, sql: &str, executions: usize) {
        // An INSERT whose keys are drawn first begins with WITH.
        let sql = match sql.find("INSERT INTO ") {
            Some(at) if sql.starts_with("WITH ") => &sql[at..],
            _ => sql,
        };
        let mut words = sql.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let table = match kind {
            "INSERT" | "DELETE" => words.nth(1), // behind INTO, FROM
            // MySQL joins the table to the rows that are given.
            "UPDATE" => words.find(|word| word.starts_with('"')),
            "SELECT" => {
                let mut last = kind;
                words.find(|word| std::mem::replace(&mut last, word) == "FROM" && word.starts_with('"'))
            }
            "CREATE" | "DROP" => words.find(|word| word.starts_with('"')),
            _ => return,
        };
        let table = table.unwrap_or_default().trim_matches('"');
        let kind = format!("{kind} {table}");
        match self.0.last_mut() {
            Some((last, times)) if *last == kind && !kind.starts_with("SELECT") => *times += executions,
            _ => self.0.push((kind, executions)),
        }
    }

    /// `["INSERT users", "INSERT posts x2"]`
    pub(crate) fn spelled(&self) -> Vec<String> {
        let spelled = |(kind, times): &(String, usize)| match times {
            1 => kind.clone(),
            times => format!("{kind} x{times}"),
        };
        self.0.iter().map(spelled).collect()
    }
}

#[test]
fn neighbours_of_one_kind_are_one() {
    let mut kinds = Kinds::default();
    kinds.add(r#"INSERT INTO "posts" ("title") VALUES (?)"#, 1);
    kinds.add(r#"INSERT INTO "posts" ("id", "title") VALUES (?, ?)"#, 2);
    kinds.add(r#"SELECT "id" FROM "posts""#, 1);
    kinds.add(r#"SELECT "id" FROM (SELECT "id" FROM "users" LIMIT 1)"#, 1);
    kinds.add(r#"UPDATE "posts" SET "title" = ?"#, 1);
    kinds.add(r#"DELETE FROM "posts" WHERE "id" = ?"#, 1);
    let spelled = ["INSERT posts x3", "SELECT posts", "SELECT users", "UPDATE posts", "DELETE posts"];
    assert_eq!(kinds.spelled(), spelled);
}
