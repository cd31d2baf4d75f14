//! PostgreSQL, with a certificate for TLS, and PgBouncer in front of it.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Folder, Server, User, certificate, free_port, install, program, run};

/// A running server.
pub(crate) struct Postgres {
    pooler: Option<Child>,
    bin: PathBuf,
    user: User,
    folder: Folder,
}

impl Postgres {
    /// Starts it; an error says why it cannot be had.
    pub(crate) fn start() -> Result<Server, String> {
        let bin = match bin() {
            Some(bin) => bin,
            None => {
                install(&["postgresql"])?;
                bin().ok_or("its programs are not where Debian puts them")?
            }
        };
        let user = User::unless_root("postgres");
        let folder = Folder::new("postgres", &user)?;
        let mut server = Postgres { pooler: None, bin, user, folder };
        let port = server.serve()?;
        let version = run(server.user.command(&server.bin.join("postgres")).arg("--version"))?;
        let mut env = vec![
            ("REALGAR_TEST_URL".to_owned(), format!("postgres://postgres@127.0.0.1:{port}/postgres")),
            ("REALGAR_TEST_KILL".to_owned(), server.killer()?.display().to_string()),
        ];
        let authority = server.folder.join("ca.pem");
        if authority.exists() {
            env.push(("REALGAR_TEST_AUTHORITY".to_owned(), authority.display().to_string()));
        }
        match server.pool(port) {
            Ok(url) => env.push(("REALGAR_TEST_POOLER".to_owned(), url)),
            Err(why) => println!("==> without PgBouncer: {why}"),
        }
        Ok(Server { name: "postgres", version: version.trim().to_owned(), env, _running: Box::new(server) })
    }

    fn serve(&self) -> Result<u16, String> {
        let (data, port) = (self.folder.join("data"), free_port()?);
        let mut initdb = self.user.command(&self.bin.join("initdb"));
        initdb.args(["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C", "-D"]).arg(&data);
        run(&mut initdb)?;
        let tls = match certificate::make(&self.folder, &self.user) {
            Ok(()) => "ssl=on\nssl_cert_file='../server.pem'\nssl_key_file='../server.key'\n",
            Err(why) => {
                println!("==> without TLS: {why}");
                ""
            }
        };
        // A server for tests need not survive a power cut.
        let settings = format!(
            "listen_addresses='127.0.0.1'\nport={port}\nunix_socket_directories='{}'\nfsync=off\n\
             synchronous_commit=off\nfull_page_writes=off\nmax_connections=200\nshared_buffers=64MB\n\
             max_prepared_transactions=20\n{tls}",
            self.folder.0.display()
        );
        let file = data.join("postgresql.conf");
        let before = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        fs::write(&file, before + &settings).map_err(|error| error.to_string())?;
        let mut start = self.user.command(&self.bin.join("pg_ctl"));
        start.arg("-D").arg(&data).arg("-l").arg(self.folder.join("log")).args(["-w", "-t", "60", "start"]);
        // The server inherits what it is given: a pipe would never end.
        start.stdout(Stdio::null()).stderr(Stdio::null());
        match start.status().map_err(|error| error.to_string())?.success() {
            true => Ok(port),
            false => {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                Err(format!("it does not start: {}", log.lines().last().unwrap_or_default()))
            }
        }
    }

    /// A program that kills the server and starts it again, once the last of its processes is gone.
    fn killer(&self) -> Result<PathBuf, String> {
        let data = self.folder.join("data").display().to_string();
        let start = format!("{} -D {data} -l {data}/../log -w -t 60 start", self.bin.join("pg_ctl").display());
        let start = match self.user {
            User::Myself => start,
            User::Other(name) => format!("setpriv --reuid={name} --regid={name} --init-groups -- {start}"),
        };
        let text = format!(
            "#!/bin/sh\ncd /\nkill -9 $(head -1 {data}/postmaster.pid)\nfor try in $(seq 100); do\n\
             {start} >/dev/null 2>&1 </dev/null && exit 0\nsleep 0.1\ndone\nexit 1\n"
        );
        let path = self.folder.join("kill");
        fs::write(&path, text).map_err(|error| error.to_string())?;
        run(Command::new("chmod").arg("755").arg(&path))?;
        Ok(path)
    }

    /// PgBouncer, which hands every transaction to another connection.
    fn pool(&mut self, server: u16) -> Result<String, String> {
        let bouncer =
            match program("pgbouncer").or_else(|| Some(PathBuf::from("/usr/sbin/pgbouncer")).filter(|p| p.exists())) {
                Some(bouncer) => bouncer,
                None => {
                    install(&["pgbouncer"])?;
                    program("pgbouncer").unwrap_or_else(|| PathBuf::from("/usr/sbin/pgbouncer"))
                }
            };
        let port = free_port()?;
        let settings = self.folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 3\nmax_client_conn = 200\nserver_round_robin = 1\n\
             ignore_startup_parameters = extra_float_digits,options\n"
        );
        fs::write(&settings, text).map_err(|error| error.to_string())?;
        let mut command = self.user.command(&bouncer);
        let child = command.arg("-q").arg(&settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.pooler = Some(child.map_err(|error| error.to_string())?);
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > deadline {
                return Err("it does not answer".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(pooler) = &mut self.pooler {
            let _ = pooler.kill();
            let _ = pooler.wait();
        }
        let mut stop = self.user.command(&self.bin.join("pg_ctl"));
        stop.arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "-w", "-t", "30", "stop"]);
        let _ = run(&mut stop);
    }
}

/// Where the server's programs are: in the folder that `REALGAR_POSTGRES` names; else Debian keeps them apart by version,
/// and the newest is taken.
fn bin() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("REALGAR_POSTGRES") {
        return Some(PathBuf::from(named));
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let numbered = versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let debian = numbered.max().map(|(_, path)| path.join("bin")).filter(|bin| bin.join("initdb").exists());
    debian.or_else(|| Some(program("initdb")?.canonicalize().ok()?.parent()?.to_owned()))
}
