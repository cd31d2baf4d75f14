//! Encryption: rustls with ring. `prefer` and `require` encrypt and trust anybody, as libpq does; `verify-full` asks for
//! a certificate that a known authority gave to this host.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Kind, Result};

/// Whose certificate is good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody's: the connection is encrypted, but who is at its other end is not known.
    Anybody,
    /// One that a known authority gave to this host.
    Certified,
}

/// The connector. The authorities are those in this file, else the system's.
pub(super) fn connector(trust: Trust, root: Option<&str>) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::bug(format!("TLS: {error}")))?;
    let config = match trust {
        Trust::Anybody => versions
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAnybody(provider)))
            .with_no_client_auth(),
        Trust::Certified => versions.with_root_certificates(authorities(root)?).with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}

fn authorities(root: Option<&str>) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    let Some(path) = root else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(Error::new(Kind::Operational, "this system knows no certificate authority")
                .way_out("name a file with the authority's certificate: `sslrootcert=/etc/ssl/ca.pem`"));
        }
        return Ok(store);
    };
    let unread = |why: String| {
        Error::new(Kind::Argument, format!("the certificates in {path} cannot be read: {why}"))
            .way_out("`sslrootcert` is a file of certificates in PEM form")
    };
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unread(error.to_string()))? {
        let certificate = certificate.map_err(|error| unread(error.to_string()))?;
        store.add(certificate).map_err(|error| unread(error.to_string()))?;
    }
    if store.is_empty() { Err(unread("there is none".into())) } else { Ok(store) }
}

/// Takes any certificate, but checks that its owner is at the other end.
#[derive(Debug)]
struct TrustAnybody(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
