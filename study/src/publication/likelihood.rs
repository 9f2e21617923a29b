//! Which of the two scopes the published numbers speak for.
//!
//! The five numbers of a published row are one run, so they are weighed together: by the density
//! that the runs of the same initializer give to one more run ([`Prediction`]), multiplied over the
//! four initializers. The ratio of the two products says how much likelier the table is under one
//! scope than under the other. As a check on the correlations the same is done as if the five
//! numbers were independent, and as a check on the method every seed of ours is weighed in the
//! table's place by the other seeds.

use std::collections::BTreeSet;

use super::{
    sample::Sample,
    table::{METRICS, TABLE},
};
use crate::stats::{
    TestResult, Undefined, describe::quantile_sorted, describe::sorted, multivariate::Prediction,
};

const WIDTH: usize = METRICS.len();

type Run = [f64; WIDTH];

/// How well the runs of one scope predict one published row. Densities are of accuracies in
/// percentage points.
#[derive(Clone, Debug)]
pub struct RowFit {
    /// Row of the published table.
    pub row: usize,
    /// Runs that predict it.
    pub n: usize,
    /// Logarithm of the predictive density of the row.
    pub log_density: Result<f64, Undefined>,
    /// The same as if its numbers were independent.
    pub log_density_independent: Result<f64, Undefined>,
    /// Whether the row may be one more of these runs.
    pub test: Result<TestResult, Undefined>,
}

/// The published table under both scopes.
#[derive(Clone, Debug)]
pub struct Likelihood {
    /// Logarithm of the likelihood ratio, first scope over second, in nats.
    pub log_ratio: Result<f64, Undefined>,
    /// The same as if the numbers of a row were independent.
    pub log_ratio_independent: Result<f64, Undefined>,
    /// What our own seeds get in the table's place, first where the runs are of the first scope,
    /// then of the second.
    pub check: Result<[Check; 2], Undefined>,
    /// Rows whose runs are the same under both scopes and so say nothing of them.
    pub same: Vec<usize>,
}

/// Seeds of ours in the table's place, each weighed by the other seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Seeds weighed.
    pub seeds: usize,
    /// Seeds whose ratio named the scope they came from.
    pub right: usize,
    /// The least log ratio, first scope over second.
    pub least: f64,
    /// Its median.
    pub median: f64,
    /// The greatest.
    pub greatest: f64,
}

impl RowFit {
    /// Every row under one scope.
    #[must_use]
    pub fn all(samples: &[Sample]) -> Vec<Self> {
        let fit = |(row, sample): (usize, &Sample)| {
            let published = percent(&TABLE[row].values());
            let runs = of_sample(sample, None);
            let prediction = prediction(&runs);
            Self {
                row,
                n: sample.runs.len(),
                log_density: prediction
                    .as_ref()
                    .map(|p| p.log_density(&published))
                    .map_err(|e| *e),
                log_density_independent: independent(&runs, &published),
                test: prediction.map(|p| p.test(&published)),
            }
        };
        samples.iter().enumerate().map(fit).collect()
    }
}

impl Likelihood {
    /// Of the table, given the samples of both scopes and what [`RowFit::all`] makes of them.
    #[must_use]
    pub fn new(samples: [&[Sample]; 2], fits: [&[RowFit]; 2]) -> Self {
        let ratio = |of: fn(&RowFit) -> Result<f64, Undefined>| {
            let of_scope = |fits: &[RowFit]| fits.iter().map(of).sum::<Result<f64, _>>();
            Ok(of_scope(fits[0])? - of_scope(fits[1])?)
        };
        let same = (0..TABLE.len()).filter(|&row| samples[0][row].runs == samples[1][row].runs);
        Self {
            log_ratio: ratio(|fit| fit.log_density),
            log_ratio_independent: ratio(|fit| fit.log_density_independent),
            check: check(samples),
            same: same.collect(),
        }
    }
}

fn percent(values: &Run) -> Run {
    values.map(|value| 100.0 * value)
}

/// The runs of a sample in percent, without those of one seed.
fn of_sample(sample: &Sample, without: Option<u64>) -> Vec<Run> {
    let kept = sample
        .runs
        .iter()
        .filter(|(seed, _)| Some(*seed) != without);
    kept.map(|(_, values)| percent(values)).collect()
}

fn prediction(runs: &[Run]) -> Result<Prediction, Undefined> {
    let runs: Vec<&[f64]> = runs.iter().map(|run| run.as_slice()).collect();
    Prediction::new(&runs, WIDTH)
}

/// The density as if the numbers of a run had nothing to do with one another.
fn independent(runs: &[Run], new: &Run) -> Result<f64, Undefined> {
    let of_metric = |metric: usize| {
        let values: Vec<[f64; 1]> = runs.iter().map(|run| [run[metric]]).collect();
        let values: Vec<&[f64]> = values.iter().map(|value| value.as_slice()).collect();
        Ok(Prediction::new(&values, 1)?.log_density(&[new[metric]]))
    };
    (0..WIDTH).map(of_metric).sum()
}

/// Weighs the seeds that all rows have under both scopes.
fn check(samples: [&[Sample]; 2]) -> Result<[Check; 2], Undefined> {
    let seeds_of =
        |sample: &Sample| -> BTreeSet<u64> { sample.runs.iter().map(|(seed, _)| *seed).collect() };
    let mut all = samples.iter().flat_map(|scope| scope.iter()).map(seeds_of);
    let first = all.next().unwrap_or_default();
    let seeds = all.fold(first, |common, seeds| &common & &seeds);
    // Leaving out one run must leave enough for the density.
    let needed = WIDTH + 2;
    if seeds.len() < needed {
        let got = seeds.len();
        return Err(Undefined::TooFew { needed, got });
    }
    let mut ratios = [Vec::new(), Vec::new()];
    for seed in seeds {
        let mut sums = [0.0; 2];
        for row in 0..TABLE.len() {
            let of_seed = |sample: &Sample| {
                let place = sample.runs.binary_search_by_key(&seed, |(seed, _)| *seed);
                place
                    .map(|place| percent(&sample.runs[place].1))
                    .unwrap_or_default()
            };
            let new = samples.map(|scope| of_seed(&scope[row]));
            let predict = |scope: &[Sample]| prediction(&of_sample(&scope[row], Some(seed)));
            let (by_first, by_second) = (predict(samples[0])?, predict(samples[1])?);
            for (sum, new) in sums.iter_mut().zip(&new) {
                *sum += by_first.log_density(new) - by_second.log_density(new);
            }
        }
        ratios[0].push(sums[0]);
        ratios[1].push(sums[1]);
    }
    let summed = |ratios: &[f64], right: fn(f64) -> bool| {
        let ascending = sorted(ratios);
        Check {
            seeds: ratios.len(),
            right: ratios.iter().filter(|ratio| right(**ratio)).count(),
            least: ascending[0],
            median: quantile_sorted(&ascending, 0.5),
            greatest: ascending[ascending.len() - 1],
        }
    };
    Ok([
        summed(&ratios[0], |ratio| ratio > 0.0),
        summed(&ratios[1], |ratio| ratio < 0.0),
    ])
}
