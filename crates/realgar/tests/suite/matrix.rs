//! Every strategy with every shape of relationship: the statements it sends, and that all that load find the same.

mod models;
mod run;
mod shapes;

use models::library;

/// How many parents there are.
const PARENTS: [i64; 4] = [0, 1, 3, 1_001];

/// The statements of a query for 0, 1, 3 and 1,001 parents, and of a loop that asks each for one relationship; the query
/// is counted.
///
/// Where nothing stands behind the numbers, the loop found what it should: the same objects by every strategy, in the
/// same order. `!`: each load is refused. `~`: each load answers nobody. `-`: there is no such mapping. In the fourth
/// column the parents' query brings those at the other end, too, so the session knows them.
const ONE: &str = "
    |              | one-to-many  | one-to-one   | many-to-one  | the same, known | many-to-many |
    | peers        | 1 2 3 4      | 1 2 2 4      | 1 2 2 4      | 1 1 1 1         | 1 2 3 4      |
    | select       | 1 2 4 1002   | 1 2 4 1002   | 1 2 4 1002   | 1 1 1 1         | 1 2 4 1002   |
    | selectin     | 1 2 2 4      | 1 2 2 4      | 1 2 2 4      | 1 1 1 1         | 1 2 2 4      |
    | joined       | 1 1 1 1      | 1 1 1 1      | 1 1 1 1      | 1 1 1 1         | 1 1 1 1      |
    | subquery     | 1 2 2 2      | 1 2 2 2      | 1 2 2 2      | 1 1 1 1         | 1 2 2 2      |
    | immediate    | 1 2 4 1002   | 1 2 4 1002   | 1 2 4 1002   | 1 1 1 1         | 1 2 4 1002   |
    | raise        | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !       | 1 1 1 1 !    |
    | raise_on_sql | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1         | 1 1 1 1 !    |
    | noload       | 1 1 1 1 ~    | 1 1 1 1 ~    | 1 1 1 1 ~    | 1 1 1 1 ~       | 1 1 1 1 ~    |
    | dynamic      | 1 2 4 1002   | -            | -            | -               | 1 2 4 1002   |
    | write_only   | 1 2 4 1002   | -            | -            | -               | 1 2 4 1002   |
";

/// The same for relationships of a model with itself, and for paths. Three deep: a post's two comments, their authors,
/// the roles of these. The diamond: a post's author and the authors of its two comments, the same user and the next.
/// A path's next step is asked for as soon as the one before is there: of one post, then of the next.
///
/// `dynamic` and `write_only` hold for the collections of a path; authors are loaded by `peers` there.
const MORE: &str = "
    |              | children     | parent       | many-to-many | three deep     | diamond        |
    | peers        | 1 2 3 4      | 1 2 2 4      | 1 2 3 4      | 1 4 8 13       | 1 3 4 7        |
    | select       | 1 2 4 1002   | 1 2 4 1002   | 1 2 4 1002   | 1 4 10 3004    | 1 3 7 2003     |
    | selectin     | 1 2 2 4      | 1 2 2 4      | 1 2 2 4      | 1 4 4 10       | 1 3 3 7        |
    | joined       | 1 1 1 1      | 1 1 1 1      | 1 1 1 1      | 1 1 1 1        | 1 1 1 1        |
    | subquery     | 1 2 2 2      | 1 2 2 2      | 1 2 2 2      | 1 4 4 4        | 1 3 3 3        |
    | immediate    | 1 2 4 1002   | 1 2 4 1002   | 1 2 4 1002   | 1 4 10 3004    | 1 3 7 2003     |
    | raise        | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !      | 1 1 1 1 !      |
    | raise_on_sql | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !    | 1 1 1 1 !      | 1 1 1 1 !      |
    | noload       | 1 1 1 1 ~    | 1 1 1 1 ~    | 1 1 1 1 ~    | 1 1 1 1 ~      | 1 1 1 1 ~      |
    | dynamic      | 1 2 4 1002   | -            | 1 2 4 1002   | 1 5 12 4004    | 1 3 5 1005     |
    | write_only   | 1 2 4 1002   | -            | 1 2 4 1002   | 1 5 12 4004    | 1 3 5 1005     |
";

/// The row of a strategy in a table, without its name.
fn row(table: &'static str, strategy: &str) -> Vec<&'static str> {
    let rows = table.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let row = rows.into_iter().find(|cells| cells.get(1) == Some(&strategy)).expect("a row for each strategy");
    row[2..row.len() - 1].to_vec()
}

fn without_the_fourth(cell: &str) -> String {
    let mut numbers: Vec<&str> = cell.split(' ').collect();
    if numbers.len() > 3 {
        numbers.remove(3);
    }
    numbers.join(" ")
}

/// Runs all shapes with one strategy, and compares with the tables.
async fn check(strategy: &'static str) -> realgar::Result<()> {
    let mut cells = vec![String::new(); 10];
    // Where a statement looks up more keys at once, a thousand parents take as many as two.
    let few = crate::database::lacks("five hundred keys a statement");
    for &parents in if few { &PARENTS[..3] } else { &PARENTS[..] } {
        let db = library(parents).await?;
        for (cell, sent) in cells.iter_mut().zip(shapes::all(&db, parents, strategy).await?) {
            *cell = match sent {
                Some(sent) => format!("{} {} {}", cell.trim_end_matches(['!', '~', ' ']), sent.statements, sent.end),
                None => "-".to_owned(),
            };
        }
    }
    let cells: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
    let mut table: Vec<String> =
        [row(ONE, strategy), row(MORE, strategy)].concat().into_iter().map(str::to_owned).collect();
    if few {
        table.iter_mut().for_each(|cell| *cell = without_the_fourth(cell));
    }
    assert_eq!(cells, table, "{strategy}");
    Ok(())
}

macro_rules! strategies {
    ($($strategy:ident)*) => { $(
        #[tokio::test]
        async fn $strategy() -> realgar::Result<()> {
            check(stringify!($strategy)).await
        }
    )* };
}

strategies!(peers select selectin joined subquery immediate raise raise_on_sql noload dynamic write_only);
