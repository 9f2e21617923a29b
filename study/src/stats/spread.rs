//! Tests of equal variances: Levene (1960), about means, and Brown and Forsythe (1974), about
//! medians.

use super::anova::one_way_anova;
use super::describe::{mean, quantile_sorted, sorted};
use super::outcome::{TestResult, Undefined, check_groups};

/// Levene's test: one-way ANOVA of the absolute deviations from the group means.
pub fn levene(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    of_deviations("Levene", groups, mean)
}

/// Brown and Forsythe's test: the same about medians, robust to skew. The one to prefer.
pub fn brown_forsythe(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    of_deviations("Brown-Forsythe", groups, |g| {
        quantile_sorted(&sorted(g), 0.5)
    })
}

fn of_deviations(
    name: &'static str,
    groups: &[&[f64]],
    centre: impl Fn(&[f64]) -> f64,
) -> Result<TestResult, Undefined> {
    check_groups(groups, 2, 2)?;
    let deviations: Vec<Vec<f64>> = groups
        .iter()
        .map(|g| {
            let c = centre(g);
            g.iter().map(|v| (v - c).abs()).collect()
        })
        .collect();
    let slices: Vec<&[f64]> = deviations.iter().map(Vec::as_slice).collect();
    Ok(TestResult {
        name,
        ..one_way_anova(&slices)?
    })
}
