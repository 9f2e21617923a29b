//! Which test compares a pair, by the name that files and flags give it, and what it needs.

use super::Settings;
use crate::{
    limits::{self, FEWEST_RESAMPLES},
    stats::two_groups::TwoGroupTest,
};

/// A test of two groups, or of the pairs of a family of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// A pair at a time.
    TwoGroups(TwoGroupTest),
    /// Tukey's honestly significant difference.
    Tukey,
    /// Games and Howell's.
    GamesHowell,
    /// Tukey's in blocks.
    TukeyBlocks,
    /// Nemenyi's, of mean ranks in blocks.
    Nemenyi,
    /// Dunnett's, against a control.
    Dunnett,
    /// Permutation max-T in blocks, step-down.
    MaxT,
}

/// Whether a test compares runs pair by pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Pair by pair.
    Paired,
    /// As independent samples.
    Independent,
}

/// Settings that do not go together.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A paired test without pairs.
    #[error("--test {} needs to know which runs belong together; name their column with --pair", .0.name())]
    NeedsPairs(Test),
    /// Dunnett's without a control.
    #[error("--test dunnett compares with a control; name it with --control")]
    NeedsControl,
    /// All pairs, and a control.
    #[error("--test {} compares all pairs; leave out --control, or take --test dunnett", .0.name())]
    AllPairs(Test),
    /// A margin that is none.
    #[error("--margin {0} is not a positive finite number")]
    Margin(f64),
    /// An α out of range.
    #[error("--alpha {0} must lie strictly between 0 and 0.5")]
    Alpha(f64),
    /// Too few resamples.
    #[error("--resamples {0} is too few; {FEWEST_RESAMPLES} is the least, 10000 usual")]
    Resamples(usize),
}

impl Test {
    /// Those that compare a family together.
    const SIMULTANEOUS: [Self; 6] = [
        Self::Tukey,
        Self::GamesHowell,
        Self::TukeyBlocks,
        Self::Nemenyi,
        Self::Dunnett,
        Self::MaxT,
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TwoGroupTest::ALL
            .into_iter()
            .map(Self::TwoGroups)
            .chain(Self::SIMULTANEOUS)
    }

    /// The rule of `auto`: paired t where pairs are given, Welch's otherwise. No value is looked
    /// at: a test chosen by a pre-test has another error rate than it states.
    #[must_use]
    pub fn auto(pairs: bool) -> Self {
        Self::TwoGroups(TwoGroupTest::default_for(pairs))
    }

    /// Its name in files and flags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoGroups(test) => test.name(),
            Self::Tukey => "tukey",
            Self::GamesHowell => "games-howell",
            Self::TukeyBlocks => "tukey-blocks",
            Self::Nemenyi => "nemenyi",
            Self::Dunnett => "dunnett",
            Self::MaxT => "max-t",
        }
    }

    /// The test of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|test| test.name() == name)
    }

    /// Whether it compares pair by pair.
    #[must_use]
    pub fn design(self) -> Design {
        let paired = match self {
            Self::TwoGroups(test) => test.needs_pairs(),
            _ => self.is_blocked(),
        };
        if paired {
            Design::Paired
        } else {
            Design::Independent
        }
    }

    /// Whether its p-values are those of a family, and need no adjustment.
    #[must_use]
    pub fn is_simultaneous(self) -> bool {
        !matches!(self, Self::TwoGroups(_))
    }

    /// Whether its intervals cover all differences together, and not each by itself.
    #[must_use]
    pub fn has_simultaneous_intervals(self) -> bool {
        self.is_simultaneous() && !matches!(self, Self::Nemenyi | Self::MaxT)
    }

    /// Whether it needs the pairs that every group has.
    #[must_use]
    pub fn is_blocked(self) -> bool {
        matches!(self, Self::TukeyBlocks | Self::Nemenyi | Self::MaxT)
    }
}

impl Settings {
    /// Checks that the settings go together.
    ///
    /// # Errors
    /// The first that does not, with what to do.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !limits::is_alpha(self.alpha) {
            return Err(SettingsError::Alpha(self.alpha));
        }
        if let Some(margin) = self.margin
            && !(margin > 0.0 && margin.is_finite())
        {
            return Err(SettingsError::Margin(margin));
        }
        if self.resampling.resamples < FEWEST_RESAMPLES {
            return Err(SettingsError::Resamples(self.resampling.resamples));
        }
        if self.design() == Design::Paired && !self.pairs {
            return Err(SettingsError::NeedsPairs(self.test));
        }
        match (self.test, self.control) {
            (Test::Dunnett, None) => Err(SettingsError::NeedsControl),
            (Test::Dunnett, Some(_)) => Ok(()),
            (test, Some(_)) if test.is_simultaneous() => Err(SettingsError::AllPairs(test)),
            _ => Ok(()),
        }
    }
}
