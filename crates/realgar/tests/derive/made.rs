//! Columns that the database makes, checks, secrets, `onupdate`; and types of one's own.

use realgar::{
    __private::{Type, Value},
    Auto, ColumnType, Model, Table, new,
};

/// What may be done.
#[derive(ColumnType, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads.
    Member,
    /// Writes.
    HTTPClient,
    /// Does as it likes.
    #[column_type(rename = "the boss")]
    r#Admin,
}

/// Where letters go.
#[derive(ColumnType, Debug, Clone, PartialEq, Eq, Default)]
pub struct Email(pub String);

/// A key.
#[derive(ColumnType, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id {
    r#type: i32,
}

/// An account.
#[derive(Model)]
#[model(check("length(email) > 3"), check("level < 10"))]
pub struct Account {
    #[column(primary_key)]
    pub(crate) id: Id,
    /// The address.
    #[column(unique, check = "email LIKE '%@%'")]
    pub email: Email,
    /// What it may do.
    #[column(server_default = "'member'")]
    pub role: Auto<Role>,
    #[column(default = Role::Member, onupdate = Role::HTTPClient)]
    last: Role,
    #[column(secret)]
    token: Option<String>,
    #[column(server_default = "1", onupdate = step)]
    level: Option<i64>,
    #[column(computed = "level + 1")]
    next: Auto<i64>,
}

fn step() -> i64 {
    2
}

/// Which account follows which.
#[derive(Table)]
#[table("follows", check("account <> other"))]
pub struct Follows {
    #[column(foreign_key = Account::id)]
    account: Id,
    #[column(foreign_key = Account::id, server_default = "1", check = "other > 0")]
    other: Option<Id>,
}

#[test]
fn the_words_are_described() {
    let [id, email, role, last, token, level, next] = Account::DESC.table.columns else { panic!("seven columns") };
    assert_eq!((id.r#type, email.r#type, role.r#type), (Type::Int32, Type::Text, Type::Text));
    assert_eq!(
        (email.check, role.server_default, next.computed),
        (Some("email LIKE '%@%'"), Some("'member'"), Some("level + 1"))
    );
    assert_eq!(
        [email, role, last, token, level, next].map(|column| column.auto),
        [false, true, false, false, false, true]
    );
    assert!(token.secret && !email.secret && role.is_made() && level.is_made() && !last.is_made());
    assert_eq!(Account::DESC.table.checks, ["length(email) > 3", "level < 10"]);
    assert_eq!(Account::MODEL.on_update, [3, 5]);
    assert_eq!(Follows::DESC.table.checks, ["account <> other"]);
    assert_eq!(Follows::DESC.table.columns[1].server_default, Some("1"));
}

#[test]
fn only_what_nobody_makes_is_required() {
    assert_eq!(Account::REQUIRED, ["email"]);
    let account = new!(Account { email: Email("a@b".into()), role: Role::Admin });
    assert_eq!((account.role.get(), account.next.get(), account.level), (Some(&Role::Admin), None, None));
}

#[test]
fn words_stand_for_variants() {
    for (role, word) in [(Role::Member, "member"), (Role::HTTPClient, "http_client"), (Role::Admin, "the boss")] {
        assert_eq!(role.to_value(), Value::Text(word.into()));
        assert_eq!(Role::from_value(Value::Text(word.into())).ok(), Some(role));
    }
    let error = Role::from_value(Value::Text("x".into())).map_err(|error| error.to_string());
    assert!(error.is_err_and(|text| text.contains("\"member\", \"http_client\", \"the boss\"")));
    assert_eq!((Role::blank(), Email::blank(), Id::blank()), (Role::Member, Email::default(), Id { r#type: 0 }));
}

#[test]
fn an_update_fills_its_columns() {
    let mut account = Account::default();
    account.on_update(3);
    account.on_update(5);
    account.on_update(1);
    assert_eq!((account.last, account.level, account.email), (Role::HTTPClient, Some(2), Email::default()));
}

#[test]
fn a_secret_travels_under_a_veil() {
    let account = Account { token: Some("sesame".into()), ..Account::default() };
    let token = account.cell(4);
    assert_eq!(format!("{token:?}"), "Secret([secret])");
    assert_eq!(token, Value::Text("sesame".into()));
    assert_eq!(Account::default().cell(4), Value::Null);
}
