//! The HTTP building blocks, through requests.
