//! What a step wrote, in the recordings' short form: `INSERT posts x2`.

/// The writes of a step, in order; neighbours of one kind are one.
#[derive(Debug, Default)]
pub(crate) struct Writes(Vec<(String, usize)>);

impl Writes {
    /// A statement, executed so often. Those that write nothing are left out.
    pub(crate) fn add(&mut self, sql: &str, executions: usize) {
        let mut words = sql.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let table = match kind {
            "INSERT" | "DELETE" => words.nth(1), // behind INTO, FROM
            "UPDATE" => words.next(),
            "CREATE" | "DROP" => words.find(|word| word.starts_with('"')),
            _ => return,
        };
        let table = table.unwrap_or_default().trim_matches('"');
        let write = format!("{kind} {table}");
        match self.0.last_mut() {
            Some((last, times)) if *last == write => *times += executions,
            _ => self.0.push((write, executions)),
        }
    }

    /// `["INSERT users", "INSERT posts x2"]`
    pub(crate) fn spelled(&self) -> Vec<String> {
        let spelled = |(write, times): &(String, usize)| match times {
            1 => write.clone(),
            times => format!("{write} x{times}"),
        };
        self.0.iter().map(spelled).collect()
    }
}

#[test]
fn neighbours_of_one_kind_are_one() {
    let mut writes = Writes::default();
    writes.add(r#"INSERT INTO "posts" ("title") VALUES (?)"#, 1);
    writes.add(r#"INSERT INTO "posts" ("id", "title") VALUES (?, ?)"#, 2);
    writes.add(r#"SELECT "id" FROM "posts""#, 1);
    writes.add(r#"UPDATE "posts" SET "title" = ?"#, 1);
    writes.add(r#"DELETE FROM "posts" WHERE "id" = ?"#, 1);
    assert_eq!(writes.spelled(), ["INSERT posts x3", "UPDATE posts", "DELETE posts"]);
}
