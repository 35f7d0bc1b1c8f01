//! A domain of one table, as small as a domain can be.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx},
    id::uuid_at,
    migration::Migration,
    testing::TestTenant,
};
use uuid::Uuid;

diesel::table! {
    notes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        text -> Text,
    }
}

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: "20260101000000_notes",
    up: "CREATE TABLE notes (
             tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
             id uuid NOT NULL,
             text text NOT NULL,
             PRIMARY KEY (tenant_id, id));
         GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO ouvira_app",
    down: "DROP TABLE notes",
}];

pub(crate) async fn write(tx: &mut Tx, text: &str) -> Result<(), DbError> {
    let row = (notes::id.eq(uuid_at(tx.now())), notes::text.eq(text));
    diesel::insert_into(notes::table).values(row).execute(tx).await?;
    Ok(())
}

pub(crate) fn write_deferred(tx: &mut Tx, text: &str) {
    let row = (notes::id.eq(uuid_at(tx.now())), notes::text.eq(text.to_owned()));
    tx.defer(diesel::insert_into(notes::table).values(row));
}

pub(crate) async fn read(tx: &mut Tx) -> Result<Vec<(Uuid, String)>, DbError> {
    Ok(notes::table.select((notes::tenant_id, notes::text)).order(notes::id).load(tx).await?)
}

/// What the tenant's notes are, seen by the owner.
pub(crate) async fn all(tenant: &TestTenant) -> Vec<String> {
    let own = tenant.tenant().id;
    let rows =
        tenant.owner_rows(&format!("SELECT text FROM notes WHERE tenant_id = '{own}' ORDER BY id")).await;
    rows.into_iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect()
}
