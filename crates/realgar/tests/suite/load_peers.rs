//! The default strategy: a lazy load that sees it is being repeated loads for its peers, the objects of the same query.

use crate::database::database;
use realgar::prelude::*;

use crate::blog::{Category, Person, Post, Profile, Tag, User, memory, people, users};

/// Parents, and the statements of a loop that loads a collection of each: the query, the first, the rest by 500.
const COLLECTIONS: [(usize, usize); 4] = [(0, 1), (1, 2), (3, 3), (1_001, 4)];

#[tokio::test]
async fn a_loop_over_one_to_many_sends_four_statements_for_a_thousand() -> realgar::Result<()> {
    for (parents, statements) in COLLECTIONS {
        let db = memory().await?;
        users(&db, parents).await?;
        let (mut s, recorder) = (db.session(), db.recorder());
        let all = User::select().all(&mut s).await?;
        assert_eq!(all.len(), parents);
        for user in all {
            let posts = s.load(user, User::posts).await?;
            assert_eq!(posts.len(), 2);
            assert!(posts.iter().all(|&post| s[post].user_id == s[user].id));
        }
        assert_eq!(recorder.count(), statements, "{parents} parents");
    }
    Ok(())
}

#[tokio::test]
async fn a_loop_over_many_to_one_loads_for_all_at_the_first_touch() -> realgar::Result<()> {
    for (parents, statements) in [(0, 1), (1, 2), (3, 2), (1_001, 4)] {
        let db = memory().await?;
        users(&db, parents).await?;
        let (mut s, recorder) = (db.session(), db.recorder());
        for post in Post::select().filter(Post::title.ends_with("a")).all(&mut s).await? {
            let author = s.load(post, Post::author).await?;
            assert_eq!(s[author].name[4..], s[post].title[4..9]);
        }
        assert_eq!(recorder.count(), statements, "{parents} parents");
    }
    Ok(())
}

#[tokio::test]
async fn a_loop_over_many_to_many_sends_four_statements_for_a_thousand() -> realgar::Result<()> {
    for (parents, statements) in COLLECTIONS {
        let db = memory().await?;
        users(&db, parents).await?;
        let (mut s, recorder) = (db.session(), db.recorder());
        for post in Post::select().filter(Post::title.ends_with("a")).all(&mut s).await? {
            let tags = s.load(post, Post::tags).await?;
            assert_eq!(tags.len(), 1);
            assert_eq!(s[tags[0]].name[3..], s[post].title[4..]);
        }
        assert_eq!(recorder.count(), statements, "{parents} parents");
    }
    Ok(())
}

#[tokio::test]
async fn a_loop_over_many_to_many_with_itself_sends_four_statements_for_a_thousand() -> realgar::Result<()> {
    for (parents, statements) in COLLECTIONS {
        let db = memory().await?;
        people(&db, parents).await?;
        let (mut s, recorder) = (db.session(), db.recorder());
        let all = Person::select().order_by(Person::id).all(&mut s).await?;
        for (index, &person) in all.iter().enumerate() {
            let next = all.get(index + 1).copied();
            assert_eq!(s.load(person, Person::follows).await?, Vec::from_iter(next));
        }
        assert_eq!(recorder.count(), statements, "{parents} parents");
        for (index, &person) in all.iter().enumerate() {
            let before = index.checked_sub(1).map(|index| all[index]);
            assert_eq!(s.load(person, Person::followers).await?, Vec::from_iter(before));
        }
        assert_eq!(recorder.count(), 2 * statements - 1, "{parents} parents, both ways");
    }
    Ok(())
}

#[tokio::test]
async fn a_walk_down_a_tree_of_one_table_keeps_peers_together() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let mut above = s.add(new!(Category { name: "0" }));
    for number in 1..40 {
        above = s.append(above, Category::children, new!(Category { name: number.to_string() }))?;
    }
    s.commit().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    for category in Category::select().order_by(Category::id).all(&mut s).await? {
        s.load(category, Category::children).await?;
    }
    assert_eq!(recorder.count(), 3);
    Ok(())
}

#[tokio::test]
async fn one_to_one_loads_for_all_at_the_first_touch() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 5).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let all = User::select().order_by(User::id).all(&mut s).await?;
    let mut found = Vec::new();
    for &user in &all {
        found.push(s.load(user, User::profile).await?.is_some());
    }
    assert_eq!(found, [true, false, true, false, true]);
    assert_eq!(recorder.count(), 2);
    Ok(())
}

