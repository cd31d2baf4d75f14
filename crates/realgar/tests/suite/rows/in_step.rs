//! Rows 41 to 55: both sides of a relationship in memory, before any SQL.

use realgar::prelude::*;

use super::writes;
use crate::models::{
    blog::{Post, PostTags, Tag, User},
    club::{Badge, Player, Team},
    oneway::{Book, Reads, Writer},
    open,
};

fn names(s: &Session, players: &[Handle<Player>]) -> String {
    players.iter().map(|&player| s[player].name.as_str()).collect()
}

/// A red team of players `a`, `b`, `c`, and a blue one of none; committed.
async fn teams(s: &mut Session) -> realgar::Result<(Handle<Team>, Handle<Team>)> {
    let player = |name: &str| new!(Player { name: name });
    let red = s.add(new!(Team { name: "red", players: [player("a"), player("b"), player("c")] }));
    let blue = s.add(new!(Team { name: "blue" }));
    s.commit().await?;
    Ok((red, blue))
}

#[tokio::test]
async fn r041_append_and_set_are_in_step_and_leave_the_key() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let recorder = db.recorder();
    let mut s = db.session();
    let red = s.add(new!(Team { name: "red" }));
    let ada = s.append(red, Team::players, new!(Player { name: "Ada" }))?;
    assert_eq!(s.loaded(ada, Player::team)?, Some(red));
    let bob = s.add(new!(Player { name: "Bob" }));
    s.set(bob, Player::team, red)?;
    assert_eq!(s.loaded(red, Team::players)?, [ada, bob]);
    assert_eq!((s[ada].team_id, s[bob].team_id, recorder.events()), (None, None, vec![]));
    s.flush().await?;
    assert_eq!((s[ada].team_id, s[bob].team_id), (Some(s[red].id), Some(s[red].id)));
    Ok(())
}

#[tokio::test]
async fn r042_remove_and_set_let_go_of_the_old_side() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = teams(&mut s).await?;
    let [a, b] = s.load(red, Team::players).await?[..2] else { panic!("there are three") };
    s.load(blue, Team::players).await?;
    let recorder = db.recorder();
    s.remove(red, Team::players, a)?;
    assert_eq!(s.loaded(a, Player::team)?, None);
    s.set(b, Player::team, blue)?;
    assert_eq!((s.loaded(red, Team::players)?.len(), s.loaded(blue, Team::players)?), (1, vec![b]));
    assert_eq!(recorder.count(), 0);
    Ok(())
}

#[tokio::test]
async fn r043_assigning_a_collection_fires_the_differences() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, _) = teams(&mut s).await?;
    let old = s.load(red, Team::players).await?;
    let mut new = vec![old[1], s.add(new!(Player { name: "d" }))];
    s.replace(red, Team::players, new.clone()).await?;
    assert_eq!((s.loaded(old[0], Player::team)?, s.loaded(new[1], Player::team)?), (None, Some(red)));
    let recorder = db.recorder();
    s.flush().await?;
    // The kept one is in no statement.
    assert_eq!(writes(&recorder), ["UPDATE players(team_id) x2", "INSERT players x1"]);
    // The list was copied: what becomes of it afterwards is its own.
    new.clear();
    assert_eq!(names(&s, &s.loaded(red, Team::players)?), "bd");
    // The same by assigning the field.
    s[red].players = many![old[0]];
    s.flush().await?;
    assert_eq!((names(&s, &s.loaded(red, Team::players)?), s.loaded(old[1], Player::team)?), ("a".to_owned(), None));
    Ok(())
}

#[tokio::test]
async fn r044_every_way_to_change_a_list_is_in_step() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, _) = teams(&mut s).await?;
    s.load(red, Team::players).await?;
    let [d, e, f] = ["d", "e", "f"].map(|name| s.add(new!(Player { name: name })));
    s.append(red, Team::players, d)?;
    s.insert(red, Team::players, 0, e)?;
    assert_eq!(names(&s, &s.loaded(red, Team::players)?), "eabcd");
    let now = s.loaded(red, Team::players)?;
    // pop, del, remove; extend; item and slice assignment: a list is taken, changed as lists are, and given back.
    s.remove(red, Team::players, now[4])?;
    let mut list = s.loaded(red, Team::players)?;
    list.splice(1..3, [f]);
    list.extend([d]);
    s.replace(red, Team::players, list).await?;
    assert_eq!(names(&s, &s.loaded(red, Team::players)?), "efcd");
    let teams = [now[0], f, now[3], d, now[1], now[2]].map(|player| s.loaded(player, Player::team));
    let teams = teams.into_iter().collect::<realgar::Result<Vec<_>>>()?;
    assert_eq!(teams, [Some(red), Some(red), Some(red), Some(red), None, None]);
    s.clear(red, Team::players).await?;
    assert_eq!((s.loaded(red, Team::players)?, s.loaded(f, Player::team)?), (vec![], None));
    s.commit().await?;
    assert_eq!(Player::select().filter(Player::team.is_none()).count(&mut s).await?, 6);
    Ok(())
}

