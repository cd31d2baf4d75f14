//! W4, W6.

use common::{rows::User, *};
use rusqlite::{Connection, params};

use crate::{PEER, user};

pub fn run(args: &Args, connection: &mut Connection) {
    bench(args, PEER, "w4", W4_ROWS, "row", |timer| {
        connection.execute_batch(SQLITE_CLEAN).unwrap();
        let users = w4_users();
        timer.start();
        let sum = insert(connection, &users).unwrap();
        timer.stop();
        sum
    });
    let mut turn = 0;
    bench(args, PEER, "w6", W6_ROWS, "row", |timer| {
        let names = new_names(connection, &mut turn);
        timer.start();
        update(connection, &names).unwrap();
        timer.stop();
        0
    });
    bench(args, PEER, "w6_values", W6_ROWS, "row", |timer| {
        let names = new_names(connection, &mut turn);
        timer.start();
        update_by_values(connection, &names).unwrap();
        timer.stop();
        0
    });
}

fn insert(connection: &mut Connection, users: &[NewUser]) -> rusqlite::Result<u64> {
    let all = connection.transaction()?;
    let mut ids = Vec::with_capacity(users.len());
    for user in users {
        let mut statement = all.prepare_cached("INSERT INTO users (name, email, active) VALUES (?1, ?2, ?3)")?;
        statement.execute(params![user.name, user.email, user.active])?;
        ids.push(all.last_insert_rowid());
    }
    let mut sum = 0;
    for (user, id) in users.iter().zip(ids) {
        for (title, body) in &user.posts {
            let mut statement = all.prepare_cached("INSERT INTO posts (title, body, user_id) VALUES (?1, ?2, ?3)")?;
            statement.execute(params![title, body, id])?;
            sum += all.last_insert_rowid() as u64;
        }
    }
    all.commit()?;
    Ok(sum)
}

fn new_names(connection: &Connection, turn: &mut u64) -> Vec<(String, i64)> {
    *turn += 1;
    let mut statement = connection.prepare_cached("SELECT id, name, email, active FROM users WHERE id <= ?1").unwrap();
    let users: Vec<User> = statement.query_map([W6_ROWS], user).unwrap().collect::<Result<_, _>>().unwrap();
    users.iter().map(|user| (w6_name(*turn, user.id), user.id)).collect()
}

fn update(connection: &mut Connection, names: &[(String, i64)]) -> rusqlite::Result<()> {
    let all = connection.transaction()?;
    for (name, id) in names {
        all.prepare_cached("UPDATE users SET name = ?1 WHERE id = ?2")?.execute(params![name, id])?;
    }
    all.commit()
}

fn update_by_values(connection: &mut Connection, names: &[(String, i64)]) -> rusqlite::Result<()> {
    let all = connection.transaction()?;
    for some in names.chunks(500) {
        let mut values = "(?,?),".repeat(some.len());
        values.pop();
        let mut statement = all.prepare_cached(&format!(
            "WITH v(name, id) AS (VALUES {values}) UPDATE users SET name = v.name FROM v WHERE users.id = v.id"
        ))?;
        for (place, (name, id)) in some.iter().enumerate() {
            statement.raw_bind_parameter(2 * place + 1, name)?;
            statement.raw_bind_parameter(2 * place + 2, id)?;
        }
        assert_eq!(statement.raw_execute()?, some.len());
    }
    all.commit()
}
