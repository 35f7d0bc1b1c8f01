//! An export is verified with nothing but the key, and whoever edits it is found out.

use chrono::Duration;
use ouvira_audit::{
    ActivityFilter, ExportFormat,
    installation::NoteSigner,
    verify::{ExportFault, ExportReport, verify_export},
};
use ouvira_common::{id::TenantId, tenant::PlacementMode};
use serde_json::Value;

use crate::{court::Court, sealing::write};

async fn exported(court: &Court, filter: ActivityFilter) -> String {
    let ctx = court.tenant().context(&court.tenant().user().await);
    let mut export =
        court.house.audit().export_activity(&ctx, filter, ExportFormat::JsonLines).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = export.next().await.unwrap() {
        assert!(!piece.is_empty());
        text += &piece;
    }
    text
}

fn verified(court: &Court, text: &str) -> ExportReport {
    let outside = court.checkpoint();
    let tenant = Some(court.tenant().tenant().id);
    verify_export(text.as_bytes(), &outside.verifier, Some(&outside.note), tenant, court.tenant().now())
        .unwrap()
}

/// Lines of activities are from the second on; the newest, of the export itself, is not sealed.
fn edited(text: &str, edit: impl Fn(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    edit(&mut lines);
    lines.join("\n") + "\n"
}

fn with(line: &str, edit: impl Fn(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(line).unwrap();
    edit(&mut value);
    value.to_string()
}

#[tokio::test]
async fn an_export_is_verified_offline_in_every_placement() {
    for mode in PlacementMode::ALL {
        let mut court = Court::new(mode).await;
        let job = court.tenant().job();
        write(&court.house, &job, 300).await;
        court.seal(600).await;
        let text = exported(&court, ActivityFilter::default()).await;
        let report = verified(&court, &text);
        assert_eq!(report.fault, None, "{mode:?}");
        assert_eq!((report.rows, report.unsealed, report.leaves), (300, 1, 600));
        assert!(report.complete && report.compared);

        let part = ActivityFilter { action: Some("thing.made".to_owned()), ..ActivityFilter::default() };
        let report = verified(&court, &exported(&court, part).await);
        assert_eq!((report.fault, report.rows, report.complete), (None, 300, false), "{mode:?}");
    }
}

#[tokio::test]
async fn whoever_edits_an_export_is_found_out() {
    let mut court = Court::new(PlacementMode::Shared).await;
    let ctx = court.tenant().context(&court.tenant().user().await);
    write(&court.house, &ctx, 5).await;
    court.seal(10).await;
    court.tenant().clock().advance(Duration::hours(3));
    write(&court.house, &court.tenant().job(), 1).await;
    court.seal(12).await;
    let text = exported(&court, ActivityFilter::default()).await;
    assert_eq!(verified(&court, &text).fault, None);
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&rows[0]["log"], &rows[1]["seal"], &rows[2]["log"]),
        (&"checkpoint".into(), &Value::Null, &"activity".into())
    );
    let id = |line: usize| rows[line]["id"].as_str().unwrap().parse().unwrap();
    let fault = |text: &str| verified(&court, text).fault;

    let changed = edited(&text, |lines| lines[3] = lines[3].replace("thing.made", "thing.lost"));
    assert_eq!(fault(&changed), Some(ExportFault::RowChanged { line: 4, row: id(3) }));
    let personal = edited(&text, |lines| lines[4] = lines[4].replace("Ada", "Eve"));
    assert_eq!(fault(&personal), Some(ExportFault::RowChanged { line: 5, row: id(4) }));
    let erased = edited(&text, |lines| {
        lines[4] = with(&lines[4], |row| {
            row["personal"] = Value::Null;
            row["salt"] = Value::Null;
        });
    });
    assert_eq!(
        (fault(&erased), verified(&court, &erased).erased),
        (None, 1),
        "erasing a person is no change"
    );
    let swapped = edited(&text, |lines| lines.swap(3, 4));
    assert_eq!(fault(&swapped), Some(ExportFault::RowMoved { line: 5, row: id(3) }));
    let removed = edited(&text, |lines| {
        lines.remove(3);
    });
    assert_eq!(fault(&removed), Some(ExportFault::Truncated), "the last line counts");
    let counted = edited(&removed, |lines| {
        let last = lines.len() - 1;
        lines[last] = with(&lines[last], |end| end["rows"] = (end["rows"].as_u64().unwrap() - 1).into());
    });
    let position = rows[3]["seal"]["position"].as_u64().unwrap();
    assert_eq!(fault(&counted), Some(ExportFault::PositionMissing(position)));
    let twice = edited(&text, |lines| lines.insert(3, lines[3].clone()));
    assert_eq!(fault(&twice), Some(ExportFault::RowMoved { line: 5, row: id(3) }));
    let invented = edited(&text, |lines| {
        let last = lines.iter().rposition(|line| line.contains("\"activity\"")).unwrap();
        let forged = with(&lines[last], |row| {
            row["id"] = "00000000-0000-7000-8000-000000000000".into();
            row["seal"] = Value::Null;
        });
        lines.insert(last + 1, forged);
    });
    assert!(matches!(fault(&invented), Some(ExportFault::RowInserted { .. })), "{:?}", fault(&invented));
    let cut = edited(&text, |lines| lines.truncate(6));
    assert_eq!(fault(&cut), Some(ExportFault::Truncated));
    let smaller = edited(&text, |lines| lines[0] = with(&lines[0], |header| header["size"] = 10.into()));
    assert_eq!(fault(&smaller), Some(ExportFault::CheckpointForged));
    assert_eq!(fault("{}\n"), Some(ExportFault::Unsealed));
    assert_eq!(fault(""), Some(ExportFault::Unsealed));

    let outside = court.checkpoint();
    let stranger = NoteSigner::from_seed("audit.example.com", &[3; 32]).unwrap().verifier();
    let report = verify_export(text.as_bytes(), &stranger, None, None, court.tenant().now()).unwrap();
    assert_eq!(report.fault, Some(ExportFault::CheckpointForged));
    let other = Some(TenantId::new_at(court.tenant().now()));
    let report =
        verify_export(text.as_bytes(), &outside.verifier, None, other, court.tenant().now()).unwrap();
    assert_eq!(report.fault, Some(ExportFault::OtherTenant));
}
