//! `<new file> <work> <rows>`: one piece of work on so many rows, once.

use common::scaling;
use realgar::{prelude::*, rusqlite::Connection};
use tokio::runtime::Builder;

#[derive(Model)]
#[model(table = "owners")]
struct Owner {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relationship(back_populates = owner, cascade = "all, delete-orphan")]
    items: Many<Item>,
}

#[derive(Model)]
#[model(table = "items")]
struct Item {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: String,
    #[column(foreign_key = Owner::id, index)]
    owner_id: i64,
    #[relationship(back_populates = items)]
    owner: One<Owner>,
    #[relationship(secondary = ItemLabels)]
    labels: Many<Label>,
}

#[derive(Model)]
#[model(table = "labels")]
struct Label {
    #[column(primary_key)]
    id: i64,
    name: String,
}

#[derive(Table)]
#[table(name = "item_labels")]
struct ItemLabels {
    #[column(primary_key, foreign_key = Item::id)]
    item_id: i64,
    #[column(primary_key, foreign_key = Label::id)]
    label_id: i64,
}

/// An item's owner, unless all have the same: ten each.
const EACH: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, work, rows] = arguments.as_slice() else { panic!("usage: <new file> <work> <rows>") };
    let rows: u64 = rows.parse().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(async {
        let db = Db::connect(&format!("sqlite:{file}"), models![Owner, Item, Label]).await?;
        db.create_all().await.map(|()| db)
    });
    let db = db.unwrap();
    if work != "insert" && work != "insert_links" {
        let each = if work == "delete_one_owner" { rows } else { EACH };
        seed(file, rows, each, work == "load_links");
    }
    let work = work.as_str();
    runtime.block_on(run(&db, work, rows)).unwrap();
}

/// Rows without an object.
fn seed(file: &str, rows: u64, each: u64, links: bool) {
    let numbers = format!("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
    let connection = Connection::open(file).unwrap();
    let mut text = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         INSERT INTO owners (id, name) {numbers} SELECT i, 'Owner ' || i FROM n WHERE i <= ({rows} + {each} - 1) / {each};
         INSERT INTO items (id, title, body, owner_id)
             {numbers} SELECT i, 'Item ' || i, 'What is said of item number ' || i, (i - 1) / {each} + 1 FROM n;
         INSERT INTO labels (id, name) {numbers} SELECT i, 'Label ' || i FROM n WHERE i <= 100;"
    );
    if links {
        let link = |step| format!("INSERT INTO item_labels {numbers} SELECT i, (i * 7 + {step}) % 100 + 1 FROM n;");
        text += &[0, 13, 26].map(link).concat();
    }
    connection.execute_batch(&(text + "COMMIT; ANALYZE;")).unwrap();
}

async fn run(db: &Db, work: &str, rows: u64) -> realgar::Result<()> {
    let mut s = db.session();
    match work {
        "load" => timed(work, rows, async || Item::select().all(&mut s).await.map(drop)).await,
        "stream" => {
            timed(work, rows, async || {
                let mut batches = Item::select().order_by(Item::id).yield_per(1_000);
                let mut count = 0;
                while let Some(batch) = batches.next(&mut s).await? {
                    count += batch.len() as u64;
                }
                assert_eq!(count, rows);
                Ok(())
            })
            .await
        }
        "insert" => {
            timed(work, rows, async || {
                for _ in 0..rows / EACH {
                    let items: Vec<_> = (0..EACH).map(|_| new!(Item { title: "Item", body: "What is said" })).collect();
                    s.add(new!(Owner { name: "Owner", items }));
                }
                s.commit().await
            })
            .await
        }
        "update" => {
            let items = Item::select().all(&mut s).await?;
            timed(work, rows, async || {
                for item in items {
                    s[item].title.push('!');
                }
                s.commit().await
            })
            .await
        }
        "delete" | "delete_one_owner" => {
            let owners = Owner::select().all(&mut s).await?;
            timed(work, rows, async || {
                for owner in owners {
                    s.delete(owner)?;
                }
                s.commit().await?;
                assert_eq!(Item::select().count(&mut s).await?, 0);
                Ok(())
            })
            .await
        }
        "load_links" => {
            let items = Item::select().options(Item::labels.selectin());
            timed(work, rows, async || items.all(&mut s).await.map(drop)).await
        }
        "insert_links" => {
            let names = (0..100).map(|label| new!(Label { name: format!("Label {label}") }));
            let labels = s.add_all(names);
            s.flush().await?;
            timed(work, rows, async || {
                let owner = s.add(new!(Owner { name: "Owner" }));
                for row in 0..rows as usize {
                    let labels: Vec<_> = [0, 13, 26].map(|step| labels[(row * 7 + step) % 100]).into();
                    s.add(new!(Item { title: "Item", body: "What is said", owner, labels }));
                }
                s.commit().await
            })
            .await
        }
        _ => panic!("no work `{work}`"),
    }
}

/// Runs it, timed, in the thread that it is awaited in.
async fn timed(work: &str, rows: u64, run: impl AsyncFnOnce() -> realgar::Result<()>) -> realgar::Result<()> {
    let cost = scaling(work, rows);
    run().await?;
    cost.end();
    Ok(())
}
