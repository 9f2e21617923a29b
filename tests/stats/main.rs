//! The statistics: against SciPy, statsmodels, pingouin, exact values and published tables, by simulation,
//! and on whatever data.

mod fixtures;
mod simulation;

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
mod rounding;
mod two_groups;
