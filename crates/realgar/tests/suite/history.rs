//! What changed since the last flush: history, `pending`, `dirty`, `deleted`, and the plan of the next flush.

use realgar::prelude::*;

use crate::models::{
    blog::{Post, Tag, User},
    open, statements,
};

async fn ada() -> (Db, Session, Handle<User>, [Handle<Post>; 2]) {
    let db = open(models![User]).await;
    let mut s = db.session();
    let ada = s.add(new!(User { name: "Ada", posts: [new!(Post { title: "a" }), new!(Post { title: "b" })] }));
    s.commit().await.unwrap();
    let posts = s.load(ada, User::posts).await.unwrap();
    let posts = [posts[0], posts[1]];
    (db, s, ada, posts)
}

#[tokio::test]
async fn columns_have_a_history() {
    let (_db, mut s, ada, _) = ada().await;
    let history = s.history(ada, User::name).unwrap();
    assert_eq!((history.unchanged, history.added.len(), history.deleted.len()), (vec!["Ada".to_owned()], 0, 0));
    s[ada].name = "Eve".into();
    let history = s.history(ada, User::name).unwrap();
    assert!(history.has_changes());
    assert_eq!((history.added, history.deleted), (vec!["Eve".to_owned()], vec!["Ada".to_owned()]));
    s[ada].name = "Ada".into();
    assert!(!s.history(ada, User::name).unwrap().has_changes());
    assert!(!s.is_modified(ada).unwrap());
    assert_eq!(s.dirty::<User>(), [ada], "it was lent for writing");
    let bob = s.add(new!(User { name: "Bob" }));
    assert_eq!(s.history(bob, User::name).unwrap().added, ["Bob"]);
}

#[tokio::test]
async fn collections_have_a_history() {
    let (_db, mut s, ada, [first, second]) = ada().await;
    let third = s.append(ada, User::posts, new!(Post { title: "c" })).unwrap();
    s.remove(ada, User::posts, first).unwrap();
    let history = s.history(ada, User::posts).unwrap();
    assert_eq!((history.added, history.unchanged, history.deleted), (vec![third], vec![second], vec![first]));
    s.flush().await.unwrap();
    let history = s.history(ada, User::posts).unwrap();
    assert_eq!(history.unchanged, [second, third]);
    assert!(!history.has_changes());
}

#[tokio::test]
async fn an_unloaded_collection_has_what_is_queued() {
    let (_db, mut s, ada, _) = ada().await;
    s.commit().await.unwrap();
    assert_eq!(
        s.history(ada, User::posts).unwrap(),
        realgar::History { added: vec![], unchanged: vec![], deleted: vec![] }
    );
    let post = s.append(ada, User::posts, new!(Post { title: "c" })).unwrap();
    let history = s.history(ada, User::posts).unwrap();
    assert_eq!((history.added, history.unchanged.len()), (vec![post], 0));
}

#[tokio::test]
async fn scalars_have_a_history() {
    let (_db, mut s, ada, [post, _]) = ada().await;
    let eve = s.add(new!(User { name: "Eve" }));
    s.set(post, Post::author, eve).unwrap();
    let history = s.history(post, Post::author).unwrap();
    assert_eq!((history.added, history.deleted), (vec![eve], vec![ada]));
}

#[tokio::test]
async fn pending_dirty_and_deleted_say_what_is_there() {
    let (_db, mut s, ada, [first, second]) = ada().await;
    let eve = s.add(new!(User { name: "Eve" }));
    s[ada].city = Some("Turin".into());
    s.delete(first).unwrap();
    s.set(second, Post::author, eve).unwrap();
    assert_eq!((s.pending::<User>(), s.dirty::<User>(), s.deleted::<User>()), (vec![eve], vec![ada], vec![]));
    assert_eq!((s.pending::<Post>(), s.dirty::<Post>(), s.deleted::<Post>()), (vec![], vec![second], vec![first]));
    s.flush().await.unwrap();
    assert_eq!((s.pending::<User>(), s.dirty::<User>(), s.deleted::<Post>()), (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_plan_says_what_a_flush_does_and_does_nothing_of_it() {
    let (db, mut s, ada, [first, second]) = ada().await;
    s.append(second, Post::tags, new!(Tag { name: "t" })).unwrap();
    s[second].title.push('!');
    s[ada].name = "Ada".into();
    s.remove(ada, User::posts, first).unwrap();
    let eve = s.add(new!(User { name: "Eve" }));
    s.set(second, Post::author, eve).unwrap();
    let recorder = db.recorder();
    let plan = s.plan().await.unwrap();
    let place = |step: &String| step.split(", added at").next().unwrap_or_default().to_owned();
    let steps: Vec<String> = plan.steps().iter().map(place).collect();
    assert_eq!(
        steps,
        [
            "insert users: User (pending",
            "update posts (title, user_id): Post(id = 2)",
            "insert tags: Tag (pending",
            "insert post_tags: Post(id = 2) and Tag (pending",
            "delete posts: Post(id = 1)",
        ]
    );
    assert!(statements(&recorder).iter().all(|sent| sent == "SELECT"));
    assert_eq!(s.plan().await.unwrap(), plan, "nothing of it was done");

    s.set(first, Post::author, ada).unwrap();
    let steps = s.plan().await.unwrap();
    assert!(!steps.to_string().contains("delete"), "an orphan that finds a home stays: {steps}");
    recorder.take();
    s.commit().await.unwrap();
    let sent: Vec<String> = statements(&recorder).into_iter().filter(|sent| sent != "SELECT").collect();
    assert_eq!(sent, ["INSERT users x1", "UPDATE posts(title, user_id) x1", "INSERT tags x1", "INSERT post_tags x1"]);
    assert!(s.plan().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_plan_shows_what_a_deletion_takes_along() {
    let (_db, mut s, ada, _) = ada().await;
    s.commit().await.unwrap();
    s.delete(ada).unwrap();
    let plan = s.plan().await.unwrap();
    assert_eq!(plan.to_string(), "delete posts: Post(id = 1), Post(id = 2)\ndelete users: User(id = 1)\n");
    s.add_again(ada).unwrap();
    assert!(s.plan().await.unwrap().is_empty(), "the deletion is taken back, and its cascade was never done");
    s.commit().await.unwrap();
    assert_eq!(Post::select().count(&mut s).await.unwrap(), 2);
}

#[tokio::test]
async fn a_plan_of_what_cannot_be_flushed_says_so_and_the_flush_again() {
    let (db, s, stranger, _) = ada().await;
    drop(s);
    let mut s = db.session();
    s.add(new!(Post { title: "x", author: stranger }));
    assert_eq!(s.plan().await.unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::DetachedInstance);
}
