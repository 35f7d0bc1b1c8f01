#![no_main]
//! Refresh tokens.

use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing;

fuzz_target!(|text: &str| fuzzing::refresh_token(text));
