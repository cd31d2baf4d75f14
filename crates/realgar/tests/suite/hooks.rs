//! Events: functions of the user's that run when the session writes, ends its transaction, or loads.

use std::sync::{Arc, Mutex};

use realgar::{Error, prelude::*};

use crate::models::{blog, statements};

#[derive(Model, Debug)]
#[model(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
    edits: i64,
    #[relationship(back_populates = user, cascade = "all, delete-orphan")]
    notes: Many<Note>,
}

#[derive(Model, Debug)]
#[model(table = "notes")]
struct Note {
    #[column(primary_key)]
    id: i64,
    text: String,
    #[column(foreign_key = User::id)]
    user_id: i64,
    #[relationship(back_populates = notes)]
    user: One<User>,
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn say(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Hears everything that happens to users and sessions.
async fn listening(heard: &Heard) -> Db {
    let ear = || heard.clone();
    let (a, b, c, d, e, f, g) = (ear(), ear(), ear(), ear(), ear(), ear(), ear());
    let (h, i, j, k, l) = (ear(), ear(), ear(), ear(), ear());
    let db = Db::builder(models![User, Note])
        .before_insert(move |user: &mut User| {
            a.say(format!("before insert {} {}", user.id, user.name));
            Ok(())
        })
        .after_insert(move |user: &User| b.say(format!("after insert {} {}", user.id, user.name)))
        .before_update(move |user: &mut User| {
            user.edits += 1;
            c.say(format!("before update {}", user.name));
            Ok(())
        })
        .after_update(move |user: &User| d.say(format!("after update {} {}", user.name, user.edits)))
        .before_delete(move |note: &Note| {
            e.say(format!("before delete {}", note.text));
            Ok(())
        })
        .after_delete(move |note: &Note| f.say(format!("after delete {}", note.text)))
        .on_load(move |user: &mut User| g.say(format!("load {}", user.name)))
        .before_flush(move |s| {
            h.say(format!(
                "before flush {}+{}-{}",
                s.pending::<User>().len(),
                s.dirty::<User>().len(),
                s.deleted::<User>().len()
            ));
            Ok(())
        })
        .after_flush(move |_| i.say("after flush"))
        .before_commit(move |_| {
            j.say("before commit");
            Ok(())
        })
        .after_commit(move |_| k.say("after commit"))
        .after_rollback(move |_| l.say("after rollback"))
        .connect(&crate::database::database().await)
        .await
        .unwrap();
    db.create_all().await.unwrap();
    db
}

#[tokio::test]
async fn each_runs_in_its_moment() {
    let heard = Heard::default();
    let db = listening(&heard).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", edits: 0, notes: [new!(Note { text: "n" })] }));
    s.commit().await.unwrap();
    let expected = [
        "before commit",
        "before flush 1+0-0",
        "before insert 0 Ada",
        "after insert 1 Ada",
        "after flush",
        "after commit",
    ];
    assert_eq!(heard.take(), expected);

    s[ada].name = "Bob".into();
    s.flush().await.unwrap();
    assert_eq!(heard.take(), ["before flush 0+1-0", "before update Bob", "after update Bob 1", "after flush"]);
    s.rollback().await.unwrap();
    assert_eq!(heard.take(), ["after rollback"]);
    assert_eq!((s[ada].name.as_str(), s[ada].edits), ("Ada", 0));

    s.delete(ada).unwrap();
    s.commit().await.unwrap();
    let expected =
        ["before commit", "before flush 0+0-1", "before delete n", "after delete n", "after flush", "after commit"];
    assert_eq!(heard.take(), expected);
}

#[tokio::test]
async fn a_load_is_heard_once_for_each_object() {
    let heard = Heard::default();
    let db = listening(&heard).await;
    let mut s = db.session();
    s.add_all([new!(User { name: "Ada", edits: 0 }), new!(User { name: "Bob", edits: 0 })]);
    s.commit().await.unwrap();
    heard.take();
    let mut s = db.session();
    User::select().all(&mut s).await.unwrap();
    assert_eq!(heard.take(), ["load Ada", "load Bob"]);
    User::select().all(&mut s).await.unwrap();
    s.rollback().await.unwrap();
    User::select().all(&mut s).await.unwrap();
    assert_eq!(heard.take(), ["after rollback"], "what is known is refreshed, not loaded");
}

#[tokio::test]
async fn what_a_hook_changes_before_a_statement_is_part_of_it() {
    let heard = Heard::default();
    let db = listening(&heard).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", edits: 0 }));
    s.flush().await.unwrap();
    let recorder = db.recorder();
    s[ada].name = "Bob".into();
    s.flush().await.unwrap();
    assert_eq!(statements(&recorder), ["UPDATE users(name, edits) x1"]);
    s.commit().await.unwrap();
    let rows: Vec<(String, i64)> = select((User::name, User::edits)).all(&mut s).await.unwrap();
    assert_eq!(rows, [("Bob".to_owned(), 1)]);
}

#[tokio::test]
async fn a_hook_can_refuse_and_the_transaction_is_undone() {
    let db = Db::builder(models![User, Note])
        .before_delete(|user: &User| match user.name.as_str() {
            "root" => Err(Error::new(Kind::InvalidRequest, "root stays")),
            _ => Ok(()),
        })
        .connect(&crate::database::database().await)
        .await
        .unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let root = s.add(new!(User { name: "root", edits: 0 }));
    s.commit().await.unwrap();
    s.delete(root).unwrap();
    let error = s.commit().await.unwrap_err();
    assert_eq!((error.what(), error.entity()), ("root stays", Some("User(id = 1)")));
    s.rollback().await.unwrap();
    assert_eq!(User::select().count(&mut s).await.unwrap(), 1);
}

#[tokio::test]
async fn before_a_flush_objects_can_be_added() {
    let db = Db::builder(models![User, Note])
        .before_flush(|s| {
            for user in s.dirty::<User>() {
                let text = format!("now {}", s[user].name);
                s.append(user, User::notes, new!(Note { text: text }))?;
            }
            Ok(())
        })
        .connect(&crate::database::database().await)
        .await
        .unwrap();
    db.create_all().await.unwrap();
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", edits: 0 }));
    s.commit().await.unwrap();
    s[ada].name = "Ada L".into();
    s.commit().await.unwrap();
    let texts: Vec<String> = select(Note::text).all(&mut s).await.unwrap();
    assert_eq!(texts, ["now Ada L"]);
}

#[tokio::test]
async fn a_hook_for_a_model_that_is_not_there_is_told_by_connect() {
    let error = Db::builder(models![User, Note])
        .after_insert(|_: &blog::Tag| {})
        .connect(&crate::database::database().await)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.entity()), (Kind::InvalidRequest, Some("Tag")));
}
