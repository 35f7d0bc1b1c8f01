//! The load generator: keep-alive connections that send their next request when they have the answer to the last one, at
//! once or by a timetable.

mod connection;
mod request;
mod sample;
mod traffic;

use std::time::{Duration, Instant};

use tokio::{
    task::JoinSet,
    time::{sleep_until, timeout},
};

pub(crate) use self::{
    connection::Connection,
    request::Request,
    sample::{Quantiles, Sample},
    traffic::{Traffic, Turn},
};
use self::{sample::Tally, traffic::Verdict};
use crate::error::BenchError;

/// How long after the end of a run its last answers may come.
const GRACE: Duration = Duration::from_secs(10);

/// When requests are sent.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// As soon as the last one was answered: what can the server do?
    Closed,
    /// Each connection one in this time: how long does a user wait?
    Every(Duration),
}

impl Traffic {
    /// Sends for `length` over `connections`, each as fast as it is answered. Answers that come after the end are waited
    /// for, so that the server is quiet when this returns, and not counted.
    pub(crate) async fn run(&self, connections: u32, length: Duration) -> Result<Sample, BenchError> {
        self.send(connections, length, Pace::Closed).await
    }

    /// Sends `per_second` requests for `length` over `connections`. A request that is late because the one before it was
    /// not answered in time has waited since it was due (no coordinated omission); one that is late because this process
    /// was has not.
    pub(crate) async fn run_at(
        &self,
        per_second: u32,
        connections: u32,
        length: Duration,
    ) -> Result<Sample, BenchError> {
        self.send(connections, length, Pace::Every(Duration::from_secs(1) * connections / per_second)).await
    }

    async fn send(&self, connections: u32, length: Duration, pace: Pace) -> Result<Sample, BenchError> {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(self.address).await.map_err(BenchError::io("connect"))?);
        }
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in (0..connections).zip(open) {
            let first = match pace {
                Pace::Closed => start,
                // Not all at once.
                Pace::Every(interval) => start + interval * number / connections,
            };
            let sender = Sender { traffic: self.clone(), connection, number: number as usize, pace };
            tasks.spawn(sender.keep_sending(first, start + length));
        }
        let tallies = timeout(length + GRACE, tasks.join_all())
            .await
            .map_err(|_| BenchError::TimedOut("the answer to a request under load".to_owned()))?;
        Ok(Sample::new(length, tallies))
    }
}

/// What one connection does.
struct Sender {
    traffic: Traffic,
    connection: Connection,
    number: usize,
    pace: Pace,
}

impl Sender {
    async fn keep_sending(mut self, first: Instant, end: Instant) -> Tally {
        let mut tally = Tally::default();
        let mut request = Vec::new();
        let mut turn = Turn { connection: self.number, number: 0 };
        let mut due = first;
        loop {
            request.clear();
            self.traffic.write(turn, &mut request);
            let waiting_since = self.wait_for(due).await;
            let outcome = self.connection.exchange(&request).await;
            let answered = Instant::now();
            let verdict = outcome.map(|answer| (self.traffic.judge(turn, &answer), answer));
            if answered > end {
                return tally;
            }
            match verdict {
                Ok((Verdict::Answered, _)) => tally.answered(answered - waiting_since),
                Ok((Verdict::Refused, _)) => tally.refused(),
                Ok((Verdict::Failed, answer)) => tally.failed(|| answer.to_string()),
                Err(error) => {
                    tally.failed(|| error.to_string());
                    match Connection::open(self.traffic.address).await {
                        Ok(fresh) => self.connection = fresh,
                        Err(_) => return tally,
                    }
                }
            }
            turn.number += 1;
            if let Pace::Every(interval) = self.pace {
                due += interval;
            }
        }
    }

    /// Waits until a request is due; since when its user waits.
    async fn wait_for(&self, due: Instant) -> Instant {
        match self.pace {
            Pace::Every(_) if due > Instant::now() => {
                sleep_until(due.into()).await;
                Instant::now()
            }
            Pace::Every(_) => due,
            Pace::Closed => Instant::now(),
        }
    }
}
