//! The common shape of simultaneous comparisons of many groups.

use super::outcome::{Interval, Undefined};

/// One comparison of a family, already adjusted for the family.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairwise {
    /// Index of the first group.
    pub a: usize,
    /// Index of the second group, or of the control.
    pub b: usize,
    /// The comparison, or why this pair has none.
    pub outcome: Result<Comparison, Undefined>,
}

/// A comparison with a simultaneous p-value and interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Location of a less that of b: means, or mean ranks for Nemenyi.
    pub difference: f64,
    /// Standard error of the difference.
    pub standard_error: f64,
    /// The difference over its standard error: a t, also for Tukey's tests, whose q is √2 |t|.
    pub statistic: f64,
    /// Degrees of freedom; none where the standard error is known, as that of ranks.
    pub df: Option<f64>,
    /// p-value adjusted for the family.
    pub p: f64,
    /// Simultaneous interval for the difference.
    pub interval: Interval,
}

/// All index pairs a < b below `k`.
pub(crate) fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |a| (a + 1..k).map(move |b| (a, b)))
}
