//! The web side: the router's tests, the example `blog` in a real browser, and under load.
//!
//! Chromium, Node and `wrk` are used where they are, and installed where the system lets us; what could not be done is
//! said at the end. Asked for by name, a browser that cannot be had is a failure.

mod load;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    cargo::{Cargo, root},
    servers::Postgres,
};

/// Tests of the router, then the browser, then the load; `required` where the web was asked for by name.
pub(crate) fn test(required: bool, notes: &mut Vec<String>) -> Result<(), String> {
    let mut server = Err("not asked for".to_owned());
    if required {
        let words = "test --package realgar-axum --package blog --all-features --no-fail-fast";
        step("router", || Cargo::new("router", words).run())?;
        server = Postgres::start();
    }
    if let Ok(server) = &server {
        let call = Cargo::new(
            "router on PostgreSQL",
            "test --package realgar-axum --package blog --all-features --no-fail-fast --test web",
        );
        step("router on PostgreSQL", || server.env.iter().fold(call, |call, (name, url)| call.env(name, url)).run())?;
    }
    step("build", || Cargo::new("build", "build --package blog").run())?;
    match tools() {
        Ok((chromium, npm)) => {
            step("browser", || in_browser(&chromium, &npm))?;
            notes.push(format!("web: tested in {}", version(&chromium)));
        }
        Err(why) if required => return Err(format!("the browser's tests cannot run: {why}")),
        Err(why) => notes.push(format!("skipped: web in a browser ({why})")),
    }
    if !required {
        notes.push("skipped: web under load (asked for by `--only web`)".to_owned());
        return Ok(());
    }
    let Some(wrk) = find("wrk").or_else(|| install("wrk").ok().and_then(|()| find("wrk"))) else {
        notes.push("skipped: web under load (`wrk` is not installed)".to_owned());
        return Ok(());
    };
    step("build for speed", || Cargo::new("build", "build --release --package blog").run())?;
    step("load on SQLite", || load::on(&wrk, "SQLite", None, notes))?;
    match server {
        Ok(server) => {
            let url = server.env.iter().find(|(name, _)| name == "REALGAR_TEST_URL").map(|(_, url)| url.as_str());
            step("load on PostgreSQL", || load::on(&wrk, "PostgreSQL", url, notes))
        }
        Err(why) => {
            notes.push(format!("skipped: web under load on PostgreSQL ({why})"));
            Ok(())
        }
    }
}

fn step(name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("\n==> web, {name}");
    let began = Instant::now();
    let result = work().map_err(|problem| format!("web, {name}: {problem}"));
    println!(
        "==> web, {name}: {}, {:.1} s",
        if result.is_ok() { "ok" } else { "failed" },
        began.elapsed().as_secs_f64()
    );
    result
}

/// The browser and npm.
fn tools() -> Result<(PathBuf, PathBuf), String> {
    let npm = find("npm").ok_or("Node and its `npm` are not installed")?;
    let browser = || ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| find(name));
    let chromium = match browser() {
        Some(found) => found,
        None => {
            install("chromium")?;
            browser().ok_or("Chromium was installed, and is not on the path")?
        }
    };
    Ok((chromium, npm))
}

/// A program on the path.
fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Asks the system for a package; only the administrator of a Debian can.
fn install(package: &str) -> Result<(), String> {
    let apt = find("apt-get").ok_or_else(|| format!("`{package}` is not installed, and there is no apt-get"))?;
    println!("installing {package}: apt-get install {package}");
    let apt_get = |words: &[&str]| {
        let mut command = Command::new(&apt);
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let wanted = ["install", "-y", "--no-install-recommends", package];
    match apt_get(&wanted) || (apt_get(&["update", "-qq"]) && apt_get(&wanted)) {
        true => Ok(()),
        false => Err(format!("`{package}` is not installed, and apt-get could not install it")),
    }
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if text.is_empty() { program.display().to_string() } else { text }
}

fn in_browser(chromium: &Path, npm: &Path) -> Result<(), String> {
    let folder = root().join("examples/blog/browser");
    let run = |words: &[&str]| -> Result<(), String> {
        let mut command = Command::new(npm);
        command.args(words).current_dir(&folder).env("CHROMIUM", chromium).env("BLOG", program("debug"));
        let status = command.status().map_err(|error| format!("cannot run npm: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`npm {}` ended with {status}", words.join(" "))) }
    };
    run(&["ci", "--no-audit", "--no-fund", "--silent"])?;
    run(&["test", "--silent"])
}

/// The blog as cargo built it.
fn program(profile: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let target = if target.is_absolute() { target } else { root().join(target) };
    fs::canonicalize(target.join(profile).join("blog")).unwrap_or_else(|_| target.join(profile).join("blog"))
}
