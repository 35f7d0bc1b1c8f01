//! What roles hold, one by one. What system roles hold is in code; its entries have fixed ids like the roles' own.

mod create;
mod delete;
mod fixed;
mod list;
mod read;
