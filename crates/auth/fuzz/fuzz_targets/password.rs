#![no_main]
//! New passwords.

use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing;

fuzz_target!(|text: &str| fuzzing::password(text));
