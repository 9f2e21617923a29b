//! The statistics, against SciPy, R, published tables and simulations.

mod calibration;
mod coverage;
mod critical_difference;
mod diagnostics;
mod distributions;
mod effects;
mod exact;
mod families;
mod many_groups;
mod planning;
mod predictive;
mod resampling;
mod robustness;
mod simulation;
mod stats_support;
mod two_groups;
