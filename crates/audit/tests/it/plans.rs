//! Every filter of the lists has an index that serves it, as the serving role sees the tables.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::tenant::PlacementMode;

use crate::support::House;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

async fn plan(app: &mut AsyncPgConnection, query: &str) -> String {
    let lines: Vec<Line> = sql_query(format!("EXPLAIN {query}")).load(app).await.unwrap();
    lines.into_iter().map(|line| line.text + "\n").collect()
}

#[tokio::test]
async fn no_list_reads_a_whole_table_or_sorts_it() {
    const FILTERS: [&str; 7] = [
        "true",
        "actor_id = '00000000-0000-7000-8000-000000000001'",
        "action = 'company.created'",
        "object_kind = 'company'",
        "object_id = '00000000-0000-7000-8000-000000000001'",
        "company_id = '00000000-0000-7000-8000-000000000001'",
        "id >= '00000000-0000-7000-8000-000000000000' AND at < now()",
    ];
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let mut app = house.tenant.connection("app").await;
        // What is left of a Seq Scan then is there for want of an index, however small the table.
        app.batch_execute(&format!(
            "BEGIN; SET LOCAL search_path TO {}; SELECT set_config('app.tenant_id', '{}', true); \
             SET LOCAL enable_seqscan TO off; SET LOCAL enable_bitmapscan TO off; SET LOCAL enable_sort TO off",
            house.tenant.schema(),
            house.tenant.tenant().id
        ))
        .await
        .unwrap();
        let activities = FILTERS.map(|filter| {
            format!("SELECT * FROM activity_log WHERE {filter} AND id < '00000000-0000-7000-8000-000000000001' ORDER BY id DESC LIMIT 21")
        });
        let others = [
            "SELECT * FROM security_log WHERE id < '00000000-0000-7000-8000-000000000001' ORDER BY id DESC LIMIT 21".to_owned(),
            "SELECT * FROM security_log WHERE user_id = '00000000-0000-7000-8000-000000000001' ORDER BY id DESC LIMIT 21".to_owned(),
            "SELECT * FROM security_log WHERE event = 'login.failed' ORDER BY id DESC LIMIT 21".to_owned(),
            "SELECT * FROM security_log WHERE outcome = 'failure' ORDER BY id LIMIT 21".to_owned(),
            "SELECT * FROM activity_log WHERE txid >= 5 ORDER BY txid, id LIMIT 4000".to_owned(),
            "SELECT * FROM audit_leaves WHERE row_id = '00000000-0000-7000-8000-000000000001'".to_owned(),
            "SELECT * FROM audit_checkpoints ORDER BY size DESC LIMIT 1".to_owned(),
            "SELECT * FROM notifications WHERE user_id = '00000000-0000-7000-8000-000000000001' AND in_app ORDER BY id DESC LIMIT 21".to_owned(),
        ];
        for query in activities.iter().chain(&others) {
            let plan = plan(&mut app, query).await;
            assert!(!plan.contains("Seq Scan") && !plan.contains("Sort  ("), "{mode:?}: {query}\n{plan}");
        }
    }
}
