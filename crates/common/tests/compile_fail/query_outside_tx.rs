use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::db::Db;

diesel::table! {
    notes (id) {
        id -> Uuid,
        text -> Text,
    }
}

async fn read(db: &mut Db) {
    let _ = notes::table.select(notes::text).load::<String>(db).await;
}

fn main() {}
