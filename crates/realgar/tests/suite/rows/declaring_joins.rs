//! Rows 13 to 17: which columns a relationship goes along.

use realgar::prelude::*;

use super::selects;
use crate::models::{open, tree::Node};

#[tokio::test]
async fn r013_a_self_reference_reads_by_type() -> realgar::Result<()> {
    let db = open(models![Node]).await;
    let mut s = db.session();
    // `Many` is one-to-many, `One` many-to-one: no `remote_side` is needed.
    let root = s.add(new!(Node { name: "root", children: [new!(Node { name: "a" }), new!(Node { name: "b" })] }));
    s.commit().await?;
    let children = s.load(root, Node::children).await?;
    assert_eq!((children.len(), s[children[0]].parent_id), (2, Some(s[root].id)));
    assert_eq!((s.load(children[1], Node::parent).await?, s.load(root, Node::parent).await?), (Some(root), None));
    Ok(())
}

mod several {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "addresses")]
    pub(super) struct Address {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) city: String,
        #[relationship(back_populates = billing, foreign_keys = Customer::billing_id)]
        pub(super) billed: Many<Customer>,
    }

    #[derive(Model)]
    #[model(table = "customers")]
    pub(super) struct Customer {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Address::id)]
        pub(super) billing_id: i64,
        #[column(foreign_key = Address::id)]
        pub(super) shipping_id: Option<i64>,
        #[relationship(back_populates = billed, foreign_keys = Customer::billing_id)]
        pub(super) billing: One<Address>,
        #[relationship(foreign_keys = Customer::shipping_id)]
        pub(super) shipping: One<Option<Address>>,
    }
}

#[tokio::test]
async fn r014_foreign_keys_picks_one_of_several() -> realgar::Result<()> {
    use several::{Address, Customer};

    let db = open(models![Customer]).await;
    let mut s = db.session();
    let (rome, paris) = (s.add(new!(Address { city: "Rome" })), s.add(new!(Address { city: "Paris" })));
    let ada = s.add(new!(Customer { billing: rome, shipping: paris }));
    s.commit().await?;
    assert_eq!((s[ada].billing_id, s[ada].shipping_id), (s[rome].id, Some(s[paris].id)));
    assert_eq!((s.load(rome, Address::billed).await?, s.load(paris, Address::billed).await?), (vec![ada], vec![]));
    let cities = select(Address::city).join(Address::billed).all(&mut s).await?;
    assert_eq!(cities, ["Rome"]);
    Ok(())
}

mod follows {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "people")]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        #[relationship(
            secondary = Follows,
            primaryjoin = Person::id == Follows::follower_id,
            secondaryjoin = Person::id == Follows::followed_id,
            back_populates = followers
        )]
        pub(super) follows: Many<Person>,
        #[relationship(
            secondary = Follows,
            primaryjoin = Person::id == Follows::followed_id,
            secondaryjoin = Person::id == Follows::follower_id,
            back_populates = follows
        )]
        pub(super) followers: Many<Person>,
    }

    #[derive(Table)]
    #[table("follows")]
    pub(super) struct Follows {
        #[column(primary_key, foreign_key = Person::id)]
        pub(super) follower_id: i64,
        #[column(primary_key, foreign_key = Person::id)]
        pub(super) followed_id: i64,
    }
}

#[tokio::test]
async fn r015_primaryjoin_and_secondaryjoin_say_which_is_which() -> realgar::Result<()> {
    use follows::{Follows, Person};

    let db = open(models![Person]).await;
    let mut s = db.session();
    let [ada, bob, cyd] = ["Ada", "Bob", "Cyd"].map(|name| s.add(new!(Person { name })));
    s.append(ada, Person::follows, bob)?;
    s.append(ada, Person::followers, cyd)?;
    assert_eq!((s.loaded(bob, Person::followers)?, s.loaded(cyd, Person::follows)?), (vec![ada], vec![ada]));
    s.commit().await?;
    let pairs = select((Follows::follower_id, Follows::followed_id)).order_by(Follows::follower_id).all(&mut s).await?;
    assert_eq!(pairs, [(1, 2), (3, 1)]);
    assert_eq!((s.load(ada, Person::follows).await?, s.load(ada, Person::followers).await?), (vec![bob], vec![cyd]));
    Ok(())
}

