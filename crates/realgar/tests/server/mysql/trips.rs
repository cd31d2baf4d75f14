//! A proxy that counts commands, and hands rows on in reverse where it is asked to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

#[derive(Default)]
struct State {
    /// Commands that have an answer, so far.
    trips: AtomicUsize,
    reversed: AtomicBool,
}

/// A proxy in front of the server.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    state: Arc<State>,
}

impl Proxy {
    /// A proxy in front of the server of this URL.
    pub(super) async fn new(url: &str) -> Proxy {
        let host = url.split_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("a URL").0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&host).await.expect("the server answers");
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(requests(from_client, to_server, shared.clone()));
                tokio::spawn(answers(from_server, to_client, shared.clone()));
            }
        });
        Proxy { address, state }
    }

    /// How many trips there were since the last look.
    pub(super) fn trips(&self) -> usize {
        self.state.trips.swap(0, Ordering::SeqCst)
    }

    /// Rows that come together are handed on in reverse from now on.
    pub(super) fn reverse(&self) {
        self.state.reversed.store(true, Ordering::SeqCst);
    }
}

/// Takes the first whole packet out of what was read: its number, and what is in it.
fn packet(read: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let head = read.get(..4)?;
    let length = usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16;
    let number = head[3];
    read.get(..4 + length)?;
    let packet = read.drain(..4 + length).skip(4).collect();
    Some((number, packet))
}

fn framed(number: u8, packet: &[u8]) -> Vec<u8> {
    let length = u32::try_from(packet.len()).expect("a packet is short").to_le_bytes();
    [&length[..3], &[number], packet].concat()
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: Arc<State>) {
    // Commands without an answer: to quit, to send long data, to close a statement.
    const SILENT: [u8; 3] = [0x01, 0x18, 0x19];
    let mut read = Vec::new();
    while let Ok(1..) = from.read_buf(&mut read).await {
        while let Some((number, packet)) = packet(&mut read) {
            if number == 0 && packet.first().is_some_and(|command| !SILENT.contains(command)) {
                state.trips.fetch_add(1, Ordering::SeqCst);
            }
            if to.write_all(&framed(number, &packet)).await.is_err() {
                return;
            }
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: Arc<State>) {
    let mut read = Vec::new();
    while let Ok(1..) = from.read_buf(&mut read).await {
        let mut packets: Vec<(u8, Vec<u8>)> = std::iter::from_fn(|| packet(&mut read)).collect();
        if state.reversed.load(Ordering::SeqCst) {
            // Rows begin with a zero; the numbers of the packets stay in order.
            for run in packets.chunk_by_mut(|one, other| one.1.first() == Some(&0) && other.1.first() == Some(&0)) {
                let rows: Vec<Vec<u8>> = run.iter().rev().map(|(_, row)| row.clone()).collect();
                run.iter_mut().zip(rows).for_each(|(packet, row)| packet.1 = row);
            }
        }
        let bytes: Vec<u8> = packets.iter().flat_map(|(number, packet)| framed(*number, packet)).collect();
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
