//! CSV (RFC 4180).

use serde_json::{Value, json};

use crate::{
    canonical::canonical,
    model::{ActivityRecord, SealableActivity, ShownChange},
};

const COLUMNS: [&str; 16] = [
    "id",
    "at",
    "actor_type",
    "actor_id",
    "actor_label",
    "via_type",
    "via_id",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "company_id",
    "changes",
    "ip",
    "user_agent",
    "request_id",
];

/// The names of the columns.
pub(super) fn header() -> String {
    record(COLUMNS.map(str::to_owned))
}

/// One activity.
pub(super) fn row(activity: &SealableActivity) -> String {
    let record_of = &activity.record;
    let (entry, head) = (&record_of.entry, &record_of.entry.head);
    let personal = record_of.personal.clone().unwrap_or_default();
    let via = head.via.as_ref();
    let text = |id: Option<String>| id.unwrap_or_default();
    record([
        head.id.to_string(),
        head.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        head.actor.kind.as_str().to_owned(),
        head.actor.id.to_string(),
        text(record_of.actor_label.clone()),
        text(via.map(|via| via.kind.clone())),
        text(via.and_then(|via| via.id).map(|id| id.to_string())),
        entry.action.clone(),
        entry.object_kind.clone(),
        entry.object_id.to_string(),
        text(personal.object_label),
        text(entry.company.map(|company| company.to_string())),
        changes(record_of),
        text(personal.ip),
        text(personal.user_agent),
        head.request_id.clone(),
    ])
}

/// The changed fields as one JSON object; withheld ones say so.
fn changes(record: &ActivityRecord) -> String {
    let shown = |change: ShownChange| {
        if change.redacted {
            json!({"redacted": true})
        } else {
            json!({"from": change.values.from, "to": change.values.to})
        }
    };
    let changes = record.changes().into_iter().map(|(field, change)| (field, shown(change)));
    canonical(&Value::Object(changes.collect()))
}

fn record<const N: usize>(cells: [String; N]) -> String {
    let mut line = cells.map(|cell| quoted(&cell)).join(",");
    line.push_str("\r\n");
    line
}

/// A cell that means itself. One that begins like a formula gets an apostrophe in front (OWASP: CSV injection), since
/// spreadsheets run formulas that they find in files.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', '\'', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_stays_in_its_place() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
