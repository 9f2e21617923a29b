//! Shapiro and Wilk's test of normality, by Royston's algorithm AS R94 (1995). A diagnostic: to
//! choose the main test by it changes that test's error rate.

use super::describe::{Differences, is_constant, mean, sorted};
use super::dist::normal;
use super::outcome::{TestResult, Undefined, check};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_3, PI};

/// Shapiro-Wilk test of 3 to 5000 values.
pub fn shapiro_wilk(values: &[f64]) -> Result<TestResult, Undefined> {
    check(values, 3)?;
    if values.len() > 5000 {
        return Err(Undefined::TooMany {
            limit: 5000,
            got: values.len(),
        });
    }
    if is_constant(values, 0.0) {
        return Err(Undefined::NoVariation);
    }
    let x = sorted(values);
    let coefficients = coefficients(x.len());
    let centre = mean(&x);
    // 1 − W = (Σ x² − (Σ a x)²)/Σ x², as a product so that W near 1 keeps its digits.
    let squares: f64 = x.iter().map(|v| (v - centre).powi(2)).sum();
    let norm: f64 = coefficients.iter().map(|a| a * a).sum();
    let product: f64 = coefficients
        .iter()
        .zip(&x)
        .map(|(a, v)| a * (v - centre))
        .sum();
    let root = (norm * squares).sqrt();
    // Evenly spaced values may come out a last place above W = 1.
    let complement = ((root - product) * (root + product) / (norm * squares)).max(0.0);
    Ok(TestResult::new(
        "Shapiro-Wilk",
        1.0 - complement,
        p_value(complement, x.len()),
    ))
}

/// [`shapiro_wilk`] of the paired differences a − b, which must vary by more than rounding.
pub fn shapiro_wilk_paired(a: &[f64], b: &[f64]) -> Result<TestResult, Undefined> {
    let differences = Differences::new(a, b, 3)?;
    differences.require_variation()?;
    shapiro_wilk(&differences.values)
}

/// Royston's coefficients, antisymmetric and ascending.
fn coefficients(n: usize) -> Vec<f64> {
    if n == 3 {
        return vec![-FRAC_1_SQRT_2, 0.0, FRAC_1_SQRT_2];
    }
    let size = n as f64;
    let half = n / 2;
    // Blom's scores of the smallest values, negative.
    let scores: Vec<f64> = (0..half)
        .map(|i| -normal::upper_quantile((i as f64 + 0.625) / (size + 0.25)))
        .collect();
    let squares = 2.0 * scores.iter().map(|m| m * m).sum::<f64>();
    let root = squares.sqrt();
    let inverse = 1.0 / size.sqrt();
    let last = polynomial(
        &[0.0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056],
        inverse,
    ) - scores[0] / root;
    let mut upper = vec![last];
    let (rest, divisor) = if n > 5 {
        let second = polynomial(
            &[0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633],
            inverse,
        ) - scores[1] / root;
        upper.push(second);
        let top = squares - 2.0 * (scores[0].powi(2) + scores[1].powi(2));
        (2, top / (1.0 - 2.0 * (last * last + second * second)))
    } else {
        (
            1,
            (squares - 2.0 * scores[0].powi(2)) / (1.0 - 2.0 * last * last),
        )
    };
    upper.extend(scores[rest..].iter().map(|m| -m / divisor.sqrt()));
    let mut all: Vec<f64> = upper.iter().map(|a| -a).collect();
    if n % 2 == 1 {
        all.push(0.0);
    }
    all.extend(upper.iter().rev());
    all
}

/// p from 1 − W by Royston's normalising transformations; exact at n = 3.
fn p_value(complement: f64, n: usize) -> f64 {
    if n == 3 {
        // The least W is 3/4; 6/π (asin √W − asin √(3/4)).
        let p = 6.0 / PI * ((1.0 - complement).sqrt().asin() - FRAC_PI_3);
        return p.max(0.0);
    }
    let size = n as f64;
    let y = complement.ln();
    let (y, mean, sd) = if n <= 11 {
        let gamma = polynomial(&[-2.273, 0.459], size);
        if y >= gamma {
            return f64::MIN_POSITIVE;
        }
        (
            -(gamma - y).ln(),
            polynomial(&[0.5440, -0.39978, 0.025054, -6.714e-4], size),
            polynomial(&[1.3822, -0.77857, 0.062767, -0.0020322], size).exp(),
        )
    } else {
        let log = size.ln();
        (
            y,
            polynomial(&[-1.5861, -0.31082, -0.083751, 0.0038915], log),
            polynomial(&[-0.4803, -0.082676, 0.0030302], log).exp(),
        )
    };
    normal::sf((y - mean) / sd)
}

/// c₀ + c₁ x + c₂ x² + …
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}
