//! Telling devices apart, and what to call them.

use std::net::IpAddr;

use ouvira_common::{context::Origin, sealing::DataKey};

/// A keyed hash of what tells devices apart without a cookie: the network they come from and the kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Device(pub(crate) [u8; 32]);

impl Device {
    pub(crate) fn of(key: &DataKey, origin: &Origin) -> Self {
        let label = device_label(origin.user_agent.as_deref());
        Self(key.mac("device", &[&network(origin.ip), label.unwrap_or_default().as_bytes()]))
    }
}

/// An IPv4 address as it is; of an IPv6 one the /64, which is what a household has.
pub(crate) fn network(ip: Option<IpAddr>) -> Vec<u8> {
    match ip.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.octets().to_vec(),
        Some(IpAddr::V6(ip)) => ip.octets()[..8].to_vec(),
        None => Vec::new(),
    }
}

/// Names that are looked for in a `User-Agent`, the more telling first: Edge says that it is Chrome, which says Safari.
const PROGRAMS: [(&str, &str); 11] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("okhttp/", "Android app"),
    ("CFNetwork/", "Apple app"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Darwin", "macOS"),
    ("Linux", "Linux"),
];

/// What people call the device behind a `User-Agent`, such as `Firefox on Linux`; `None` when it says nothing familiar.
pub(crate) fn device_label(user_agent: Option<&str>) -> Option<String> {
    let agent = user_agent?;
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(token, _)| agent.contains(token)).map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&SYSTEMS)) {
        (Some(program), Some(system)) => Some(format!("{program} on {system}")),
        (Some(name), None) | (None, Some(name)) => Some(name.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_the_names_people_use() {
        let label = |agent| device_label(Some(agent)).unwrap_or_default();
        assert_eq!(
            label("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox on Linux"
        );
        assert_eq!(
            label(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
            ),
            "Edge on Windows"
        );
        assert_eq!(
            label(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile Safari/604.1"
            ),
            "Safari on iPhone"
        );
        assert_eq!(label("curl/8.5.0"), "curl");
        assert_eq!(label("something else"), "");
    }
}
