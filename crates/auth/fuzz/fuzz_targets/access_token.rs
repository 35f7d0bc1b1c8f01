#![no_main]
//! Access tokens that nobody signed.

use std::sync::OnceLock;

use futures_executor::block_on;
use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing::Verifier;

static VERIFIER: OnceLock<Verifier> = OnceLock::new();

fuzz_target!(|text: &str| block_on(VERIFIER.get_or_init(Verifier::default).unsigned(text)));
