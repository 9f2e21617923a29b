//! Permutation tests of a difference of means: sign flips for pairs, labels for independent
//! samples. Exact where the permutations can be counted, else (b + 1)/(B + 1) of B random ones
//! (Phipson and Smyth 2010).

use super::outcome::TestResult;
use super::resample::Resampling;

mod labels;
mod signs;

pub use labels::label_permutation;
pub use signs::sign_flip;

/// A permutation test.
#[derive(Debug, Clone, PartialEq)]
pub struct Permutation {
    /// Two-sided test.
    pub test: TestResult,
    /// Whether all permutations were counted.
    pub exact: bool,
    /// The smallest p-value the method could have given.
    pub smallest_p: f64,
}

/// Values, or pairs of them, up to which all permutations are counted by meeting in the middle: every
/// sum of the first half is met with the sorted sums of the second (Horowitz and Sahni 1974).
const EXACT: usize = 32;

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

/// How many sums of one of `left` and one of `right`, both ascending, are at least `least`.
fn count_sums(left: &[f64], right: &[f64], least: f64) -> f64 {
    // As `left` ascends, the first `right` that completes it descends.
    let mut first = right.len();
    let mut count = 0.0;
    for sum in left {
        while first > 0 && sum + right[first - 1] >= least {
            first -= 1;
        }
        count += (right.len() - first) as f64;
    }
    count
}
