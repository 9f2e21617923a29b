//! Analysis of variance within blocks (repeated measures), and the block residual that Tukey's
//! block comparison shares.

use super::describe::mean;
use super::dist::fisher;
use super::outcome::{SMALLEST_SPREAD, TestResult, Undefined, check_blocks};

/// A repeated-measures ANOVA: groups are treatments, equal indices one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatedAnova {
    /// As if all differences between groups had one variance (sphericity).
    pub uncorrected: TestResult,
    /// Degrees of freedom shrunk by ε: the one to report.
    pub corrected: TestResult,
    /// Greenhouse and Geisser's (1959) estimate of ε, from 1/(k − 1) to 1 (sphericity).
    pub epsilon: f64,
}

/// Repeated-measures ANOVA with the Greenhouse-Geisser correction.
pub fn repeated_anova(groups: &[&[f64]]) -> Result<RepeatedAnova, Undefined> {
    let blocks = Blocks::new(groups)?;
    let n = groups[0].len() as f64;
    let df = groups.len() as f64 - 1.0;
    let between: f64 = blocks.effects.iter().map(|e| n * e * e).sum();
    let f = between / df / blocks.mean_square;
    let epsilon = greenhouse_geisser(&blocks.residuals);
    let test = |name, df: f64, df_error: f64| {
        TestResult::new(name, f, fisher::sf(f, df, df_error))
            .df(df)
            .df_error(df_error)
    };
    Ok(RepeatedAnova {
        uncorrected: test("repeated-measures ANOVA", df, blocks.df),
        corrected: test(
            "repeated-measures ANOVA (Greenhouse-Geisser)",
            epsilon * df,
            epsilon * blocks.df,
        ),
        epsilon,
    })
}

/// The additive decomposition value = grand mean + group + block + residual.
pub(crate) struct Blocks {
    /// Group mean less grand mean.
    pub effects: Vec<f64>,
    /// Residuals, group by group.
    pub residuals: Vec<Vec<f64>>,
    /// Residual mean square.
    pub mean_square: f64,
    /// (k − 1)(n − 1).
    pub df: f64,
}

impl Blocks {
    /// Of at least two groups and two blocks whose residuals are not all zero.
    pub fn new(groups: &[&[f64]]) -> Result<Self, Undefined> {
        let n = check_blocks(groups, 2, 2)?;
        let k = groups.len();
        let group_means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
        let grand = mean(&group_means);
        let block_effects: Vec<f64> = (0..n)
            .map(|i| groups.iter().map(|g| g[i] - grand).sum::<f64>() / k as f64)
            .collect();
        let residuals: Vec<Vec<f64>> = groups
            .iter()
            .zip(&group_means)
            .map(|(g, m)| {
                g.iter()
                    .zip(&block_effects)
                    .map(|(x, b)| x - m - b)
                    .collect()
            })
            .collect();
        let effects: Vec<f64> = group_means.iter().map(|m| m - grand).collect();
        let largest = groups
            .iter()
            .flat_map(|g| g.iter())
            .fold(0.0_f64, |m, v| m.max(v.abs()));
        let rounding = (8.0 * f64::EPSILON * largest).max(SMALLEST_SPREAD);
        let negligible = |v: &f64| v.abs() <= rounding;
        if residuals.iter().flatten().all(negligible) {
            let no_effect = effects.iter().all(negligible);
            return Err(if no_effect {
                Undefined::NoDifferences
            } else {
                Undefined::SameDifferences
            });
        }
        let df = ((k - 1) * (n - 1)) as f64;
        let squares: f64 = residuals.iter().flatten().map(|r| r * r).sum();
        Ok(Self {
            effects,
            residuals,
            mean_square: squares / df,
            df,
        })
    }
}

/// ε = tr(S)²/((k − 1) tr(S²)) of the doubly centred covariance S. The residuals are the doubly
/// centred data, so their cross-products are S times n − 1.
fn greenhouse_geisser(residuals: &[Vec<f64>]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let trace: f64 = residuals.iter().map(|r| product(r, r)).sum();
    let squares: f64 = residuals
        .iter()
        .flat_map(|a| residuals.iter().map(|b| product(a, b).powi(2)))
        .sum();
    let k = residuals.len() as f64;
    (trace * trace / ((k - 1.0) * squares)).min(1.0)
}