#[tokio::test]
async fn r045_many_to_many_is_in_step_on_new_objects() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (rust, sql) = (s.add(new!(Tag { name: "rust" })), s.add(new!(Tag { name: "sql" })));
    let post = s.add(new!(Post { title: "a", tags: [rust] }));
    assert_eq!(s.loaded(rust, Tag::posts)?, [post]);
    s.append(sql, Tag::posts, post)?;
    assert_eq!(s.loaded(post, Post::tags)?, [rust, sql]);
    s.remove(post, Post::tags, rust)?;
    assert_eq!(s.loaded(rust, Tag::posts)?, []);
    Ok(())
}

#[tokio::test]
async fn r046_an_append_to_an_unloaded_collection_is_queued() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, _) = teams(&mut s).await?;
    let a = Player::select().filter_by(Player::name, "a").one(&mut s).await?;
    let recorder = db.recorder();
    let d = s.add(new!(Player { name: "d", team: red }));
    s.set(a, Player::team, red)?; // she is there already
    assert_eq!((s.loaded(red, Team::players).unwrap_err().kind(), recorder.count()), (Kind::NotLoaded, 0));
    let players = s.no_autoflush(async |s| s.load(red, Team::players).await).await?;
    assert_eq!((names(&s, &players), players[3]), ("abcd".to_owned(), d), "behind the rows, none twice");
    Ok(())
}

#[tokio::test]
async fn r047_queued_append_and_remove_cancel_out() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let tag = s.add(new!(Tag { name: "rust" }));
    let ada = s.add(new!(User { name: "Ada" }));
    let post = s.add(new!(Post { title: "a", author: ada }));
    s.commit().await?;
    let recorder = db.recorder();
    s.append(post, Post::tags, tag)?;
    s.remove(post, Post::tags, tag)?;
    s.commit().await?;
    assert_eq!(recorder.events(), []);
    Ok(())
}

#[tokio::test]
async fn r048_a_list_is_not_a_set() -> realgar::Result<()> {
    let db = open(models![User]).await;
    let mut s = db.session();
    let (tag, ada) = (s.add(new!(Tag { name: "rust" })), s.add(new!(User { name: "Ada" })));
    s.commit().await?;
    // A pending owner: two entries, two rows.
    let post = s.add(new!(Post { title: "a", author: ada }));
    s.append(post, Post::tags, tag)?;
    s.append(post, Post::tags, tag)?;
    assert_eq!(s.loaded(post, Post::tags)?, [tag, tag]);
    assert_eq!(s.flush().await.unwrap_err().kind(), Kind::UniqueViolation);
    s.rollback().await?;
    // Both sides are loaded and the pair is there: two entries, nothing to write.
    let post = s.add(new!(Post { title: "b", author: ada, tags: [tag] }));
    s.commit().await?;
    s.load(post, Post::tags).await?;
    s.load(tag, Tag::posts).await?;
    s.append(post, Post::tags, tag)?;
    assert_eq!(s.loaded(post, Post::tags)?, [tag, tag]);
    let recorder = db.recorder();
    s.commit().await?;
    assert_eq!(writes(&recorder), Vec::<String>::new());
    assert_eq!((s.load(post, Post::tags).await?, select(PostTags::tag_id).all(&mut s).await?.len()), (vec![tag], 1));
    Ok(())
}

#[tokio::test]
async fn r049_one_to_one_from_either_side() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (ada, bob) = (s.add(new!(Player { name: "Ada" })), s.add(new!(Player { name: "Bob" })));
    let badge = s.add(new!(Badge { code: "x", player: ada }));
    s.commit().await?;
    for player in [ada, bob] {
        s.load(player, Player::badge).await?;
    }
    s.load(badge, Badge::player).await?;
    // From the side with the key, both owners know.
    s.set(badge, Badge::player, bob)?;
    assert_eq!((s.loaded(ada, Player::badge)?, s.loaded(bob, Player::badge)?), (None, Some(badge)));
    s.rollback().await?;
    for player in [ada, bob] {
        s.load(player, Player::badge).await?;
    }
    s.load(badge, Badge::player).await?;
    // From the other side, the badge knows; and here the owner before knows, too.
    s.set(bob, Player::badge, badge)?;
    assert_eq!((s.loaded(badge, Badge::player)?, s.loaded(ada, Player::badge)?), (Some(bob), None));
    s.commit().await?;
    assert_eq!((s.load(ada, Player::badge).await?, s[badge].player_id), (None, Some(s[bob].id)));
    Ok(())
}

