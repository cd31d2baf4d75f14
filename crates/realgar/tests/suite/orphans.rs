//! Orphans: what loses its owner is deleted, whichever way it lost it.

use realgar::prelude::*;

use crate::models::{open, texts};

mod one_to_many {
    use super::*;

    #[derive(Model)]
    #[model(table = "owners")]
    struct Owner {
        #[column(primary_key)]
        id: i64,
        #[relationship(cascade = "all, delete-orphan", back_populates = owner)]
        pets: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "vets")]
    struct Vet {
        #[column(primary_key)]
        id: i64,
        #[relationship(cascade = "all, delete-orphan", back_populates = vet)]
        pets: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    struct Pet {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Owner::id)]
        owner_id: Option<i64>,
        #[column(foreign_key = Vet::id)]
        vet_id: Option<i64>,
        #[relationship(back_populates = pets)]
        owner: One<Option<Owner>>,
        #[relationship(back_populates = pets)]
        vet: One<Option<Vet>>,
    }

    #[tokio::test]
    async fn one_of_two_parents_is_enough() -> realgar::Result<()> {
        let db = open(models![Pet]).await;
        let mut s = db.session();
        let (owner, other, vet) = (s.add(new!(Owner {})), s.add(new!(Owner {})), s.add(new!(Vet {})));
        let both = s.add(new!(Pet { owner: owner, vet: vet }));
        let never = s.add(new!(Pet { owner: owner }));
        let moved = s.add(new!(Pet { owner: owner, vet: vet }));
        s.commit().await?;
        s.set(both, Pet::vet, None)?;
        s.set(moved, Pet::owner, other)?;
        let pending = s.append(owner, Owner::pets, new!(Pet { vet: vet }))?;
        s.set(pending, Pet::vet, None)?;
        s.commit().await?;
        assert_eq!(Pet::select().order_by(Pet::id).all(&mut s).await?, [never, moved]);
        assert_eq!(s.state(pending)?, State::Transient);
        Ok(())
    }

    #[derive(Model)]
    #[model(table = "people")]
    struct Person {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Address::id)]
        address_id: Option<i64>,
        #[relationship(single_parent, cascade = "all, delete-orphan")]
        address: One<Option<Address>>,
    }

    #[derive(Model)]
    #[model(table = "addresses")]
    struct Address {
        #[column(primary_key)]
        id: i64,
        street: String,
    }

    #[tokio::test]
    async fn a_replaced_target_is_deleted() -> realgar::Result<()> {
        let db = open(models![Person]).await;
        let mut s = db.session();
        s.add(new!(Person { address: new!(Address { street: "old" }) }));
        s.commit().await?;
        let mut s = db.session();
        let person = Person::select().one(&mut s).await?;
        s.set(person, Person::address, new!(Address { street: "never" }))?;
        s.set(person, Person::address, new!(Address { street: "new" }))?;
        let recorder = db.recorder();
        s.flush().await?;
        let sent: Vec<String> = texts(&recorder).iter().map(|text| crate::models::verb(text).into()).collect();
        assert_eq!(sent, ["SELECT", "INSERT", "UPDATE", "DELETE"]);
        let streets: Vec<String> = select(Address::street).all(&mut s).await?;
        assert_eq!(streets, ["new"]);
        s.delete(person)?;
        s.commit().await?;
        assert_eq!(Address::select().count(&mut s).await?, 0);
        Ok(())
    }

    #[tokio::test]
    async fn a_target_that_moves_is_kept() -> realgar::Result<()> {
        let db = open(models![Person]).await;
        let mut s = db.session();
        let first = s.add(new!(Person { address: new!(Address { street: "x" }) }));
        let second = s.add(new!(Person { address: new!(Address { street: "y" }) }));
        s.commit().await?;
        let address = s.load(first, Person::address).await?.unwrap();
        s.set(first, Person::address, None)?;
        s.set(second, Person::address, address)?;
        s.commit().await?;
        let streets: Vec<String> = select(Address::street).all(&mut s).await?;
        assert_eq!((streets, s.load(second, Person::address).await?), (vec!["x".to_owned()], Some(address)));
        // A rollback brings a deleted target back.
        s.set(second, Person::address, None)?;
        s.flush().await?;
        assert_eq!((s.state(address)?, Address::select().count(&mut s).await?), (State::Deleted, 0));
        s.rollback().await?;
        assert_eq!(s.load(second, Person::address).await?, Some(address));
        Ok(())
    }

    #[tokio::test]
    async fn a_second_parent_is_refused() -> realgar::Result<()> {
        let db = open(models![Person]).await;
        let mut s = db.session();
        let first = s.add(new!(Person { address: new!(Address { street: "x" }) }));
        let second = s.add(new!(Person {}));
        let address = s.loaded(first, Person::address)?.unwrap();
        let error = s.set(second, Person::address, address).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidRequest);
        assert!(error.to_string().contains("`Person::address`, which is `single_parent`"), "{error}");
        assert_eq!(s.loaded(second, Person::address)?, None);
        s.set(first, Person::address, address)?;
        s.commit().await?;
        s.add(new!(Person { address: address }));
        s.load(first, Person::address).await?;
        s.rollback().await?;
        s.load(first, Person::address).await?;
        s.add(new!(Person { address: address }));
        assert_eq!(s.flush().await.unwrap_err().kind(), Kind::InvalidRequest);
        Ok(())
    }
}

