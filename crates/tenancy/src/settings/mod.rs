//! What a tenant decided for itself (T10).

mod stored;

pub(crate) use stored::parse_stored;
