//! Where each published number falls among our runs.

use super::{
    sample::Sample,
    table::{METRICS, NUMBERS, TABLE, UNITS},
};
use crate::{
    metric::Metric,
    stats::{
        Interval, TestResult, Undefined,
        adjust::Adjustment,
        describe::{self, Summary},
        mean::t_interval,
        predictive::{mid_rank_share, predictive_t},
    },
};

/// One published number and the distribution of ours over seeds. Accuracies are fractions of 1.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Row of the published table.
    pub row: usize,
    /// What it is.
    pub metric: Metric,
    /// The number as printed.
    pub published: f64,
    /// Runs that diverged and have no number.
    pub diverged: usize,
    /// Our numbers.
    pub summary: Result<Summary, Undefined>,
    /// The t interval of our mean.
    pub interval: Result<Interval, Undefined>,
    /// The share of our runs below the published number, those that would have been printed alike
    /// counted half.
    pub percentile: Result<f64, Undefined>,
    /// Whether none of our runs lies as far out as the published number.
    pub outside: Option<bool>,
    /// Whether the published number may be one more of our runs.
    pub predictive: Result<TestResult, Undefined>,
    /// p of that test, adjusted by Holm over all published numbers.
    pub p_holm: Option<f64>,
}

impl Placement {
    /// All published numbers beside the samples, row by row.
    #[must_use]
    pub fn all(samples: &[Sample], level: f64) -> Vec<Self> {
        let each = samples.iter().enumerate().flat_map(|(row, sample)| {
            (0..METRICS.len()).map(move |metric| Self::new(row, metric, sample, level))
        });
        let mut placements: Vec<Self> = Vec::with_capacity(NUMBERS);
        placements.extend(each);
        for placement in &mut placements {
            placement.p_holm = placement.predictive.as_ref().ok().map(|test| test.p);
        }
        Adjustment::Holm.adjust_in_place(placements.iter_mut().flat_map(|p| &mut p.p_holm));
        placements
    }

    fn new(row: usize, metric: usize, sample: &Sample, level: f64) -> Self {
        let values = sample.values(metric);
        let published = TABLE[row].values()[metric];
        let printed = sample.printed(metric).into_iter().map(|(_, v)| v as f64);
        let printed: Vec<f64> = printed.collect();
        let percentile = mid_rank_share(&printed, f64::from(TABLE[row].printed[metric]));
        Self {
            row,
            metric: METRICS[metric],
            published,
            diverged: sample.diverged,
            summary: describe::summary(&values),
            interval: t_interval(&values, level),
            outside: percentile.ok().map(|share| share == 0.0 || share == 1.0),
            percentile,
            predictive: predictive_t(&values, published),
            p_holm: None,
        }
    }

    /// Runs that ended well.
    #[must_use]
    pub fn n(&self) -> usize {
        self.summary.as_ref().map_or(0, |summary| summary.n)
    }
}

/// What rounding to the printed places adds to the variance of a number, at most, as a share of
/// its variance over seeds: the variance of a uniform error, (1/`UNITS`)²/12, over the smallest of
/// the variances. None where no spread is known.
#[must_use]
pub fn rounding_share(placements: &[Placement]) -> Option<f64> {
    let deviations = placements
        .iter()
        .filter_map(|p| p.summary.as_ref().ok()?.sd);
    let smallest = deviations.filter(|sd| *sd > 0.0).reduce(f64::min)?;
    Some((1.0 / UNITS).powi(2) / 12.0 / (smallest * smallest))
}
