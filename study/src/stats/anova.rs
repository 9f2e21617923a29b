//! One-way analysis of variance of independent groups: Fisher's and Welch's.

use super::describe::{is_constant, mean, variance};
use super::dist::fisher;
use super::outcome::{TestResult, Undefined, check_groups};

/// Fisher's one-way ANOVA: are all means equal, given equal variances.
pub fn one_way_anova(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    let within = Within::new(groups)?;
    let total: f64 = groups.iter().map(|g| g.len() as f64).sum();
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let weighted = |f: &dyn Fn(f64) -> f64| {
        groups
            .iter()
            .zip(&means)
            .map(|(g, &m)| g.len() as f64 * f(m))
            .sum::<f64>()
    };
    let grand = weighted(&|m| m) / total;
    let between = weighted(&|m| (m - grand) * (m - grand));
    let df = groups.len() as f64 - 1.0;
    let f = between / df / within.mean_square;
    Ok(
        TestResult::new("one-way ANOVA", f, fisher::sf(f, df, within.df))
            .df(df)
            .df_error(within.df),
    )
}

/// The pooled variance within groups.
pub(crate) struct Within {
    pub mean_square: f64,
    pub df: f64,
}

impl Within {
    /// Of at least two groups, not all single values, not all constant.
    pub fn new(groups: &[&[f64]]) -> Result<Self, Undefined> {
        check_groups(groups, 2, 1)?;
        let df = groups.iter().map(|g| g.len() as f64 - 1.0).sum();
        if df == 0.0 {
            return Err(Undefined::TooFew { needed: 2, got: 1 });
        }
        require_variation(groups)?;
        let squares: f64 = groups
            .iter()
            .filter(|g| g.len() > 1)
            .map(|g| variance(g) * (g.len() as f64 - 1.0))
            .sum();
        Ok(Self {
            mean_square: squares / df,
            df,
        })
    }
}

/// An error when every group is constant.
pub(crate) fn require_variation(groups: &[&[f64]]) -> Result<(), Undefined> {
    if groups.iter().any(|g| !is_constant(g, 0.0)) {
        Ok(())
    } else if groups.iter().all(|g| g[0] == groups[0][0]) {
        Err(Undefined::NoVariation)
    } else {
        Err(Undefined::NoError)
    }
}

/// Welch's ANOVA: are all means equal, whatever the variances (Welch 1951). Weighs each group by
/// its inverse variance, so a constant group, whose weight is infinite, leaves it undefined.
pub fn welch_anova(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    check_groups(groups, 2, 2)?;
    if let Some(index) = groups.iter().position(|g| is_constant(g, 0.0)) {
        return Err(Undefined::ConstantGroup { index });
    }
    let k = groups.len() as f64;
    let weights: Vec<f64> = groups
        .iter()
        .map(|g| g.len() as f64 / variance(g))
        .collect();
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let total: f64 = weights.iter().sum();
    let grand = weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>() / total;
    let between: f64 = weights
        .iter()
        .zip(&means)
        .map(|(w, m)| w * (m - grand) * (m - grand))
        .sum();
    let spread: f64 = groups
        .iter()
        .zip(&weights)
        .map(|(g, w)| (1.0 - w / total).powi(2) / (g.len() as f64 - 1.0))
        .sum();
    let square = k * k - 1.0;
    let f = between / (k - 1.0) / (1.0 + 2.0 * (k - 2.0) / square * spread);
    let df_error = square / (3.0 * spread);
    Ok(
        TestResult::new("Welch ANOVA", f, fisher::sf(f, k - 1.0, df_error))
            .df(k - 1.0)
            .df_error(df_error),
    )
}
