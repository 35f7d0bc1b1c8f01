//! The tree of companies.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::CompanyId,
    time::Timestamp,
};

use crate::schema::company_tree;

/// Puts a company below `parent`. Deferred.
pub(crate) fn defer_insert(tx: &mut Tx, company: CompanyId, parent: Option<CompanyId>) {
    let now = tx.now();
    tx.defer(diesel::insert_into(company_tree::table).values((
        company_tree::id.eq(company),
        company_tree::parent_id.eq(parent),
        company_tree::created_at.eq(now),
        company_tree::updated_at.eq(now),
    )));
}

/// Puts a company below another parent. Deferred.
pub(crate) fn defer_move(tx: &mut Tx, company: CompanyId, parent: Option<CompanyId>) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(company_tree::table.filter(company_tree::id.eq(company)))
            .set((company_tree::parent_id.eq(parent), company_tree::updated_at.eq(now))),
    ));
}

/// Notes that a company was deleted, or is back. Deferred.
pub(crate) fn defer_removal(tx: &mut Tx, company: CompanyId, removed_at: Option<Timestamp>) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(company_tree::table.filter(company_tree::id.eq(company)))
            .set((company_tree::removed_at.eq(removed_at), company_tree::updated_at.eq(now))),
    ));
}

/// Notes whether a company is entered only with a second factor. Deferred.
pub(crate) fn defer_guard(tx: &mut Tx, company: CompanyId, second_factor: bool) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(company_tree::table.filter(company_tree::id.eq(company)))
            .set((company_tree::second_factor.eq(second_factor), company_tree::updated_at.eq(now))),
    ));
}

/// Those of `companies` that are there and not deleted.
pub(crate) async fn present(tx: &mut Tx, companies: &[CompanyId]) -> Result<Vec<CompanyId>, DbError> {
    let query = company_tree::table
        .filter(company_tree::id.eq_any(companies).and(company_tree::removed_at.is_null()))
        .select(company_tree::id);
    Ok(query.load(tx).await?)
}
