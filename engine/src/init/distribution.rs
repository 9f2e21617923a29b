//! The distributions that weights are drawn from, each through its quantile function.

use statrs::distribution::{ContinuousCDF, Normal};

/// A distribution of weights, symmetric about zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Distribution {
    /// Normal.
    Normal {
        /// Standard deviation.
        stddev: f64,
    },
    /// Normal, cut at two of its standard deviations and redistributed within.
    TruncatedNormal {
        /// Standard deviation before the cut.
        stddev: f64,
    },
    /// Uniform on ±limit.
    Uniform {
        /// The largest magnitude.
        limit: f64,
    },
}

/// Share of the standard normal below −2, where Keras's truncated normal is cut.
const BELOW_CUT: f64 = 0.022_750_131_948_179_21;

/// Standard deviation of the standard normal cut at ±2; Keras divides by it.
const CUT_STDDEV: f64 = 0.879_625_661_034_239_8;

impl Distribution {
    /// Uniform with this variance.
    pub(super) fn uniform_with_variance(variance: f64) -> Self {
        Self::Uniform {
            limit: (3.0 * variance).sqrt(),
        }
    }

    /// Normal that has this variance after the cut.
    pub(super) fn truncated_normal_with_variance(variance: f64) -> Self {
        Self::TruncatedNormal {
            stddev: variance.sqrt() / CUT_STDDEV,
        }
    }

    /// The value below which a share `u` in (0, 1) of the distribution lies.
    ///
    /// # Panics
    /// If `u` is outside of [0, 1], where a normal has none.
    pub(super) fn quantile(self, u: f64) -> f64 {
        match self {
            Self::Normal { stddev } => stddev * Normal::standard().inverse_cdf(u),
            Self::TruncatedNormal { stddev } => {
                let within = BELOW_CUT + u * (1.0 - 2.0 * BELOW_CUT);
                stddev * Normal::standard().inverse_cdf(within)
            }
            Self::Uniform { limit } => limit * (2.0 * u - 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // SciPy 1.17.1: norm.ppf(u), truncnorm.ppf(u, -2, 2) for u = 0.001, 0.25, 0.9.
        let normal = Distribution::Normal { stddev: 1.0 };
        let truncated = Distribution::TruncatedNormal { stddev: 1.0 };
        let cases = [
            (0.001, -3.090232306167813, -1.982_625_620_502_017_8),
            (0.25, -0.674_489_750_196_081_7, -0.639_111_910_871_273),
            (0.9, 1.281_551_565_544_600_4, 1.184_032_466_693_906),
        ];
        for (u, expected, expected_truncated) in cases {
            assert!((normal.quantile(u) - expected).abs() < 1e-12);
            assert!((truncated.quantile(u) - expected_truncated).abs() < 1e-12);
        }
    }
}
