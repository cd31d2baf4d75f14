//! The blog under load: many clients at once, who only read, and who read, write and log in. `wrk` plays them.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::program;

/// So many clients ask at the same time, for so long.
const CLIENTS: u32 = 200;
const SECONDS: u32 = 30;

/// The pages that are asked for, and what lies behind each.
const PAGES: [(&str, &str); 4] = [
    ("/", "a list: posts, authors, tags, comments counted"),
    ("/posts/1", "a post with its comments"),
    ("/tags/loading?page=1", "the posts of a tag"),
    ("/api/posts?per_page=20", "the same as JSON"),
];

/// Visitors who read and write: see there.
const VISITORS: &str = include_str!("visitors.lua");
const MIXED: &str = "75 % reads, 15 % comments, 9 % posts, 1 % logins";

/// So many posts there are for them.
const POSTS: usize = 300;

/// Every page, then visitors who write, on a database of this URL, or on SQLite: no 5xx, nothing refused, no error of the
/// sockets. Afterwards nobody holds a connection, and memory is flat.
pub(super) fn on(wrk: &Path, name: &str, url: Option<&str>, notes: &mut Vec<String>) -> Result<(), String> {
    let blog = Served::start(url)?;
    let visitors = ["ada", "grace", "hedy"].map(|name| Visitor::log_in(&blog, name));
    let visitors = visitors.into_iter().collect::<Result<Vec<_>, _>>()?;
    for _ in 0..POSTS {
        visitors[0].send(&blog, "/posts", "title=A+post&content=To+be+talked+about.&tags=load%2C+many")?;
    }
    let script = blog.folder.join("visitors.lua");
    fs::write(&script, VISITORS).map_err(|error| error.to_string())?;
    let mut words = vec![POSTS.to_string()];
    words.extend(visitors.iter().flat_map(|visitor| [visitor.cookie.clone(), visitor.token.clone()]));
    // What a URL asks of everybody, or what visitors do.
    let ask = |path: &str, seconds| wrk_says(wrk, &blog, path, seconds, None);
    let mixed = |seconds| wrk_says(wrk, &blog, "/", seconds, Some((&script, &words)));
    // The first round fills what is filled once: the pool, the caches of statements, the buffers of connections.
    ask("/", 2)?;
    mixed(3)?;
    let before = blog.memory();
    let mut say = |line: String| {
        println!("{line}");
        notes.push(format!("web: {line}"));
    };
    for (path, what) in PAGES {
        say(format!("{name}, {CLIENTS} clients for {SECONDS} s, {path} ({what}): {}", ask(path, SECONDS)?));
        blog.is_idle()?;
    }
    say(format!("{name}, {CLIENTS} clients for {SECONDS} s, {MIXED}: {}", mixed(SECONDS)?));
    blog.is_idle()?;
    if let (Some(before), Some(after)) = (before, blog.memory()) {
        let line = format!("{name}, memory: {} MB before, {} MB after", before / 1024, after / 1024);
        say(line.clone());
        if after > before * 3 / 2 + 20 * 1024 {
            return Err(format!("memory grows under load: {line}"));
        }
    }
    Ok(())
}

