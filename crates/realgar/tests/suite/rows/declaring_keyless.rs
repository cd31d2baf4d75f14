//! Row 15, where no foreign key links the tables: the join is what `primaryjoin` and `secondaryjoin` say.

use realgar::prelude::*;

use super::{selects, writes};
use crate::models::open;

mod old {
    use realgar::prelude::*;

    /// Tables of another time: nothing in them refers to anything.
    #[derive(Model)]
    #[model(table = "branches")]
    pub(super) struct Branch {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) code: String,
        #[relationship(primaryjoin = Branch::code == Clerk::branch_code, back_populates = branch, order_by = Clerk::id)]
        pub(super) clerks: Many<Clerk>,
        #[relationship(
            secondary = Served,
            primaryjoin = Branch::id == Served::branch,
            secondaryjoin = Town::id == Served::town,
            back_populates = branches
        )]
        pub(super) towns: Many<Town>,
    }

    #[derive(Model)]
    #[model(table = "clerks")]
    pub(super) struct Clerk {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) name: String,
        pub(super) branch_code: Option<String>,
        pub(super) boss: Option<i64>,
        #[relationship(primaryjoin = Branch::code == Clerk::branch_code, back_populates = clerks)]
        pub(super) branch: One<Option<Branch>>,
        #[relationship(primaryjoin = Clerk::id == Clerk::boss, back_populates = chief, cascade = "all")]
        pub(super) below: Many<Clerk>,
        #[relationship(primaryjoin = Clerk::boss == Clerk::id, back_populates = below)]
        pub(super) chief: One<Option<Clerk>>,
        #[relationship(primaryjoin = Clerk::id == Desk::clerk, foreign_keys = Desk::clerk, backref = clerk_of)]
        pub(super) desk: One<Option<Desk>>,
    }

    #[derive(Model)]
    #[model(table = "desks")]
    pub(super) struct Desk {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) clerk: Option<i64>,
    }

    #[derive(Model)]
    #[model(table = "towns")]
    pub(super) struct Town {
        #[column(primary_key)]
        pub(super) id: i64,
        #[relationship(secondary = Served, back_populates = towns)]
        pub(super) branches: Many<Branch>,
    }

    #[derive(Table)]
    #[table("served")]
    pub(super) struct Served {
        #[column(primary_key)]
        pub(super) branch: i64,
        #[column(primary_key)]
        pub(super) town: i64,
    }
}

#[tokio::test]
async fn r015_joins_without_a_foreign_key() -> realgar::Result<()> {
    use old::{Branch, Clerk};

    let db = open(models![Clerk, Branch]).await;
    let mut s = db.session();
    let clerks = many![new!(Clerk { name: "Ada" }), new!(Clerk { name: "Bob" })];
    let north = s.add(new!(Branch { code: "north", clerks: clerks }));
    s.commit().await?;
    let clerks = s.load(north, Branch::clerks).await?;
    assert_eq!((clerks.len(), s[clerks[1]].branch_code.as_deref()), (2, Some("north")));
    s.close().await?;
    let clerks = Clerk::select().order_by(Clerk::id).all(&mut s).await?;
    let recorder = db.recorder();
    let north = s.load(clerks[0], Clerk::branch).await?.expect("it has one");
    assert_eq!((s[north].code.as_str(), selects(&recorder)), ("north", 1));
    for option in [Branch::clerks.joined(), Branch::clerks.selectin(), Branch::clerks.subquery()] {
        s.expire_all()?;
        let north = Branch::select().options(option).one(&mut s).await?;
        assert_eq!(s.loaded(north, Branch::clerks)?, clerks);
    }
    assert_eq!(select(Clerk::name).join(Clerk::branch).filter(Branch::code.eq("north")).all(&mut s).await?.len(), 2);
    assert_eq!(Branch::select().filter(Branch::clerks.any(Clerk::name.eq("Bob"))).one(&mut s).await?, north);
    assert_eq!(Clerk::select().filter(Clerk::branch.is(north)).count(&mut s).await?, 2);
    // Nulled with its owner, as any key is.
    s.delete(north)?;
    recorder.take();
    s.commit().await?;
    assert_eq!(writes(&recorder), ["UPDATE clerks(branch_code) x2", "DELETE branches x1"]);
    Ok(())
}

#[tokio::test]
async fn r015_self_references_scalars_and_associations_without_a_foreign_key() -> realgar::Result<()> {
    use old::{Branch, Clerk, Desk, Served, Town};

    let db = open(models![Clerk, Branch, Desk]).await;
    let mut s = db.session();
    // The chief comes second, and is inserted first: his key goes into hers.
    let ada = s.add(new!(Clerk { name: "Ada", desk: new!(Desk {}) }));
    let chief = s.add(new!(Clerk { name: "Bob", below: [ada] }));
    let town = s.add(new!(Town {}));
    let branch = s.add(new!(Branch { code: "n", towns: [town] }));
    s.commit().await?;
    assert_eq!((s[ada].boss, s.load(ada, Clerk::chief).await?), (Some(s[chief].id), Some(chief)));
    let desk = s.load(ada, Clerk::desk).await?.expect("it was set");
    assert_eq!((s[desk].clerk, s.load(desk, Desk::clerk_of).await?), (Some(s[ada].id), Some(ada)));
    assert_eq!(select((Served::branch, Served::town)).all(&mut s).await?, [(s[branch].id, s[town].id)]);
    assert_eq!(s.load(town, Town::branches).await?, [branch]);
    s.delete(chief)?;
    s.delete(branch)?;
    s.commit().await?;
    assert_eq!((Clerk::select().count(&mut s).await?, select(Served::town).all(&mut s).await?.len()), (0, 0));
    assert_eq!(select(Desk::clerk).all(&mut s).await?, [None]);
    Ok(())
}
