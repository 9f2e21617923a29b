//! The works themselves, with the data of their publishers’ pages.

mod learning;
mod prediction;
mod sequential;
mod statistics;

pub use learning::*;
pub use prediction::*;
pub use sequential::*;
pub use statistics::*;