/// Keys of two columns, one that may be absent.
mod composite {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "rooms")]
    pub(super) struct Room {
        #[column(primary_key)]
        pub(super) house: String,
        #[column(primary_key)]
        pub(super) number: i64,
        #[relationship(back_populates = room)]
        pub(super) beds: Many<Bed>,
    }

    #[derive(Model)]
    #[model(table = "beds", foreign_key(columns = (house, number), references = (Room::house, Room::number)))]
    pub(super) struct Bed {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) house: Option<String>,
        pub(super) number: Option<i64>,
        #[relationship(back_populates = beds, lazy = "select")]
        pub(super) room: One<Option<Room>>,
    }
}

#[tokio::test]
async fn r016_composite_foreign_keys() -> realgar::Result<()> {
    use composite::{Bed, Room};

    let db = open(models![Bed]).await;
    let mut s = db.session();
    let room = s.add(new!(Room { house: "north", number: 7, beds: [new!(Bed {})] }));
    s.add_all([new!(Bed {}), new!(Bed { house: "north" })]);
    s.commit().await?;
    let beds = s.load(room, Room::beds).await?;
    assert_eq!((s[beds[0]].house.as_deref(), s[beds[0]].number), (Some("north"), Some(7)));
    s.close().await?;
    let all = Bed::select().order_by(Bed::id).all(&mut s).await?;
    let recorder = db.recorder();
    let room = s.load(all[0], Bed::room).await?.expect("it has one");
    assert_eq!((s[room].number, selects(&recorder)), (7, 1));
    assert_eq!((s.load(all[1], Bed::room).await?, selects(&recorder)), (None, 0), "wholly NULL");
    assert_eq!((s.load(all[2], Bed::room).await?, selects(&recorder)), (None, 1), "partly NULL");
    // All columns are written, and all are blanked.
    s.set(all[0], Bed::room, None)?;
    s.set(all[1], Bed::room, room)?;
    s.commit().await?;
    assert_eq!((s[all[0]].house.as_deref(), s[all[0]].number), (None, None));
    assert_eq!((s[all[1]].house.as_deref(), s[all[1]].number), (Some("north"), Some(7)));
    Ok(())
}

/// A key to a column that is unique, but not the primary key.
mod natural {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "countries")]
    pub(super) struct Country {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(unique)]
        pub(super) code: String,
        #[relationship(back_populates = country)]
        pub(super) cities: Many<City>,
        #[relationship(secondary = Spoken, back_populates = countries)]
        pub(super) languages: Many<Language>,
    }

    #[derive(Model)]
    #[model(table = "cities")]
    pub(super) struct City {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        #[column(foreign_key = Country::code)]
        pub(super) country_code: Option<String>,
        #[relationship(back_populates = cities)]
        pub(super) country: One<Option<Country>>,
    }

    #[derive(Model)]
    #[model(table = "languages")]
    pub(super) struct Language {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(unique)]
        pub(super) tag: String,
        #[relationship(secondary = Spoken, back_populates = languages)]
        pub(super) countries: Many<Country>,
    }

    #[derive(Table)]
    #[table("spoken")]
    pub(super) struct Spoken {
        #[column(primary_key, foreign_key = Country::code)]
        pub(super) country_code: String,
        #[column(primary_key, foreign_key = Language::tag)]
        pub(super) language_tag: String,
    }
}

