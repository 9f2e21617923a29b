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
    let d = Differences::new(a, b, 1)?.values;
    let nonzero: Vec<f64> = d.iter().copied().filter(|&d| d != 0.0).collect();
    if nonzero.is_empty() {
        return Err(Undefined::NoDifferences);
    }
    let observed = nonzero.iter().sum::<f64>().abs();
    let size: f64 = nonzero.iter().map(|d| d.abs()).sum();
    let reached = observed - 1e-12 * size;
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
    let mut pool = Pool::new(a, b);
    let reached = pool.squared_t(pool.sums(a.len())) * (1.0 - 1e-10);
    let assignments = choices(pool.values.len(), a.len());
    if assignments <= EXACT_LABELS {
        let extreme = pool.count_all(a.len(), reached);
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
            draws.shuffle_front(&mut pool.values, a.len());
            pool.squared_t(pool.sums(a.len())) >= reached
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

/// Both samples together, centred so that sums of squares keep their digits.
struct Pool {
    values: Vec<f64>,
    total: Sums,
}

/// Count, sum and sum of squares of a part of the pool.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn with(self, value: f64) -> Self {
        Self {
            n: self.n + 1.0,
            sum: self.sum + value,
            squares: self.squares + value * value,
        }
    }
}

impl Pool {
    fn new(a: &[f64], b: &[f64]) -> Self {
        let mut values = [a, b].concat();
        let centre = mean(&values);
        values.iter_mut().for_each(|v| *v -= centre);
        let total = values.iter().fold(Sums::default(), |s, &v| s.with(v));
        Self { values, total }
    }

    /// Of the first `count` values.
    fn sums(&self, count: usize) -> Sums {
        self.values[..count]
            .iter()
            .fold(Sums::default(), |s, &v| s.with(v))
    }

    /// Welch's t², between `part` and the rest. Infinite where both are constant and differ.
    fn squared_t(&self, part: Sums) -> f64 {
        let rest = Sums {
            n: self.total.n - part.n,
            sum: self.total.sum - part.sum,
            squares: self.total.squares - part.squares,
        };
        let error = |s: Sums| {
            let squares = s.squares - s.sum * s.sum / s.n;
            // Below this a difference of sums is rounding, and the part is constant.
            if squares <= 1e-14 * self.total.squares {
                0.0
            } else {
                squares / (s.n * (s.n - 1.0))
            }
        };
        let difference = part.sum / part.n - rest.sum / rest.n;
        let variance = error(part) + error(rest);
        if variance > 0.0 {
            difference * difference / variance
        } else {
            f64::INFINITY
        }
    }

    /// How many of all subsets of `size` reach `reached`.
    fn count_all(&self, size: usize, reached: f64) -> f64 {
        fn descend(pool: &Pool, from: usize, missing: usize, part: Sums, reached: f64) -> f64 {
            if missing == 0 {
                return f64::from(pool.squared_t(part) >= reached);
            }
            (from..=pool.values.len() - missing)
                .map(|i| descend(pool, i + 1, missing - 1, part.with(pool.values[i]), reached))
                .sum()
        }
        descend(self, 0, size, Sums::default(), reached)
    }
}
