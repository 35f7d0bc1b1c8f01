//! Typed ids. Every row has a UUIDv7 key (RFC 9562 §5.7): sorted by the time it was made, so that the newest are together
//! in an index and a cursor needs no second column.

use std::sync::Mutex;

use uuid::{ContextV7, Uuid, timestamp::Timestamp as UuidTimestamp};

use crate::time::Timestamp;

/// Keeps ids made within one millisecond in the order in which they were made (RFC 9562 §6.2, method 1).
static SEQUENCE: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A UUIDv7 of the time `now`.
pub fn uuid_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let sequence = SEQUENCE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Uuid::new_v7(UuidTimestamp::from_unix(&*sequence, seconds, now.timestamp_subsec_nanos()))
}

/// Declares a UUID newtype that diesel and serde treat as a plain UUID.
#[macro_export]
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            ::serde::Serialize, ::serde::Deserialize,
            ::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = ::diesel::sql_types::Uuid)]
        #[serde(transparent)]
        pub struct $name(pub ::uuid::Uuid);

        impl $name {
            /// A new id, sorted by `now`.
            pub fn new_at(now: $crate::time::Timestamp) -> Self {
                Self($crate::id::uuid_at(now))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl ::diesel::serialize::ToSql<::diesel::sql_types::Uuid, ::diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut ::diesel::serialize::Output<'b, '_, ::diesel::pg::Pg>,
            ) -> ::diesel::serialize::Result {
                ::diesel::serialize::ToSql::<::diesel::sql_types::Uuid, ::diesel::pg::Pg>::to_sql(&self.0, out)
            }
        }

        impl ::diesel::deserialize::FromSql<::diesel::sql_types::Uuid, ::diesel::pg::Pg> for $name {
            fn from_sql(bytes: ::diesel::pg::PgValue<'_>) -> ::diesel::deserialize::Result<Self> {
                ::diesel::deserialize::FromSql::<::diesel::sql_types::Uuid, ::diesel::pg::Pg>::from_sql(bytes).map(Self)
            }
        }
    };
}

define_id!(
    /// One customer of the platform.
    TenantId
);
define_id!(
    /// A person inside one tenant.
    UserId
);
define_id!(
    /// A signed-in device of a user: the `sid` of its tokens.
    SessionId
);
define_id!(
    /// An organisation inside a tenant.
    CompanyId
);
define_id!(
    /// A named set of permissions; the system's own have fixed ids (UUIDv5).
    RoleId
);
define_id!(
    /// A person who runs the platform.
    OperatorId
);
define_id!(
    /// An operator's time-limited leave to act in one tenant.
    GrantId
);

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn ids_of_one_instant_keep_their_order() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ids: Vec<_> = (0..1000).map(|_| UserId::new_at(now)).collect();
        assert!(ids.is_sorted());
    }
}
