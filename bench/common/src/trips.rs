//! Round trips to a server: counted on the wire, so that every program is counted alike.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
};

/// Stands between the program and the server. A trip begins when the program says something after the server has.
#[derive(Clone)]
pub struct Trips(Arc<AtomicU64>);

impl Trips {
    /// Changes the address in `url` to our own.
    pub fn on_the_way_to(url: &mut String) -> Trips {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let ours = listener.local_addr().expect("an address").to_string();
        let server = url.split(['@', '/']).find(|part| part.contains(':') && !part.ends_with(':'));
        let server = server.expect("host and port in the URL").to_owned();
        *url = url.replace(&server, &ours);
        let count = Arc::new(AtomicU64::new(0));
        let trips = Trips(Arc::clone(&count));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&server).expect("the server");
                client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).expect("no delay");
                connect(client, server, &count);
            }
        });
        trips
    }

    /// How many there were since the last call.
    pub fn take(&self) -> u64 {
        self.0.swap(0, Relaxed)
    }
}

fn connect(client: TcpStream, server: TcpStream, count: &Arc<AtomicU64>) {
    let answered = Arc::new(AtomicBool::new(true));
    let (said, count) = (Arc::clone(&answered), Arc::clone(count));
    let (from, to) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    thread::spawn(move || {
        forward(from, to, || {
            if said.swap(false, Relaxed) {
                count.fetch_add(1, Relaxed);
            }
        })
    });
    thread::spawn(move || forward(server, client, || answered.store(true, Relaxed)));
}

fn forward(mut from: TcpStream, mut to: TcpStream, heard: impl Fn()) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        heard();
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
