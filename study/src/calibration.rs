//! A/A calibration: how often does each test find a difference between halves of one group, where
//! there is none to find.
//!
//! A random split without replacement makes two samples of one distribution, this group's own
//! with its ties, its skew and its outliers. A test that keeps its word rejects in α of the splits.
//! The interval is that of the splits made, for the runs at hand: other runs would calibrate a
//! little differently.

use crate::{
    comparison::Group,
    parallel,
    stats::{
        Interval, Undefined,
        dist::beta,
        resample::{Draws, Resampling},
        two_groups::TwoGroupTest,
    },
};

/// How to calibrate.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    /// Random splits of each group.
    pub splits: usize,
    /// Level of the tests.
    pub alpha: f64,
    /// Seed of the splits and of the permutation tests.
    pub seed: u64,
}

/// One test on the splits of one group.
#[derive(Clone, Debug)]
pub struct TypeOneError {
    /// The group.
    pub group: String,
    /// The test.
    pub test: &'static str,
    /// Values in each half.
    pub half: usize,
    /// Splits on which the test is defined.
    pub splits: usize,
    /// Splits on which p ≤ α.
    pub rejections: usize,
    /// Their share.
    pub rate: Result<f64, Undefined>,
    /// Exact binomial interval of the share (Clopper and Pearson 1934), at 95 %.
    pub interval: Result<Interval, Undefined>,
}

/// Coverage of the interval of an error rate.
const LEVEL: f64 = 0.95;

/// Resamples of a permutation test: 1/(B + 1) divides the usual levels evenly.
const RESAMPLES: usize = 999;

impl Calibration {
    /// Calibrates every test on the splits of a group.
    ///
    /// # Errors
    /// If the group has fewer than four values, or settings are out of range.
    pub fn run(self, group: &Group) -> Result<Vec<TypeOneError>, Undefined> {
        let values = &group.values;
        if values.len() < 4 {
            return Err(Undefined::TooFew {
                needed: 4,
                got: values.len(),
            });
        }
        let half = values.len() / 2;
        let settings = Resampling {
            resamples: self.splits,
            seed: self.seed,
        };
        let mut draws = settings.check(LEVEL)?;
        let seeds: Vec<u64> = (0..self.splits).map(|_| draws.bits()).collect();
        let rejected = parallel::map(&seeds, |&seed| {
            let mut draws = Draws::new(seed);
            let mut split = values.clone();
            draws.shuffle_front(&mut split, 2 * half);
            let (a, b) = split[..2 * half].split_at(half);
            let resampling = Resampling {
                resamples: RESAMPLES,
                seed: draws.bits(),
            };
            // Halves are paired at random: under no difference pairs say nothing, and a paired
            // test must bear that.
            TwoGroupTest::ALL.map(|test| Ok(test.run(a, b, resampling)?.p <= self.alpha))
        });
        let of_test = |index: usize| {
            let results = rejected.iter().map(|split| split[index]);
            let defined: Vec<bool> = results.clone().filter_map(Result::ok).collect();
            let rejections = defined.iter().filter(|rejected| **rejected).count();
            let undefined = results.filter_map(Result::err).next();
            let why = || undefined.unwrap_or(Undefined::NoVariation);
            let any = if defined.is_empty() {
                Err(why())
            } else {
                Ok(())
            };
            TypeOneError {
                group: group.label.clone(),
                test: TwoGroupTest::ALL[index].name(),
                half,
                splits: defined.len(),
                rejections,
                rate: any.map(|()| rejections as f64 / defined.len() as f64),
                interval: any.map(|()| clopper_pearson(rejections, defined.len())),
            }
        };
        Ok((0..TwoGroupTest::ALL.len()).map(of_test).collect())
    }
}

/// The probabilities under which as many hits or fewer, and as many or more, have (1 − level)/2.
fn clopper_pearson(hits: usize, trials: usize) -> Interval {
    let (hits, trials) = (hits as f64, trials as f64);
    let tail = (1.0 - LEVEL) / 2.0;
    // P(X ≥ k) = I_p(k, n − k + 1), which ascends in p.
    let at_least = |p: f64, k: f64| beta::regularized(k, trials - k + 1.0, p, 1.0 - p);
    let low = if hits == 0.0 {
        0.0
    } else {
        bisect(|p| at_least(p, hits) < tail)
    };
    let high = if hits == trials {
        1.0
    } else {
        bisect(|p| 1.0 - at_least(p, hits + 1.0) > tail)
    };
    Interval {
        low,
        high,
        level: LEVEL,
    }
}

/// Where in [0, 1] `below` turns false.
fn bisect(below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binomial_interval_is_that_of_scipy() {
        // scipy.stats.binomtest(k, n).proportion_ci(method="exact"), SciPy 1.17.1.
        let cases: [(usize, usize, f64, f64); 3] = [
            (0, 50, 0.0, 0.07112173646420458),
            (97, 2000, 0.039503408629221984, 0.05884770515929625),
            (50, 50, 0.9288782635357954, 1.0),
        ];
        for (hits, trials, low, high) in cases {
            let interval = clopper_pearson(hits, trials);
            assert!((interval.low - low).abs() < 1e-12, "{interval:?}");
            assert!((interval.high - high).abs() < 1e-12, "{interval:?}");
        }
    }
}
