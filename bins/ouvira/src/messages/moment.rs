//! Instants as people write them.

use chrono::Datelike as _;
use chrono_tz::Tz;
use ouvira_common::{locale::Locale, time::Timestamp};

const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// Date and time in `zone`, which is named.
pub(super) fn written(at: Timestamp, zone: Tz, locale: Locale) -> String {
    let at = at.with_timezone(&zone);
    let (day, month, year) = (at.day(), at.month0() as usize, at.year());
    let time = at.format("%H:%M");
    match locale {
        Locale::En => format!("{day} {} {year}, {time} ({zone})", EN[month]),
        Locale::Fr => {
            let first = if day == 1 { "er" } else { "" };
            format!("{day}{first} {} {year} à {time} ({zone})", FR[month])
        }
        Locale::De => format!("{day}. {} {year}, {time} Uhr ({zone})", DE[month]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_the_readers_way_and_zone() {
        let at = "2026-07-31T22:05:00Z".parse().unwrap();
        let zone = chrono_tz::Europe::Paris;
        assert_eq!(written(at, zone, Locale::En), "1 August 2026, 00:05 (Europe/Paris)");
        assert_eq!(written(at, zone, Locale::Fr), "1er août 2026 à 00:05 (Europe/Paris)");
        assert_eq!(written(at, zone, Locale::De), "1. August 2026, 00:05 Uhr (Europe/Paris)");
    }
}
