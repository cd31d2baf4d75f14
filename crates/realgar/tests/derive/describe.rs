//! The descriptions: tables, columns, keys, relationships.

use realgar::{
    __private::{Cascade, JoinDesc, PassiveDeletes, Strategy, Type, schema::Action},
    Many, Model, One, Table,
};

#[derive(Model)]
#[model(table = "users", index(city, username), unique(city, email))]
#[model(index(email))]
pub(crate) struct User {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(unique, length = 80)]
    pub(crate) username: String,
    #[column(name = "e_mail")]
    pub(crate) email: Option<String>,
    pub(crate) city: String,
    #[relationship(back_populates = author, cascade = "all, delete-orphan", lazy = "selectin")]
    pub(crate) posts: Many<Post>,
    #[relationship(primaryjoin = Self::id == Follows::follower_id, secondaryjoin = User::id == Follows::to)]
    #[relationship(secondary = Follows, cascade = "")]
    pub(crate) follows: Many<User>,
}

#[derive(Model)]
pub(crate) struct Post {
    #[column(primary_key)]
    pub(crate) id: i64,
    #[column(foreign_key = User::id, on_delete = "CASCADE", on_update = "set  null", index)]
    pub(crate) author_id: i64,
    #[column(foreign_key = User::id)]
    pub(crate) editor_id: Option<i64>,
    #[relationship(back_populates = "posts", foreign_keys = Post::author_id, cascade = "save-update, merge")]
    pub(crate) author: One<User>,
    #[relationship(foreign_keys = (Post::editor_id), lazy = "joined", cascade = "delete, none")]
    pub(crate) editor: One<Option<User>>,
}

#[derive(Table)]
#[table("follows", unique(follower_id, followed_id))]
pub(crate) struct Follows {
    #[column(foreign_key = User::id, primary_key)]
    pub(crate) follower_id: i64,
    #[column(foreign_key = User::id, name = "followed", constant = to)]
    pub(crate) followed_id: i64,
}

/// Its keys are composite, and it refers to itself.
#[derive(Model)]
#[model(foreign_key(columns = (parent_first, parent_no), references = (HTTPResponse::first, Self::no), on_delete = "restrict"))]
struct HTTPResponse {
    #[column(primary_key)]
    first: String,
    #[column(primary_key)]
    no: i32,
    parent_first: Option<String>,
    #[column(name = "parent")]
    parent_no: Option<i32>,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(remote_side = (first, no))]
    parent: One<Option<HTTPResponse>>,
    children: Many<HTTPResponse>,
}

/// A model of nothing but its key.
#[derive(Model)]
#[model(no_default)]
struct Lone {
    #[column(primary_key)]
    id: i32,
}

/// No default is generated, so this is no conflict.
impl Default for Lone {
    fn default() -> Self {
        Lone { id: 7 }
    }
}

