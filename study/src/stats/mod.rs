//! Statistics of runs: pure functions on `f64`, ignorant of training.
//!
//! Two designs run through the module. *Groups* are slices of any lengths (`&[&[f64]]`). *Blocks*
//! are groups of one length in which equal indices share a seed; functions that need them say so.
//! Every result has named fields, every impossible request a reason ([`Undefined`]): no function
//! here returns NaN, an infinite statistic or p = 0.

pub mod adjust;
pub mod anova;
pub mod correlation;
pub mod describe;
pub mod dist;
pub mod effect;
pub mod mean;
pub mod outcome;
pub mod rank_tests;
pub mod repeated;
pub mod superiority;
pub mod t_test;

mod rank;
mod solve;

pub use outcome::{Interval, TestResult, Undefined};
