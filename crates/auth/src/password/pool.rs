//! Threads for what is slow on purpose: hashing passwords, and judging new ones.
//!
//! There are as many as cores, at a lower priority than what answers requests, and a queue that ends: when it is full, the
//! answer is 503 at once and other routes stay fast. Each thread keeps its memory, since asking for it anew costs a tenth
//! of the time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use argon2::Block;
use ouvira_common::ports::CredentialError;
use tokio::sync::oneshot;

/// Pieces of work that may wait for each thread: about half a second of it.
pub(super) const QUEUE: usize = 32;

/// What a thread keeps from one piece of work to the next.
pub(super) type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads. Cheap to clone; they end with its last clone.
#[derive(Clone)]
pub(super) struct Pool(SyncSender<Work>);

impl Pool {
    /// Starts `threads` threads, at least one.
    ///
    /// # Panics
    /// When a thread cannot be started: a node without one is of no use.
    pub(super) fn start(threads: usize) -> Self {
        let threads = threads.max(1);
        let (queue, waiting) = sync_channel(threads * QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let waiting = Arc::clone(&waiting);
            let thread = thread::Builder::new().name(format!("hash-{number}"));
            thread.spawn(move || work(&waiting)).expect("a thread can be started");
        }
        Self(queue)
    }

    /// What `task` answers, from one of the threads; not begun at all when nobody waits for it any more. Fails when the queue
    /// is full.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, CredentialError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |memory| {
            if !reply.is_closed() {
                let _ = reply.send(task(memory));
            }
        });
        self.0.try_send(work).map_err(|_| CredentialError::Busy)?;
        answer.await.map_err(|_| CredentialError::Busy)
    }
}

fn work(waiting: &Mutex<Receiver<Work>>) {
    // Refused in some containers; then hashing competes with the rest as an equal.
    let _ = rustix::process::setpriority_process(None, 10);
    let mut memory = Memory::new();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { return };
        // One that panics drops its reply, so that whoever waits for it hears 503; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(|| task(&mut memory)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_takes_no_thread_with_it() {
        let pool = Pool::start(1);
        for _ in 0..3 {
            let gone = pool.run(|_| -> () { panic!("as tests do") }).await;
            assert!(matches!(gone, Err(CredentialError::Busy)));
        }
        assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
    }
}
