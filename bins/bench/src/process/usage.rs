//! What processes use, as Linux tells it in `/proc`; `None` elsewhere.

use std::{fs, time::Duration};

/// CPU time of a process so far.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    Stat::read(pid).map(|stat| stat.own)
}

/// CPU time of a process, its children, and those it had. Postgres is its first process and one for each connection.
pub(crate) fn cpu_time_with_children(pid: u32) -> Option<Duration> {
    let first = Stat::read(pid)?;
    let running: Duration = all().filter(|stat| stat.parent == pid).map(|stat| stat.own).sum();
    Some(first.own + first.ended_children + running)
}

/// The child of `parent` whose program is `name`.
pub(crate) fn child_named(parent: u32, name: &str) -> Option<u32> {
    all().find(|stat| stat.parent == parent && stat.name == name).map(|stat| stat.pid)
}

/// Memory of a process that is in RAM.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    memory(pid, "VmRSS:")
}

/// The most that one of the children of `parent` has in RAM for itself: for a Postgres backend, without shared buffers.
pub(crate) fn largest_private_child(parent: u32) -> Option<u64> {
    all().filter(|stat| stat.parent == parent).filter_map(|stat| memory(stat.pid, "RssAnon:")).max()
}

/// A line of `/proc/<pid>/status`, in bytes.
fn memory(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// `/proc/<pid>/stat`; proc(5) numbers its fields.
struct Stat {
    pid: u32,
    name: String,
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

fn all() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Stat::read(entry.file_name().to_str()?.parse().ok()?))
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(pid: u32, line: &str) -> Option<Self> {
        // The name may hold spaces and parentheses itself.
        let (before, after) = line.rsplit_once(") ")?;
        let (_, name) = before.split_once('(')?;
        // The first of these is field 3.
        let fields: Vec<&str> = after.split(' ').collect();
        let ticks = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let time =
            |ticks: u64| Duration::from_micros(ticks * 1_000_000 / rustix::param::clock_ticks_per_second());
        Some(Self {
            pid,
            name: name.to_owned(),
            parent: fields.get(1)?.parse().ok()?,
            own: time(ticks(14)? + ticks(15)?),
            ended_children: time(ticks(16)? + ticks(17)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_the_end_of_the_name() {
        let line = "7 (odd) name) S 3 7 7 0 -1 4194304 1 2 3 4 100 50 20 10 20 0 1 0 5 6 7";
        let stat = Stat::parse(7, line).unwrap();
        assert_eq!((stat.name.as_str(), stat.parent), ("odd) name", 3));
        let ticks = rustix::param::clock_ticks_per_second();
        assert_eq!(stat.own, Duration::from_micros(150 * 1_000_000 / ticks));
        assert_eq!(stat.ended_children, Duration::from_micros(30 * 1_000_000 / ticks));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_something() {
        let own = std::process::id();
        assert!(resident_bytes(own).unwrap() > 100_000);
        assert!(cpu_time_with_children(own).unwrap() >= cpu_time(own).unwrap());
        assert!(cpu_time(0).is_none());
    }
}
