//! Where it was measured.

use std::fs;

use serde::Serialize;

/// What absolute figures depend on.
#[derive(Serialize)]
pub(super) struct Machine {
    /// Cores, shared by generator, server and Postgres.
    pub(super) cores: usize,
    /// What kind, where Linux tells.
    pub(super) processor: Option<String>,
    /// Whether this program was built with optimisation; so was the service then.
    pub(super) optimised: bool,
}

impl Machine {
    pub(super) fn this(cores: usize) -> Self {
        Self { cores, processor: processor(), optimised: !cfg!(debug_assertions) }
    }
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
