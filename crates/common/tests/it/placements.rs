use diesel_async::RunQueryDsl as _;
use ouvira_common::{db::DbError, rls, tenant::PlacementMode, testing::TestTenant};

use crate::notes;

#[tokio::test]
async fn a_tenant_cannot_write_rows_of_another_even_by_name() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) =
            (TestTenant::new(mode, notes::MIGRATIONS).await, TestTenant::new(mode, notes::MIGRATIONS).await);
        let foreign = theirs.tenant().id;
        let forged: Result<(), DbError> = ours
            .db()
            .write(&ours.job(), async |tx| {
                let insert = format!(
                    "INSERT INTO notes (tenant_id, id, text) VALUES ('{foreign}', '{foreign}', 'forged')"
                );
                diesel::sql_query(insert).execute(tx).await?;
                Ok(())
            })
            .await;
        assert!(forged.is_err(), "{mode:?}");
        assert!(notes::all(&theirs).await.is_empty());
    }
}

#[tokio::test]
async fn the_walls_are_checked_and_a_hole_is_found() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let only = (mode != PlacementMode::Shared).then_some(tenant.tenant().id);
        let mut owner = tenant.connection("owner").await;
        assert_eq!(
            rls::check(&mut owner, tenant.schema(), only).await.unwrap(),
            Vec::<String>::new(),
            "{mode:?}"
        );
        if mode == PlacementMode::Shared {
            continue; // Others are looking at these tables.
        }
        for hole in [
            "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE notes DISABLE ROW LEVEL SECURITY",
            "CREATE POLICY leak ON notes USING (true)",
            "ALTER POLICY tenant ON notes USING (true)",
            "ALTER TABLE notes DROP CONSTRAINT of_one_tenant",
            "CREATE TABLE forgotten (id int)",
        ] {
            tenant.owner_sql(hole).await;
            assert!(
                !rls::check(&mut owner, tenant.schema(), only).await.unwrap().is_empty(),
                "{mode:?}: {hole}"
            );
            if hole.starts_with("CREATE TABLE") {
                tenant.owner_sql("DROP TABLE forgotten").await;
            } else if hole.starts_with("CREATE POLICY") {
                tenant.owner_sql("DROP POLICY leak ON notes").await;
            }
            rls::apply(&mut owner, tenant.schema(), only).await.unwrap();
            assert!(
                rls::check(&mut owner, tenant.schema(), only).await.unwrap().is_empty(),
                "{mode:?}: {hole} is mended"
            );
        }
    }
}
