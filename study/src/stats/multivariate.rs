//! Several correlated numbers of one new run, predicted from other runs.

use std::f64::consts::PI;

use super::describe::{is_constant, mean};
use super::dist::fisher;
use super::outcome::{TestResult, Undefined, check};

/// The distribution of one more run of d numbers, given n runs of a multivariate normal population
/// of unknown mean and covariance, under Jeffreys' independence prior |Σ|^−(d + 1)/2: Student's
/// multivariate t with n − d degrees of freedom, centre x̄ and scale
/// S (n − 1)(n + 1)/(n (n − d)), S having divisor n − 1 (Geisser 1993, section 2.3; Gelman et al.
/// 2013, section 3.6; as the limit of the conjugate prior, Murphy 2007, section 9). For d = 1 it
/// is the distribution behind [`super::predictive::predictive_t`].
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    n: f64,
    centre: Vec<f64>,
    /// Lower triangular L with S = L Lᵀ.
    root: Vec<Vec<f64>>,
}

/// A pivot below this share of its variance is rounding: the numbers are linearly dependent.
const SINGULAR: f64 = 1e-12;

impl Prediction {
    /// From `runs` of `width` numbers each, at least `width` + 1 of them, none of whose numbers is
    /// constant or a linear function of the others.
    ///
    /// # Panics
    /// If a run has another width.
    pub fn new(runs: &[&[f64]], width: usize) -> Result<Self, Undefined> {
        assert!(
            runs.iter().all(|run| run.len() == width),
            "runs of one width"
        );
        let needed = width + 1;
        if runs.len() < needed {
            return Err(Undefined::TooFew {
                needed,
                got: runs.len(),
            });
        }
        let columns: Vec<Vec<f64>> = (0..width)
            .map(|j| runs.iter().map(|run| run[j]).collect())
            .collect();
        for column in &columns {
            check(column, needed)?;
            if is_constant(column, 0.0) {
                return Err(Undefined::NoVariation);
            }
        }
        let centre: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let n = runs.len() as f64;
        let covariance = |i: usize, j: usize| {
            let products = columns[i].iter().zip(&columns[j]);
            let sum: f64 = products
                .map(|(a, b)| (a - centre[i]) * (b - centre[j]))
                .sum();
            sum / (n - 1.0)
        };
        let root = cholesky(width, covariance)?;
        Ok(Self { n, centre, root })
    }

    fn width(&self) -> f64 {
        self.centre.len() as f64
    }

    /// (x − x̄)ᵀ S⁻¹ (x − x̄).
    fn squared_distance(&self, x: &[f64]) -> f64 {
        // Forward substitution: L z = x − x̄, whose squares sum to the distance.
        let mut z: Vec<f64> = Vec::with_capacity(x.len());
        for (i, row) in self.root.iter().enumerate() {
            let known: f64 = row[..i].iter().zip(&z).map(|(l, z)| l * z).sum();
            z.push((x[i] - self.centre[i] - known) / row[i]);
        }
        z.iter().map(|z| z * z).sum()
    }

    /// The natural logarithm of the density at `x`, in units of the runs' numbers.
    ///
    /// # Panics
    /// If `x` has another width than the runs.
    #[must_use]
    pub fn log_density(&self, x: &[f64]) -> f64 {
        assert_eq!(
            x.len(),
            self.centre.len(),
            "a run of the width of the others"
        );
        let (n, d) = (self.n, self.width());
        let df = n - d;
        let scale = (n - 1.0) * (n + 1.0) / (n * df);
        let log_root: f64 = (0..self.root.len()).map(|i| self.root[i][i].ln()).sum();
        libm::lgamma((df + d) / 2.0)
            - libm::lgamma(df / 2.0)
            - d / 2.0 * (df * PI * scale).ln()
            - log_root
            - (df + d) / 2.0 * (self.squared_distance(x) / (scale * df)).ln_1p()
    }

    /// Whether `x` may be one more run of the population: F = δ² n (n − d)/((n + 1)(n − 1) d), δ²
    /// the squared Mahalanobis distance from the mean, with d and n − d degrees of freedom
    /// (Hotelling 1931; Johnson and Wichern 2007, section 5.4).
    ///
    /// # Panics
    /// If `x` has another width than the runs.
    #[must_use]
    pub fn test(&self, x: &[f64]) -> TestResult {
        assert_eq!(
            x.len(),
            self.centre.len(),
            "a run of the width of the others"
        );
        let (n, d) = (self.n, self.width());
        let f = self.squared_distance(x) * n * (n - d) / ((n + 1.0) * (n - 1.0) * d);
        TestResult::new("predictive Hotelling T²", f, fisher::sf(f, d, n - d))
            .df(d)
            .df_error(n - d)
    }
}

/// L with L Lᵀ the covariance, row by row (Golub and Van Loan 2013, section 4.2).
fn cholesky(
    width: usize,
    covariance: impl Fn(usize, usize) -> f64,
) -> Result<Vec<Vec<f64>>, Undefined> {
    let mut root: Vec<Vec<f64>> = Vec::with_capacity(width);
    for i in 0..width {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, above) in root.iter().enumerate() {
            let known: f64 = row.iter().zip(above).map(|(a, b)| a * b).sum();
            row.push((covariance(i, j) - known) / above[j]);
        }
        let variance = covariance(i, i);
        let pivot = variance - row.iter().map(|l| l * l).sum::<f64>();
        if pivot <= SINGULAR * variance {
            return Err(Undefined::Dependent);
        }
        row.push(pivot.sqrt());
        root.push(row);
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_from_the_others_have_no_density() {
        let runs: Vec<[f64; 2]> = [1.0, 2.0, 4.0, 3.0].map(|x| [x, 1.0 - 0.1 * x]).to_vec();
        let runs: Vec<&[f64]> = runs.iter().map(|run| run.as_slice()).collect();
        assert_eq!(Prediction::new(&runs, 2), Err(Undefined::Dependent));
        let too_few = Undefined::TooFew { needed: 3, got: 2 };
        assert_eq!(Prediction::new(&runs[..2], 2), Err(too_few));
    }
}
