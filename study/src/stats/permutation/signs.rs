//! Sign flips of paired differences.

use super::{EXACT, Permutation, count_sums, monte_carlo};
use crate::stats::{
    Undefined,
    describe::{Differences, mean},
    outcome::TestResult,
    resample::{Draws, Resampling},
};

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
    if nonzero.len() <= EXACT {
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

/// The share of sign patterns whose sum is at least `reached` in absolute value.
fn share_of_signs(values: &[f64], reached: f64) -> f64 {
    if reached <= 0.0 {
        return 1.0;
    }
    let (left, right) = values.split_at(values.len() / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    // Sums are symmetric: those ≤ −reached are as many as those ≥ reached.
    2.0 * count_sums(&left, &right, reached) / (left.len() as f64 * right.len() as f64)
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
