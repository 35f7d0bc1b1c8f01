//! Users over HTTP.
