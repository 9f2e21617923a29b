//! Probability of superiority: how often a run of one group beats a run of the other.

use super::describe::{Differences, sorted};
use super::outcome::{Undefined, check};

/// P(A > B) + P(A = B)/2 over all pairs of runs, one from each group: the common language effect
/// size, U/(mn) of Mann and Whitney. O((m + n) log (m + n)).
pub fn prob_superiority(a: &[f64], b: &[f64]) -> Result<f64, Undefined> {
    check(a, 1)?;
    check(b, 1)?;
    let b = sorted(b);
    let wins: f64 = a
        .iter()
        .map(|&x| 0.5 * (below(&b, x) + not_above(&b, x)) as f64)
        .sum();
    Ok(wins / (a.len() as f64 * b.len() as f64))
}

/// P(A > B) + P(A = B)/2 over the pairs given (Bouthillier et al. 2021).
pub fn prob_superiority_paired(a: &[f64], b: &[f64]) -> Result<f64, Undefined> {
    let d = Differences::new(a, b, 1)?;
    let wins: f64 = d.values.iter().map(|&d| score(d)).sum();
    Ok(wins / d.values.len() as f64)
}

/// 1 for a win, 1/2 for a tie, 0 for a loss.
pub(crate) fn score(difference: f64) -> f64 {
    if difference > 0.0 {
        1.0
    } else if difference == 0.0 {
        0.5
    } else {
        0.0
    }
}

/// How many of the sorted values are smaller than `x`.
pub(crate) fn below(sorted: &[f64], x: f64) -> usize {
    sorted.partition_point(|&v| v < x)
}

/// How many of the sorted values are at most `x`.
pub(crate) fn not_above(sorted: &[f64], x: f64) -> usize {
    sorted.partition_point(|&v| v <= x)
}
