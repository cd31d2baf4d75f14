//! The line to the server: whoever waits for an answer sends, receives and hands out himself.
//!
//! A task of its own would have to be woken for each statement, and would wake whoever waits in turn; on a runtime of
//! several threads, both would wake a thread. So nothing moves while nobody waits: what the server says meanwhile lies in
//! the socket until the next one looks.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::task::AtomicWaker;
use tokio::task::coop;
use tokio_postgres::{AsyncMessage, Socket, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

type Native = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

pub(super) struct Line {
    /// `None` once it is at its end.
    native: Option<Native>,
    /// Rings where the socket can be read or written, a request lies ready, or an answer was taken.
    work: Arc<Bell>,
    /// Rings where an answer has come.
    news: Arc<Bell>,
    /// Rings for work.
    to_work: Waker,
    /// Rings for news.
    to_news: Waker,
}

/// Only who has gone to sleep is woken by it: who is at work hears it on his next round.
struct Bell {
    rung: AtomicBool,
    sleeper: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.sleeper.wake();
        }
    }
}

impl Bell {
    fn new() -> Arc<Bell> {
        Arc::new(Bell { rung: AtomicBool::new(true), sleeper: AtomicWaker::new() })
    }

    /// Whether it has rung since it was asked before.
    fn has_rung(&self) -> bool {
        self.rung.load(Ordering::Relaxed) && self.rung.swap(false, Ordering::AcqRel)
    }

    /// Whether the caller may go to sleep, since it has not rung; if it rings from now on, he is woken.
    fn is_silent(&self, sleeper: &Waker) -> bool {
        self.sleeper.register(sleeper);
        !self.rung.load(Ordering::Acquire)
    }
}

impl Line {
    pub(super) fn new(native: Native) -> Line {
        let (work, news) = (Bell::new(), Bell::new());
        let (to_work, to_news) = (Waker::from(work.clone()), Waker::from(news.clone()));
        Line { native: Some(native), work, news, to_work, to_news }
    }

    /// Whether it is at its end, as far as anybody has looked.
    pub(super) fn is_over(&self) -> bool {
        self.native.is_none()
    }

    /// Closes it, whatever the server is about to say.
    pub(super) fn cut(&mut self) {
        self.native = None;
    }

    /// Sends and receives what can be at once; says whether there was something to do.
    pub(super) fn turn(&mut self) -> bool {
        if !self.work.has_rung() {
            return false;
        }
        let mut context = Context::from_waker(&self.to_work);
        while let Some(native) = &mut self.native
            && let Poll::Ready(said) = native.poll_message(&mut context)
        {
            match said {
                Some(Ok(AsyncMessage::Notice(notice))) => {
                    tracing::debug!(target: "realgar", "{}: {}", notice.severity(), notice.message());
                }
                Some(Ok(_)) => {} // a notification that nobody asked for
                Some(Err(error)) => {
                    tracing::debug!(target: "realgar", "a connection to PostgreSQL ended: {error}");
                    self.native = None;
                }
                None => self.native = None,
            }
        }
        true
    }

    /// Waits for an answer of this line's client.
    pub(super) fn carry<T>(&mut self, future: impl Future<Output = T> + Unpin) -> impl Future<Output = T> {
        let mut future = future;
        let mut is_new = true;
        std::future::poll_fn(move |context| {
            loop {
                // Before the line's turn: what lies ready already goes out together with what is added now.
                if (self.news.has_rung() || is_new)
                    && let Poll::Ready(answer) = Pin::new(&mut future).poll(&mut Context::from_waker(&self.to_news))
                {
                    return Poll::Ready(answer);
                }
                is_new = false;
                let worked = self.turn();
                // The runtime asks for a pause by refusing the socket, which would ring for ever.
                if worked && !coop::has_budget_remaining() {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                if !worked && self.work.is_silent(context.waker()) && self.news.is_silent(context.waker()) {
                    return Poll::Pending;
                }
            }
        })
    }
}

/// The client is gone by now: the server is told goodbye.
impl Drop for Line {
    fn drop(&mut self) {
        self.turn();
    }
}
