//! Values that do not fit: on their way into a row, and out of it.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use realgar::prelude::*;

use crate::{
    models::{File, open},
    told::{MARKER, NUMBER, told},
};

#[derive(Debug, Model)]
#[model(table = "cells")]
struct Cell {
    #[column(primary_key)]
    id: i64,
    small: Option<i32>,
    natural: Option<u32>,
    real: Option<f64>,
    #[column(length = 5)]
    short: Option<String>,
    text: Option<String>,
    moment: Option<DateTime<Utc>>,
    naive: Option<NaiveDateTime>,
    time: Option<NaiveTime>,
    truth: Option<bool>,
    word: Option<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Word {
    Yes,
    No,
}

/// What a program reads of a row that holds this.
async fn read(set: &str) -> realgar::Result<realgar::Error> {
    let file = File::new();
    let mut s = file.open("", models![Cell]).await?.session();
    let cell = s.add(new!(Cell { small: 1 }));
    s.commit().await?;
    file.execute(&format!("UPDATE cells SET {set}"));
    let error = Cell::select().all(&mut s).await.unwrap_err();
    assert_eq!(s[cell].small, Some(1), "what was known is untouched");
    s.rollback().await?;
    let fresh = Cell::select().all(&mut s.db().session()).await.unwrap_err();
    assert_eq!(error.to_string(), fresh.to_string(), "known or new, it is the same");
    Ok(error)
}

#[tokio::test]
async fn cells_that_a_field_cannot_hold() -> realgar::Result<()> {
    for (name, set) in [
        ("text_in_an_integer_column", format!("small = '{MARKER}'")),
        ("a_fraction_in_an_integer_column", "small = 1.5".to_owned()),
        ("too_large_for_i32", format!("small = {NUMBER}000000")),
        ("too_large_for_u32", format!("natural = {NUMBER}000000")),
        ("negative_for_u32", format!("natural = -{NUMBER}")),
        ("bytes_in_a_text_column", format!("text = CAST('{MARKER}' AS BLOB)")),
        ("invalid_utf8", format!("text = CAST(x'ff' || '{MARKER}' AS TEXT)")),
        ("text_that_is_no_moment", format!("moment = '{MARKER}'")),
        ("text_that_is_no_time", format!("time = '{MARKER}'")),
        ("a_number_that_is_no_truth", format!("truth = {NUMBER}")),
        ("a_word_of_no_variant", format!("word = '{MARKER}'")),
    ] {
        told(&format!("rows/{name}"), Kind::Data, &read(&set).await?);
    }
    Ok(())
}

#[tokio::test]
async fn null_where_a_field_takes_none() -> realgar::Result<()> {
    let file = File::new();
    file.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER)");
    file.execute(&format!("INSERT INTO users (city) VALUES ('{MARKER}')"));
    let mut s = file.open("", models![crate::models::User]).await?.session();
    told(
        "rows/null_in_a_field_that_takes_none",
        Kind::Data,
        &crate::models::User::select().all(&mut s).await.unwrap_err(),
    );
    // An answer that may be NULL is read as an `Option`.
    let error = select(max(crate::models::User::age)).one(&mut s).await?;
    assert_eq!(error, None);
    Ok(())
}

