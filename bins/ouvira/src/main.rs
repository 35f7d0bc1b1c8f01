//! The Ouvira service.
fn main() {}
