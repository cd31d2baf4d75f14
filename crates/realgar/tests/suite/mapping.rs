//! What a model's attributes become: keys, defaults, constraints, names, and values that survive the way there and back.

use crate::database::{database, lacks, storable};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use realgar::prelude::*;

use crate::models::{
    File, blog, open, sent,
    shop::{Article, Line, Order},
    texts,
};

/// The texts of what `create_all` sends.
async fn ddl(db: &Db) -> Vec<String> {
    let recorder = db.recorder();
    db.create_all().await.unwrap();
    texts(&recorder)
}

#[tokio::test]
async fn composite_keys_get_update_and_delete() {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.5 }));
    let order = s.add(new!(Order { customer: "Ada", lines: [new!(Line { article: pen, quantity: 3 })] }));
    s.commit().await.unwrap();
    let line = s.get::<Line>((s[order].id, "pen".to_owned())).await.unwrap().expect("it was inserted");
    assert_eq!((s.key(line).unwrap(), s[line].quantity), ((1, "pen".to_owned()), 3));
    assert_eq!(s.get::<Line>((2, "pen")).await.unwrap(), None);
    s[line].quantity = 4;
    s.commit().await.unwrap();
    let quantities: Vec<i32> = select(Line::quantity).all(&mut s).await.unwrap();
    assert_eq!(quantities, [4]);
    s.delete(line).unwrap();
    s.commit().await.unwrap();
    assert_eq!(s.get::<Line>((1, "pen".to_owned())).await.unwrap(), None);
}

#[tokio::test]
async fn text_keys_get_change_and_delete() {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.5 }));
    s.commit().await.unwrap();
    assert_eq!(s.get::<Article>("pen").await.unwrap(), Some(pen));
    let recorder = db.recorder();
    s[pen].code = "fountain pen".to_owned();
    s.commit().await.unwrap();
    assert_eq!(sent(&recorder), ["UPDATE groups(code) x1", "COMMIT"]); // `get` began the transaction
    assert_eq!(s.get::<Article>("pen").await.unwrap(), None);
    assert_eq!(s.get::<Article>("fountain pen").await.unwrap(), Some(pen));
    assert_eq!(s.key(pen).unwrap(), "fountain pen");
    s.delete(pen).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Article::select().count(&mut s).await.unwrap(), 0);
}

#[tokio::test]
async fn a_key_changed_and_rolled_back_is_found_under_its_old_name() {
    let db = open(models![Article]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.5 }));
    s.commit().await.unwrap();
    s[pen].code = "quill".to_owned();
    s.flush().await.unwrap();
    assert_eq!(s.get::<Article>("quill").await.unwrap(), Some(pen));
    s.rollback().await.unwrap();
    assert_eq!(s[pen].code, "pen");
    assert_eq!(s.get::<Article>("pen").await.unwrap(), Some(pen));
    assert_eq!(s.get::<Article>("quill").await.unwrap(), None);
}

mod lone {
    use realgar::prelude::*;

    /// Nothing but its key.
    #[derive(Debug, Model)]
    pub(super) struct Ticket {
        #[column(primary_key)]
        pub(super) id: i64,
    }
}

#[tokio::test]
async fn a_model_of_nothing_but_its_key() {
    use lone::Ticket;

    let db = open(models![Ticket]).await;
    let mut s = db.session();
    let tickets = s.add_all([new!(Ticket {}), new!(Ticket {}), new!(Ticket { id: 7 }), new!(Ticket {})]);
    s.commit().await.unwrap();
    let keys: Vec<i64> = tickets.iter().map(|&ticket| s.key(ticket).unwrap()).collect();
    assert_eq!(keys, [1, 2, 7, if lacks("keys that follow the largest") { 3 } else { 8 }]);
    let tickets = if keys[3] == 3 { [tickets[0], tickets[1], tickets[3], tickets[2]].to_vec() } else { tickets };
    assert_eq!(Ticket::select().order_by(Ticket::id).all(&mut s).await.unwrap(), tickets);
    s.delete(tickets[1]).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Ticket::select().count(&mut s).await.unwrap(), 3);
}

mod rich {
    use std::sync::atomic::{AtomicI32, Ordering};

    use realgar::prelude::*;

    pub(super) static CALLS: AtomicI32 = AtomicI32::new(0);

    fn next() -> i32 {
        CALLS.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Defaults, constraints and names of every sort.
    #[derive(Debug, Model)]
    #[model(table = "my \"rich\" table", unique(street, number), index(number, street))]
    pub(super) struct Rich {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(default = "nowhere".to_owned(), length = 40)]
        pub(super) street: String,
        #[column(default = next)]
        pub(super) number: i32,
        #[column(name = "a \"quoted\" name", unique)]
        pub(super) quoted: Option<String>,
        #[column(index, name = "select")]
        pub(super) chosen: Option<i64>,
        #[column(foreign_key = Rich::id, on_delete = "set null", on_update = "cascade")]
        pub(super) other_id: Option<i64>,
    }
}

