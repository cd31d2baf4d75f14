//! Encryption: rustls with ring. `prefer` and `require` encrypt and trust anybody; `verify-full` asks for a certificate
//! that a known authority gave to this host.

use std::path::Path;

use mysql_async::SslOpts;

use crate::error::{Error, Kind, Result};

/// Encrypted, but who is at the other end is not known.
pub(super) fn anybody() -> SslOpts {
    provide();
    SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true)
}

/// The authorities are those in this file, else the system's.
pub(super) fn certified(root: Option<&str>) -> Result<SslOpts> {
    provide();
    let roots = match root {
        Some(path) => {
            let unread = |why: String| {
                Error::new(Kind::Argument, format!("the certificates in {path} cannot be read: {why}"))
                    .way_out("`sslrootcert` is a file of certificates in PEM form")
            };
            let text = std::fs::read(Path::new(path)).map_err(|error| unread(error.to_string()))?;
            if !String::from_utf8_lossy(&text).contains("-----BEGIN CERTIFICATE-----") {
                return Err(unread("there is none".into()));
            }
            vec![text]
        }
        None => {
            let known = rustls_native_certs::load_native_certs().certs;
            if known.is_empty() {
                return Err(Error::new(Kind::Operational, "this system knows no certificate authority")
                    .way_out("name a file with the authority's certificate: `sslrootcert=/etc/ssl/ca.pem`"));
            }
            known.into_iter().map(|certificate| certificate.to_vec()).collect()
        }
    };
    Ok(SslOpts::default()
        .with_disable_built_in_roots(true)
        .with_root_certs(roots.into_iter().map(Into::into).collect()))
}

/// The driver asks for the process's provider, and panics where several crates would bring one and none was chosen.
fn provide() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
