//! Rows 106 to 114: single parents, what is left to the database, orphans of two owners, `none`.

use realgar::prelude::*;

use super::{selects, writes};
use crate::{
    events::Ear,
    models::{
        blog::{Comment, Post, User},
        open,
    },
};

mod single {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "articles")]
    pub(super) struct Article {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = ArticleImages, single_parent, cascade = "all, delete-orphan")]
        pub(super) images: Many<Image>,
    }

    #[derive(Model)]
    #[model(table = "images")]
    pub(super) struct Image {
        #[column(primary_key)]
        pub(super) id: i64,
    }

    #[derive(Table)]
    #[table("article_images")]
    pub(super) struct ArticleImages {
        #[column(primary_key, foreign_key = Article::id)]
        pub(super) article_id: i64,
        #[column(primary_key, foreign_key = Image::id)]
        pub(super) image_id: i64,
    }

    #[derive(Model)]
    #[model(table = "people")]
    pub(super) struct Person {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Address::id)]
        pub(super) address_id: Option<i64>,
        #[column(foreign_key = Address::id)]
        pub(super) work_id: Option<i64>,
        #[relationship(single_parent, cascade = "all, delete-orphan", foreign_keys = Person::address_id)]
        pub(super) address: One<Option<Address>>,
        #[relationship(cascade = "all", foreign_keys = Person::work_id)]
        pub(super) work: One<Option<Address>>,
    }

    #[derive(Model)]
    #[model(table = "addresses")]
    pub(super) struct Address {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) street: String,
    }
}

#[tokio::test]
async fn r106_delete_through_an_association_table() -> realgar::Result<()> {
    use single::{Article, ArticleImages, Image};

    let db = open(models![Article]).await;
    let mut s = db.session();
    let article = s.add(new!(Article { images: [new!(Image {}), new!(Image {}), new!(Image {})] }));
    s.commit().await?;
    let images = s.load(article, Article::images).await?;
    let recorder = db.recorder();
    s.remove(article, Article::images, images[0])?;
    s.flush().await?;
    assert_eq!(writes(&recorder), ["DELETE article_images x1", "DELETE images x1"]);
    s.delete(article)?;
    s.commit().await?;
    let written = writes(&recorder);
    assert_eq!((written.len(), written[0].as_str()), (3, "DELETE article_images x2"));
    let left = (Image::select().count(&mut s).await?, select(ArticleImages::image_id).all(&mut s).await?.len());
    assert_eq!(left, (0, 0));
    Ok(())
}

#[tokio::test]
async fn r107_a_second_parent_is_refused() -> realgar::Result<()> {
    use single::{Address, Article, Image, Person};

    let db = open(models![Article, Person]).await;
    let mut s = db.session();
    let (first, second) = (s.add(new!(Person { address: new!(Address { street: "x" }) })), s.add(new!(Person {})));
    let address = s.loaded(first, Person::address)?.expect("it was set");
    let error = s.set(second, Person::address, address).unwrap_err();
    assert_eq!((error.kind(), s.loaded(second, Person::address)?), (Kind::InvalidRequest, None));
    let (first, second) = (s.add(new!(Article { images: [new!(Image {})] })), s.add(new!(Article {})));
    let image = s.loaded(first, Article::images)?[0];
    assert_eq!(s.append(second, Article::images, image).unwrap_err().kind(), Kind::InvalidRequest);
    s.commit().await
}

#[tokio::test]
async fn r108_a_replaced_target_is_deleted() -> realgar::Result<()> {
    use single::{Address, Person};

    let db = open(models![Person]).await;
    let mut s = db.session();
    s.add(new!(Person { address: new!(Address { street: "old" }) }));
    s.commit().await?;
    s.close().await?;
    let person = s.get_one::<Person>(1).await?;
    s.load(person, Person::address).await?;
    s.set(person, Person::address, new!(Address { street: "never" }))?;
    s.set(person, Person::address, new!(Address { street: "new" }))?;
    let recorder = db.recorder();
    s.flush().await?;
    assert_eq!(writes(&recorder), ["INSERT addresses x1", "UPDATE people(address_id) x1", "DELETE addresses x1"]);
    assert_eq!(select(Address::street).all(&mut s).await?, ["new"]);
    Ok(())
}

#[tokio::test]
async fn r109_delete_along_many_to_one() -> realgar::Result<()> {
    use single::{Address, Person};

    let db = open(models![Person]).await;
    let mut s = db.session();
    let people = s.add_all(["x", "y"].map(|street| new!(Person { work: new!(Address { street }) })));
    s.commit().await?;
    s.load(people[0], Person::work).await?;
    s.set(people[0], Person::work, None)?;
    s.delete(people[1])?;
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["UPDATE people(work_id) x1", "DELETE people x1", "DELETE addresses x1"]);
    assert_eq!(select(Address::street).all(&mut s).await?, ["x"], "set to nobody, it stays");
    Ok(())
}

mod passive {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(back_populates = owner, cascade = "all, delete-orphan", passive_deletes)]
        pub(super) pets: Many<Pet>,
        #[relationship(passive_deletes = "all")]
        pub(super) cars: Many<Car>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id, on_delete = "cascade")]
        pub(super) owner_id: i64,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Owner>,
    }

    #[derive(Model)]
    #[model(table = "cars")]
    pub(super) struct Car {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id, on_delete = "set null")]
        pub(super) owner_id: Option<i64>,
    }
}

