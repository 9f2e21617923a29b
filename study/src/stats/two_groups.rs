//! The tests of two groups by name, for whoever lets a user choose.

use super::mann_whitney::rank_sum;
use super::outcome::{TestResult, Undefined};
use super::permutation::{label_permutation, sign_flip};
use super::resample::Resampling;
use super::t_test::{paired_t, pooled_t, welch_t};
use super::wilcoxon::signed_rank;

/// A test of two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoGroupTest {
    /// [`paired_t`].
    PairedT,
    /// [`signed_rank`], zeros by Pratt's rule.
    Wilcoxon,
    /// [`sign_flip`].
    SignFlip,
    /// [`welch_t`].
    Welch,
    /// [`pooled_t`].
    PooledT,
    /// [`rank_sum`].
    MannWhitney,
    /// [`label_permutation`].
    Permutation,
}

impl TwoGroupTest {
    /// All of them, paired ones first.
    pub const ALL: [Self; 7] = [
        Self::PairedT,
        Self::Wilcoxon,
        Self::SignFlip,
        Self::Welch,
        Self::PooledT,
        Self::MannWhitney,
        Self::Permutation,
    ];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::PairedT => "paired-t",
            Self::Wilcoxon => "wilcoxon",
            Self::SignFlip => "sign-flip",
            Self::Welch => "welch",
            Self::PooledT => "pooled-t",
            Self::MannWhitney => "mann-whitney",
            Self::Permutation => "permutation",
        }
    }

    /// Whether equal indices of the groups must belong together.
    pub fn needs_pairs(self) -> bool {
        matches!(self, Self::PairedT | Self::Wilcoxon | Self::SignFlip)
    }

    /// The test that is made when none is chosen: paired t where there are pairs, Welch's
    /// otherwise. Never by looking at the data.
    pub fn default_for(paired: bool) -> Self {
        if paired { Self::PairedT } else { Self::Welch }
    }

    /// Makes the test. `resampling` matters to the permutation tests only.
    pub fn run(
        self,
        a: &[f64],
        b: &[f64],
        resampling: Resampling,
    ) -> Result<TestResult, Undefined> {
        // The t tests make an interval too, whose level their p does not depend on.
        const ANY_LEVEL: f64 = 0.95;
        Ok(match self {
            Self::PairedT => paired_t(a, b, ANY_LEVEL)?.test,
            Self::Wilcoxon => signed_rank(a, b)?.test,
            Self::SignFlip => sign_flip(a, b, resampling)?.test,
            Self::Welch => welch_t(a, b, ANY_LEVEL)?.test,
            Self::PooledT => pooled_t(a, b, ANY_LEVEL)?.test,
            Self::MannWhitney => rank_sum(a, b)?.test,
            Self::Permutation => label_permutation(a, b, resampling)?.test,
        })
    }
}
