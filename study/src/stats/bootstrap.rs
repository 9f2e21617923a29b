//! Bootstrap intervals for any statistic of one or several independent samples: percentile and
//! BCa (Efron 1987). Paired samples are resampled by handing in their differences.
//!
//! Below about 20 values both intervals are too short; prefer Student's.

use super::describe::{is_constant, mean, quantile_sorted, sorted, variance};
use super::dist::normal;
use super::outcome::{Interval, Undefined, check_groups};
use super::resample::{Draws, Resampling};

/// Which interval to take from the bootstrap distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Its quantiles.
    Percentile,
    /// Its quantiles, corrected for bias and for acceleration.
    Bca,
}

/// A bootstrap interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Standard deviation of the bootstrap distribution.
    pub standard_error: f64,
    /// The interval.
    pub interval: Interval,
    /// The method that made it.
    pub method: Method,
    /// Why BCa was asked for and percentile given, if so.
    pub fallback: Option<&'static str>,
}

/// Resamples every group with replacement, `statistic` seeing all of them.
///
/// Where BCa is undefined (the statistic does not change when any one value is left out, or every
/// resample lies on one side of the estimate) the percentile interval is given, and `fallback`
/// says why. Undefined when every group is constant.
pub fn bootstrap(
    groups: &[&[f64]],
    statistic: impl Fn(&[&[f64]]) -> f64,
    method: Method,
    level: f64,
    resampling: Resampling,
) -> Result<Bootstrap, Undefined> {
    let mut buffers: Vec<Vec<f64>> = groups.iter().map(|g| g.to_vec()).collect();
    let draw = |draws: &mut Draws| {
        for (buffer, group) in buffers.iter_mut().zip(groups) {
            draws.resample(group, buffer);
        }
        let views: Vec<&[f64]> = buffers.iter().map(Vec::as_slice).collect();
        statistic(&views)
    };
    bootstrap_by(draw, groups, &statistic, method, level, resampling)
}

/// [`bootstrap`] with a way of its own to draw the statistic of one resample.
fn bootstrap_by(
    mut draw: impl FnMut(&mut Draws) -> f64,
    groups: &[&[f64]],
    statistic: &impl Fn(&[&[f64]]) -> f64,
    method: Method,
    level: f64,
    resampling: Resampling,
) -> Result<Bootstrap, Undefined> {
    let mut draws = resampling.check(level)?;
    check_groups(groups, 1, 2)?;
    if groups.iter().all(|g| is_constant(g, 0.0)) {
        return Err(Undefined::NoVariation);
    }
    let estimate = statistic(groups);
    let replicates = (0..resampling.resamples).map(|_| draw(&mut draws));
    let replicates: Vec<f64> = replicates.collect();
    if !estimate.is_finite() || replicates.iter().any(|r| !r.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    let standard_error = variance(&replicates).sqrt();
    let replicates = sorted(&replicates);
    let tail = (1.0 - level) / 2.0;
    let plain = Probabilities {
        low: tail,
        high: 1.0 - tail,
    };
    let (probabilities, method, fallback) = match method {
        Method::Percentile => (plain, method, None),
        Method::Bca => match bca(groups, statistic, estimate, &replicates, tail) {
            Ok(corrected) => (corrected, method, None),
            Err(why) => (plain, Method::Percentile, Some(why)),
        },
    };
    let interval = Interval {
        low: quantile_sorted(&replicates, probabilities.low),
        high: quantile_sorted(&replicates, probabilities.high),
        level,
    };
    Ok(Bootstrap {
        standard_error,
        interval,
        method,
        fallback,
    })
}

/// [`bootstrap`] of the mean of one sample.
pub fn bootstrap_mean(
    values: &[f64],
    method: Method,
    level: f64,
    resampling: Resampling,
) -> Result<Bootstrap, Undefined> {
    let n = values.len();
    let mean = |g: &[&[f64]]| g[0].iter().sum::<f64>() / g[0].len() as f64;
    // Summed as it is drawn, without a pass of its own: a large sweep has thousands of groups.
    let draw = |draws: &mut Draws| {
        let drawn = (0..n).map(|_| values[draws.below(n)]);
        drawn.sum::<f64>() / n as f64
    };
    bootstrap_by(draw, &[values], &mean, method, level, resampling)
}

/// [`bootstrap`] of the difference of two means.
pub fn bootstrap_mean_difference(
    a: &[f64],
    b: &[f64],
    method: Method,
    level: f64,
    resampling: Resampling,
) -> Result<Bootstrap, Undefined> {
    bootstrap(
        &[a, b],
        |g| mean(g[0]) - mean(g[1]),
        method,
        level,
        resampling,
    )
}

/// Which quantiles of the bootstrap distribution bound the interval.
struct Probabilities {
    low: f64,
    high: f64,
}

fn bca(
    groups: &[&[f64]],
    statistic: &impl Fn(&[&[f64]]) -> f64,
    estimate: f64,
    sorted_replicates: &[f64],
    tail: f64,
) -> Result<Probabilities, &'static str> {
    let largest = groups
        .iter()
        .flat_map(|g| g.iter())
        .fold(estimate.abs(), |m, v| m.max(v.abs()));
    let tolerance = 16.0 * f64::EPSILON * largest;
    // A replicate equal to the estimate counts half: on a coarse grid there are many.
    let below = sorted_replicates.partition_point(|&r| r < estimate - tolerance);
    let not_above = sorted_replicates.partition_point(|&r| r <= estimate + tolerance);
    let share = 0.5 * (below + not_above) as f64 / sorted_replicates.len() as f64;
    if share == 0.0 || share == 1.0 {
        return Err("all resamples lie on one side of the estimate");
    }
    let bias = -normal::upper_quantile(share);
    let acceleration = acceleration(groups, statistic, tolerance)
        .ok_or("the statistic is the same whichever value is left out")?;
    // Beyond its pole the correction turns round, and the upper end would lie below the lower one.
    let corrected = |z: f64| {
        let shifted = bias + z;
        let stretch = 1.0 - acceleration * shifted;
        (stretch > 0.0)
            .then(|| normal::cdf(bias + shifted / stretch))
            .ok_or("the correction has no end at this level")
    };
    let z = normal::upper_quantile(tail);
    Ok(Probabilities {
        low: corrected(-z)?,
        high: corrected(z)?,
    })
}

/// Efron's acceleration from the jackknife of every sample; none when no value has influence.
fn acceleration(
    groups: &[&[f64]],
    statistic: &impl Fn(&[&[f64]]) -> f64,
    tolerance: f64,
) -> Option<f64> {
    let (mut cubes, mut squares, mut influential) = (0.0, 0.0, false);
    for (which, group) in groups.iter().enumerate() {
        let n = group.len();
        let mut rest = group[1..].to_vec();
        let left_out: Vec<f64> = (0..n)
            .map(|i| {
                if i > 0 {
                    rest[i - 1] = group[i - 1];
                }
                let mut views = groups.to_vec();
                views[which] = &rest;
                statistic(&views)
            })
            .collect();
        influential |= !is_constant(&left_out, tolerance / n as f64);
        let centre = mean(&left_out);
        for value in left_out {
            let influence = (n - 1) as f64 / n as f64 * (centre - value);
            cubes += influence.powi(3);
            squares += influence.powi(2);
        }
    }
    (influential && squares > 0.0).then(|| cubes / (6.0 * squares.powf(1.5)))
}