/// What `wrk` measured: requests each second, the latency that one in a hundred exceeds, and the answers where a script
/// counts them.
fn wrk_says(
    wrk: &Path,
    blog: &Served,
    path: &str,
    seconds: u32,
    script: Option<(&PathBuf, &Vec<String>)>,
) -> Result<String, String> {
    let mut command = Command::new(wrk);
    command.args(["-t2", &format!("-c{CLIENTS}"), &format!("-d{seconds}s"), "--latency", "--timeout", "10s"]);
    if let Some((script, _)) = script {
        command.arg("-s").arg(script);
    }
    command.arg(format!("http://{}{path}", blog.address));
    if let Some((_, words)) = script {
        command.arg("--").args(words);
    }
    let output = command.output().map_err(|error| format!("cannot run wrk: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned)
    };
    if text.contains("Non-2xx") || text.contains("Socket errors") || !output.status.success() {
        return Err(format!("{path} under load:\n{text}"));
    }
    let answers = text.lines().filter_map(|line| line.strip_prefix("Answers: ")?.split_once(' '));
    let answers: BTreeMap<&str, &str> = answers.collect();
    let answers: String = answers.iter().map(|(status, count)| format!(", {count} × {status}")).collect();
    match (value("Requests/sec:"), value("99%")) {
        (Some(rate), Some(p99)) => Ok(format!("{rate} requests/s, p99 {p99}{answers}")),
        _ => Err(format!("wrk says what is not understood:\n{text}")),
    }
}

/// A blog that is served while this lives, on a database of its own.
struct Served {
    child: Child,
    folder: PathBuf,
    address: String,
}

impl Served {
    fn start(url: Option<&str>) -> Result<Served, String> {
        let folder = env::temp_dir().join(format!("realgar-load-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let file = || format!("sqlite:///{}/blog.db?begin=immediate", folder.display());
        let mut command = Command::new(program("release"));
        command.env("DATABASE_URL", url.map_or_else(file, str::to_owned)).env("BLOG_ADDRESS", "127.0.0.1:0");
        let child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cannot run the blog: {error}"))?;
        let mut served = Served { child, folder, address: String::new() };
        let out = served.child.stdout.take().ok_or("the blog has no output")?;
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        served.address = address.ok_or("the blog did not start")?;
        Ok(served)
    }

    /// Its memory in kilobytes, where the system tells.
    fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// After a load nobody holds a connection or waits for one, and pages are there at once.
    fn is_idle(&self) -> Result<(), String> {
        thread::sleep(Duration::from_millis(200));
        let health = self.ask("GET", "/health", "", "")?;
        if !health.contains(r#""in_use":0,"#) || !health.contains(r#""waiting":0"#) {
            return Err(format!("after the load, the pool is not idle: {health}"));
        }
        let began = Instant::now();
        for _ in 0..20 {
            self.ask("GET", "/", "", "")?;
        }
        match began.elapsed() {
            took if took > Duration::from_secs(2) => Err(format!("after the load, 20 requests take {took:.1?}")),
            _ => Ok(()),
        }
    }

    /// An answer, with its headers; an error unless it is 2xx or 3xx.
    fn ask(&self, method: &str, path: &str, cookie: &str, form: &str) -> Result<String, String> {
        let text = |error: std::io::Error| format!("{path}: {error}");
        let mut stream = TcpStream::connect(&self.address).map_err(text)?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(text)?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: blog={cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        stream.write_all(request.as_bytes()).map_err(text)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(text)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        match answer.as_bytes().get(9) {
            Some(b'2' | b'3') => Ok(answer),
            _ => Err(format!("{method} {path}: {}", answer.lines().next().unwrap_or_default())),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Somebody who is logged in.
struct Visitor {
    cookie: String,
    token: String,
}

impl Visitor {
    fn log_in(blog: &Served, name: &str) -> Result<Visitor, String> {
        let page = blog.ask("GET", "/login", "", "")?;
        let mut visitor = Visitor { cookie: between(&page, "blog=")?, token: between(&page, TOKEN)? };
        let welcome = visitor.send(blog, "/login", &format!("username={name}&password=realgar-demo"))?;
        visitor.cookie = between(&welcome, "blog=")?;
        visitor.token = between(&blog.ask("GET", "/", &visitor.cookie, "")?, TOKEN)?;
        Ok(visitor)
    }

    fn send(&self, blog: &Served, path: &str, fields: &str) -> Result<String, String> {
        blog.ask("POST", path, &self.cookie, &format!("token={}&{fields}", self.token))
    }
}

/// Where a form has its token.
const TOKEN: &str = "name=\"token\" value=\"";

/// The 64 digits behind a text.
fn between(page: &str, before: &str) -> Result<String, String> {
    let at = page.find(before).map(|at| at + before.len());
    let digits = at.and_then(|at| page.get(at..at + 64));
    digits.map(str::to_owned).ok_or_else(|| format!("`{before}` is not part of {page}"))
}
