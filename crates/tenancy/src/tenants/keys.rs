//! `Idempotency-Key` of operators. Making a tenant is many transactions: the first one notes which tenant was begun under
//! the key, so that a call that was interrupted is completed by the next one, and the answer is kept at the end.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl, dsl::insert_into,
    query_dsl::methods::FilterDsl,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ouvira_common::{
    db::{DbError, KeyRefusal},
    id::TenantId,
    idempotency::{Answer, Claim, KEPT},
};
use uuid::Uuid;

use super::Tenants;
use crate::{PlatformContext, error::TenancyError, schema::ouvira_catalog::idempotency_keys};

type Row = (Vec<u8>, Option<Uuid>, Option<Vec<u8>>);

/// The tenant that was begun under the caller's key, if one was. Errors: [`DbError::Key`].
pub(super) async fn begun(
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
) -> Result<Option<TenantId>, DbError> {
    let Some(claim) = &ctx.claim else { return Ok(None) };
    let (key, request) = claim.hashes(ctx.principal());
    let living = QueryDsl::filter(idempotency_keys::table, idempotency_keys::expires_at.gt(ctx.now));
    let row: Option<Row> = QueryDsl::filter(living, idempotency_keys::key.eq(key.to_vec()))
        .select((idempotency_keys::fingerprint, idempotency_keys::tenant_id, idempotency_keys::answer))
        .first(conn)
        .await
        .optional()?;
    match row {
        None => Ok(None),
        Some((fingerprint, ..)) if fingerprint != request => Err(KeyRefusal::Reused.into()),
        Some((_, _, Some(answer))) => {
            claim.answered(Answer::from_bytes(&answer).ok_or(KeyRefusal::InProgress)?);
            Err(KeyRefusal::Answered.into())
        }
        Some((_, tenant, None)) => Ok(tenant.map(TenantId)),
    }
}

/// Notes that `tenant` is begun under the caller's key, in the transaction that enlists it.
pub(super) async fn begin(
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
    tenant: TenantId,
) -> Result<(), DbError> {
    let Some(claim) = &ctx.claim else { return Ok(()) };
    forget(conn, ctx).await?;
    let (key, request) = claim.hashes(ctx.principal());
    let row = (
        idempotency_keys::key.eq(key.to_vec()),
        idempotency_keys::fingerprint.eq(request.to_vec()),
        idempotency_keys::tenant_id.eq(tenant.0),
        idempotency_keys::expires_at.eq(ctx.now + KEPT),
    );
    insert_into(idempotency_keys::table).values(row).execute(conn).await?;
    Ok(())
}

/// Makes room: operators' keys are few, and every new one takes the expired ones away.
async fn forget(conn: &mut AsyncPgConnection, ctx: &PlatformContext) -> Result<(), DbError> {
    diesel::delete(QueryDsl::filter(idempotency_keys::table, idempotency_keys::expires_at.le(ctx.now)))
        .execute(conn)
        .await?;
    Ok(())
}

impl Tenants {
    /// Keeps what `claim` was answered, for the next time it is sent. Errors: [`DbError::Key`] when there is an answer.
    pub async fn keep_answer(
        &self,
        ctx: &PlatformContext,
        claim: &Claim,
        answer: &Answer,
    ) -> Result<(), TenancyError> {
        let mut conn = self.deps.catalog.connection().await?;
        forget(&mut conn, ctx).await?;
        let (key, request) = claim.hashes(ctx.principal());
        let answer = answer.to_bytes();
        let row = (
            idempotency_keys::key.eq(key.to_vec()),
            idempotency_keys::fingerprint.eq(request.to_vec()),
            idempotency_keys::answer.eq(&answer),
            idempotency_keys::expires_at.eq(ctx.now + KEPT),
        );
        let keep = insert_into(idempotency_keys::table)
            .values(row)
            .on_conflict(idempotency_keys::key)
            .do_update()
            .set(idempotency_keys::answer.eq(&answer));
        let same = idempotency_keys::fingerprint.eq(request.to_vec());
        let unanswered = FilterDsl::filter(keep, idempotency_keys::answer.is_null().and(same));
        let kept = unanswered.execute(&mut *conn).await?;
        if kept == 0 {
            begun(&mut conn, ctx).await?;
            return Err(DbError::from(KeyRefusal::InProgress).into());
        }
        Ok(())
    }
}