#[tokio::test]
async fn the_second_time_is_answered_from_memory() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let user = User::select().one(&mut s).await?;
    let posts = s.load(user, User::posts).await?;
    assert_eq!(s.load(user, User::posts).await?, posts);
    assert_eq!(s.loaded(user, User::posts)?, posts);
    assert_eq!(s.load(posts[0], Post::author).await?, user);
    assert_eq!(recorder.count(), 2);
    Ok(())
}

#[tokio::test]
async fn children_of_one_parent_cost_one_statement_for_it_and_none_when_it_is_known() -> realgar::Result<()> {
    let db = memory().await?;
    let mut s = db.session();
    let posts: Vec<_> = (0..100).map(|number| new!(Post { title: number.to_string() })).collect();
    s.add(new!(User { name: "Ada", posts: posts }));
    s.commit().await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    for post in Post::select().all(&mut s).await? {
        s.load(post, Post::author).await?;
    }
    assert_eq!(recorder.count(), 2);

    s.close().await?;
    recorder.take();
    let ada = User::select().one(&mut s).await?;
    for post in Post::select().all(&mut s).await? {
        assert_eq!(s.loaded(post, Post::author)?, ada);
    }
    assert_eq!(recorder.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_null_key_is_nobody_without_a_statement() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let posts = Post::select().all(&mut s).await?;
    assert_eq!(s.load(posts[0], Post::category).await?, None);
    assert_eq!(s.loaded(posts[1], Post::category)?, None);
    assert_eq!(recorder.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_nested_loop_costs_a_few_statements_per_level() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 50).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let mut tags = 0;
    for user in User::select().all(&mut s).await? {
        for post in s.load(user, User::posts).await? {
            tags += s.load(post, Post::tags).await?.len();
        }
    }
    assert_eq!(tags, 100);
    // Users; posts of the first, and of the rest; tags of each of the two batches of posts, again first and rest.
    assert_eq!(recorder.count(), 7);
    Ok(())
}

#[tokio::test]
async fn after_a_commit_a_loop_costs_no_more_than_before() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 100).await?;
    let mut s = db.session();
    let posts = Post::select().all(&mut s).await?;
    s.commit().await?;
    let recorder = db.recorder();
    for &post in &posts {
        s.load(post, Post::author).await?;
    }
    // The posts' own keys may have changed, so they are read anew; then their authors.
    assert_eq!(recorder.count(), 2);
    for &post in &posts {
        s.load(post, Post::tags).await?;
    }
    assert_eq!(recorder.count(), 4);
    Ok(())
}

#[tokio::test]
async fn a_query_beside_the_loop_does_not_part_the_peers() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 100).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let mut statements = 0;
    for user in User::select().order_by(User::id).all(&mut s).await? {
        s.load(user, User::posts).await?;
        Tag::select().first(&mut s).await?;
        statements += 1;
    }
    assert_eq!(recorder.count() - statements, 3);
    Ok(())
}

#[tokio::test]
async fn a_query_for_one_of_them_does_not_part_the_peers() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 100).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    for user in User::select().order_by(User::id).all(&mut s).await? {
        let id = s[user].id;
        assert_eq!(User::select().filter_by(User::id, id).one(&mut s).await?, user);
        s.load(user, User::posts).await?;
    }
    assert_eq!(recorder.count() - 100, 3);
    Ok(())
}

#[tokio::test]
async fn objects_without_a_row_have_nothing_to_load() -> realgar::Result<()> {
    let db = Db::builder(models![User]).autoflush(false).connect(&database().await).await?;
    let (mut s, recorder) = (db.session(), db.recorder());
    let user = s.add(new!(User { name: "Ada" }));
    assert_eq!(s.load(user, User::posts).await?, []);
    assert_eq!(s.load(user, User::profile).await?, None);
    let profile = s.append(user, User::posts, new!(Post { title: "Hello" }))?;
    assert_eq!(s.load(profile, Post::author).await?, user);
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn a_scalar_that_finds_two_rows_takes_the_first() -> realgar::Result<()> {
    let db = memory().await?;
    users(&db, 1).await?;
    let mut s = db.session();
    s.add(new!(Profile { bio: "second", user_id: 1 }));
    s.commit().await?;
    for load in [User::profile.select(), User::profile.selectin(), User::profile.joined()] {
        let mut s = db.session();
        let found = User::select().options(load).all(&mut s).await?;
        let profile = s.load(found[0], User::profile).await?.expect("one of two");
        assert_eq!(s[profile].bio, "bio 0000");
    }
    Ok(())
}
