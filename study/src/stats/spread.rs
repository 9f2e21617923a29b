//! Tests of equal variances: Brown and Forsythe's (1974) for independent groups; for pairs, which that
//! must not be given, Pitman's (1939) and Morgan's (1939).

use super::anova::one_way_anova;
use super::correlation::pearson;
use super::describe::{Differences, is_constant, mean, quantile_sorted, sorted};
use super::dist::student;
use super::outcome::{TestResult, Undefined, check_groups};

/// Brown and Forsythe's test: one-way ANOVA of the absolute deviations from the group medians. About
/// means, as Levene's, it would not be robust to skew.
pub fn brown_forsythe(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    check_groups(groups, 2, 2)?;
    let deviations: Vec<Vec<f64>> = groups
        .iter()
        .map(|g| {
            let median = quantile_sorted(&sorted(g), 0.5);
            g.iter().map(|v| (v - median).abs()).collect()
        })
        .collect();
    // The two values of a group of two are equally far from its median, but for rounding.
    let largest = groups
        .iter()
        .copied()
        .flatten()
        .fold(0.0_f64, |m, v| m.max(v.abs()));
    let tolerance = 4.0 * f64::EPSILON * largest;
    if deviations.iter().all(|d| is_constant(d, tolerance)) {
        return Err(if is_constant(&deviations.concat(), tolerance) {
            Undefined::NoVariation
        } else {
            Undefined::Infinite
        });
    }
    let slices: Vec<&[f64]> = deviations.iter().map(Vec::as_slice).collect();
    Ok(TestResult {
        name: "Brown-Forsythe",
        ..one_way_anova(&slices)?
    })
}

/// Pitman and Morgan's test for pairs: a + b and a − b correlate just when the variances differ,
/// cov(a + b, a − b) being var a − var b. The t of that correlation, with n − 2 degrees of freedom,
/// positive where a varies more. Assumes bivariate normal pairs, at least three.
pub fn pitman_morgan(a: &[f64], b: &[f64]) -> Result<TestResult, Undefined> {
    let differences = Differences::new(a, b, 3)?;
    differences.require_variation()?;
    // Centred first, so that a large mean costs the sums no digits.
    let (centre_a, centre_b) = (mean(a), mean(b));
    let sums: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a - centre_a) + (b - centre_b))
        .collect();
    let r = pearson(&sums, &differences.values)?;
    let unexplained = (1.0 - r) * (1.0 + r);
    // At ±1 one of the two does not vary, or varies as the other does: nothing is left to err by.
    if unexplained < 1e-14 {
        return Err(Undefined::Infinite);
    }
    let df = a.len() as f64 - 2.0;
    let t = r * (df / unexplained).sqrt();
    Ok(TestResult::new("Pitman-Morgan", t, 2.0 * student::sf(t.abs(), df)).df(df))
}
