//! What every method returns: a [`TestResult`], an [`Interval`], or why there is none.

use std::fmt;

/// The outcome of one hypothesis test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestResult {
    /// The method, as a report prints it.
    pub name: &'static str,
    /// The test statistic.
    pub statistic: f64,
    /// Degrees of freedom; the numerator's where there are two.
    pub df: Option<f64>,
    /// Denominator degrees of freedom of an F statistic.
    pub df_error: Option<f64>,
    /// The p-value, two-sided where the alternative has two sides. Never 0: one that underflows
    /// is given as the smallest positive normal `f64`, an upper bound.
    pub p: f64,
}

impl TestResult {
    pub(crate) fn new(name: &'static str, statistic: f64, p: f64) -> Self {
        Self {
            name,
            statistic,
            df: None,
            df_error: None,
            p: bounded(p),
        }
    }

    pub(crate) fn df(mut self, df: f64) -> Self {
        self.df = Some(df);
        self
    }

    pub(crate) fn df_error(mut self, df: f64) -> Self {
        self.df_error = Some(df);
        self
    }
}

/// A p-value within (0, 1]: rounding may overshoot 1, the exponent range may end before p does.
pub(crate) fn bounded(p: f64) -> f64 {
    p.clamp(f64::MIN_POSITIVE, 1.0)
}

/// A confidence (or credible) interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Nominal coverage, as in 0.95.
    pub level: f64,
}

impl Interval {
    pub(crate) fn around(centre: f64, half_width: f64, level: f64) -> Self {
        Self {
            low: centre - half_width,
            high: centre + half_width,
            level,
        }
    }
}

/// Why a statistic does not exist for the data given. `Display` is one clause, fit for the cell
/// beside an empty number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Undefined {
    /// A sample has fewer values than the method needs.
    TooFew {
        /// Values needed.
        needed: usize,
        /// Values given.
        got: usize,
    },
    /// Fewer pairs of runs than resampling them can stand on.
    TooFewPairs {
        /// Pairs needed.
        needed: usize,
        /// Pairs given.
        got: usize,
    },
    /// Fewer groups than the method needs.
    TooFewGroups {
        /// Groups needed.
        needed: usize,
        /// Groups given.
        got: usize,
    },
    /// More values than the method's validity or cost allows.
    TooMany {
        /// The most it takes.
        limit: usize,
        /// Values given.
        got: usize,
    },
    /// More ways to draw one run of each group than can be counted.
    TooManyCombinations,
    /// Paired samples or blocks of unequal length.
    Unpaired {
        /// One length.
        a: usize,
        /// The other.
        b: usize,
    },
    /// A value is NaN, infinite, or beyond [`LARGEST`].
    NotFinite,
    /// 0/0: no variation at all.
    NoVariation,
    /// c/0: a difference without any variation to measure it against.
    NoError,
    /// All paired differences are zero.
    NoDifferences,
    /// All paired differences, or those of all blocks, are the same and not zero: nothing to measure them against.
    SameDifferences,
    /// Nothing is left to measure the statistic against, though values vary.
    Infinite,
    /// A group is constant, where each must vary.
    ConstantGroup {
        /// Which, counted from 0.
        index: usize,
    },
    /// Numbers that follow from one another where they must not.
    Dependent,
    /// A parameter lies outside its range.
    OutOfRange {
        /// The parameter.
        what: &'static str,
        /// Where it must lie.
        must: &'static str,
    },
    /// No sample size within the method's reach meets the request.
    Unreachable {
        /// The largest size looked at.
        limit: usize,
    },
    /// The pattern of differences needs more letters than anyone would read.
    TooManyLetters {
        /// The most given.
        limit: usize,
    },
    /// A pair of the group has no test, so that nothing says who else it belongs with.
    Untested,
    /// The numerical procedure did not converge.
    NoConvergence,
}

impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { needed: 1, got } => write!(f, "needs 1 value, has {got}"),
            Self::TooFew { needed, got } => write!(f, "needs {needed} values, has {got}"),
            Self::TooFewPairs { needed, got } => write!(
                f,
                "{got} pairs of runs are too few to resample, it takes {needed}"
            ),
            Self::TooFewGroups { needed, got } => write!(f, "needs {needed} groups, has {got}"),
            Self::TooMany { limit, got } => write!(f, "takes at most {limit} values, has {got}"),
            Self::TooManyCombinations => {
                f.write_str("one run of each group can be drawn in 2¹²⁸ ways or more")
            }
            Self::Unpaired { a, b } => write!(f, "pairs are incomplete: {a} values against {b}"),
            Self::NotFinite => f.write_str("a value is not finite, or beyond ±1e70"),
            Self::NoVariation => f.write_str("all values are equal"),
            Self::NoError => f.write_str("values differ between groups but never within them"),
            Self::NoDifferences => f.write_str("all paired differences are zero"),
            Self::SameDifferences => f.write_str("all paired differences are the same"),
            Self::Infinite => f.write_str("the statistic is infinite"),
            Self::ConstantGroup { index } => write!(f, "group {} is constant", index + 1),
            Self::Dependent => f.write_str("one number follows from the others"),
            Self::OutOfRange { what, must } => write!(f, "{what} must be {must}"),
            Self::Unreachable { limit } => write!(f, "no size up to {limit} suffices"),
            Self::TooManyLetters { limit } => write!(f, "needs more than {limit} letters"),
            Self::Untested => f.write_str("a pair with it has no test"),
            Self::NoConvergence => f.write_str("the computation did not converge"),
        }
    }
}

impl std::error::Error for Undefined {}

/// Values beyond ±this are refused, so that fourth powers of a million of them stay finite.
pub const LARGEST: f64 = 1e70;

/// Spreads below this count as none, so that no square of a spread underflows.
pub const SMALLEST_SPREAD: f64 = 1e-70;

/// `Ok` when `values` holds at least `needed` numbers, all finite.
pub(crate) fn check(values: &[f64], needed: usize) -> Result<(), Undefined> {
    if values.len() < needed {
        return Err(Undefined::TooFew {
            needed,
            got: values.len(),
        });
    }
    if values.iter().all(|v| v.abs() <= LARGEST) {
        Ok(())
    } else {
        Err(Undefined::NotFinite)
    }
}

/// [`check`] for every group, of which there must be at least `groups_needed`.
pub(crate) fn check_groups(
    groups: &[&[f64]],
    groups_needed: usize,
    needed: usize,
) -> Result<(), Undefined> {
    if groups.len() < groups_needed {
        return Err(Undefined::TooFewGroups {
            needed: groups_needed,
            got: groups.len(),
        });
    }
    groups.iter().try_for_each(|g| check(g, needed))
}

/// [`check_groups`] for blocks: all groups of one length, which is returned.
pub(crate) fn check_blocks(
    groups: &[&[f64]],
    groups_needed: usize,
    needed: usize,
) -> Result<usize, Undefined> {
    check_groups(groups, groups_needed, needed)?;
    let n = groups[0].len();
    match groups.iter().find(|g| g.len() != n) {
        Some(g) => Err(Undefined::Unpaired { a: n, b: g.len() }),
        None => Ok(n),
    }
}

/// `Ok` when a coverage or an error rate lies strictly between 0 and 1, and not so near 0 that no
/// quantile can be computed.
pub(crate) fn check_open_unit(value: f64, what: &'static str) -> Result<(), Undefined> {
    if value > 1e-100 && value < 1.0 {
        Ok(())
    } else {
        Err(Undefined::OutOfRange {
            what,
            must: "strictly between 0 and 1",
        })
    }
}

pub(crate) fn check_level(level: f64) -> Result<(), Undefined> {
    check_open_unit(level, "the confidence level")
}