#[tokio::test]
async fn defaults_are_made_once_per_object_at_construction() {
    use rich::{CALLS, Rich};

    let before = CALLS.load(std::sync::atomic::Ordering::Relaxed);
    let (a, b) = (new!(Rich {}), new!(Rich { number: 99 }));
    assert_eq!((a.street.as_str(), a.number > before, b.number), ("nowhere", true, 99));
    assert_ne!(Rich { ..default() }.number, a.number);
}

#[tokio::test]
async fn constraints_stand_in_the_ddl() {
    if lacks("statements as SQLite spells them") {
        return;
    }
    let db = Db::connect(&database().await, models![rich::Rich]).await.unwrap();
    assert_eq!(
        ddl(&db).await,
        [
            "CREATE TABLE IF NOT EXISTS \"my \"\"rich\"\" table\" (\"id\" INTEGER NOT NULL, \
             \"street\" VARCHAR(40) NOT NULL, \"number\" INTEGER NOT NULL, \"a \"\"quoted\"\" name\" VARCHAR, \
             \"select\" INTEGER, \"other_id\" INTEGER, PRIMARY KEY (\"id\"), UNIQUE (\"a \"\"quoted\"\" name\"), \
             UNIQUE (\"street\", \"number\"), FOREIGN KEY (\"other_id\") REFERENCES \"my \"\"rich\"\" table\" (\"id\") \
             ON DELETE SET NULL ON UPDATE CASCADE)",
            "CREATE INDEX IF NOT EXISTS \"ix_my \"\"rich\"\" table_select\" ON \"my \"\"rich\"\" table\" (\"select\")",
            "CREATE INDEX IF NOT EXISTS \"ix_my \"\"rich\"\" table_number_street\" ON \"my \"\"rich\"\" table\" \
             (\"number\", \"street\")",
        ]
    );
}

#[tokio::test]
async fn strange_names_read_write_and_filter() {
    use rich::Rich;

    let db = open(models![Rich]).await;
    let mut s = db.session();
    let one = s.add(new!(Rich { number: 1, quoted: "x", chosen: 5 }));
    s.commit().await.unwrap();
    s[one].quoted = Some("y".to_owned());
    s.commit().await.unwrap();
    let found =
        Rich::select().filter(Rich::quoted.eq("y") & Rich::chosen.eq(5)).order_by(Rich::quoted).one(&mut s).await;
    assert_eq!(found.unwrap(), one);
}

#[tokio::test]
async fn several_unique_columns_are_unique_together() {
    use rich::Rich;

    let db = open(models![Rich]).await;
    let mut s = db.session();
    s.add(new!(Rich { street: "a", number: 1 }));
    s.add(new!(Rich { street: "a", number: 2 }));
    s.commit().await.unwrap();
    s.add(new!(Rich { street: "a", number: 2 }));
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), Kind::UniqueViolation);
    let facts = error.database().unwrap();
    assert_eq!(
        (facts.table.as_deref(), facts.columns.as_slice()),
        (Some("my \"rich\" table"), &["street".to_owned(), "number".to_owned()][..])
    );
}

#[tokio::test]
async fn reserved_words_are_table_names() {
    let db = open(models![Line]).await;
    let mut s = db.session();
    let pen = s.add(new!(Article { code: "pen", price: 1.5 }));
    s.add(new!(Order { customer: "Ada", lines: [new!(Line { article: pen })] }));
    s.commit().await.unwrap();
    let rows: Vec<(String, i32, f64)> = select((Order::customer, Line::quantity, Article::price))
        .join(Order::lines)
        .join(Line::article)
        .all(&mut s)
        .await
        .unwrap();
    assert_eq!(rows, [("Ada".to_owned(), 1, 1.5)]);
    s.close().await.unwrap();
    db.drop_all().await.unwrap();
    assert_eq!(Order::select().fetch(&db).await.unwrap_err().kind(), Kind::Operational);
}

#[tokio::test]
async fn related_models_and_tables_come_along() {
    let db = Db::connect(&database().await, models![blog::Post]).await.unwrap();
    let made = ddl(&db).await.concat();
    for table in ["users", "posts", "comments", "tags", "post_tags"] {
        assert!(made.contains(&format!("CREATE TABLE IF NOT EXISTS \"{table}\"")), "{table} in {made}");
    }
    let mut s = db.session();
    s.add(new!(blog::User { name: "Ada", posts: [new!(blog::Post { title: "Hello" })] }));
    s.commit().await.unwrap();
}

#[tokio::test]
async fn tables_are_made_once_and_keep_their_rows() {
    let db = open(models![Article]).await;
    let mut s = db.session();
    s.add(new!(Article { code: "pen", price: 1.5 }));
    s.commit().await.unwrap();
    db.create_all().await.unwrap();
    assert_eq!(Article::select().count(&mut s).await.unwrap(), 1);
}

mod values {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    use realgar::prelude::*;

    /// A column of every type.
    #[derive(Debug, Model)]
    #[model(table = "samples")]
    pub(super) struct Sample {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) small: Option<i32>,
        pub(super) float: Option<f64>,
        pub(super) flag: bool,
        pub(super) text: Option<String>,
        pub(super) bytes: Option<Vec<u8>>,
        pub(super) date: Option<NaiveDate>,
        pub(super) time: Option<NaiveTime>,
        pub(super) local: Option<NaiveDateTime>,
        pub(super) moment: Option<DateTime<Utc>>,
    }
}
use values::Sample;

