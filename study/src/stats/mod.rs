//! Statistics of runs: pure functions on `f64`, ignorant of training.
//!
//! Two designs run through the module. *Groups* are slices of any lengths (`&[&[f64]]`). *Blocks*
//! are groups of one length in which equal indices share a seed; functions that need them say so.
//! Every result has named fields, every impossible request a reason ([`Undefined`]): no function
//! here returns NaN, an infinite statistic or p = 0. Randomness enters through
//! [`resample::Resampling`] alone, so that every result is a function of its arguments.
//!
//! | question | groups | blocks |
//! |---|---|---|
//! | what does one group look like? | [`describe`], [`mean`], [`bootstrap`], [`normality`] | |
//! | do two differ? | [`t_test`], [`mann_whitney`], [`permutation`], [`aso`] | [`t_test`], [`wilcoxon`], [`permutation`], [`bayes`], [`sequential`] |
//! | by how much? | [`effect`], [`superiority`] | [`effect`], [`superiority`], [`crossed`] |
//! | are they equivalent? | [`equivalence`] | [`equivalence`], [`bayes`] |
//! | do several differ? | [`anova`], [`rank_tests`] | [`repeated`], [`rank_tests`] |
//! | which of them? | [`tukey`], [`dunnett`], [`adjust`], [`letters`] | [`tukey`], [`max_t`], [`adjust`] |
//! | do their spreads differ, and whence? | [`spread`] | [`pairing`], [`components`] |
//! | is a new run another of them? | [`predictive`], [`multivariate`] | |
//! | what would single runs show? | | [`ranking`] |
//! | how many runs? | [`power`] | [`power`], [`spending`] |

pub mod adjust;
pub mod anova;
pub mod aso;
pub mod bayes;
pub mod bootstrap;
pub mod components;
pub mod correlation;
pub mod crossed;
pub mod describe;
pub mod dist;
pub mod dunnett;
pub mod effect;
pub mod equivalence;
pub mod letters;
pub mod mann_whitney;
pub mod max_t;
pub mod mean;
pub mod multivariate;
pub mod normality;
pub mod outcome;
pub mod pairing;
pub mod pairwise;
pub mod permutation;
pub mod power;
pub mod predictive;
pub mod rank_tests;
pub mod ranking;
pub mod repeated;
pub mod resample;
pub mod sequential;
pub mod spending;
pub mod spread;
pub mod superiority;
pub mod t_test;
pub mod tukey;
pub mod two_groups;
pub mod wilcoxon;

mod rank;
mod solve;

pub use outcome::{Interval, TestResult, Undefined};