#[tokio::test]
async fn r110_passive_deletes_leaves_the_unloaded_to_the_database() -> realgar::Result<()> {
    use passive::{Owner, Pet};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let owners = s.add_all([(); 2].map(|()| new!(Owner { pets: [new!(Pet {}), new!(Pet {})] })));
    s.commit().await?;
    s.delete(owners[0])?;
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(crate::models::statements(&recorder), ["DELETE owners x1"], "nothing is loaded");
    assert_eq!(Pet::select().count(&mut s).await?, 2);
    s.load(owners[1], Owner::pets).await?;
    s.delete(owners[1])?;
    recorder.take();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["DELETE pets x2", "DELETE owners x1"], "what is loaded goes row by row");
    Ok(())
}

#[tokio::test]
async fn r111_passive_deletes_all_touches_no_child() -> realgar::Result<()> {
    use passive::{Car, Owner};

    let db = open(models![Owner]).await;
    let mut s = db.session();
    let owner = s.add(new!(Owner { cars: [new!(Car {}), new!(Car {})] }));
    s.commit().await?;
    s.load(owner, Owner::cars).await?;
    s.delete(owner)?;
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(crate::models::statements(&recorder), ["DELETE owners x1"]);
    assert_eq!(select(Car::owner_id).all(&mut s).await?, [None, None], "the database did it");
    Ok(())
}

mod two {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "owners")]
    pub(super) struct Owner {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(cascade = "all, delete-orphan", back_populates = owner)]
        pub(super) pets: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "vets")]
    pub(super) struct Vet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(cascade = "all, delete-orphan", back_populates = vet)]
        pub(super) pets: Many<Pet>,
    }

    #[derive(Model)]
    #[model(table = "pets")]
    pub(super) struct Pet {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Owner::id)]
        pub(super) owner_id: Option<i64>,
        #[column(foreign_key = Vet::id)]
        pub(super) vet_id: Option<i64>,
        #[relationship(back_populates = pets)]
        pub(super) owner: One<Option<Owner>>,
        #[relationship(back_populates = pets)]
        pub(super) vet: One<Option<Vet>>,
    }
}

#[tokio::test]
async fn r112_an_orphan_of_one_of_two_owners() -> realgar::Result<()> {
    use two::{Owner, Pet, Vet};

    let db = open(models![Pet]).await;
    let mut s = db.session();
    let (owner, vet) = (s.add(new!(Owner {})), s.add(new!(Vet {})));
    let both = s.add(new!(Pet { owner: owner, vet: vet }));
    let never = s.add(new!(Pet { owner: owner }));
    s.commit().await?;
    let pending = s.append(owner, Owner::pets, new!(Pet { vet: vet }))?;
    s.load(vet, Vet::pets).await?;
    s.remove(vet, Vet::pets, both)?;
    s.remove(vet, Vet::pets, pending)?;
    s.commit().await?;
    assert_eq!((Pet::select().all(&mut s).await?, s.state(both)?), (vec![never], State::Detached));
    Ok(())
}

mod none {
    use realgar::prelude::*;

    #[derive(Model)]
    #[model(table = "parents")]
    pub(super) struct Parent {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(cascade = "none", back_populates = parent)]
        pub(super) children: Many<Child>,
    }

    #[derive(Model)]
    #[model(table = "children")]
    pub(super) struct Child {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Parent::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(back_populates = children)]
        pub(super) parent: One<Option<Parent>>,
    }
}

#[tokio::test]
async fn r113_without_save_update_a_child_stays_out() -> realgar::Result<()> {
    use none::{Child, Parent};

    let db = open(models![Parent]).await;
    let mut s = db.session();
    // A new object that is given away has nobody else to own it: the session takes it, whatever the cascade.
    let parent = s.add(new!(Parent { children: [new!(Child {})] }));
    s.commit().await?;
    assert_eq!(Child::select().count(&mut s).await?, 1);
    let child = s.add(new!(Child {}));
    s.rollback().await?;
    s.append(parent, Parent::children, child)?;
    let ear = Ear::default();
    let _guard = tracing::subscriber::set_default(ear.clone());
    s.commit().await?;
    assert_eq!((s.state(child)?, Child::select().count(&mut s).await?), (State::Transient, 1));
    let warnings = ear.heard("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`Parent::children`"), "{warnings:?}");
    Ok(())
}

#[tokio::test]
async fn r114_refresh_expire_and_expunge_travel_with_all() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let post = new!(Post { title: "a", comments: [new!(Comment { text: "!" })] });
    let ada = s.add(new!(User { name: "Ada", posts: [post] }));
    s.commit().await?;
    let post = s.load(ada, User::posts).await?[0];
    let comment = s.load(post, Post::comments).await?[0];
    s[comment].text = "changed".to_owned();
    s.expire(ada)?;
    assert!(!s.is_modified(comment)?);
    let recorder = db.recorder();
    s.get_one::<Comment>(1).await?;
    assert_eq!(selects(&recorder), 1);
    s.load(ada, User::posts).await?;
    s.load(post, Post::comments).await?;
    s.expunge(ada)?;
    assert_eq!(s.state(post).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.state(comment).unwrap_err().kind(), Kind::DetachedInstance);
    Ok(())
}
