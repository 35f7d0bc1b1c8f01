//! Questions: may somebody, and why; and what if they held something else.

mod ask;
mod assume;
mod explained;
mod question;

pub use assume::{Assumption, Assumptions};
pub use question::{Answer, Because, Question, Questions, Reason};
