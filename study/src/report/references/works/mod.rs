//! The works themselves, with the data of their publishers’ pages.

mod learning;
mod statistics;

pub use learning::*;
pub use statistics::*;
