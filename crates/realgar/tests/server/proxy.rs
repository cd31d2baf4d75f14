//! A proxy that understands PostgreSQL's messages: it counts round trips, and breaks one of them in a given way.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks before the request arrives.
    Before,
    /// The request is carried out, and the connection breaks before the answer.
    After,
    /// The connection breaks in the middle of the answer.
    Middle,
    /// The answer never comes, and the connection stays.
    Stall,
}

#[derive(Default)]
struct State {
    /// Requests so far: what is sent before an answer is awaited.
    trips: AtomicUsize,
    /// What happens to which request from now on.
    armed: Mutex<Option<(usize, Fault)>>,
    /// Whether rows are handed on in reverse.
    reversed: Mutex<bool>,
}

/// A proxy in front of the server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

impl Proxy {
    /// A proxy in front of the server of this URL.
    pub(crate) async fn new(url: &str) -> Proxy {
        let host = url.split_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("a URL").0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, state) = (host.clone(), shared.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(host).await {
                        let _ = serve(client, server, &state).await;
                    }
                });
            }
        });
        Proxy { address, state }
    }

    /// How many requests were sent since the last look.
    pub(crate) fn trips(&self) -> usize {
        self.state.trips.swap(0, Ordering::SeqCst)
    }

    /// Breaks the request of this number, counted from one.
    pub(crate) fn arm(&self, number: usize, fault: Fault) {
        *self.state.armed.lock().expect("unharmed") = Some((number, fault));
    }

    /// Breaks nothing any more; says whether something was still to be broken.
    pub(crate) fn disarm(&self) -> bool {
        self.state.armed.lock().expect("unharmed").take().is_some()
    }

    /// Hands on the rows of every answer in reverse.
    pub(crate) fn reverse(&self) {
        *self.state.reversed.lock().expect("unharmed") = true;
    }
}

async fn serve(client: TcpStream, server: TcpStream, state: &State) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let startup = message(&mut from_client, false).await?;
    to_server.write_all(&startup).await?;
    answer(&mut from_server, &mut to_client, state, None).await?;
    let mut request = Vec::new();
    loop {
        let next = message(&mut from_client, true).await?;
        request.extend_from_slice(&next);
        if !matches!(next[0], b'S' | b'Q') {
            if next[0] == b'X' {
                return to_server.write_all(&request).await;
            }
            continue;
        }
        state.trips.fetch_add(1, Ordering::SeqCst);
        let fault = due(state);
        if fault == Some(Fault::Before) {
            return Ok(());
        }
        to_server.write_all(&request).await?;
        request.clear();
        answer(&mut from_server, &mut to_client, state, fault).await?;
        match fault {
            None => {}
            // Until the client closes.
            Some(Fault::Stall) => loop {
                message(&mut from_client, true).await?;
            },
            Some(_) => return Ok(()),
        }
    }
}

/// Whether it is this request's turn.
fn due(state: &State) -> Option<Fault> {
    let mut armed = state.armed.lock().expect("unharmed");
    let (number, fault) = armed.as_mut()?;
    *number -= 1;
    let fault = *fault;
    (*number == 0).then(|| {
        *armed = None;
        fault
    })
}

/// Hands on an answer up to the server's "ready".
async fn answer(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    state: &State,
    fault: Option<Fault>,
) -> io::Result<()> {
    let mut rows: Vec<Vec<u8>> = Vec::new();
    loop {
        let next = message(from, true).await?;
        if next[0] == b'D' && *state.reversed.lock().expect("unharmed") {
            rows.push(next);
            continue;
        }
        let ready = next[0] == b'Z';
        match fault {
            None => {
                for row in rows.drain(..).rev() {
                    to.write_all(&row).await?;
                }
                to.write_all(&next).await?;
            }
            Some(Fault::Middle) if !ready => to.write_all(&next[..next.len() / 2]).await?,
            Some(_) => {}
        }
        if ready || fault == Some(Fault::Middle) {
            return Ok(());
        }
    }
}

async fn message(from: &mut OwnedReadHalf, typed: bool) -> io::Result<Vec<u8>> {
    let head = if typed { 5 } else { 4 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).await?;
    let length = u32::from_be_bytes(message[head - 4..].try_into().expect("four bytes")) as usize;
    let start = message.len();
    message.resize(start + length - 4, 0);
    from.read_exact(&mut message[start..]).await?;
    Ok(message)
}