mod one_to_one {
    use super::*;

    #[derive(Model)]
    #[model(table = "users")]
    struct User {
        #[column(primary_key)]
        id: i64,
        #[relationship(backref = user)]
        profile: One<Option<Profile>>,
        #[relationship(cascade = "all, delete-orphan")]
        badge: One<Option<Badge>>,
    }

    #[derive(Model)]
    #[model(table = "profiles")]
    struct Profile {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
    }

    #[derive(Model)]
    #[model(table = "badges")]
    struct Badge {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = User::id)]
        user_id: Option<i64>,
    }

    #[tokio::test]
    async fn the_flush_finds_who_was_replaced() -> realgar::Result<()> {
        let db = open(models![User]).await;
        let mut s = db.session();
        for _ in 0..3 {
            s.add(new!(User { profile: new!(Profile {}), badge: new!(Badge {}) }));
        }
        s.commit().await?;
        let mut s = db.session();
        let users = User::select().order_by(User::id).all(&mut s).await?;
        let recorder = db.recorder();
        for &user in &users {
            s.set(user, User::profile, new!(Profile {}))?;
            s.set(user, User::badge, new!(Badge {}))?;
        }
        assert_eq!(recorder.count(), 0);
        s.flush().await?;
        let selects = texts(&recorder).iter().filter(|text| text.starts_with("SELECT")).count();
        assert_eq!(selects, 2); // one for each relationship, not for each user
        assert_eq!(Profile::select().filter(Profile::user_id.is_null()).count(&mut s).await?, 3);
        let badges: Vec<i64> = select(Badge::id).order_by(Badge::id).all(&mut s).await?;
        assert_eq!(badges, [4, 5, 6]);
        s.set(users[0], User::badge, None)?;
        s.delete(users[1])?;
        s.commit().await?;
        assert_eq!(Badge::select().count(&mut s).await?, 1);
        Ok(())
    }
}

mod to_one {
    use super::*;

    #[derive(Model)]
    #[model(table = "authors")]
    struct Author {
        #[column(primary_key)]
        id: i64,
    }

    #[derive(Model)]
    #[model(table = "books")]
    struct Book {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Author::id)]
        author_id: Option<i64>,
        #[relationship(cascade = "all")]
        author: One<Option<Author>>,
    }

    #[tokio::test]
    async fn the_owner_goes_first() -> realgar::Result<()> {
        let db = open(models![Book]).await;
        let mut s = db.session();
        let (kept, gone) = (s.add(new!(Author {})), s.add(new!(Author {})));
        let freed = s.add(new!(Book { author: kept }));
        let book = s.add(new!(Book { author: gone }));
        s.commit().await?;
        s.set(freed, Book::author, None)?;
        s.delete(book)?;
        let recorder = db.recorder();
        s.commit().await?;
        let deleted: Vec<String> = texts(&recorder).into_iter().filter(|text| text.starts_with("DELETE")).collect();
        assert!(deleted.len() == 2 && deleted[0].contains("books") && deleted[1].contains("authors"), "{deleted:?}");
        assert_eq!(Author::select().all(&mut s).await?, [kept]);
        Ok(())
    }
}
