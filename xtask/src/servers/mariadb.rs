//! MariaDB, with a certificate for TLS. It stands for MySQL, too, where no MySQL can be had.

use std::{
    fs,
    path::PathBuf,
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
        let port = server.serve(program)?;
        let mut env = vec![("REALGAR_TEST_URL".to_owned(), format!("mysql://{USER}:{USER}@127.0.0.1:{port}/test"))];
        let authority = server.folder.join("ca.pem");
        if authority.exists() {
            env.push(("REALGAR_TEST_AUTHORITY".to_owned(), authority.display().to_string()));
        }
        let version = version.split_whitespace().skip_while(|word| *word != "Ver").nth(1).unwrap_or("?").to_owned();
        Ok(Server { name: "mysql", version: format!("mariadbd {version}"), env, _running: Box::new(server) })
    }

    fn serve(&mut self, program: PathBuf) -> Result<u16, String> {
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
        let mut start = self.user.command(&program);
        let here = |name: &str| self.folder.join(name).display().to_string();
        start.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--port={port}")).args([
            "--bind-address=127.0.0.1".to_owned(),
            format!("--socket={}", here("socket")),
            format!("--pid-file={}", here("pid")),
            format!("--log-error={}", here("log")),
            format!("--init-file={}", first.display()),
            // A server for tests need not survive a power cut.
            "--innodb-flush-log-at-trx-commit=0".to_owned(),
            "--innodb-buffer-pool-size=64M".to_owned(),
            "--max-connections=300".to_owned(),
            "--performance-schema=off".to_owned(),
        ]);
        if encrypted {
            start.args(["ca", "cert", "key"].map(|what| {
                let file = if what == "ca" {
                    "ca.pem"
                } else if what == "cert" {
                    "server.pem"
                } else {
                    "server.key"
                };
                format!("--ssl-{what}={}", here(file))
            }));
        }
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
        Ok(port)
    }
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = run(Command::new("kill").arg(running.id().to_string()));
            let _ = running.wait();
        }
    }
}

/// The server's program; Debian keeps it beside what only root calls.
fn server() -> Option<PathBuf> {
    let debian = || Some(PathBuf::from("/usr/sbin/mariadbd")).filter(|path| path.exists());
    program("mariadbd").or_else(debian)
}
