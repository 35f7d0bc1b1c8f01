//! Whoever owns the database changes the record, and is found out.

use std::sync::Arc;

use chrono::Duration;
use ouvira_audit::{
    installation::{CheckpointDirectory, InstallationFault, NoteSigner, Outside},
    seal::Log,
    verify::Fault,
};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    ports::Activity,
    principal::Principal,
    tenant::PlacementMode,
};
use uuid::Uuid;

use crate::{court::Court, sealing::write, support::any_id};

/// Six rows sealed together, then four; answers the activities in the order of the tree.
async fn sealed(mode: PlacementMode) -> (Court, Vec<Uuid>) {
    let mut court = Court::new(mode).await;
    let ctx = court.tenant().context(&court.tenant().user().await);
    write(&court.house, &ctx, 3).await;
    court.seal(6).await;
    write(&court.house, &ctx, 2).await;
    court.seal(10).await;
    let rows = court
        .tenant()
        .owner_rows(&format!(
            "SELECT row_id FROM audit_leaves WHERE tenant_id = '{}' AND log = 'activity' ORDER BY position",
            court.tenant().tenant().id
        ))
        .await;
    let rows = rows.iter().map(|row| row["row_id"].as_str().unwrap().parse().unwrap()).collect();
    (court, rows)
}

async fn position(court: &Court, row: Uuid) -> u64 {
    let rows =
        court.tenant().owner_rows(&format!("SELECT position FROM audit_leaves WHERE row_id = '{row}'")).await;
    rows[0]["position"].as_u64().unwrap()
}

#[tokio::test]
async fn an_honest_record_is_whole_in_every_placement() {
    for mode in PlacementMode::ALL {
        let (court, _) = sealed(mode).await;
        let report = court.judge_with(Some(&court.checkpoint())).await;
        assert_eq!(report.fault, None, "{mode:?}");
        assert_eq!((report.leaves, report.rows, report.erased, report.expired), (10, 10, 0, 0));
        assert_eq!((report.checkpoints, report.signed), (2, 2));
        assert!(court.progress.delay(court.tenant().now()).is_some());
        // Writing on afterwards takes nothing away.
        write(&court.house, &court.tenant().job(), 1).await;
        assert_eq!(court.judge_with(Some(&court.checkpoint())).await.fault, None);
    }
}

#[tokio::test]
async fn a_changed_row_is_named_in_every_placement() {
    for mode in PlacementMode::ALL {
        for change in [
            "UPDATE activity_log SET action = 'thing.unmade' WHERE id = '{row}'",
            "UPDATE activity_log SET actor_id = object_id WHERE id = '{row}'",
            "UPDATE activity_log SET personal = jsonb_set(personal, '{object_label}', '\"Eve\"') WHERE id = '{row}'",
            "UPDATE activity_log SET public_hash = personal_hash WHERE id = '{row}'",
            "UPDATE activity_log SET at = at + interval '1 microsecond' WHERE id = '{row}'",
        ] {
            let (court, rows) = sealed(mode).await;
            let (log, row) = (Log::Activity, rows[1]);
            court.tamper(&change.replace("{row}", &row.to_string())).await;
            let position = position(&court, row).await;
            let expected = Fault::RowChanged { log, row, position };
            assert_eq!(court.judge().await.fault, Some(expected), "{mode:?}: {change}");
        }
    }
}

#[tokio::test]
async fn a_removed_row_is_named_with_and_without_its_leaf() {
    for mode in PlacementMode::ALL {
        let (court, rows) = sealed(mode).await;
        let (log, row) = (Log::Activity, rows[2]);
        let position = position(&court, row).await;
        court.tamper(&format!("DELETE FROM activity_log WHERE id = '{row}'")).await;
        assert_eq!(court.judge().await.fault, Some(Fault::RowRemoved { log, row, position }), "{mode:?}");
        court.tamper(&format!("DELETE FROM audit_leaves WHERE row_id = '{row}'")).await;
        assert_eq!(court.judge().await.fault, Some(Fault::LeafRemoved(position)), "{mode:?}");
    }
}

