//! Labels exchanged between independent samples.

use super::{EXACT, Permutation, count_sums, monte_carlo};
use crate::stats::{
    Undefined,
    describe::mean,
    outcome::TestResult,
    resample::Resampling,
    t_test::{Estimate, require_two_samples},
};

/// Label assignments of samples of two sizes up to which all are counted, one by one.
const EXACT_LABELS: f64 = 200_000.0;

/// Label permutation test of independent samples by Welch's t, which keeps the test valid for
/// means when variances differ (Janssen 1997; Chung and Romano 2013) and is exact when the
/// samples are exchangeable.
pub fn label_permutation(
    a: &[f64],
    b: &[f64],
    resampling: Resampling,
) -> Result<Permutation, Undefined> {
    let mut draws = resampling.check(0.5)?;
    require_two_samples(a, b)?;
    let welch = Estimate::welch(a, b)?;
    let statistic = welch.difference / welch.standard_error;
    // Centred, so that a large mean costs no digits.
    let mut values = [a, b].concat();
    let centre = mean(&values);
    // Means that differ by no more are equal on the grid that the values came from.
    let rounding = values.iter().fold(0.0_f64, |m, v| m.max(v.abs())) * 4.0 * f64::EPSILON;
    values.iter_mut().for_each(|v| *v -= centre);
    let t2 = |values: &[f64], rounding| {
        let (a, b) = values.split_at(a.len());
        squared_t(Moments::of(a), Moments::of(b), rounding)
    };
    let reached = t2(&values, rounding) * (1.0 - 1e-10);
    let exact = |extreme: f64, of_each_t: f64, assignments: f64| Permutation {
        test: TestResult::new(
            "label permutation (exact)",
            statistic,
            extreme / assignments,
        ),
        exact: true,
        smallest_p: of_each_t / assignments,
    };
    let assignments = choices(values.len(), a.len());
    if a.len() == b.len() && values.len() <= EXACT {
        // Groups of one size that change places have the same t².
        return Ok(exact(count_halves(&values, rounding), 2.0, assignments));
    }
    if a.len() != b.len() && assignments <= EXACT_LABELS {
        return Ok(exact(
            count_all(&values, a.len(), reached),
            1.0,
            assignments,
        ));
    }
    let extreme = (0..resampling.resamples)
        .filter(|_| {
            draws.shuffle_front(&mut values, a.len());
            t2(&values, 0.0) >= reached
        })
        .count();
    Ok(monte_carlo(
        "label permutation",
        statistic,
        extreme,
        resampling,
    ))
}

/// C(n, k) as a float.
fn choices(n: usize, k: usize) -> f64 {
    (0..k.min(n - k))
        .fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64)
        .round()
}

/// Welch's t² of samples with these moments, infinite where both are constant and their means differ.
fn squared_t(a: Moments, b: Moments, rounding: f64) -> f64 {
    let difference = ((a.mean - b.mean).abs() - rounding).max(0.0);
    let variance = a.squared_error + b.squared_error;
    if variance > 0.0 {
        difference * difference / variance
    } else if difference > 0.0 {
        f64::INFINITY
    } else {
        0.0
    }
}

/// The mean of a sample, and its variance.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    squared_error: f64,
}

impl Moments {
    /// Of values near 0: two passes, as each of many thousand assignments costs them.
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        // Of values that are all alike this is what rounding made of their mean.
        let is_constant = squares <= n * (4.0 * f64::EPSILON * mean).powi(2);
        Self {
            mean,
            squared_error: if is_constant {
                0.0
            } else {
                squares / (n * (n - 1.0))
            },
        }
    }
}

/// How many of all ways to take half of the values have a t² of at least that of the first half, whose mean is
/// known to within `rounding`. The total sum of squares is what it is, and so t² grows with the difference
/// of the halves' sums alone.
fn count_halves(values: &[f64], rounding: f64) -> f64 {
    let half = values.len() / 2;
    let (left, right) = values.split_at(half);
    let total: f64 = values.iter().sum();
    let size: f64 = values.iter().map(|v| v.abs()).sum();
    // Differences that differ by what rounding may do to the values and to their sums are equal.
    let rounding = half as f64 * rounding + values.len() as f64 * f64::EPSILON * size;
    let reached = (left.iter().sum::<f64>() - right.iter().sum::<f64>()).abs() - rounding;
    let (left, right) = (sums_by_count(left), sums_by_count(right));
    let ways = left.iter().zip(right.iter().rev());
    if reached <= 0.0 {
        return ways.map(|(l, r)| (l.len() * r.len()) as f64).sum();
    }
    // What is taken makes up half of the difference and half of the total.
    let least = (reached + total) / 2.0;
    2.0 * ways.map(|(l, r)| count_sums(l, r, least)).sum::<f64>()
}

/// The sums of all ways to take k of the values, ascending, for each k.
fn sums_by_count(values: &[f64]) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0]];
    for &value in values {
        sums.push(Vec::new());
        // From many to few: one fewer are still without this value.
        for k in (1..sums.len()).rev() {
            let with: Vec<f64> = sums[k - 1].iter().map(|sum| sum + value).collect();
            sums[k].extend(with);
            // Of two ascending runs, which a stable sort merges.
            sums[k].sort_by(f64::total_cmp);
        }
    }
    sums
}

/// How many of all ways to take `size` of the values have a t² of at least `reached` against the rest.
fn count_all(values: &[f64], size: usize, reached: f64) -> f64 {
    let mut chosen: Vec<usize> = (0..size).collect();
    let (mut part, mut rest) = (Vec::new(), Vec::new());
    let mut count = 0.0;
    loop {
        part.clear();
        rest.clear();
        let mut next = chosen.iter().copied().peekable();
        for (i, &value) in values.iter().enumerate() {
            let is_chosen = next.next_if_eq(&i).is_some();
            if is_chosen { &mut part } else { &mut rest }.push(value);
        }
        let t2 = squared_t(Moments::of(&part), Moments::of(&rest), 0.0);
        count += f64::from(t2 >= reached);
        // The next in lexicographic order: the last index that can still rise does, those after it follow it.
        let can_rise = |&i: &usize| chosen[i] < values.len() - size + i;
        let Some(i) = (0..size).rev().find(can_rise) else {
            return count;
        };
        let start = chosen[i] + 1;
        for (index, value) in chosen[i..].iter_mut().zip(start..) {
            *index = value;
        }
    }
}
