//! An authority, and a certificate of its for this machine: what servers need for TLS.

use std::{fs, path::Path, process::Command};

use super::{Folder, User, program, run};

/// Makes `ca.pem`, `server.pem` and `server.key` in the folder; the key is for this user of the system.
pub(crate) fn make(folder: &Folder, user: &User) -> Result<(), String> {
    let openssl = program("openssl").ok_or("openssl is not installed")?;
    let here = |name: &str| folder.join(name).display().to_string();
    let call = |words: &[&str]| run(Command::new(&openssl).args(words));
    let (ca, ca_key, pem, key, csr) =
        (here("ca.pem"), here("ca.key"), here("server.pem"), here("server.key"), here("csr"));
    let new = ["-nodes", "-newkey", "rsa:2048", "-subj"];
    call(
        &[&["req", "-x509", "-days", "2", "-keyout", &ca_key, "-out", &ca], &new[..], &["/CN=realgar tests"]].concat(),
    )?;
    call(&[&["req", "-keyout", &key, "-out", &csr], &new[..], &["/CN=localhost"]].concat())?;
    let names = here("names");
    fs::write(&names, "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        .map_err(|error| error.to_string())?;
    let sign = ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "2"];
    call(&[&sign[..], &["-extfile", &names, "-out", &pem]].concat())?;
    user.own(Path::new(&key))?;
    run(Command::new("chmod").args(["600", &key]))?;
    run(Command::new("chmod").args(["644", &ca, &pem])).map(|_| ())
}
