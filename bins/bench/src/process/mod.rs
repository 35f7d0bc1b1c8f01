//! The processes that are measured: starting and ending them, what they use.

mod program;
mod server;
mod usage;

pub(crate) use self::{
    program::{output_of, tail},
    server::{Server, free_address},
    usage::{child_named, cpu_time, cpu_time_with_children, largest_private_child, resident_bytes},
};
