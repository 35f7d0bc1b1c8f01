//! Runs schedules when they are due, one runner at a time among any number of workers.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use ouvira_common::{
    db::Endpoint,
    entropy::{Entropy, random_bytes},
    ports::TenantResolver,
};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{
    every_tenant::{Position, Walk},
    schedule::{Chore, Hands, Schedule, Times},
    storage::Storage,
    turns::{LEASE, Turn, Turns},
};

/// How often what is due is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How often leases are moved ahead.
const BEAT: Duration = Duration::from_secs(4);
/// How long what runs is given to finish once the worker is to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A schedule with its times.
struct Entry {
    schedule: Schedule,
    expression: String,
    times: Times,
}

/// One that runs now.
struct Running {
    position: Position,
    task: AbortHandle,
}

/// What a chore's task answers: its name, how it went, how long it took.
type Ended = (&'static str, Result<String, String>, Duration);

/// Runs schedules until told to stop.
pub(crate) struct Runner {
    entries: HashMap<&'static str, Arc<Entry>>,
    turns: Turns,
    walk: Arc<Walk>,
    running: HashMap<&'static str, Running>,
    tasks: JoinSet<Ended>,
    /// When the leases of what runs were last ours for certain.
    beaten: Instant,
    /// When others were last told that we live.
    told: Option<Instant>,
    storage: Storage,
}

impl Runner {
    /// A runner of `schedules` with their times. It asks the catalog as the role of `endpoint`, and says there that it lives
    /// and how `storage` is.
    pub(crate) fn new(
        endpoint: Endpoint,
        tenants: Arc<dyn TenantResolver>,
        hands: Hands,
        schedules: Vec<(Schedule, String, Times)>,
        storage: Storage,
        entropy: &dyn Entropy,
    ) -> Self {
        let entries = schedules.into_iter().map(|(schedule, expression, times)| {
            (schedule.name, Arc::new(Entry { schedule, expression, times }))
        });
        Self {
            entries: entries.collect(),
            turns: Turns::new(endpoint.clone(), runner_name(entropy)),
            walk: Arc::new(Walk { endpoint, tenants, hands: Arc::new(hands) }),
            running: HashMap::new(),
            tasks: JoinSet::new(),
            beaten: Instant::now(),
            told: None,
            storage,
        }
    }

    /// Runs until `stop` says so. What runs then has a moment to finish; what does not is left, still due, to others.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut entered = false;
        while !*stop.borrow() {
            if let Err(error) = self.step(&mut entered).await {
                tracing::warn!(%error, "the schedules cannot be looked at");
                self.turns.reconnect();
            }
            self.let_go_of_what_may_be_lost();
            tokio::select! {
                Some(ended) = self.tasks.join_next(), if !self.tasks.is_empty() => self.note(ended).await,
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.changed() => {}
            }
        }
        self.wind_up().await;
    }

    async fn step(&mut self, entered: &mut bool) -> Result<(), String> {
        if !*entered {
            for (name, entry) in &self.entries {
                if let Some(former) = self.turns.enter(name, &entry.expression, &entry.times).await? {
                    let now = &entry.expression;
                    tracing::warn!(
                        schedule = name,
                        former,
                        now,
                        "a schedule has other times from now on, at every worker"
                    );
                }
            }
            self.turns.forget_who_is_gone().await?;
            *entered = true;
        }
        if self.told.is_none_or(|told| told.elapsed() >= BEAT) {
            self.turns.tell_that_we_live(self.storage.last()).await?;
            self.told = Some(Instant::now());
        }
        if self.running.is_empty() {
            self.beaten = Instant::now();
        } else if self.beaten.elapsed() >= BEAT {
            self.beat().await?;
        }
        let idle: Vec<&str> =
            self.entries.keys().copied().filter(|name| !self.running.contains_key(name)).collect();
        for turn in self.turns.take(&idle).await? {
            self.start(turn);
        }
        Ok(())
    }

    /// Moves the leases ahead; what is no longer ours is broken off.
    async fn beat(&mut self) -> Result<(), String> {
        let at = Instant::now();
        let running: Vec<_> =
            self.running.iter().map(|(name, running)| (*name, running.position.get())).collect();
        let ours = self.turns.beat(&running).await?;
        self.beaten = at;
        self.running.retain(|name, running| {
            let ours = ours.iter().any(|our| our == name);
            if !ours {
                tracing::warn!(schedule = name, "a schedule was taken over by somebody else");
                running.task.abort();
            }
            ours
        });
        Ok(())
    }

    /// Without an answer from the catalog for as long as a lease, somebody else may have begun: we end first.
    fn let_go_of_what_may_be_lost(&mut self) {
        if self.beaten.elapsed() + BEAT < LEASE {
            return;
        }
        for (name, running) in self.running.drain() {
            tracing::warn!(schedule = name, "a schedule is broken off: the catalog cannot be reached");
            running.task.abort();
        }
    }

    fn start(&mut self, turn: Turn) {
        let Some((&name, entry)) = self.entries.get_key_value(turn.name.as_str()) else { return };
        if let Some(before) = turn.before {
            tracing::warn!(
                schedule = name,
                runner = before,
                "a schedule is taken over from a runner that is gone"
            );
        }
        let position = Position::new(turn.position);
        let (entry, walk, at) = (Arc::clone(entry), Arc::clone(&self.walk), position.clone());
        let task = self.tasks.spawn(async move {
            let begun = Instant::now();
            let outcome = match &entry.schedule.run {
                Chore::Platform(chore) => chore(Arc::clone(&walk.hands)).await.map(|()| "done".to_owned()),
                Chore::OfTenants(chore) => walk.run(name, chore, &at).await,
            };
            (name, outcome, begun.elapsed())
        });
        self.running.insert(name, Running { position, task });
    }

    /// Writes down how one ended.
    async fn note(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let (name, outcome, took) = match ended {
            Ok(ended) => ended,
            Err(error) if error.is_cancelled() => return,
            Err(error) => {
                // A panic: nobody says whose. Its lease runs out, and it is tried again.
                tracing::error!(%error, "a chore ended badly");
                self.running.retain(|_, running| !running.task.is_finished());
                return;
            }
        };
        if self.running.remove(name).is_none() {
            return;
        }
        let took = took.as_millis();
        match &outcome {
            Ok(report) => tracing::info!(schedule = name, %report, took_ms = took, "a schedule ran"),
            Err(error) => tracing::warn!(schedule = name, %error, took_ms = took, "a schedule failed"),
        }
        let Some(entry) = self.entries.get(name).cloned() else { return };
        if let Err(error) = self.turns.finish(name, &outcome, &entry.times).await {
            tracing::warn!(schedule = name, %error, "how a schedule went cannot be noted");
            self.turns.reconnect();
        }
    }

    async fn wind_up(mut self) {
        let finish = async {
            while let Some(ended) = self.tasks.join_next().await {
                self.note(ended).await;
            }
        };
        let _ = timeout(GRACE, finish).await;
        for (name, running) in std::mem::take(&mut self.running) {
            running.task.abort();
            if let Err(error) = self.turns.give_up(name, running.position.get()).await {
                tracing::warn!(schedule = name, %error, "a schedule cannot be given back");
            }
        }
        if let Err(error) = self.turns.take_leave().await {
            tracing::warn!(%error, "others cannot be told that this worker ends");
        }
    }
}

/// Host, process, and something random: two workers in containers may have the first two in common.
fn runner_name(entropy: &dyn Entropy) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let random = u32::from_le_bytes(random_bytes(entropy));
    format!("{}/{}/{random:08x}", host.trim(), std::process::id())
}
