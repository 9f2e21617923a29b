//! Probability of superiority: how often a run of one group beats a run of the other.

use super::describe::{Differences, mean, sorted};
use super::dist::{normal, student};
use super::outcome::{Interval, Undefined, check, check_level};

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

/// Cliff's delta, P(A > B) − P(A < B), and P(A > B) = (1 + delta)/2, with one interval for both.
#[derive(Debug, Clone, PartialEq)]
pub struct Dominance {
    /// Cliff's delta, from −1 to 1.
    pub cliffs_delta: f64,
    /// Its interval.
    pub delta_interval: Interval,
    /// P(A > B) + P(A = B)/2.
    pub probability: f64,
    /// Its interval.
    pub probability_interval: Interval,
}

/// Cliff's delta of independent samples with the interval of Cliff (1996) in the form that Feng
/// and Cliff (2004) recommend: unbiased variance, asymmetric about the estimate, t quantile. At
/// ±1, where that variance vanishes, the open end is Cliff's (k − z²)/(k + z²) with k the smaller
/// sample. Assumes nothing about the distributions.
pub fn dominance(a: &[f64], b: &[f64], level: f64) -> Result<Dominance, Undefined> {
    check_level(level)?;
    check(a, 2)?;
    check(b, 2)?;
    let rows = dominances(a, &sorted(b));
    let columns = dominances(b, &sorted(a));
    let (n, m) = (a.len() as f64, b.len() as f64);
    let delta = mean(&rows);
    let tail = (1.0 - level) / 2.0;
    let (low, high) = if delta.abs() == 1.0 {
        let z = normal::upper_quantile(tail);
        let k = n.min(m);
        let open = (k - z * z) / (k + z * z);
        if delta > 0.0 {
            (open, 1.0)
        } else {
            (-1.0, -open)
        }
    } else {
        let squares = |values: &[f64], centre: f64| {
            values
                .iter()
                .map(|v| (v - centre) * (v - centre))
                .sum::<f64>()
        };
        // Every pair contributes 1 unless tied.
        let untied: f64 = {
            let b = sorted(b);
            let ties: usize = a.iter().map(|&x| not_above(&b, x) - below(&b, x)).sum();
            n * m - ties as f64
        };
        let unbiased = (m * m * squares(&rows, delta) + n * n * squares(&columns, -delta)
            - (untied - n * m * delta * delta))
            / (n * m * (n - 1.0) * (m - 1.0));
        let variance = unbiased.max((1.0 - delta * delta) / (n * m - 1.0));
        let t = student::upper_quantile(tail, n + m - 2.0);
        let error = t * t * variance;
        let room = 1.0 - delta * delta;
        let half = (error * (room * room + error)).sqrt();
        let scale = room + error;
        ((delta * room - half) / scale, (delta * room + half) / scale)
    };
    let half = |d: f64| 0.5 * (1.0 + d);
    Ok(Dominance {
        cliffs_delta: delta,
        delta_interval: Interval { low, high, level },
        probability: half(delta),
        probability_interval: Interval {
            low: half(low),
            high: half(high),
            level,
        },
    })
}

/// For each x: the share of `others` it beats less the share that beats it.
fn dominances(values: &[f64], others: &[f64]) -> Vec<f64> {
    let m = others.len() as f64;
    let net = |x| below(others, x) as f64 - (others.len() - not_above(others, x)) as f64;
    values.iter().map(|&x| net(x) / m).collect()
}

/// Wilson's interval (1927) for [`prob_superiority_paired`]. A tie counts as half a win, which
/// makes the interval wider than it need be.
pub fn prob_superiority_paired_interval(
    a: &[f64],
    b: &[f64],
    level: f64,
) -> Result<Interval, Undefined> {
    check_level(level)?;
    let p = prob_superiority_paired(a, b)?;
    let n = a.len() as f64;
    let z = normal::upper_quantile((1.0 - level) / 2.0);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    Ok(Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
        level,
    })
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
