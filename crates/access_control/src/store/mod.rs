//! The tables of this domain; only the files of this module speak diesel.

pub(crate) mod facts;
