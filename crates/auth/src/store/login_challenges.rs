//! Logins that wait for their second factor.

use diesel::{ExpressionMethods as _, OptionalExtension as _, Queryable, Selectable, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::UserId,
};
use uuid::Uuid;

use crate::{LoginChallengeId, SecondFactorChallenge, config::CODE_TRIES, schema::login_challenges};

/// A login whose password was right.
pub(crate) struct NewLoginChallenge {
    pub(crate) challenge: SecondFactorChallenge,
    pub(crate) user: UserId,
    pub(crate) from_new_device: bool,
}

/// Keeps it; deferred.
pub(crate) fn insert(tx: &mut Tx, new: &NewLoginChallenge) {
    let now = tx.now();
    tx.defer(diesel::insert_into(login_challenges::table).values((
        login_challenges::id.eq(new.challenge.id.0),
        login_challenges::user_id.eq(new.user.0),
        login_challenges::amr.eq("pwd"),
        login_challenges::new_device.eq(new.from_new_device),
        login_challenges::expires_at.eq(new.challenge.expires_at),
        login_challenges::created_at.eq(now),
        login_challenges::updated_at.eq(now),
    )));
}

/// A login that is neither finished nor lapsed nor spent.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = login_challenges, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OpenLogin {
    user_id: Uuid,
    pub(crate) amr: String,
    pub(crate) new_device: bool,
    pub(crate) tries: i16,
}

impl OpenLogin {
    pub(crate) fn user(&self) -> UserId {
        UserId(self.user_id)
    }
}

/// The login, locked until the transaction ends, with one try taken from it; `None` when it takes none any more.
pub(crate) async fn take_try(tx: &mut Tx, id: LoginChallengeId) -> Result<Option<OpenLogin>, DbError> {
    let now = tx.now();
    let statement = diesel::update(login_challenges::table)
        .filter(login_challenges::id.eq(id.0))
        .filter(login_challenges::used_at.is_null())
        .filter(login_challenges::expires_at.gt(now))
        .filter(login_challenges::tries.lt(CODE_TRIES))
        .set((login_challenges::tries.eq(login_challenges::tries + 1), login_challenges::updated_at.eq(now)))
        .returning(OpenLogin::as_returning());
    Ok(cached(statement).get_result(tx).await.optional()?)
}

/// The login went through: it does not again; deferred.
pub(crate) fn use_up(tx: &mut Tx, id: LoginChallengeId) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(login_challenges::table)
            .filter(login_challenges::id.eq(id.0))
            .set((login_challenges::used_at.eq(now), login_challenges::updated_at.eq(now))),
    ));
}

/// Every login of `user` that waits is void: what it began with was changed; deferred.
pub(crate) fn void(tx: &mut Tx, user: UserId) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(login_challenges::table)
            .filter(login_challenges::user_id.eq(user.0))
            .filter(login_challenges::used_at.is_null())
            .set((login_challenges::used_at.eq(now), login_challenges::updated_at.eq(now))),
    ));
}
