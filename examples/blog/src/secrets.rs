//! Passwords, cookies, tokens: random numbers and hashes.

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{Error, Output, ParamsString, PasswordHash, Result, Salt, SaltString},
};
use blake2::{Blake2s256, Blake2sMac256, Digest, digest::KeyInit, digest::Mac};
use tokio::sync::Semaphore;

/// Random text of 64 hexadecimal digits.
///
/// # Panics
/// Where the system has no random numbers: nothing that follows would be safe.
#[must_use]
pub fn random() -> String {
    hex(&bytes::<32>())
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a cookie, as the table of logins keeps it.
#[must_use]
pub fn hash(cookie: &str) -> String {
    hex(&Blake2s256::digest(cookie.as_bytes()))
}

/// What only this application can make of a visitor's cookie: the token of its forms.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A new key. Forms that were sent out before it was made are refused: visitors load them anew.
    #[must_use]
    pub fn new() -> Key {
        Key(bytes())
    }

    /// The token of this visitor's forms.
    #[must_use]
    pub fn token(&self, cookie: &str) -> String {
        hex(&self.mac(cookie).finalize().into_bytes())
    }

    /// Whether this is the visitor's token, in the same time whatever it is.
    #[must_use]
    pub fn check(&self, cookie: &str, token: &str) -> bool {
        let digits = |at: usize| token.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let token: Option<Vec<u8>> = (0..token.len()).step_by(2).map(digits).collect();
        token.is_some_and(|token| self.mac(cookie).verify_slice(&token).is_ok())
    }

    fn mac(&self, cookie: &str) -> Blake2sMac256 {
        let mac = <Blake2sMac256 as KeyInit>::new_from_slice(&self.0).expect("a key of 32 bytes fits");
        mac.chain_update(cookie.as_bytes())
    }
}

impl Default for Key {
    fn default() -> Self {
        Key::new()
    }
}

/// A hash takes 19 MiB while it is made: as many at once as there are processors, however many log in.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));
/// That memory, between two hashes: asked for again and again, it would be scattered.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Hashing is slow on purpose, so that it runs beside the requests.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let turn = TURNS.acquire().await.expect("nobody closes it");
    // Who has begun ends, also where nobody waits for it any more, and keeps its turn until then.
    let work = tokio::task::spawn_blocking(move || (work(), turn));
    work.await.expect("hashing does not panic").0
}

fn argon2(password: &str, salt: Salt<'_>, params: &Params) -> Result<Output> {
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes)?;
    let kept = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut memory = kept.unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut hash = [0; Params::DEFAULT_OUTPUT_LEN];
    hasher.hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, &mut memory)?;
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    Output::new(&hash)
}

/// The hash of a password.
pub async fn hash_password(password: String) -> String {
    let hashed = hashing(move || {
        let (salt, params) = (SaltString::encode_b64(&bytes::<16>())?, Params::default());
        let hash = argon2(&password, salt.as_salt(), &params)?;
        let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
        let params = ParamsString::try_from(&params)?;
        let hash = PasswordHash { algorithm, version, params, salt: Some(salt.as_salt()), hash: Some(hash) };
        Result::Ok(hash.to_string())
    });
    hashed.await.expect("the parameters are the library's own")
}

/// Whether this is the password behind the hash. Without a hash it takes as long: nobody learns which names there are.
pub async fn check_password(password: String, hash: Option<String>) -> bool {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
    let is_it = move || {
        let hash = PasswordHash::new(&hash)?;
        let salt = hash.salt.ok_or(Error::PhcStringField)?;
        let found = argon2(&password, salt, &Params::try_from(&hash)?)?;
        Result::Ok(hash.hash == Some(found)) // outputs are compared in constant time
    };
    hashing(is_it).await.unwrap_or(false) && known
}

/// A hash of no password, with the parameters of all others.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$Yd4rYYhJ0kqXlRkk3O3iUOZLbq8nJ2vq3bZBOh1bVbY";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords() {
        let hash = hash_password("lovelace".into()).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(check_password("lovelace".into(), Some(hash.clone())).await);
        assert!(!check_password("Lovelace".into(), Some(hash.clone())).await);
        assert!(!check_password("lovelace".into(), None).await);
        assert!(PasswordHash::new(NOBODYS).is_ok(), "it takes as long only where it is understood");
        assert_ne!(hash, hash_password("lovelace".into()).await, "each with a salt of its own");
    }

    #[test]
    fn tokens() {
        let key = Key::new();
        let token = key.token("cookie");
        assert!(key.check("cookie", &token));
        for wrong in ["", "00", "x", "zz", "日本", &token[1..], &format!("{token}00"), &key.token("other")] {
            assert!(!key.check("cookie", wrong), "{wrong}");
        }
        assert!(!Key::new().check("cookie", &token));
        assert_ne!(random(), random());
    }
}
