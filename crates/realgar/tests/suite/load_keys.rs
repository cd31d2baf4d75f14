//! Keys of every kind: text, several columns, NULL, and pairs that stand twice.

use realgar::prelude::*;

use crate::blog::*;

#[tokio::test]
async fn duplicates_in_an_association_table_are_one_object() -> realgar::Result<()> {
    let file = File::new();
    let db = open(&file.url("")).await?;
    users(&db, 2).await?;
    file.raw().execute_batch("INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1), (1, 2), (1, 1)").unwrap();
    for option in [Post::tags.select(), Post::tags.peers(), Post::tags.selectin(), Post::tags.joined()] {
        let mut s = db.session();
        let posts = Post::select().options(option).order_by(Post::id).all(&mut s).await?;
        for (&post, tags) in posts.iter().zip([2, 1, 1, 1]) {
            assert_eq!(s.load(post, Post::tags).await?.len(), tags);
        }
    }
    Ok(())
}

#[tokio::test]
async fn selectin_skips_null_keys_and_asks_for_each_key_once() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 3).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let posts = Post::select().options(Post::category.selectin()).all(&mut s).await?;
    assert_eq!(s.loaded(posts[0], Post::category)?, None);
    assert_eq!(recorder.count(), 1, "every key is NULL");
    let novels = s.add(new!(Category { name: "novels" }));
    for &post in &posts[1..] {
        s.set(post, Post::category, novels)?;
    }
    s.commit().await?;
    s.close().await?;
    for option in [Post::category.selectin(), Post::category.joined()] {
        let mut s = db.session();
        let posts = Post::select().options(option).order_by(Post::id).all(&mut s).await?;
        let categories: Vec<_> = posts.iter().map(|&post| s.loaded(post, Post::category).unwrap()).collect();
        assert_eq!((categories[0], categories[5].is_some()), (None, true));
        assert!(categories[1..].windows(2).all(|pair| pair[0] == pair[1]));
    }
    Ok(())
}

#[tokio::test]
async fn text_keys_of_any_kind() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let codes = ["de", "", "it's", "a\"b", "back\\slash", "[1,2]", "日本", "🦀", "line\nbreak", "1"];
    for code in codes {
        s.add(new!(Country { code: code, cities: [new!(City { name: code }), new!(City { name: code })] }));
    }
    s.add(new!(City { name: "nowhere" }));
    s.commit().await?;
    s.close().await?;
    for option in
        [Country::cities.select(), Country::cities.peers(), Country::cities.selectin(), Country::cities.joined()]
    {
        let mut s = db.session();
        let all = Country::select().options(option).all(&mut s).await?;
        assert_eq!(all.len(), codes.len());
        for country in all {
            let cities = s.load(country, Country::cities).await?;
            assert!(cities.len() == 2 && cities.iter().all(|&city| s[city].name == s[country].code));
        }
    }
    for option in [City::country.select(), City::country.peers(), City::country.selectin(), City::country.joined()] {
        let mut s = db.session();
        for city in City::select().options(option).all(&mut s).await? {
            let country = s.load(city, City::country).await?;
            assert_eq!(country.map(|country| s[country].code.clone()), s[city].country_code);
        }
    }
    Ok(())
}

#[tokio::test]
async fn keys_of_several_columns() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    for order in ["a\"1", "b,2"] {
        for no in 1..=2 {
            s.add(new!(Line { order: order, no: no, parcels: [new!(Parcel {}), new!(Parcel {})] }));
        }
    }
    s.add(new!(Parcel {}));
    s.add(new!(Parcel { order: "a\"1" })); // half a key is none
    s.commit().await?;
    s.close().await?;
    for (option, statements) in [
        (Line::parcels.select(), 5),
        (Line::parcels.peers(), 3),
        (Line::parcels.selectin(), 2),
        (Line::parcels.joined(), 1),
    ] {
        let (mut s, recorder) = (db.session(), db.recorder());
        let lines = Line::select().options(option).all(&mut s).await?;
        for &line in &lines {
            let parcels = s.load(line, Line::parcels).await?;
            assert_eq!(parcels.len(), 2);
            for parcel in parcels {
                assert_eq!(s.load(parcel, Parcel::line).await?, Some(line));
            }
        }
        assert_eq!((lines.len(), recorder.count()), (4, statements));
    }
    for option in [Parcel::line.select(), Parcel::line.peers(), Parcel::line.selectin(), Parcel::line.joined()] {
        let mut s = db.session();
        let mut found = 0;
        for parcel in Parcel::select().options(option).all(&mut s).await? {
            if let Some(line) = s.load(parcel, Parcel::line).await? {
                assert_eq!((Some(&s[line].order), Some(s[line].no)), (s[parcel].order.as_ref(), s[parcel].line_no));
                found += 1;
            }
        }
        assert_eq!(found, 8);
    }
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_key_may_be_borrowed_text() -> realgar::Result<()> {
    let db = open(&crate::database::database().await).await?;
    let mut s = db.session();
    let line = s.add(new!(Line { order: "o", no: 2 }));
    s.flush().await?;
    assert_eq!(s.get::<Line>(("o", 2)).await?, Some(line));
    assert_eq!(s.get_one::<Line>(("o".to_owned(), 2)).await?, line);
    assert_eq!(s.get::<Line>(("o", 3)).await?, None);
    Ok(())
}
