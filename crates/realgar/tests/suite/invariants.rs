//! The invariants of ARCHITECTURE.md that can be seen from outside, each by its name; the house test holds the others.

use crate::database::database;
use realgar::{Event, prelude::*};

#[derive(Model)]
#[model(table = "nodes")]
struct Node {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[column(foreign_key = Node::id)]
    parent_id: Option<i64>,
    #[relationship(back_populates = children)]
    parent: One<Option<Node>>,
    #[relationship(back_populates = parent)]
    children: Many<Node>,
    #[relationship(secondary = Edges, primaryjoin = Node::id == Edges::from_id, secondaryjoin = Node::id == Edges::to_id, back_populates = linked_from)]
    links: Many<Node>,
    #[relationship(secondary = Edges, primaryjoin = Node::id == Edges::to_id, secondaryjoin = Node::id == Edges::from_id, back_populates = links)]
    linked_from: Many<Node>,
}

#[derive(Table)]
#[table("edges")]
struct Edges {
    #[column(primary_key, foreign_key = Node::id)]
    from_id: i64,
    #[column(primary_key, foreign_key = Node::id)]
    to_id: i64,
}

/// A root with two children; the first is linked to the second.
async fn tree() -> realgar::Result<Db> {
    let db = Db::connect(&database().await, models![Node]).await?;
    db.create_all().await?;
    let mut s = db.session();
    let second = s.add(new!(Node { name: "second" }));
    let first = s.add(new!(Node { name: "first", links: [second] }));
    s.add(new!(Node { name: "root", children: [first, second] }));
    s.commit().await?;
    Ok(db)
}

#[tokio::test]
async fn no_two_live_slots_of_a_session_share_an_identity() -> realgar::Result<()> {
    let db = tree().await?;
    let mut s = db.session();
    let root = Node::select().filter_by(Node::name, "root").one(&mut s).await?;
    let key = s.key(root)?;
    let children = s.load(root, Node::children).await?;
    let mut ways = vec![s.get_one::<Node>(key).await?];
    for &child in &children {
        ways.push(s.load(child, Node::parent).await?.expect("each has one"));
    }
    ways.push(Node::select().options(Node::children.joined()).filter_by(Node::name, "root").one(&mut s).await?);
    ways.extend(Node::parent.of(children[0]).all(&mut s).await?);
    ways.push(realgar::sql("SELECT * FROM nodes WHERE name = ?").bind("root").one(&mut s).await?);
    ways.push(s.merge(new!(Node { id: key, name: "root" })).await?);
    assert!(ways.iter().all(|&way| way == root), "{ways:?}");
    s[root].name.push('!');
    assert!(ways.iter().all(|&way| s[way].name == "root!"));
    let first = children.iter().copied().find(|&child| s[child].name == "first").expect("it is there");
    let linked = s.load(first, Node::links).await?;
    assert!(children.contains(&linked[0]));
    s.rollback().await?;
    assert_eq!(s.get::<Node>(key).await?, Some(root));
    Ok(())
}

#[tokio::test]
async fn a_handle_never_reaches_an_object_of_another_session_or_round() -> realgar::Result<()> {
    let db = tree().await?;
    let (mut one, mut other) = (db.session(), db.session());
    let here = one.add(new!(Node { name: "here" }));
    let there = other.add(new!(Node { name: "there" }));
    assert_eq!(other.try_ref(here).map(|_| ()).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(one.append(here, Node::children, there).unwrap_err().kind(), Kind::DetachedInstance);
    one.expunge(here)?;
    let again = one.add(new!(Node { name: "again" }));
    assert_eq!(one.try_ref(here).map(|_| ()).unwrap_err().kind(), Kind::DetachedInstance);
    assert_eq!(one[again].name, "again");
    other.close().await?;
    assert_eq!(other.try_mut(there).map(|_| ()).unwrap_err().kind(), Kind::DetachedInstance);
    Ok(())
}

#[tokio::test]
async fn no_field_access_queries() -> realgar::Result<()> {
    let db = tree().await?;
    let mut s = db.session();
    let nodes = Node::select().all(&mut s).await?;
    s.commit().await?;
    let recorder = db.recorder();
    for &node in &nodes {
        s[node].name.push('!');
        let view = s.view(node);
        assert!(view.name.ends_with('!') && view.many(Node::links).is_err());
        assert!(s.loaded(node, Node::children).is_err() && s.tree(node)?.children.is_unloaded());
    }
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn no_statement_outside_a_transaction() -> realgar::Result<()> {
    let db = tree().await?;
    let recorder = db.recorder();
    {
        let mut s = db.session();
        let root = Node::select().filter_by(Node::name, "root").one(&mut s).await?;
        s.commit().await?;
        s.load(root, Node::children).await?;
        s.rollback().await?;
        s.refresh(root).await?;
    }
    Node::select().fetch(&db).await?;
    db.create_all().await?;
    let mut open = false;
    for event in recorder.events() {
        match event {
            Event::Begin => assert!(!std::mem::replace(&mut open, true)),
            Event::Commit | Event::Rollback => assert!(std::mem::replace(&mut open, false)),
            other => assert!(open, "outside a transaction: {other:?}"),
        }
    }
    assert!(!open);
    Ok(())
}

#[tokio::test]
async fn no_plan_step_depends_on_a_later_one() -> realgar::Result<()> {
    let db = tree().await?;
    let mut s = db.session();
    // Children first, links before their ends, and a deletion in the same flush: foreign keys are enforced throughout.
    let old = Node::select().filter_by(Node::name, "second").one(&mut s).await?;
    let leaf = s.add(new!(Node { name: "leaf" }));
    let middle = s.add(new!(Node { name: "middle", children: [leaf], links: [leaf] }));
    s.add(new!(Node { name: "top", children: [middle], links: many![middle, new!(Node { name: "side" })] }));
    s.delete(old)?;
    s.commit().await?;
    assert_eq!(Node::select().count(&mut s).await?, 2 + 4);
    Ok(())
}
