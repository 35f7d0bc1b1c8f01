//! Logins that wait for their second factor.

use diesel::ExpressionMethods as _;
use ouvira_common::{db::Tx, id::UserId};

use crate::{SecondFactorChallenge, schema::login_challenges};

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