#[tokio::test]
async fn an_inserted_row_is_named_in_every_placement() {
    for mode in PlacementMode::ALL {
        // Among those of an old transaction.
        let (court, rows) = sealed(mode).await;
        let (log, new) = (Log::Activity, any_id());
        court
            .tamper(&format!(
                "CREATE TEMPORARY TABLE forged ON COMMIT DROP AS SELECT * FROM activity_log WHERE id = '{}'; \
                 UPDATE forged SET id = '{new}', action = 'thing.forged'; INSERT INTO activity_log SELECT * FROM forged",
                rows[0]
            ))
            .await;
        assert_eq!(court.judge().await.fault, Some(Fault::RowInserted { log, row: new }), "{mode:?}");

        // With a time of the past, and sealed like any other.
        let (mut court, _) = sealed(mode).await;
        let tenant = court.tenant();
        let past = tenant.now() - Duration::days(2);
        let origin = Origin { request_id: "forged".to_owned(), ..Origin::default() };
        let ctx = RequestContext::new(
            tenant.tenant().clone(),
            Principal::SYSTEM,
            Pass::Job(Uuid::nil()),
            origin,
            past,
        );
        court.house.record(&ctx, Activity::new("thing.forged", "thing", new)).await;
        court.seal(11).await;
        let fault = court.judge().await.fault;
        assert!(matches!(fault, Some(Fault::RowInserted { log: Log::Activity, .. })), "{mode:?}: {fault:?}");
    }
}

#[tokio::test]
async fn leaves_in_another_order_are_named() {
    for mode in PlacementMode::ALL {
        let (court, rows) = sealed(mode).await;
        let (one, two) = (position(&court, rows[0]).await, position(&court, rows[2]).await);
        let swap = "UPDATE audit_leaves SET position = -1 WHERE tenant_id = '{t}' AND position = {one}; \
                    UPDATE audit_leaves SET position = {one} WHERE tenant_id = '{t}' AND position = {two}; \
                    UPDATE audit_leaves SET position = {two} WHERE tenant_id = '{t}' AND position = -1";
        court.tamper(&swap.replace("{one}", &one.to_string()).replace("{two}", &two.to_string())).await;
        let fault = Fault::LeafChanged {
            position: one.min(two),
            log: Log::Activity,
            row: if one < two { rows[2] } else { rows[0] },
        };
        assert_eq!(court.judge().await.fault, Some(fault), "{mode:?}");
    }
}

#[tokio::test]
async fn a_removed_end_is_found_by_the_installation_and_by_a_checkpoint_from_outside() {
    const CUT: &str = "DELETE FROM activity_log WHERE id IN (SELECT row_id FROM audit_leaves WHERE tenant_id = '{t}' AND position >= 6); \
                       DELETE FROM security_log WHERE id IN (SELECT row_id FROM audit_leaves WHERE tenant_id = '{t}' AND position >= 6); \
                       DELETE FROM audit_leaves WHERE tenant_id = '{t}' AND position >= 6; \
                       DELETE FROM audit_checkpoints WHERE tenant_id = '{t}' AND size > 6";
    for mode in PlacementMode::ALL {
        let (court, _) = sealed(mode).await;
        let outside = court.checkpoint();
        court.tamper(CUT).await;
        assert_eq!(court.judge().await.fault, Some(Fault::EndRemoved { found: 6, signed: 10 }), "{mode:?}");

        // The installation's tree is cut too: then only what is outside knows.
        court
            .tamper_installation(
                "DELETE FROM ouvira_seal.leaves WHERE position >= 1; DELETE FROM ouvira_seal.checkpoints WHERE size > 1",
            )
            .await;
        assert_eq!(court.judge().await.fault, None, "nothing in the database tells any more");
        let fault = court.judge_with(Some(&outside)).await.fault;
        let removed = InstallationFault::EndRemoved { found: 1, signed: 2 };
        assert_eq!(fault, Some(Fault::Installation(removed)), "{mode:?}");
    }
}

