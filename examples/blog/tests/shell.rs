//! `blog shell`, as a program: lines through a pipe, and keys through a pseudo-terminal.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::PathBuf,
    process::{self, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// A folder with a database of its own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("blog-shell-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn blog(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_blog"));
        command.args(arguments).current_dir(&self.0).env_clear();
        command.env("DATABASE_URL", "sqlite:///shell.db").env("TERM", "xterm");
        command
    }

    fn piped(&self, lines: &str) -> Output {
        let mut command = self.blog(&["shell"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const WRITE: &str = "\
echo off
alice = User(username='alice', password='x')
post = Post(title='Hello', content='First', author=alice, tags=[Tag(name='new')])
db.session.add_all([alice, post])
db.session.commit()
";

#[test]
fn lines_from_a_pipe() {
    let folder = Folder::new("pipe");
    let output = folder.piped(&format!("{WRITE}print(alice, post)\nalice.username = 'lost'\n"));
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "<User 1> <Post 1>\nwhat was not committed is rolled back\n");

    // Another one, on the same file; the last line has no end.
    let output =
        folder.piped("echo off\nUser where username = 'alice'\n.posts\n.tags\nprint(_)\nquit\nprint('not reached')");
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["│ 1  ┆ alice", "[secret]", "│ 1  ┆ Hello ┆ First", "│ 1  ┆ new", "[<Tag 1>]"] {
        assert!(text.contains(part), "`{part}` is not part of\n{text}");
    }
    assert!(!text.contains("not reached") && !text.contains(">>>"), "{text}");
}

#[test]
fn whatever_is_wrong_with_a_line_the_next_one_is_read() {
    let folder = Folder::new("wrong");
    let mut child = folder.blog(&["shell"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"echo off\n\xff\xfe\n'open\nprint('still here')\r\n\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("error: ").count(), 2, "{text}");
    assert!(text.ends_with("still here\n"), "{text}");
}

#[test]
fn lines_go_on_while_a_bracket_is_open() {
    let folder = Folder::new("open");
    let lines = "\
        echo off\n\
        >>> ada = User(\n\
        ...     username='ada',  # a comment (\n\
        ...     password='x',\n\
        ... )\n\
        print(ada)\n\
        add [ada, Tag(name='one'),\n\
        Tag(name='two')]\n\
        commit\n\
        print(Tag.query.all())\n\
        print(User(";
    let output = folder.piped(lines);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("<User (transient)>\n[<Tag 1>, <Tag 2>]\nerror: the line ends too early"), "{text}");
}

#[test]
fn the_program_says_how_it_is_used() {
    let folder = Folder::new("usage");
    assert_eq!(folder.blog(&["nonsense"]).output().unwrap().status.code(), Some(2));
    assert!(String::from_utf8(folder.blog(&["--help"]).output().unwrap().stdout).unwrap().contains("blog shell"));
    let output = folder.blog(&["shell"]).env("DATABASE_URL", "oracle://x").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("unknown scheme `oracle`"));
}

/// A terminal that nobody sees: what the program writes arrives here, what is written here are its keys.
struct Terminal {
    keys: File,
    read: mpsc::Receiver<Vec<u8>>,
    text: String,
}

impl Terminal {
    fn open(command: &mut Command) -> (Terminal, process::Child) {
        let size = nix::pty::Winsize { ws_row: 40, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = nix::pty::openpty(&size, None).unwrap();
        let end = |pty: &std::os::fd::OwnedFd| Stdio::from(pty.try_clone().unwrap());
        let child = command.stdin(end(&pty.slave)).stdout(end(&pty.slave)).stderr(end(&pty.slave)).spawn().unwrap();
        let mut screen = File::from(pty.master.try_clone().unwrap());
        let (sender, read) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        (Terminal { keys: File::from(pty.master), read, text: String::new() }, child)
    }

    /// Waits until this was written, and forgets what stood before it.
    fn wait(&mut self, text: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(at) = self.text.find(text) {
                let before = self.text[..at].to_owned();
                self.text.drain(..at + text.len());
                return before;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.read.recv_timeout(left) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("`{text}` did not come; this did: {}", self.text),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }
}

#[test]
fn keys_on_a_terminal() {
    let folder = Folder::new("terminal");
    assert!(folder.piped(WRITE).status.success());
    let (mut terminal, mut child) = Terminal::open(&mut folder.blog(&["shell"]));
    terminal.wait("`help` says what there is");
    terminal.wait(">>> ");
    terminal.press("echo off\r");
    terminal.wait(">>> ");
    terminal.press("Us\t where username = 'alice'\r"); // Tab: `User`
    terminal.wait("1 row");
    terminal.wait(">>> ");
    terminal.press(".pos\t\r"); // `.posts`
    terminal.wait("Hello");
    terminal.wait(">>> ");
    terminal.press("\x1b[A\x1b[A\r"); // up, twice: the query again
    terminal.wait("alice");
    terminal.wait("1 row");
    terminal.wait(">>> ");
    terminal.press("print(User(\r"); // a bracket is open: the line goes on
    terminal.press("))\r");
    terminal.wait("<User (transient)>");
    terminal.wait(">>> ");
    terminal.press("\x1b[200~print('one')\nprint('two')\x1b[201~\r"); // two lines, pasted
    terminal.wait("one\r\ntwo\r\n");
    terminal.wait(">>> ");
    terminal.press("half a line\x03"); // Ctrl-C: the line is forgotten
    terminal.wait(">>> ");
    terminal.press("print('left')\r");
    terminal.wait("left\r\n");
    terminal.wait(">>> ");
    terminal.press("\x04"); // Ctrl-D
    assert!(child.wait().unwrap().success());
}
