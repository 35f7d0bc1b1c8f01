//! Threads for what is slow on purpose: hashing passwords, and judging new ones.
//!
//! There are as many as cores, and a queue that ends: when it is full, the answer is 503 at once. They run while nothing else
//! wants to, so that other routes stay fast: a core that hashes counts as an idle one to whatever wakes up. Where something
//! else always wants to, one thread more sees to it that nobody waits for ever. Each keeps its memory while there is work, since
//! asking for it anew costs a tenth of the time, and gives it back when there is none: at rest it would be most of what the
//! process has.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use argon2::Block;
use ouvira_common::ports::CredentialError;
use tokio::sync::oneshot;

/// Pieces of work that may wait for each thread: about half a second of it.
pub(super) const QUEUE: usize = 32;
/// How long a thread without work keeps its memory.
const KEPT: Duration = Duration::from_secs(5);
/// Work that waits for longer is late: twice as long as a full queue takes when the cores have nothing else to do.
const LATE: Duration = Duration::from_secs(2);

/// What a thread keeps from one piece of work to the next.
pub(super) type Memory = Vec<Block>;

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

struct Work {
    task: Task,
    since: Instant,
}

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
    fn bring(&self, task: Task) -> bool {
        let mut state = self.state();
        if state.waiting.len() >= self.longest {
            return false;
        }
        state.waiting.push_back(Work { task, since: Instant::now() });
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

    /// What has waited for too long; or nothing for now.
    fn next_late(&self) -> Next {
        let mut state = self.state();
        match state.waiting.pop_front_if(|work| work.since.elapsed() >= LATE) {
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
        let begin = |name: String, work: fn(&Queue)| {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(name).spawn(move || work(&queue)).expect("a thread can be started");
        };
        for number in 0..threads {
            begin(format!("hash-{number}"), work);
        }
        begin("hash-late".to_owned(), work_late);
        Self(Arc::new(Door(queue)))
    }

    /// What `task` answers, from one of the threads; not begun at all when nobody waits for it any more. Fails when the queue
    /// is full.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, CredentialError> {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            if !reply.is_closed() {
                let _ = reply.send(task(memory));
            }
        });
        if !self.0.0.bring(task) {
            return Err(CredentialError::Busy);
        }
        answer.await.map_err(|_| CredentialError::Busy)
    }
}

fn work(queue: &Queue) {
    standing::last();
    let mut memory = Memory::new();
    loop {
        let patience = if memory.is_empty() { Duration::MAX } else { KEPT };
        match queue.next(patience) {
            Next::Work(work) => work.done(&mut memory),
            Next::Rest => memory = Memory::new(),
            Next::End => return,
        }
    }
}

fn work_late(queue: &Queue) {
    standing::low();
    let mut memory = Memory::new();
    loop {
        match queue.next_late() {
            Next::Work(work) => work.done(&mut memory),
            Next::Rest => {
                memory = Memory::new();
                thread::sleep(LATE / 4);
            }
            Next::End => return,
        }
    }
}

/// Where a thread stands among those that want to run. What a container refuses is not missed: then it stands beside them.
#[cfg(target_os = "linux")]
mod standing {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };

    /// This thread runs when no other wants to (`SCHED_IDLE`).
    pub(super) fn last() {
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    }

    /// This thread gets a tenth of what another one does.
    pub(super) fn low() {
        let _ = rustix::process::setpriority_process(None, 10);
    }
}

/// Elsewhere all are equal.
#[cfg(not(target_os = "linux"))]
mod standing {
    pub(super) fn last() {}
    pub(super) fn low() {}
}

impl Work {
    /// Does it. If it panics, it drops its reply, so that whoever waits for it hears 503; the thread goes on.
    fn done(self, memory: &mut Memory) {
        drop(catch_unwind(AssertUnwindSafe(|| (self.task)(memory))));
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

    #[tokio::test]
    async fn what_waits_for_too_long_is_taken_up_although_the_others_are_stuck() {
        let pool = Pool::start(1);
        let (release, stuck) = std::sync::mpsc::channel::<()>();
        let first = pool.clone();
        let first = tokio::spawn(async move { first.run(move |_| stuck.recv().is_ok()).await });
        // Behind it; done while it still holds the only thread.
        assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
        release.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
    }
}
