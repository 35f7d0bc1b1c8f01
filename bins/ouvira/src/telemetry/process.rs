//! What the operating system knows of this process, under the names that Prometheus' own clients use.

use std::{fs, sync::OnceLock, time::Instant};

use super::{Kind, Text};

/// Writes version, age, memory, time on the processor and open files.
pub(super) fn write(text: &mut Text) {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let age = BEGUN.get_or_init(Instant::now).elapsed();
    text.metric("ouvira_build_info", Kind::Gauge, "The release; always 1.");
    text.value("ouvira_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.single("ouvira_uptime_seconds", Kind::Gauge, "Since metrics were served.", age.as_secs_f64());
    // Page size and clock ticks are these on every Linux that we are built for.
    if let Some(pages) = field("/proc/self/statm", 1) {
        text.single("process_resident_memory_bytes", Kind::Gauge, "Resident memory.", pages * 4096.0);
    }
    if let (Some(user), Some(system)) = (field("/proc/self/stat", 13), field("/proc/self/stat", 14)) {
        text.single(
            "process_cpu_seconds_total",
            Kind::Counter,
            "Time on the processor.",
            (user + system) / 100.0,
        );
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        text.single("process_open_fds", Kind::Gauge, "Open files and connections.", files.count());
    }
}

/// The field of that number in a line of numbers.
fn field(path: &str, number: usize) -> Option<f64> {
    fs::read_to_string(path).ok()?.split_ascii_whitespace().nth(number)?.parse().ok()
}