#[tokio::test]
async fn logs_that_were_emptied_are_missed_from_their_first_row_on() {
    // The common tables are other tests' too.
    for mode in [PlacementMode::Schema, PlacementMode::Database] {
        let (court, _) = sealed(mode).await;
        court.tamper("TRUNCATE activity_log, security_log").await;
        let fault = court.judge().await.fault;
        assert!(matches!(fault, Some(Fault::RowRemoved { position: 0, .. })), "{mode:?}: {fault:?}");
        court.tamper("TRUNCATE audit_leaves, audit_nodes, audit_checkpoints").await;
        assert_eq!(court.judge().await.fault, Some(Fault::EndRemoved { found: 0, signed: 10 }), "{mode:?}");
    }
}

#[tokio::test]
async fn a_checkpoint_outside_that_another_key_signed_is_no_witness() {
    let (court, _) = sealed(PlacementMode::Shared).await;
    let outside = court.checkpoint();
    let text = outside.note.split_once("\n\n").unwrap().0;
    let other = NoteSigner::from_seed("audit.example.com", &[9; 32]).unwrap();
    let forged = Outside { note: other.sign(&format!("{text}\n")), ..outside };
    let fault = court.judge_with(Some(&forged)).await.fault;
    assert_eq!(fault, Some(Fault::Installation(InstallationFault::OutsideForged)));
}

#[tokio::test]
async fn a_record_that_is_gone_altogether_is_missed() {
    const ALL: &str = "DELETE FROM activity_log WHERE tenant_id = '{t}'; DELETE FROM security_log WHERE tenant_id = '{t}'; \
                       DELETE FROM audit_leaves WHERE tenant_id = '{t}'; DELETE FROM audit_nodes WHERE tenant_id = '{t}'; \
                       DELETE FROM audit_checkpoints WHERE tenant_id = '{t}'";
    for mode in PlacementMode::ALL {
        let (court, _) = sealed(mode).await;
        court.tamper(ALL).await;
        assert_eq!(court.judge().await.fault, Some(Fault::EndRemoved { found: 0, signed: 10 }), "{mode:?}");
        court.tamper_installation("TRUNCATE ouvira_seal.leaves, ouvira_seal.checkpoints").await;
        let fault = court.judge_with(Some(&court.checkpoint())).await.fault;
        let removed = InstallationFault::EndRemoved { found: 0, signed: 2 };
        assert_eq!(fault, Some(Fault::Installation(removed)), "{mode:?}");
    }
}

/// The whole record is made anew, with everything fitting, but for what others remember.
#[tokio::test]
async fn a_record_that_was_made_anew_is_another_one() {
    for mode in PlacementMode::ALL {
        let (mut court, rows) = sealed(mode).await;
        let outside = court.checkpoint();
        let anew = format!(
            "DELETE FROM activity_log WHERE id = '{}'; DELETE FROM audit_leaves WHERE tenant_id = '{{t}}'; \
             DELETE FROM audit_checkpoints WHERE tenant_id = '{{t}}'",
            rows[1]
        );
        court.tamper(&anew).await;
        write(&court.house, &court.tenant().job(), 1).await;
        court.seal(11).await;
        let fault = court.judge().await.fault;
        assert!(
            matches!(fault, Some(Fault::WitnessDiffers(_) | Fault::EndRemoved { .. })),
            "{mode:?}: {fault:?}"
        );

        court
            .tamper_installation(
                "TRUNCATE ouvira_seal.leaves, ouvira_seal.nodes, ouvira_seal.checkpoints, ouvira_seal.horizons",
            )
            .await;
        court.tamper("DELETE FROM audit_leaves WHERE tenant_id = '{t}'; DELETE FROM audit_checkpoints WHERE tenant_id = '{t}'").await;
        court.house.record(&court.tenant().job(), Activity::new("thing.made", "thing", any_id())).await;
        // Not where the checkpoints of the former record are: there it would be noticed.
        let forger = tempfile::tempdir().unwrap();
        court.keep_at(Arc::new(CheckpointDirectory::new(forger.path())));
        court.seal(12).await;
        write(&court.house, &court.tenant().job(), 1).await;
        court.seal(14).await;
        assert_eq!(court.judge().await.fault, None, "nothing in the database tells any more");
        let fault = court.judge_with(Some(&outside)).await.fault;
        assert_eq!(fault, Some(Fault::Installation(InstallationFault::OutsideDiffers(2))), "{mode:?}");
    }
}

