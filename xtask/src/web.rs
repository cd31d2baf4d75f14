//! The web side: the router's tests, the example `blog` in a real browser, and under load.
//!
//! Chromium, Node and `wrk` are used where they are, and installed where the system lets us; what could not be done is
//! said at the end. Asked for by name, a browser that cannot be had is a failure.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::cargo::{Cargo, root};

/// So many clients ask at the same time, for so long, each page.
const CLIENTS: u32 = 200;
const SECONDS: u32 = 30;

/// The pages that are asked for, and what lies behind each.
const PAGES: [(&str, &str); 4] = [
    ("/", "a list: posts, authors, tags, comments counted"),
    ("/posts/1", "a post with its comments"),
    ("/tags/loading?page=1", "the posts of a tag"),
    ("/api/posts?per_page=20", "the same as JSON"),
];

/// Tests of the router, then the browser, then the load; `required` where the web was asked for by name.
pub(crate) fn test(required: bool, notes: &mut Vec<String>) -> Result<(), String> {
    if required {
        let words = "test --package realgar-axum --package blog --all-features --no-fail-fast";
        step("router", || Cargo::new("router", words).run())?;
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
    step("load", || under_load(&wrk, notes))
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

/// A blog that is served while this lives, on a database of its own.
struct Served {
    child: Child,
    folder: PathBuf,
    address: String,
}

impl Served {
    fn start() -> Result<Served, String> {
        let folder = env::temp_dir().join(format!("realgar-load-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let url = env::var("REALGAR_LOAD_URL").unwrap_or_else(|_| format!("sqlite:///{}/blog.db", folder.display()));
        let mut command = Command::new(program("release"));
        command.env("DATABASE_URL", url).env("BLOG_ADDRESS", "127.0.0.1:0").stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("cannot run the blog: {error}"))?;
        let out = child.stdout.take().ok_or("the blog has no output")?;
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        let served = Served { child, folder, address: address.clone().unwrap_or_default() };
        address.map(|_| served).ok_or_else(|| "the blog did not start".to_owned())
    }

    /// Its memory in kilobytes, where the system tells.
    fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// The status line of an answer.
    fn ask(&self, path: &str) -> Result<String, String> {
        let text = |error: std::io::Error| format!("{path}: {error}");
        let mut stream = TcpStream::connect(&self.address).map_err(text)?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(text)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).map_err(text)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(text)?;
        Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Every page under load: no 5xx, no error of the sockets; afterwards it answers at once, and memory is flat.
fn under_load(wrk: &Path, notes: &mut Vec<String>) -> Result<(), String> {
    let blog = Served::start()?;
    // The first round fills what is filled once: the pool, the caches of statements, the buffers of connections.
    ask_for(wrk, &blog, "/", 3)?;
    let before = blog.memory();
    for (path, what) in PAGES {
        let (rate, p99) = ask_for(wrk, &blog, path, SECONDS)?;
        let line = format!("{CLIENTS} clients for {SECONDS} s, {path} ({what}): {rate} requests/s, p99 {p99}");
        println!("{line}");
        notes.push(format!("web: {line}"));
    }
    thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    for _ in 0..20 {
        let status = blog.ask("/")?;
        if !status.contains(" 200 ") {
            return Err(format!("after the load, `/` answers {status}"));
        }
    }
    if began.elapsed() > Duration::from_secs(2) {
        return Err(format!(
            "after the load, 20 requests take {:.1} s: connections are lost",
            began.elapsed().as_secs_f64()
        ));
    }
    if let (Some(before), Some(after)) = (before, blog.memory()) {
        let line = format!("memory: {} MB before, {} MB after", before / 1024, after / 1024);
        println!("{line}");
        notes.push(format!("web: {line}"));
        if after > before * 3 / 2 + 20 * 1024 {
            return Err(format!("memory grows under load: {line}"));
        }
    }
    Ok(())
}

/// Requests each second, and the latency that one in a hundred exceeds.
fn ask_for(wrk: &Path, blog: &Served, path: &str, seconds: u32) -> Result<(String, String), String> {
    let mut command = Command::new(wrk);
    command.args(["-t2", &format!("-c{CLIENTS}"), &format!("-d{seconds}s"), "--latency", "--timeout", "10s"]);
    let output = command.arg(format!("http://{}{path}", blog.address)).output();
    let output = output.map_err(|error| format!("cannot run wrk: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned)
    };
    if text.contains("Non-2xx") || text.contains("Socket errors") || !output.status.success() {
        return Err(format!("{path} under load:\n{text}"));
    }
    match (value("Requests/sec:"), value("99%")) {
        (Some(rate), Some(p99)) => Ok((rate, p99)),
        _ => Err(format!("wrk says what is not understood:\n{text}")),
    }
}
