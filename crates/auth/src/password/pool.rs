//! Threads for what is slow on purpose: hashing passwords, and judging new ones.
//!
//! There are as many as cores, at a lower priority than what answers requests, and a queue that ends: when it is full, the
//! answer is 503 at once and other routes stay fast. Each thread keeps its memory while there is work, since asking for it
//! anew costs a tenth of the time, and gives it back when there is none: at rest it would be most of what the process has.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use argon2::Block;
use ouvira_common::ports::CredentialError;
use tokio::sync::oneshot;

/// Pieces of work that may wait for each thread: about half a second of it.
pub(super) const QUEUE: usize = 32;
/// How long a thread without work keeps its memory.
const KEPT: Duration = Duration::from_secs(5);

/// What a thread keeps from one piece of work to the next.
pub(super) type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads. Cheap to clone; they end with its last clone.
#[derive(Clone)]
pub(super) struct Pool(Arc<Door>);

/// Closes the queue when nobody can bring work any more.
struct Door(Arc<Queue>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.arrived.notify_all();
    }
}

struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    longest: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    closed: bool,
}

/// What a thread does next.
enum Next {
    Work(Work),
    /// Nothing came in time.
    Rest,
    End,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `false` when it is full.
    fn bring(&self, work: Work) -> bool {
        let mut state = self.state();
        if state.waiting.len() >= self.longest {
            return false;
        }
        state.waiting.push_back(work);
        self.arrived.notify_one();
        true
    }

    fn next(&self, patience: Duration) -> Next {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let waited = self.arrived.wait_timeout_while(self.state(), patience, idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.waiting.pop_front() {
            Some(work) => Next::Work(work),
            None if state.closed => Next::End,
            None => Next::Rest,
        }
    }
}

impl Pool {
    /// Starts `threads` threads, at least one.
    ///
    /// # Panics
    /// When a thread cannot be started: a node without one is of no use.
    pub(super) fn start(threads: usize) -> Self {
        let threads = threads.max(1);
        let (state, arrived) = (Mutex::default(), Condvar::new());
        let queue = Arc::new(Queue { state, arrived, longest: threads * QUEUE });
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name(format!("hash-{number}"));
            thread.spawn(move || work(&queue)).expect("a thread can be started");
        }
        Self(Arc::new(Door(queue)))
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
        if !self.0.0.bring(work) {
            return Err(CredentialError::Busy);
        }
        answer.await.map_err(|_| CredentialError::Busy)
    }
}

fn work(queue: &Queue) {
    // Refused in some containers; then hashing competes with the rest as an equal.
    let _ = rustix::process::setpriority_process(None, 10);
    let mut memory = Memory::new();
    loop {
        let patience = if memory.is_empty() { Duration::MAX } else { KEPT };
        match queue.next(patience) {
            // One that panics drops its reply, so that whoever waits for it hears 503; the thread goes on.
            Next::Work(task) => drop(catch_unwind(AssertUnwindSafe(|| task(&mut memory)))),
            Next::Rest => memory = Memory::new(),
            Next::End => return,
        }
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
