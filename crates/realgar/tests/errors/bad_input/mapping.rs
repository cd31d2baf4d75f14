//! Mappings at the edges: what looks hard and works, and what is refused.

use realgar::prelude::*;

use crate::{
    models::open,
    told::{MARKER, NUMBER, told},
};

macro_rules! wide {
    ($($name:ident)+) => {
        #[derive(Debug, Model)]
        #[model(table = "wide")]
        struct Wide {
            #[column(primary_key)]
            id: i64,
            $($name: Option<i64>,)+
        }

        const COLUMNS: usize = [$(stringify!($name)),+].len();
    };
}

wide! {
    c00 c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 c12 c13 c14 c15 c16 c17 c18 c19 c20 c21 c22 c23 c24
    c25 c26 c27 c28 c29 c30 c31 c32 c33 c34 c35 c36 c37 c38 c39 c40 c41 c42 c43 c44 c45 c46 c47 c48 c49
    c50 c51 c52 c53 c54 c55 c56 c57 c58 c59 c60 c61 c62 c63 c64 c65 c66 c67 c68 c69 c70 c71 c72 c73 c74
    c75 c76 c77 c78 c79 c80 c81 c82 c83 c84 c85 c86 c87 c88 c89 c90 c91 c92 c93 c94 c95 c96 c97 c98 c99
}

#[tokio::test]
async fn a_hundred_columns() -> realgar::Result<()> {
    assert_eq!(COLUMNS, 100);
    let mut s = open(models![Wide]).await?.session();
    let all: Vec<Handle<Wide>> = (0..500).map(|number| s.add(new!(Wide { c00: number, c99: -number }))).collect();
    s.commit().await?;
    s[all[7]].c50 = Some(50);
    s.commit().await?;
    s.close().await?;
    let wide = Wide::select().filter(Wide::c50.eq(50)).one(&mut s).await?;
    assert_eq!((s[wide].c00, s[wide].c50, s[wide].c98, s[wide].c99), (Some(7), Some(50), None, Some(-7)));
    Ok(())
}

mod twins {
    pub(super) mod one {
        use realgar::prelude::*;

        #[derive(Debug, Model)]
        #[model(table = "people")]
        pub(crate) struct Person {
            #[column(primary_key)]
            pub(crate) id: i64,
        }
    }

    pub(super) mod two {
        use realgar::prelude::*;

        #[derive(Debug, Model)]
        #[model(table = "people")]
        pub(crate) struct Human {
            #[column(primary_key)]
            pub(crate) id: i64,
        }

        /// The name of another module's model, over a table of its own.
        #[derive(Debug, Model)]
        #[model(table = "persons")]
        pub(crate) struct Person {
            #[column(primary_key)]
            pub(crate) id: i64,
            #[column(foreign_key = super::one::Person::id)]
            pub(crate) twin_id: Option<i64>,
            pub(crate) twin: One<Option<super::one::Person>>,
        }
    }
}

#[tokio::test]
async fn two_models_on_one_table_are_refused() {
    let error = Db::connect("sqlite::memory:", models![twins::one::Person, twins::two::Human]).await.unwrap_err();
    told("mapping/two_models_on_one_table", Kind::InvalidRequest, &error);
}

#[tokio::test]
async fn one_name_in_two_modules_is_two_models() -> realgar::Result<()> {
    use twins::{one, two};
    let mut s = open(models![two::Person]).await?.session();
    let twin = s.add(new!(one::Person {}));
    let person = s.add(new!(two::Person { twin }));
    s.commit().await?;
    assert_eq!(s.load(person, two::Person::twin).await?, Some(twin));
    let found = two::Person::select().join(two::Person::twin).filter(one::Person::id.eq(1)).all(&mut s).await?;
    assert_eq!(found, [person]);
    Ok(())
}

/// Words of Rust and of SQL, as table, columns and relationships.
#[derive(Debug, Model)]
#[model(table = "select")]
struct Select {
    #[column(primary_key)]
    id: i64,
    r#type: String,
    r#where: Option<String>,
    #[column(name = "from \"quoted\"")]
    r#match: i64,
    #[column(foreign_key = Select::id)]
    r#else: Option<i64>,
    #[relationship(back_populates = r#loop)]
    r#move: One<Option<Select>>,
    #[relationship(back_populates = r#move)]
    r#loop: Many<Select>,
}

#[tokio::test]
async fn raw_identifiers_and_words_of_sql() -> realgar::Result<()> {
    let mut s = open(models![Select]).await?.session();
    let first = s.add(new!(Select { r#type: MARKER, r#match: NUMBER }));
    let second = s.add(new!(Select { r#type: "b", r#where: "c", r#match: 1, r#move: first }));
    s.commit().await?;
    assert_eq!(s.load(second, Select::r#move).await?, Some(first));
    assert_eq!(s.load(first, Select::r#loop).await?, [second]);
    s[second].r#type.push('!');
    s.commit().await?;
    let found = Select::select().filter(Select::r#type.eq("b!") & Select::r#match.eq(1)).order_by(Select::r#where);
    assert_eq!(found.all(&mut s).await?, [second]);
    told("mapping/raw_identifier", Kind::NotLoaded, &s.loaded(first, Select::r#loop).unwrap_err());
    Ok(())
}

mod private {
    use realgar::prelude::*;

    use crate::told::MARKER;

    /// Its fields are its own business, and so are its constants.
    #[derive(Debug, Model)]
    #[model(table = "accounts")]
    pub(super) struct Account {
        #[column(primary_key)]
        id: i64,
        #[column(constant = owner_column)]
        owner: String,
        #[column(name = "amount")]
        balance: i64,
    }

    impl Account {
        pub(super) fn new(owner: &str) -> Account {
            new!(Account { owner, balance: 0 })
        }

        pub(super) fn deposit(&mut self, amount: i64) {
            self.balance += amount;
        }

        /// A method with a column's name: the column's constant has another one, as `constant` says.
        pub(super) fn owner(&self) -> &str {
            &self.owner
        }

        pub(super) async fn of(owner: &str, s: &mut Session) -> realgar::Result<Handle<Account>> {
            Account::select().filter_by(Account::owner_column, owner).one(s).await
        }
    }

    pub(super) fn marked() -> Account {
        Account::new(MARKER)
    }
}

#[tokio::test]
async fn private_fields_and_a_method_with_a_columns_name() -> realgar::Result<()> {
    use private::Account;
    let mut s = open(models![Account]).await?.session();
    let account = s.add(private::marked());
    s[account].deposit(5);
    s.commit().await?;
    assert_eq!(Account::of(MARKER, &mut s).await?, account);
    assert_eq!(s[account].owner(), MARKER);
    Ok(())
}