/// Stores a sample and reads it in another session.
async fn there_and_back(sample: Sample) -> Sample {
    let db = open(models![Sample]).await;
    let mut s = db.session();
    s.add(sample);
    s.commit().await.unwrap();
    s.close().await.unwrap();
    Sample::select().fetch_one(&db).await.unwrap()
}

#[tokio::test]
async fn dates_and_times_come_back_to_the_nanosecond() {
    let date = NaiveDate::from_ymd_opt(1815, 12, 10).unwrap();
    let nanos = |nanos| NaiveTime::from_hms_nano_opt(23, 59, 59, nanos).unwrap();
    for part in [0, 1_000, 123_456_789, 999_999_999] {
        // What is finer than the column is cut off, never rounded into another second.
        let part = if lacks("nanoseconds") { part / 1_000 * 1_000 } else { part };
        let local: NaiveDateTime = date.and_time(nanos(part));
        let moment: DateTime<Utc> = Utc.from_utc_datetime(&local);
        let back = there_and_back(new!(Sample { flag: false, date: date, time: nanos(part), local, moment })).await;
        assert_eq!(
            (back.date, back.time, back.local, back.moment),
            (Some(date), Some(nanos(part)), Some(local), Some(moment))
        );
    }
}

#[tokio::test]
async fn years_of_any_length_come_back() {
    let years: &[i32] = if lacks("years of any length") { &[0, 1, 9999] } else { &[-1, 0, 1, 9999, 10_000] };
    for &year in years {
        let date = NaiveDate::from_ymd_opt(year, 1, 2).unwrap();
        let local = date.and_hms_opt(3, 4, 5).unwrap();
        let back = there_and_back(new!(Sample { flag: true, date, local, moment: local.and_utc() })).await;
        assert_eq!((back.date, back.local, back.moment), (Some(date), Some(local), Some(local.and_utc())), "{year}");
    }
}

#[tokio::test]
async fn numbers_text_and_bytes_come_back() {
    let bytes: Vec<u8> = (0..=255).collect();
    let text = &*storable("\u{1F980} 'quoted' \"twice\"\0\n\\");
    let back =
        there_and_back(new!(Sample { small: i32::MIN, float: f64::MAX, flag: true, text, bytes: bytes.clone() })).await;
    assert_eq!((back.small, back.float, back.flag), (Some(i32::MIN), Some(f64::MAX), true));
    assert_eq!((back.text.as_deref(), back.bytes), (Some(text), Some(bytes)));
    let least = if lacks("infinite numbers") { f64::MIN } else { f64::NEG_INFINITY };
    let back = there_and_back(new!(Sample { float: least, flag: false, text: "", bytes: Vec::new() })).await;
    assert_eq!((back.float, back.text, back.bytes), (Some(least), Some(String::new()), Some(Vec::new())));
}

#[tokio::test]
async fn a_nan_is_never_lost_silently() {
    let db = open(models![Sample]).await;
    let mut s = db.session();
    s.add(new!(Sample { flag: true, float: f64::NAN }));
    if lacks("no place for a NaN") {
        s.commit().await.unwrap();
        assert!(Sample::select().fetch_one(&db).await.unwrap().float.unwrap().is_nan());
        return;
    }
    // SQLite stores NULL where a NaN is bound: a value that cannot come back is refused.
    assert_eq!(s.commit().await.unwrap_err().kind(), Kind::Data);
}

/// The error of reading a row that was written behind the back of the models.
async fn misread(set: &str) -> realgar::Error {
    let file = File::new();
    let db = file.open(models![Sample, Article]).await;
    file.execute("INSERT INTO samples (id, flag) VALUES (1, 1)");
    file.execute(&format!("UPDATE samples SET {set}"));
    let mut s = db.session();
    Sample::select().all(&mut s).await.unwrap_err()
}

#[tokio::test]
async fn a_value_that_does_not_fit_names_its_column() {
    for (set, column) in [
        ("small = 2147483648", "small"),
        ("small = 'many'", "small"),
        ("flag = 2", "flag"),
        ("text = x'ff'", "text"),
        ("date = 'yesterday'", "date"),
        ("moment = '2024-13-01 00:00:00+00:00'", "moment"),
        ("bytes = 'text'", "bytes"),
    ] {
        let error = misread(set).await;
        assert_eq!(error.kind(), Kind::Data, "{set}");
        assert!(error.to_string().contains(column), "{set}: {error}");
    }
}

#[tokio::test]
async fn null_in_a_field_that_takes_none_names_its_column() {
    let file = File::new();
    file.execute(
        "CREATE TABLE groups (code VARCHAR PRIMARY KEY, price FLOAT); INSERT INTO groups VALUES ('pen', NULL)",
    );
    let db = file.open(models![Article]).await;
    let mut s = db.session();
    let error = Article::select().all(&mut s).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("price"), "{error}");
    // The session goes on.
    assert_eq!(Article::select().count(&mut s).await.unwrap(), 1);
}