fn names(columns: &[&'static str]) -> String {
    columns.join(" ")
}

#[test]
fn tables_are_named_after_structs() {
    assert_eq!(User::DESC.name, "User");
    assert_eq!(User::DESC.table.name, "users");
    assert_eq!(Post::DESC.table.name, "post");
    assert_eq!(Follows::DESC.table.name, "follows");
    assert_eq!(HTTPResponse::DESC.table.name, "http_response");
}

#[test]
fn columns_are_described() {
    let [id, username, email, city] = User::DESC.table.columns else { panic!("four columns") };
    assert!(id.primary_key && !id.nullable && id.r#type == Type::Int64);
    assert!(username.unique && username.length == Some(80) && username.r#type == Type::Text);
    assert!(email.nullable && email.name == "e_mail" && !email.unique && email.length.is_none());
    assert!(!city.index && Post::DESC.table.columns[1].index);
    assert_eq!((User::email.table(), User::email.name()), ("users", "e_mail"));
    assert_eq!((User::posts.name(), format!("{:?}", User::TABLE)), ("posts", "users".to_owned()));
}

#[test]
fn indexes_name_columns() {
    let found: Vec<_> = User::DESC.table.indexes.iter().map(|index| (names(index.columns), index.unique)).collect();
    assert_eq!(found, [("city username".into(), false), ("city e_mail".into(), true), ("e_mail".into(), false)]);
    assert_eq!(Follows::DESC.table.indexes[0].columns, ["follower_id", "followed"]);
}

#[test]
fn foreign_keys_are_described() {
    let [author, editor] = Post::DESC.table.foreign_keys else { panic!("two foreign keys") };
    assert_eq!(
        (names(author.columns), author.table, names(author.references)),
        ("author_id".into(), "users", "id".into())
    );
    assert_eq!((author.on_delete, author.on_update), (Action::Cascade, Action::SetNull));
    assert_eq!((editor.on_delete, editor.on_update), (Action::NoAction, Action::NoAction));
    let [single, composite] = HTTPResponse::DESC.table.foreign_keys else { panic!("two foreign keys") };
    assert_eq!((single.table, names(composite.columns)), ("users", "parent_first parent".into()));
    assert_eq!((composite.table, names(composite.references)), ("http_response", "first no".into()));
    assert_eq!(composite.on_delete, Action::Restrict);
    let owners: Vec<_> = HTTPResponse::DESC.references.iter().map(|owner| owner().name).collect();
    assert_eq!(owners, ["User", "HTTPResponse"]);
}

#[test]
fn relationships_are_described() {
    let [posts, follows] = User::MODEL.relationships else { panic!("two relationships") };
    assert_eq!((posts.name, (posts.target)().name(), posts.back_populates), ("posts", "Post", Some("author")));
    assert_eq!(
        (posts.many, posts.cascade, posts.lazy),
        (true, Cascade { delete_orphan: true, ..Cascade::ALL }, Strategy::SelectIn)
    );
    assert_eq!(follows.secondary.map(|table| table.name), Some("Follows"));
    let pair = |join: Option<JoinDesc>| join.map(|join| [join.left, join.right]);
    assert_eq!(pair(follows.primaryjoin), Some([("users", "id"), ("follows", "follower_id")]));
    assert_eq!(pair(follows.secondaryjoin), Some([("users", "id"), ("follows", "followed")]));
    let [author, editor] = Post::MODEL.relationships else { panic!("two relationships") };
    assert_eq!(
        (author.many, author.optional, author.lazy, author.foreign_keys),
        (false, false, Strategy::Peers, &["author_id"][..])
    );
    assert_eq!(
        (editor.many, editor.optional, editor.cascade, editor.lazy),
        (false, true, Cascade::NONE, Strategy::Joined)
    );
    assert_eq!((editor.back_populates, editor.foreign_keys), (None, &["editor_id"][..]));
    assert_eq!(HTTPResponse::MODEL.relationships[0].remote_side, ["first", "no"]);
}

#[test]
fn cascades_know_every_word() {
    #[derive(Model)]
    struct Node {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Node::id)]
        parent_id: Option<i64>,
        #[relationship(cascade = "save-update, merge, refresh-expire, expunge, delete, all, delete-orphan, none")]
        nodes: Many<Node>,
    }
    assert_eq!(
        Cascade::WORDS.join(", "),
        "save-update, merge, refresh-expire, expunge, delete, all, delete-orphan, none"
    );
    assert_eq!(Node::MODEL.relationships[0].cascade, Cascade::NONE);
}

#[test]
fn settings_and_ways_back_are_described() {
    #[derive(Model)]
    struct Desk {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Desk::id)]
        next_to: Option<i64>,
        #[relationship(post_update, passive_deletes, backref(neighbours, order_by = Desk::id, cascade = "merge"))]
        neighbour: One<Option<Self>>,
        #[relationship(viewonly, passive_deletes = "all", order_by = (Desk::next_to.desc(), Self::id.asc()))]
        all: Many<Desk>,
    }
    let [neighbour, all] = Desk::MODEL.relationships else { panic!("two relationships") };
    assert!(neighbour.post_update && !neighbour.viewonly && neighbour.passive_deletes == PassiveDeletes::Unloaded);
    assert!(all.viewonly && !all.post_update && !all.single_parent && all.passive_deletes == PassiveDeletes::All);
    let order: Vec<_> = all.order_by.iter().map(|order| (order.column, order.descending)).collect();
    assert_eq!(order, [(("desk", "next_to"), true), (("desk", "id"), false)]);
    let back = neighbour.backref.expect("a way back");
    assert_eq!((back.name, (back.target)().name(), back.back_populates), ("neighbours", "Desk", Some("neighbour")));
    assert_eq!((back.many, back.order_by[0].column), (true, ("desk", "id")));
    assert_eq!(back.cascade, Cascade { merge: true, ..Cascade::NONE });
    assert_eq!(Desk::neighbours.name(), "neighbours");
}

#[test]
fn required_is_what_only_the_caller_can_know() {
    assert_eq!(User::REQUIRED, ["username", "city"]);
    assert_eq!(Post::REQUIRED, [""; 0]);
    assert_eq!(HTTPResponse::REQUIRED, ["first", "no"]);
    assert_eq!((Lone::REQUIRED.len(), Lone::default().id, Lone::blank().id), (0, 7, 0));
}

#[test]
fn descriptions_lead_from_table_to_model_and_back() {
    let model = User::DESC.model.map(|model| model());
    assert_eq!(model.map(|model| (model.name(), (model.type_id)())), Some(("User", std::any::TypeId::of::<User>())));
    assert!(Follows::DESC.model.is_none());
}