/// A flush refuses it, says of which column, and nothing is written.
async fn refused(name: &str, cell: Cell) -> realgar::Result<()> {
    let mut s = open(models![Cell]).await?.session();
    s.add(new!(Cell { small: 1 }));
    s.add(cell);
    told(&format!("rows/{name}"), Kind::Data, &s.commit().await.unwrap_err());
    s.rollback().await?;
    assert_eq!(Cell::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn values_that_a_column_cannot_hold() -> realgar::Result<()> {
    refused("nan", new!(Cell { real: f64::NAN })).await?;
    refused("longer_than_length", new!(Cell { short: MARKER })).await
}

#[tokio::test]
async fn a_length_counts_characters_and_what_just_fits_is_kept() -> realgar::Result<()> {
    let mut s = open(models![Cell]).await?.session();
    let cell = s.add(new!(Cell { short: "ééééé" }));
    s.commit().await?;
    s[cell].short = Some("éééééé".to_owned());
    told("rows/changed_to_be_longer_than_length", Kind::Data, &s.flush().await.unwrap_err());
    assert_eq!(s[cell].short.as_deref(), Some("éééééé"), "the object holds what was written");
    s.rollback().await?;
    assert_eq!(s[cell].short.as_deref(), Some("ééééé"));
    Ok(())
}

#[tokio::test]
async fn a_comparison_with_a_nan_is_refused() -> realgar::Result<()> {
    let mut s = open(models![Cell]).await?.session();
    told(
        "rows/compared_with_a_nan",
        Kind::Data,
        &Cell::select().filter(Cell::real.eq(f64::NAN)).all(&mut s).await.unwrap_err(),
    );
    Ok(())
}

/// What looks hard and is not: all of it comes back as it was.
#[tokio::test]
async fn what_is_strange_is_kept() -> realgar::Result<()> {
    let db = open(models![Cell]).await?;
    let mut s = db.session();
    let moment = DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("a moment");
    s.add(new!(Cell {
        small: i32::MIN,
        natural: u32::MAX,
        real: f64::NEG_INFINITY,
        text: "a\0b\u{feff}\u{202e}💎",
        moment,
        naive: moment.naive_utc(),
        time: moment.time(),
        word: Word::No
    }));
    s.add(new!(Cell { text: "" }));
    s.commit().await?;
    let mut fresh = db.session();
    s.close().await?;
    let all = Cell::select().order_by(Cell::id).all(&mut fresh).await?;
    let read = &fresh[all[0]];
    assert_eq!((read.small, read.natural, read.real), (Some(i32::MIN), Some(u32::MAX), Some(f64::NEG_INFINITY)));
    assert_eq!(read.text.as_deref(), Some("a\0b\u{feff}\u{202e}💎"));
    // Finer than six digits: SQLite's text has room for nine.
    assert_eq!((read.moment, read.naive, read.time), (Some(moment), Some(moment.naive_utc()), Some(moment.time())));
    assert_eq!((read.word, fresh[all[1]].text.as_deref()), (Some(Word::No), Some("")));
    // And it is found by what it holds.
    for found in [
        Cell::select().filter(Cell::text.eq("a\0b\u{feff}\u{202e}💎")),
        Cell::select().filter(Cell::moment.eq(moment)),
        Cell::select().filter(Cell::moment.gt(moment - TimeDelta::nanoseconds(1))),
        Cell::select().filter(Cell::natural.eq(u32::MAX)),
        Cell::select().filter(Cell::real.eq(f64::NEG_INFINITY)),
    ] {
        assert_eq!(found.all(&mut fresh).await?, [all[0]]);
    }
    Ok(())
}

#[cfg(feature = "rust_decimal")]
mod decimal {
    use realgar::prelude::*;
    use rust_decimal::Decimal;

    use crate::{
        models::File,
        told::{MARKER, told},
    };

    #[derive(Debug, Model)]
    #[model(table = "prices")]
    struct Price {
        #[column(primary_key)]
        id: i64,
        amount: Decimal,
    }

    #[tokio::test]
    async fn decimals_keep_every_digit_and_compare_as_numbers() -> realgar::Result<()> {
        let file = File::new();
        let mut s = file.open("", models![Price]).await?.session();
        let amounts = [Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::new(100, 2), Decimal::new(25, 1)];
        s.add_all(amounts.map(|amount| new!(Price { amount })));
        s.commit().await?;
        s.close().await?;
        let read: Vec<Decimal> = select(Price::amount).order_by(Price::id).all(&mut s).await?;
        assert_eq!(read, amounts);
        let one: Vec<i64> = select(Price::id).filter(Price::amount.eq(Decimal::ONE)).all(&mut s).await?;
        assert_eq!(one, [4], "1.00 is 1");
        assert_eq!(Price::select().filter(Price::amount.gt(Decimal::TWO)).count(&mut s).await?, 2);
        s.commit().await?;
        for (name, amount) in [("text_that_is_no_decimal", MARKER.to_owned()), ("too_many_digits", "1".repeat(40))] {
            file.execute(&format!("UPDATE prices SET amount = '{amount}' WHERE id = 1"));
            told(&format!("rows/{name}"), Kind::Data, &Price::select().all(&mut s).await.unwrap_err());
            s.rollback().await?;
        }
        Ok(())
    }
}
