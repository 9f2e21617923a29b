//! Rendering of comparisons: pure functions from numbers to text. Nothing here computes.

pub mod analysis;
pub mod calibration;
pub mod components;
pub mod content;
pub mod crossed;
pub mod dry_run;
pub mod figures;
pub mod html;
pub mod latex;
pub mod markdown;
pub mod methods;
pub mod paper;
pub mod planning;
mod reasons;
pub mod references;
pub mod sequential;
pub mod status;
pub mod terminal;
pub mod text;
