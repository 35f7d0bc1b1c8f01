#![no_main]
//! Tokens that work once, and backup codes.

use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing;

fuzz_target!(|text: &str| fuzzing::single_use(text));
