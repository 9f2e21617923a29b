//! Permutation tests of a difference of means: sign flips for pairs, labels for independent
//! samples. Exact where the permutations can be counted, else (b + 1)/(B + 1) of B random ones
//! (Phipson and Smyth 2010).

use super::describe::{Differences, mean};
use super::outcome::{TestResult, Undefined};
use super::resample::{Draws, Resampling};
use super::t_test::{Estimate, require_two_samples};
use serde::Serialize;

/// A permutation test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Permutation {
    /// Two-sided test.
    pub test: TestResult,
    /// Whether all permutations were counted.
    pub exact: bool,
    /// The smallest p-value the method could have given.
    pub smallest_p: f64,
}

/// Pairs up to which all 2ⁿ sign patterns are counted, by meeting in the middle.
const EXACT_PAIRS: usize = 32;

/// Label assignments up to which all are counted.
const EXACT_LABELS: f64 = 200_000.0;

/// Sign-flip test of the mean of the differences a − b (Fisher 1935). Assumes the differences
/// symmetric about zero under the hypothesis.
pub fn sign_flip(a: &[f64], b: &[f64], resampling: Resampling) -> Result<Permutation, Undefined> {
    let mut draws = resampling.check(0.5)?;
    let Differences {
        values: d,
        rounding,
    } = Differences::new(a, b, 1)?;
    let nonzero: Vec<f64> = d.iter().copied().filter(|&d| d != 0.0).collect();
    if nonzero.is_empty() {
        return Err(Undefined::NoDifferences);
    }
    let observed = nonzero.iter().sum::<f64>().abs();
    let size: f64 = nonzero.iter().map(|d| d.abs()).sum();
    // Sums that differ by what rounding may do to the differences and to their sum are equal.
    let rounding = rounding.iter().sum::<f64>() + nonzero.len() as f64 * f64::EPSILON * size;
    let reached = observed - rounding;
    if nonzero.len() <= EXACT_PAIRS {
        let smallest_p = (1.0 - nonzero.len() as f64).exp2();
        let p = share_of_signs(&nonzero, reached);
        let test = TestResult::new("sign-flip permutation (exact)", mean(&d), p);
        return Ok(Permutation {
            test,
            exact: true,
            smallest_p,
        });
    }
    let extreme = (0..resampling.resamples)
        .filter(|_| random_signs_sum(&nonzero, &mut draws).abs() >= reached)
        .count();
    Ok(monte_carlo(
        "sign-flip permutation",
        mean(&d),
        extreme,
        resampling,
    ))
}

fn monte_carlo(
    name: &'static str,
    statistic: f64,
    extreme: usize,
    resampling: Resampling,
) -> Permutation {
    let total = resampling.resamples as f64 + 1.0;
    Permutation {
        test: TestResult::new(name, statistic, (extreme as f64 + 1.0) / total),
        exact: false,
        smallest_p: 1.0 / total,
    }
}

fn random_signs_sum(values: &[f64], draws: &mut Draws) -> f64 {
    let mut sum = 0.0;
    for chunk in values.chunks(64) {
        let mut bits = draws.bits();
        for &value in chunk {
            sum += if bits & 1 == 1 { value } else { -value };
            bits >>= 1;
        }
    }
    sum
}

/// The share of sign patterns whose sum is at least `reached` in absolute value: every sum of the
/// first half of the values is met with the sorted sums of the second.
fn share_of_signs(values: &[f64], reached: f64) -> f64 {
    if reached <= 0.0 {
        return 1.0;
    }
    let (left, right) = values.split_at(values.len() / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    // Sums are symmetric: those ≤ −reached are as many as those ≥ reached.
    let mut first = right.len();
    let mut count = 0.0;
    for sum in &left {
        // `left` ascends, so the first `right` that completes it descends.
        while first > 0 && sum + right[first - 1] >= reached {
            first -= 1;
        }
        count += (right.len() - first) as f64;
    }
    2.0 * count / (left.len() as f64 * right.len() as f64)
}

/// All 2ⁿ sums ±v₁ ± v₂ …, ascending.
fn signed_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for &value in values {
        let plus: Vec<f64> = sums.iter().map(|s| s + value).collect();
        sums.iter_mut().for_each(|s| *s -= value);
        sums.extend(plus);
    }
    sums.sort_unstable_by(f64::total_cmp);
    sums
}

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
    let assignments = choices(values.len(), a.len());
    if assignments <= EXACT_LABELS {
        let extreme = count_all(&values, a.len(), reached);
        let test = TestResult::new(
            "label permutation (exact)",
            statistic,
            extreme / assignments,
        );
        return Ok(Permutation {
            test,
            exact: true,
            // Groups of one size that change places have the same t².
            smallest_p: if a.len() == b.len() { 2.0 } else { 1.0 } / assignments,
        });
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

/// How many of all ways to take `size` of the values have a t² of at least `reached` against the rest.
fn count_all(values: &[f64], size: usize, reached: f64) -> f64 {
    let is_halved = 2 * size == values.len();
    let mut chosen: Vec<usize> = (0..size).collect();
    let (mut part, mut rest) = (Vec::new(), Vec::new());
    let mut count = 0.0;
    // Of two halves either may be the part: those with the first value are half of all.
    while !(is_halved && chosen[0] > 0) {
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
            break;
        };
        let start = chosen[i] + 1;
        for (index, value) in chosen[i..].iter_mut().zip(start..) {
            *index = value;
        }
    }
    if is_halved { 2.0 * count } else { count }
}
