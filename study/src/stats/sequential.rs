//! Sequential paired comparison with three verdicts: stop once two groups are known to differ, or
//! known to be equivalent, and call nothing equal for want of evidence.

use super::equivalence::check_margin;
use super::equivalence::tost_paired;
use super::outcome::Undefined;
use super::spending::{Look, Sides, boundaries};
use super::t_test::paired_t;

/// What is known of a pair at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The means differ.
    Different,
    /// The means differ by less than the margin.
    Equivalent,
    /// Neither is established (yet).
    Undecided,
}

/// The rule: looks fixed in advance, each with its boundaries for either verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialRule {
    /// Pairs available at each look.
    pub sizes: Vec<usize>,
    /// Boundaries of the two-sided test of a difference.
    pub difference: Vec<Look>,
    /// Boundaries of each one-sided test of equivalence.
    pub equivalence: Vec<Look>,
    /// Equivalence margin in the metric's unit.
    pub margin: f64,
}

impl SequentialRule {
    /// Looks after `sizes` pairs, ascending; the last is the most there will be. Either verdict
    /// errs with probability at most `alpha`; to spend it on several pairs of groups, divide it.
    pub fn new(sizes: &[usize], margin: f64, alpha: f64) -> Result<Self, Undefined> {
        check_margin(margin, alpha)?;
        let most = sizes.last().copied().unwrap_or(0);
        if let Some(&small) = sizes.iter().find(|&&n| n < 2) {
            return Err(Undefined::TooFew {
                needed: 2,
                got: small,
            });
        }
        if !sizes.is_sorted_by(|a, b| a < b) {
            return Err(Undefined::OutOfRange {
                what: "looks",
                must: "ascending numbers of seeds, as 10,20,50",
            });
        }
        let fractions: Vec<f64> = sizes.iter().map(|&n| n as f64 / most as f64).collect();
        Ok(Self {
            sizes: sizes.to_vec(),
            difference: boundaries(&fractions, alpha, Sides::Two)?,
            equivalence: boundaries(&fractions, alpha, Sides::One)?,
            margin,
        })
    }

    /// The verdict at look `look` (from 0) on all pairs so far. Boundaries for a known variance
    /// are applied to p-values of t, which keeps the level closely from ten pairs on.
    /// Differences that do not vary give no t and so no verdict; a difference that is real and
    /// smaller than the margin is equivalent.
    pub fn verdict(&self, look: usize, a: &[f64], b: &[f64]) -> Result<Verdict, Undefined> {
        let (Some(difference), Some(equivalence)) =
            (self.difference.get(look), self.equivalence.get(look))
        else {
            return Err(Undefined::OutOfRange {
                what: "the look",
                must: "one of those planned",
            });
        };
        let test = match paired_t(a, b, 0.95) {
            Ok(result) => result.test,
            Err(Undefined::NoDifferences | Undefined::SameDifferences) => {
                return Ok(Verdict::Undecided);
            }
            Err(why) => return Err(why),
        };
        let tost = tost_paired(a, b, self.margin, 0.05)?;
        Ok(if tost.test.p <= equivalence.p {
            Verdict::Equivalent
        } else if test.p <= difference.p {
            Verdict::Different
        } else {
            Verdict::Undecided
        })
    }
}
