#![no_main]
//! Phone numbers.

use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing;

fuzz_target!(|text: &str| fuzzing::phone(text));
