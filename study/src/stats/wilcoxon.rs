//! Wilcoxon's signed-rank test (1945) of paired samples, exact with ties.

use super::describe::Differences;
use super::dist::normal;
use super::outcome::{TestResult, Undefined};
use super::rank::doubled_midranks;

/// A signed-rank test.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedRank {
    /// Two-sided test; the statistic is W⁺, the sum of ranks of positive differences.
    pub test: TestResult,
    /// The smallest p-value that so many differences can reach, 2^(1 − n) with n of them not zero: five
    /// seeds cannot reach 0.05.
    pub smallest_p: f64,
    /// Whether p comes from the exact distribution.
    pub exact: bool,
}

/// Work, in steps of the recursion, up to which the distribution is computed exactly: about 215
/// differences.
const EXACT_WORK: u64 = 10_000_000;

/// Signed-rank test of the differences a − b. Zeros are ranked with the others, then dropped (Pratt 1959):
/// a zero is evidence of a small difference. Exact while affordable, ties included; then the
/// normal approximation with the variance of the ranks at hand and a continuity correction.
pub fn signed_rank(a: &[f64], b: &[f64]) -> Result<SignedRank, Undefined> {
    let differences = Differences::new(a, b, 1)?;
    let sizes: Vec<f64> = differences.values.iter().map(|d| d.abs()).collect();
    let (ranks, _) = doubled_midranks(&sizes, |i| differences.rounding[i]);
    let signed: Vec<(u64, bool)> = ranks
        .into_iter()
        .zip(&differences.values)
        .filter(|&(_, &d)| d != 0.0)
        .map(|(rank, &d)| (rank, d > 0.0))
        .collect();
    if signed.is_empty() {
        return Err(Undefined::NoDifferences);
    }
    let ranks: Vec<u64> = signed.iter().map(|s| s.0).collect();
    let total: u64 = ranks.iter().sum();
    let positive: u64 = signed.iter().filter(|s| s.1).map(|s| s.0).sum();
    let exact = total.saturating_mul(ranks.len() as u64) <= EXACT_WORK;
    let (name, p) = if exact {
        (
            "Wilcoxon signed-rank (exact)",
            exact_p(&ranks, positive.min(total - positive)),
        )
    } else {
        (
            "Wilcoxon signed-rank (normal)",
            normal_p(&ranks, positive, total),
        )
    };
    Ok(SignedRank {
        test: TestResult::new(name, positive as f64 / 2.0, p),
        smallest_p: (1.0 - ranks.len() as f64).exp2().max(f64::MIN_POSITIVE),
        exact,
    })
}

/// 2 P(W ≤ `lesser`) when every rank is positive with probability 1/2, by the generating function
/// Π (1 + xʳ)/2 up to the power wanted.
fn exact_p(ranks: &[u64], lesser: u64) -> f64 {
    let mut probability = vec![0.0_f64; lesser as usize + 1];
    probability[0] = 1.0;
    for &rank in ranks {
        let rank = rank as usize;
        for sum in (0..probability.len()).rev() {
            let without = probability[sum];
            let with = if sum >= rank {
                probability[sum - rank]
            } else {
                0.0
            };
            probability[sum] = 0.5 * (without + with);
        }
    }
    2.0 * probability.iter().sum::<f64>()
}

fn normal_p(ranks: &[u64], positive: u64, total: u64) -> f64 {
    let variance: f64 = ranks.iter().map(|&r| (r as f64).powi(2)).sum::<f64>() / 4.0;
    // Ranks are doubled, so the correction by one half is one.
    let distance = ((positive as f64 - total as f64 / 2.0).abs() - 1.0).max(0.0);
    2.0 * normal::sf(distance / variance.sqrt())
}
