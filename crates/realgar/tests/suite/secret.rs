//! Secret columns: no echo, recording, error or description shows what they hold; queries find it nevertheless.

use crate::database::database;
use std::process::Command;

use realgar::prelude::*;

const WORD: &str = "open-sesame";
const CHILD: &str = "REALGAR_SECRET_CHILD";

#[derive(Model)]
#[model(table = "doors")]
struct Door {
    #[column(primary_key, secret)]
    token: String,
    #[column(secret, unique, length = 20)]
    password: Option<String>,
    #[column(secret, default = 4711)]
    pin: i64,
    #[relationship(back_populates = door)]
    keys: Many<DoorKey>,
}

#[derive(Model)]
#[model(table = "door_keys")]
struct DoorKey {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Door::token, secret)]
    token: String,
    #[relationship(back_populates = keys)]
    door: One<Door>,
}

/// Everything that a session does with such columns; answers what errors and recordings said.
async fn scenario(echo: bool) -> realgar::Result<String> {
    let db = Db::builder(models![Door]).echo(echo).connect(&database().await).await?;
    db.create_all().await?;
    let recorder = db.recorder();
    let mut said = String::new();
    let mut s = db.session();
    let token = |number: i32| format!("{WORD}-{number}");
    s.add(new!(Door { token: token(1), password: WORD, keys: [new!(DoorKey {}), new!(DoorKey {})] }));
    s.add(new!(Door { token: token(2), keys: [new!(DoorKey {})] }));
    s.commit().await?;
    s.close().await?;
    for door in Door::select().options(Door::keys.selectin()).all(&mut s).await? {
        for key in s.load(door, Door::keys).await? {
            assert_eq!(s.load(key, DoorKey::door).await?, door);
        }
    }
    s.close().await?;
    for key in DoorKey::select().all(&mut s).await? {
        s.load(key, DoorKey::door).await?;
    }
    let door = s.get::<Door>(token(1)).await?.expect("it is there");
    let found = Door::select().filter(Door::password.eq(WORD) & Door::pin.in_([4711, 4712]));
    assert_eq!(found.all(&mut s).await?, [door]);
    let found = Door::select().filter(Door::token.starts_with(WORD) & !Door::password.like(WORD) & Door::pin.ge(4711));
    assert_eq!(found.count(&mut s).await?, 0);
    assert_eq!(Door::select().filter(Door::keys.any(DoorKey::token.eq(token(2)))).count(&mut s).await?, 1);
    s[door].pin = 4711 * 2;
    s[door].password = Some(WORD.to_uppercase());
    s.commit().await?;
    s[door].password = None;
    s.flush().await?;
    s[door].password = Some(WORD.repeat(10));
    said += &s.flush().await.expect_err("it is too long").to_string();
    s.rollback().await?;
    let double = s.add(new!(Door { token: token(1) }));
    said += &s.flush().await.expect_err("the row is there").to_string();
    s.rollback().await?;
    said += &s.key(double).expect_err("it has no row").to_string();
    said += &s.loaded(door, Door::keys).expect_err("a rollback makes it unloaded").to_string();
    s.delete(door)?;
    said += &s.flush().await.err().map(|error| error.to_string()).unwrap_or_default();
    said += &format!("{:?}", recorder.events());
    Ok(said)
}

#[tokio::test]
async fn errors_and_recordings_show_no_secret() -> realgar::Result<()> {
    let said = scenario(false).await?;
    assert!(said.contains("[secret]") && said.contains("`Door::password`: a text of 110 characters"), "{said}");
    assert!(!said.to_lowercase().contains(WORD) && !said.contains("4711"), "{said}");
    Ok(())
}

/// Echo goes to the standard output of the whole process, so this test runs itself once more, in one of its own.
#[tokio::test]
async fn echo_shows_no_secret() -> realgar::Result<()> {
    if std::env::var_os(CHILD).is_some() {
        return scenario(true).await.map(drop);
    }
    let this = std::env::current_exe().expect("a test is a program");
    let mut child = Command::new(this);
    child.args(["--exact", "secret::echo_shows_no_secret", "--nocapture"]).env(CHILD, "1");
    let output = child.output().expect("the program runs again");
    let echo = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success()
            && echo.contains("[secret]")
            && crate::models::plain(&echo).contains("INSERT INTO \"doors\""),
        "{echo}"
    );
    assert!(!echo.to_lowercase().contains(WORD) && !echo.contains("4711"), "{echo}");
    Ok(())
}