#[tokio::test]
async fn r017_a_key_to_a_unique_column() -> realgar::Result<()> {
    use natural::{City, Country, Language, Spoken};

    let db = open(models![Country]).await;
    let mut s = db.session();
    // The keys of the two are apart: what is looked up by the wrong column is not found.
    s.add(new!(Country { id: 40, code: "xx" }));
    let italy = s.add(new!(Country { code: "it", cities: [new!(City { name: "Rome" }), new!(City { name: "Bari" })] }));
    s.append(italy, Country::languages, new!(Language { tag: "ita" }))?;
    s.commit().await?;
    assert_eq!(select(City::country_code).distinct().all(&mut s).await?, [Some("it".to_owned())]);
    assert_eq!(select((Spoken::country_code, Spoken::language_tag)).one(&mut s).await?, ("it".into(), "ita".into()));
    assert_eq!((s.load(italy, Country::cities).await?.len(), s.load(italy, Country::languages).await?.len()), (2, 1));

    s.close().await?;
    let italy = Country::select().filter_by(Country::code, "it").one(&mut s).await?;
    let rome = City::select().filter_by(City::name, "Rome").one(&mut s).await?;
    let recorder = db.recorder();
    // The identity map knows primary keys only: a SELECT, though the country is there.
    assert_eq!((s.load(rome, City::country).await?, selects(&recorder)), (Some(italy), 1));
    for option in
        [City::country.joined(), City::country.selectin(), City::country.subquery(), City::country.immediate()]
    {
        s.expire_all()?;
        let cities = City::select().options(option).order_by(City::id).all(&mut s).await?;
        assert_eq!(
            (s.loaded(cities[0], City::country)?, s.loaded(cities[1], City::country)?),
            (Some(italy), Some(italy))
        );
    }
    for option in [Country::cities.joined(), Country::cities.selectin(), Country::cities.subquery()] {
        s.expire_all()?;
        let countries = Country::select().options(option).order_by(Country::code).all(&mut s).await?;
        assert_eq!(
            (s.loaded(countries[0], Country::cities)?.len(), s.loaded(countries[1], Country::cities)?.len()),
            (2, 0)
        );
    }
    assert_eq!(City::select().filter(City::country.is(italy)).count(&mut s).await?, 2);
    assert_eq!(Country::select().filter(Country::cities.contains(rome)).one(&mut s).await?, italy);
    assert_eq!(Country::select().filter(Country::cities.any(City::name.eq("Bari"))).one(&mut s).await?, italy);
    let id = s[italy].id;
    assert_eq!(City::select().join(City::country).filter(Country::id.eq(id)).count(&mut s).await?, 2);
    assert_eq!(Country::cities.of(italy).count(&mut s).await?, 2);
    // Blanked with its owner.
    s.delete(italy)?;
    s.commit().await?;
    assert_eq!(select(City::country_code).all(&mut s).await?, [None, None]);
    assert_eq!(select(Spoken::country_code).all(&mut s).await?.len(), 0);
    Ok(())
}

mod chained {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "links")]
    pub(super) struct Link {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(unique)]
        pub(super) code: String,
        #[column(foreign_key = Link::code)]
        pub(super) before_code: Option<String>,
        #[relationship(back_populates = before, cascade = "all", remote_side = before_code)]
        pub(super) after: Many<Link>,
        #[relationship(back_populates = after, remote_side = code)]
        pub(super) before: One<Option<Link>>,
    }
}

#[tokio::test]
async fn r017_rows_of_one_table_come_and_go_in_order() -> realgar::Result<()> {
    use chained::Link;

    let db = open(models![Link]).await;
    let mut s = db.session();
    let last = s.add(new!(Link { code: "c" }));
    let middle = s.add(new!(Link { code: "b", after: [last] }));
    let first = s.add(new!(Link { code: "a", after: [middle] }));
    s.commit().await?;
    assert_eq!(s.load(last, Link::before).await?, Some(middle));
    assert_eq!(s[last].before_code.as_deref(), Some("b"));
    s.delete(first)?;
    s.commit().await?;
    assert_eq!(Link::select().count(&mut s).await?, 0);
    Ok(())
}
