//! A proxy in front of the server: it counts messages and round trips, and breaks the connection at one of them.
//!
//! Of the server's protocol it knows where a message ends, which have an answer, and which are rows: it can hand these on
//! in reverse.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::world::Brand;

/// What happens to a message, whichever way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks before it.
    Cut,
    /// The connection breaks in the middle of it.
    Truncate,
    /// Neither it nor anything after it arrives, and the connection stays.
    Stall,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

#[derive(Default)]
struct State {
    /// How often the client asked for something after the server had spoken.
    trips: usize,
    messages: usize,
    /// What happens to which message from now on.
    armed: Option<(usize, Fault)>,
    /// Whether rows are handed on in reverse.
    reversed: bool,
}

/// A proxy in front of a server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// A proxy in front of the server of this URL.
    pub(crate) async fn new(url: &str, brand: &'static Brand) -> Proxy {
        let host = url.split_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("a URL").0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, state) = (host.clone(), shared.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(host).await {
                        let _ = serve(client, server, &state, brand).await;
                    }
                });
            }
        });
        Proxy { address, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many round trips there were since the last look.
    pub(crate) fn trips(&self) -> usize {
        std::mem::take(&mut self.state().trips)
    }

    /// How many messages went either way since the last look.
    pub(crate) fn messages(&self) -> usize {
        std::mem::take(&mut self.state().messages)
    }

    /// Does this to the message of this number, counted from one.
    pub(crate) fn arm(&self, number: usize, fault: Fault) {
        self.state().armed = Some((number, fault));
    }

    /// Breaks nothing any more; says whether something was still to be broken.
    pub(crate) fn disarm(&self) -> bool {
        self.state().armed.take().is_some()
    }

    /// Waits until what is armed has happened, and a moment longer.
    pub(crate) async fn has_stalled(&self) {
        while self.state().armed.is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    /// Hands on the rows of every answer in reverse.
    pub(crate) fn reverse(&self) {
        self.state().reversed = true;
    }
}

impl State {
    /// Counts a message; says what happens to it.
    fn count(&mut self) -> Option<Fault> {
        self.messages += 1;
        let (number, fault) = self.armed.as_mut()?;
        *number -= 1;
        let fault = *fault;
        (*number == 0).then(|| {
            self.armed = None;
            fault
        })
    }
}

async fn serve(mut client: TcpStream, mut server: TcpStream, state: &Mutex<State>, brand: &Brand) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let (mut asked, mut last) = (false, Way::There);
    loop {
        let (way, read) = tokio::select! {
            read = client.read_buf(&mut there) => (Way::There, read?),
            read = server.read_buf(&mut back) => (Way::Back, read?),
        };
        if read == 0 {
            return Ok(());
        }
        let (buffer, to) = match way {
            Way::There => (&mut there, &mut server),
            Way::Back => (&mut back, &mut client),
        };
        let (mut done, mut rows, mut out, mut broken) = (0, Vec::new(), Vec::new(), None);
        {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(length) = (brand.message)(&buffer[done..], way == Way::There && !asked) {
                let message = &buffer[done..done + length];
                if state.reversed && asked && way == Way::Back && (brand.is_row)(message) {
                    rows.push(message.to_vec());
                    done += length;
                    continue;
                }
                (brand.reverse)(&mut rows);
                rows.drain(..).for_each(|row| out.extend(row));
                broken = state.count();
                if let Some(fault) = broken {
                    let kept = if fault == Fault::Truncate { length / 2 } else { 0 };
                    out.extend_from_slice(&message[..kept]);
                    break;
                }
                if way == Way::Back {
                    last = way;
                } else if (brand.asks)(message) {
                    state.trips += usize::from(last == Way::Back);
                    (asked, last) = (true, way);
                }
                out.extend_from_slice(message);
                done += length;
            }
        }
        // Rows whose end has not come yet wait for it.
        buffer.drain(..done);
        buffer.splice(0..0, rows.into_iter().flatten());
        to.write_all(&out).await?;
        match broken {
            None => {}
            Some(Fault::Cut | Fault::Truncate) => return Ok(()),
            // Until the client closes.
            Some(Fault::Stall) => while client.read_buf(&mut there).await? > 0 {},
        }
    }
}