#[tokio::test]
async fn a_replaced_checkpoint_is_named() {
    for mode in PlacementMode::ALL {
        let (court, rows) = sealed(mode).await;
        court
            .tamper("UPDATE audit_checkpoints SET root = sha256(root) WHERE tenant_id = '{t}' AND size = 10")
            .await;
        let fault = court.judge().await.fault;
        let named = matches!(fault, Some(Fault::RootDiffers { from: 6, to: 9, .. }));
        assert!(named, "{mode:?}: {fault:?}");

        let (court, _) = sealed(mode).await;
        let forged = NoteSigner::from_seed("audit.example.com", &[9; 32])
            .unwrap()
            .sign("audit.example.com\n2\nAAAA\n");
        court
            .tamper(&format!(
                "UPDATE audit_checkpoints SET note = '{forged}' WHERE tenant_id = '{{t}}' AND size = 10"
            ))
            .await;
        assert_eq!(court.judge().await.fault, Some(Fault::CheckpointForged(10)), "{mode:?}");
        court
            .tamper_installation(&format!(
                "UPDATE ouvira_seal.checkpoints SET note = '{forged}' WHERE size = 2"
            ))
            .await;
        let fault = court.installation(None).await.fault;
        assert_eq!(fault, Some(InstallationFault::NoteForged(2)), "{mode:?}");
        assert_eq!(rows.len(), 5);
    }
}

#[tokio::test]
async fn a_changed_node_is_named() {
    let mut court = Court::new(PlacementMode::Shared).await;
    let job = court.tenant().job();
    write(&court.house, &job, 140).await;
    court.seal(280).await;
    assert_eq!(court.judge().await.fault, None);
    court.tamper("UPDATE audit_nodes SET hash = sha256(hash) WHERE tenant_id = '{t}'").await;
    assert_eq!(court.judge().await.fault, Some(Fault::NodeChanged { level: 8, index: 0 }));
}

#[tokio::test]
async fn a_person_can_be_forgotten_and_the_record_be_proven() {
    for mode in PlacementMode::ALL {
        let (court, rows) = sealed(mode).await;
        court
            .tamper(&format!("UPDATE activity_log SET personal = NULL, salt = NULL WHERE id = '{}'", rows[1]))
            .await;
        let report = court.judge_with(Some(&court.checkpoint())).await;
        assert_eq!((report.fault, report.rows, report.erased), (None, 10, 1), "{mode:?}");
        let ctx = court.tenant().context(&court.tenant().user().await);
        let proof = court.house.audit().prove_activity(&ctx, rows[1]).await.unwrap();
        assert!(matches!(proof, ouvira_audit::seal::Provable::Now(_)));
    }
}

#[tokio::test]
async fn a_round_without_new_rows_seals_nothing_and_the_delay_grows_until_the_next() {
    for mode in PlacementMode::ALL {
        let (mut court, _) = sealed(mode).await;
        let own: Vec<String> = court.tenant().tenant().placement.database.clone().into_iter().collect();
        let report = court.sealing.round(&own).await.unwrap().unwrap();
        assert_eq!(report.rows, 0, "{mode:?}");
        court.tenant().clock().advance(Duration::seconds(30));
        assert!(court.progress.delay(court.tenant().now()).unwrap() >= Duration::seconds(30));
        write(&court.house, &court.tenant().job(), 1).await;
        court.seal(12).await;
    }
}