#[tokio::test]
async fn r050_an_unloaded_one_to_one_is_replaced_at_the_flush() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let ada = s.add(new!(Player { name: "Ada", badge: new!(Badge { code: "old" }) }));
    s.commit().await?;
    let recorder = db.recorder();
    s.set(ada, Player::badge, new!(Badge { code: "new" }))?;
    assert_eq!(recorder.events(), []);
    s.commit().await?;
    let rows = select((Badge::code, Badge::player_id)).order_by(Badge::code).all(&mut s).await?;
    assert_eq!(rows, [("new".to_owned(), Some(s[ada].id)), ("old".to_owned(), None)]);
    Ok(())
}

#[tokio::test]
async fn r051_to_nobody_is_set() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, _) = teams(&mut s).await?;
    let players = s.load(red, Team::players).await?;
    // There is no `del`; the ways to say "nobody" are two, and the same at the flush.
    s.set(players[0], Player::team, None)?;
    s[players[1]].team = One::none();
    s.flush().await?;
    assert_eq!((s[players[0]].team_id, s[players[1]].team_id), (None, None));
    assert_eq!(s.loaded(red, Team::players)?, [players[2]]);
    Ok(())
}

#[tokio::test]
async fn r052_setting_the_key_leaves_the_relationship() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = teams(&mut s).await?;
    let players = s.load(red, Team::players).await?;
    let a = players[0];
    s.load(a, Player::team).await?;
    s[a].team_id = Some(s[blue].id);
    s.flush().await?;
    assert_eq!((s.loaded(a, Player::team)?, s.loaded(red, Team::players)?), (Some(red), players.clone()), "stale");
    s.refresh(a).await?;
    assert_eq!((s.load(a, Player::team).await?, s.loaded(red, Team::players)?.len()), (Some(blue), 3));
    s.commit().await?;
    assert_eq!((s.load(red, Team::players).await?.len(), s.load(blue, Team::players).await?), (2, vec![a]));
    Ok(())
}

#[tokio::test]
async fn r053_an_assigned_relationship_wins_over_a_key() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    let (red, blue) = teams(&mut s).await?;
    let (by_blue, of_red) = (s[blue].id, s[red].id);
    let both = s.add(new!(Player { name: "both", team_id: by_blue, team: red }));
    let key = s.add(new!(Player { name: "key", team_id: by_blue }));
    let none = s.add(new!(Player { name: "none", team_id: by_blue, team: One::none() }));
    assert_eq!(s.loaded(key, Player::team)?, None, "reading sets nothing");
    s.flush().await?;
    assert_eq!([both, key, none].map(|player| s[player].team_id), [Some(of_red), Some(by_blue), None]);
    s[key].team_id = Some(of_red);
    s.set(key, Player::team, None)?;
    s.flush().await?;
    assert_eq!(s[key].team_id, None);
    Ok(())
}

#[tokio::test]
async fn r054_there_is_no_none_in_a_collection() -> realgar::Result<()> {
    let db = open(models![Team]).await;
    let mut s = db.session();
    // `many![None]` and `players: None` do not compile; the empty list is what "no players" is.
    let red = s.add(new!(Team { name: "red", players: many![] }));
    s[red].players = many![new!(Player { name: "Ada" })];
    s.commit().await?;
    assert_eq!(s.load(red, Team::players).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn r055_new_objects_have_nothing_related() -> realgar::Result<()> {
    let db = open(models![Team, Writer]).await;
    let mut s = db.session();
    let recorder = db.recorder();
    let (ada, red, writer) =
        (s.add(new!(Player { name: "Ada" })), s.add(new!(Team { name: "red" })), s.add(new!(Writer {})));
    assert_eq!((s.loaded(ada, Player::team)?, s.loaded(ada, Player::badge)?), (None, None));
    assert_eq!(
        (s.loaded(red, Team::players)?, s.loaded(writer, Writer::reading)?),
        (vec![], Vec::<Handle<Book>>::new())
    );
    assert_eq!(recorder.events(), []);
    s[ada].team_id = None;
    s.commit().await?;
    let mut written = writes(&recorder);
    written.sort();
    assert_eq!(written, ["INSERT players x1", "INSERT teams x1", "INSERT writers x1"]);
    assert_eq!(select(Reads::book_id).all(&mut s).await?.len(), 0);
    Ok(())
}
