//! Proving addresses after the sign-up: a link to one that was claimed, a code to a new one.

mod change;
mod confirm;
mod resend_link;
mod verify_link;
