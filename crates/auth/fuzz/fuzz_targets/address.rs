#![no_main]
//! E-mail addresses, what somebody signs in with, and what a browser says of itself.

use libfuzzer_sys::fuzz_target;
use ouvira_auth::fuzzing;

fuzz_target!(|text: &str| {
    fuzzing::address(text);
    fuzzing::user_agent(text);
});
