//! The session's verbs by name: the same objects, the same statements, the same refusals.

use realgar::{
    Value,
    dynamic::{AnyColumn, any_related},
    prelude::*,
};

#[derive(Model)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    #[column(length = 8)]
    name: String,
    #[column(default = 18)]
    age: i32,
    #[relationship(backref = author, cascade = "all, delete-orphan")]
    posts: Many<Post>,
}

#[derive(Model)]
#[model(table = "posts")]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(name = "head")]
    title: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
}

async fn db() -> Db {
    let db = Db::connect(&crate::database::database().await, models![User]).await.unwrap();
    db.create_all().await.unwrap();
    db
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn position(model: &'static realgar::ModelDesc, field: &str) -> usize {
    AnyColumn::new(model, field).unwrap().position()
}

#[tokio::test]
async fn what_there_is_by_name() {
    let db = db().await;
    let names: Vec<&str> = db.models().iter().map(|model| model.name()).collect();
    assert_eq!(names, ["User", "Post"], "in the order of their foreign keys");
    let post = db.model("Post").unwrap();
    let columns: Vec<&str> = AnyColumn::all(post).map(AnyColumn::field).collect();
    assert_eq!(columns, ["id", "title", "user_id"], "fields, not the database's names");
    assert_eq!(AnyColumn::new(post, "user_id").unwrap().refers_to(), Some("users"));
    let relationships = db.relationships(post).unwrap();
    assert_eq!((relationships[0].name, relationships[0].many, relationships[0].holds_key), ("author", false, true));
    assert_eq!(db.model("Nobody").unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!((post.required, db.model("User").unwrap().required), (&["title"][..], &["name"][..]));
}

#[tokio::test]
async fn objects_by_name_are_the_same_objects() {
    let db = db().await;
    let mut s = db.session();
    let (user, post) = (db.model("User").unwrap(), db.model("Post").unwrap());
    let (name, title) = (position(user, "name"), position(post, "title"));
    let mut d = s.dynamic();
    let ada = d.add(user, vec![(name, text("Ada"))]).unwrap();
    let hello = d.add(post, vec![(title, text("Hello"))]).unwrap();
    d.relate(hello, "author", &[ada]).await.unwrap();
    assert_eq!((d.state(ada).unwrap(), d.key(ada).unwrap()), (State::Pending, None));
    s.commit().await.unwrap();
    let typed = User::select().one(&mut s).await.unwrap();
    assert_eq!((ada.typed::<User>(), ada.typed::<Post>()), (Some(typed), None));
    assert_eq!((s[typed].name.as_str(), s[typed].age), ("Ada", 18), "the default is that of the model");
    let mut d = s.dynamic();
    assert_eq!(d.load(ada, "posts").await.unwrap(), [hello]);
    assert_eq!(d.get(user, vec![Value::Int(1)]).await.unwrap(), Some(ada));
    assert_eq!(d.key(ada).unwrap(), Some(vec![Value::Int(1)]));
    d.set_cell(ada, name, text("Bob")).unwrap();
    s.commit().await.unwrap();
    assert_eq!(select(User::name).all(&mut s).await.unwrap(), ["Bob"]);
    let mut d = s.dynamic();
    d.load(ada, "posts").await.unwrap();
    d.remove(ada, "posts", hello).unwrap();
    s.commit().await.unwrap();
    assert_eq!(Post::select().count(&mut s).await.unwrap(), 0, "an orphan, as ever");
    s.dynamic().delete(ada).unwrap();
    s.commit().await.unwrap();
    assert_eq!(User::select().count(&mut s).await.unwrap(), 0);
}

#[tokio::test]
async fn queries_by_name() {
    let db = db().await;
    let mut s = db.session();
    s.add_all(
        ["Ada", "Bob"].map(|name| new!(User { name: name, posts: [new!(Post { title: format!("by {name}") })] })),
    );
    let (user, post) = (db.model("User").unwrap(), db.model("Post").unwrap());
    let (name, title) = (AnyColumn::new(user, "name").unwrap(), AnyColumn::new(post, "title").unwrap());
    let by_bob = any_related(user, "posts", title.eq(text("by Bob")));
    let found = s.dynamic().all(Select::of(user).filter(by_bob)).await.unwrap();
    assert_eq!(s.dynamic().cell(found[0], name.position()).unwrap(), text("Bob"));
    let sorted = Select::of(user).filter(name.ge(text("A"))).order_by(name.desc());
    assert_eq!(s.dynamic().count(sorted.clone()).await.unwrap(), 2);
    assert_eq!(s.dynamic().all(sorted.limit(1)).await.unwrap(), found);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_leaves_nothing_behind() {
    let db = db().await;
    let mut s = db.session();
    let user = db.model("User").unwrap();
    let mut d = s.dynamic();
    let error = d.add(user, vec![(position(user, "age"), text("old"))]).unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::Data, Some("User::age")));
    let ada = d.add(user, vec![(1, text("Ada"))]).unwrap();
    assert_eq!(d.set_cell(ada, 9, Value::Null).unwrap_err().kind(), Kind::Argument);
    assert_eq!(d.load(ada, "books").await.unwrap_err().kind(), Kind::InvalidRequest);
    assert_eq!(d.append(ada, "posts", ada).unwrap_err().kind(), Kind::Argument);
    assert_eq!(d.get(user, vec![]).await.unwrap_err().kind(), Kind::Argument);
    s.commit().await.unwrap();
    assert_eq!(User::select().count(&mut s).await.unwrap(), 1);
    let mut other = db.session();
    assert_eq!(other.dynamic().state(ada).unwrap_err().kind(), Kind::DetachedInstance);
}
