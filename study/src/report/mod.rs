//! Rendering of comparisons: pure functions from numbers to text. Nothing here computes.

pub mod analysis;
pub mod calibration;
pub mod components;
pub mod crossed;
pub mod dry_run;
pub mod figures;
pub mod planning;
pub mod sequential;
pub mod status;
pub mod terminal;
