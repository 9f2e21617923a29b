//! The study that stands on the engine: sweeps over seeds, their store, and the statistics.
#![forbid(unsafe_code)]

pub mod data;
pub mod stats;
