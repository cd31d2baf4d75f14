//! MariaDB, with a certificate for TLS. It stands for MySQL, too, where no MySQL can be had.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Folder, Server, User, certificate, free_port, install, program, run};

/// Who may do everything on the server, and the password.
const USER: &str = "realgar";

/// A running server.
pub(crate) struct Mariadb {
    running: Option<Child>,
    user: User,
    folder: Folder,
}

impl Mariadb {
    /// Starts it; an error says why it cannot be had.
    pub(crate) fn start() -> Result<Server, String> {
        if server().is_none() {
            install(&["mariadb-server"])?;
        }
        let program = server().ok_or("its program is not where Debian puts it")?;
        let user = User::unless_root("mysql");
        let folder = Folder::new("mariadb", &user)?;
        let mut server = Mariadb { running: None, user, folder };
        let version = run(Command::new(&program).arg("--version"))?;
        let (port, words) = server.serve(&program)?;
        let mut env = vec![
            ("REALGAR_TEST_URL".to_owned(), format!("mysql://{USER}:{USER}@127.0.0.1:{port}/test")),
            ("REALGAR_TEST_KILL".to_owned(), server.killer(&program, &words)?.display().to_string()),
        ];
        let authority = server.folder.join("ca.pem");
        if authority.exists() {
            env.push(("REALGAR_TEST_AUTHORITY".to_owned(), authority.display().to_string()));
        }
        let version = version.split_whitespace().skip_while(|word| *word != "Ver").nth(1).unwrap_or("?").to_owned();
        Ok(Server { name: "mysql", version: format!("mariadbd {version}"), env, _running: Box::new(server) })
    }

    /// Starts it; answers its port, and the words that it was started with.
    fn serve(&mut self, program: &Path) -> Result<(u16, Vec<String>), String> {
        let (data, port) = (self.folder.join("data"), free_port()?);
        let installer = super::program("mariadb-install-db").ok_or("mariadb-install-db is not installed")?;
        let mut install = self.user.command(&installer);
        install.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        run(&mut install)?;
        let encrypted = match certificate::make(&self.folder, &self.user) {
            Ok(()) => true,
            Err(why) => {
                println!("==> without TLS: {why}");
                false
            }
        };
        let first = self.folder.join("first.sql");
        let users = ["127.0.0.1", "localhost"].map(|host| {
            format!(
                "CREATE USER IF NOT EXISTS {USER}@'{host}' IDENTIFIED BY '{USER}';\nGRANT ALL ON *.* TO {USER}@'{host}';\n"
            )
        });
        fs::write(&first, format!("{}CREATE DATABASE IF NOT EXISTS test;\n", users.concat()))
            .map_err(|error| error.to_string())?;
        let here = |name: &str| self.folder.join(name).display().to_string();
        let mut words = vec![
            "--no-defaults".to_owned(),
            format!("--datadir={}", data.display()),
            format!("--port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--socket={}", here("socket")),
            format!("--pid-file={}", here("pid")),
            format!("--log-error={}", here("log")),
            format!("--init-file={}", first.display()),
            // Beside other servers' temporary files, it would take them for its own.
            format!("--tmpdir={}", data.display()),
            // A server for tests need not survive a power cut, only its own death.
            "--innodb-flush-log-at-trx-commit=2".to_owned(),
            "--innodb-buffer-pool-size=64M".to_owned(),
            "--max-connections=300".to_owned(),
            "--performance-schema=off".to_owned(),
        ];
        if encrypted {
            let files = [("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key")];
            words.extend(files.map(|(what, file)| format!("--ssl-{what}={}", here(file))));
        }
        let mut start = self.user.command(program);
        start.args(&words);
        let running = start.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(running.map_err(|error| error.to_string())?);
        let deadline = Instant::now() + Duration::from_secs(60);
        // The port opens once the first statements were carried out.
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.running.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!("it does not start: {}", log.lines().last().unwrap_or_default()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok((port, words))
    }

    /// A program that kills the server and starts it again. The new one waits for the files of the old one.
    fn killer(&self, program: &Path, words: &[String]) -> Result<PathBuf, String> {
        let start = format!("{} {}", program.display(), words.join(" "));
        let start = match self.user {
            User::Myself => start,
            User::Other(name) => format!("setpriv --reuid={name} --regid={name} --init-groups -- {start}"),
        };
        let here = |name: &str| self.folder.join(name).display().to_string();
        let text = format!(
            "#!/bin/sh\ncd /\nkill -9 $(cat {pid})\nrm -f {pid} {socket}\n{start} >/dev/null 2>&1 </dev/null &\n\
             for try in $(seq 300); do\n\
             mariadb-admin --no-defaults -uroot -S {socket} ping >/dev/null 2>&1 && exit 0\nsleep 0.1\ndone\nexit 1\n",
            pid = here("pid"),
            socket = here("socket"),
        );
        let path = self.folder.join("kill");
        fs::write(&path, text).map_err(|error| error.to_string())?;
        run(Command::new("chmod").arg("755").arg(&path))?;
        Ok(path)
    }
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        // One that was killed has a successor, which is not our child.
        let file = self.folder.join("pid");
        if let Ok(pid) = fs::read_to_string(&file) {
            let _ = run(Command::new("kill").arg(pid.trim()));
            let deadline = Instant::now() + Duration::from_secs(30);
            while file.exists() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        if let Some(running) = &mut self.running {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

/// The server's program; Debian keeps it beside what only root calls.
fn server() -> Option<PathBuf> {
    let debian = || Some(PathBuf::from("/usr/sbin/mariadbd")).filter(|path| path.exists());
    program("mariadbd").or_else(debian)
}
