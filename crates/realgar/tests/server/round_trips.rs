//! Round trips, counted on the way: of a flush, of each loading strategy, of a tree.

use realgar::{Load, prelude::*};

use crate::{
    counted::Counted,
    world::{Post, Tag, User, World, users},
};

#[tokio::test]
async fn a_thousand_users_with_five_posts_take_a_handful() -> realgar::Result<()> {
    let Some(counted) = Counted::new(models![User, Tag]).await else { return Ok(()) };
    let mut s = counted.db.session();
    let handles = s.add_all(users(1_000, 5));
    s.commit().await?;
    counted.took([6, 6], "BEGIN, two inserts that are prepared first, COMMIT");
    for &user in &handles {
        s[user].name.push('!');
    }
    s.commit().await?;
    counted.took([4, 5], "BEGIN, on MySQL a SAVEPOINT, an update that is prepared first, COMMIT");
    for &user in &handles {
        s[user].name.push('?');
    }
    s.commit().await?;
    counted.took([3, 4], "BEGIN, on MySQL a SAVEPOINT, the update, COMMIT");
    s.close().await?;
    let users = User::select().options(User::posts.selectin()).all(&mut s).await?;
    for &user in &users {
        s.delete(user)?;
    }
    counted.proxy.trips();
    s.commit().await?;
    // Their tags are one list of 5,000 keys.
    counted.took([7, 9], "the tags, two deletes, on MySQL a SAVEPOINT before each, all prepared first; COMMIT");
    assert_eq!(Post::select().count(&mut s).await? + User::select().count(&mut s).await?, 0);
    Ok(())
}

#[tokio::test]
async fn each_strategy_takes_as_many_trips_as_statements() -> realgar::Result<()> {
    let Some(counted) = Counted::new(models![User, Tag]).await else { return Ok(()) };
    let mut s = counted.db.session();
    s.add_all(users(100, 3));
    s.commit().await?;
    type Strategy = fn() -> Load<User, Post>;
    let strategies: [(&str, Strategy, usize, usize); 4] = [
        // How many statements, and how many of their texts are new to the connection.
        ("joined", || User::posts.joined(), 1, 1),
        ("selectin", || User::posts.selectin(), 2, 2),
        ("subquery", || User::posts.subquery(), 2, 1),
        ("immediate", || User::posts.immediate(), 101, 1),
    ];
    for (name, strategy, statements, new) in strategies {
        for (round, prepared) in [("first", new), ("second", 0)] {
            s.close().await?;
            counted.proxy.trips();
            let recorder = counted.db.recorder();
            let found = User::select().options(strategy()).all(&mut s).await?;
            assert!(found.iter().all(|&user| s.loaded(user, User::posts).is_ok_and(|posts| posts.len() == 3)));
            assert_eq!(recorder.count(), statements, "{name}");
            // On PostgreSQL, BEGIN travels with the first one.
            let trips = statements + prepared;
            counted.took([trips, trips + 1], &format!("{name}, {round}"));
        }
    }
    s.close().await?;
    // Asked for one by one: the second collection brings those of all the others.
    let found = User::select().all(&mut s).await?;
    let recorder = counted.db.recorder();
    for &user in &found {
        s.load(user, User::posts).await?;
    }
    assert_eq!(recorder.count(), 2);
    Ok(())
}

mod tree {
    //! Rows that refer to rows of the same table.
    use super::*;

    #[derive(Debug, Model)]
    #[model(table = "leaves")]
    pub(super) struct Leaf {
        #[column(primary_key)]
        pub(super) id: i64,
        #[column(foreign_key = Leaf::id)]
        pub(super) parent_id: Option<i64>,
        #[relationship(back_populates = parent, cascade = "all, delete-orphan")]
        pub(super) children: Many<Leaf>,
        #[relationship(back_populates = children)]
        pub(super) parent: One<Option<Leaf>>,
    }

    /// So many children on each level.
    pub(super) fn leaf(widths: &[usize]) -> Leaf {
        let children: Vec<Leaf> = match widths {
            [] => Vec::new(),
            [width, below @ ..] => (0..*width).map(|_| leaf(below)).collect(),
        };
        new!(Leaf { children: children })
    }
}

/// Rows that refer to one another go by generations, whatever their number.
#[tokio::test]
async fn a_tree_takes_as_many_statements_as_it_is_deep() -> realgar::Result<()> {
    use tree::{Leaf, leaf};
    let Some(world) = World::new(models![Leaf]).await else { return Ok(()) };
    let mut s = world.db.session();
    for (widths, rows) in [([2, 2, 2], 15), ([10, 6, 5], 371)] {
        let recorder = s.recorder();
        s.add(leaf(&widths));
        s.commit().await?;
        assert_eq!((recorder.count(), Leaf::select().count(&mut s).await?), (4, rows), "one for each generation");
        s.close().await?;
        let root = Leaf::select().filter(Leaf::parent_id.is_null()).one(&mut s).await?;
        let recorder = s.recorder();
        s.delete(root)?;
        s.commit().await?;
        let sent = recorder.statements();
        let count = |word: &str| sent.iter().filter(|statement| statement.sql.starts_with(word)).count();
        // What is below each generation is looked up; then they go, at once where the server looks at keys at the end.
        assert_eq!(count("SELECT"), 4, "{sent:#?}");
        assert!(count("DELETE") <= 4, "{sent:#?}");
        assert_eq!(Leaf::select().count(&mut s).await?, 0);
        s.rollback().await?;
    }
    Ok(())
}
