//! Dunnett's test (1955): every group against one control.

use super::anova::Within;
use super::describe::mean;
use super::dist::dunnett::Dunnett;
use super::outcome::{Interval, Undefined, bounded, check_level};
use super::pairwise::{Comparison, Pairwise};

/// Compares every other group with the group at index `control`, given one variance.
pub fn dunnett(groups: &[&[f64]], control: usize, level: f64) -> Result<Vec<Pairwise>, Undefined> {
    check_level(level)?;
    if control >= groups.len() {
        return Err(Undefined::OutOfRange {
            what: "the control",
            must: "one of the groups",
        });
    }
    let within = Within::new(groups)?;
    let control_mean = mean(groups[control]);
    let size = |i: usize| groups[i].len() as f64;
    let others: Vec<usize> = (0..groups.len()).filter(|&i| i != control).collect();
    let lambdas: Vec<f64> = others
        .iter()
        .map(|&i| (size(i) / (size(i) + size(control))).sqrt())
        .collect();
    let distribution = Dunnett::new(&lambdas);
    let critical = distribution.upper_quantile(1.0 - level, within.df)?;
    Ok(others
        .into_iter()
        .map(|a| {
            let difference = mean(groups[a]) - control_mean;
            let error = (within.mean_square * (1.0 / size(a) + 1.0 / size(control))).sqrt();
            let statistic = difference / error;
            let outcome = Ok(Comparison {
                difference,
                standard_error: error,
                statistic,
                df: Some(within.df),
                p: bounded(distribution.sf(statistic.abs(), within.df)),
                interval: Interval::around(difference, critical * error, level),
            });
            Pairwise {
                a,
                b: control,
                outcome,
            }
        })
        .collect())
}
