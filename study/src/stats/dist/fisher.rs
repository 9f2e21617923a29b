//! The F distribution.

use super::beta;
use super::chi_square;

/// Upper tail P(F > f) with `df` and `df_error` degrees of freedom; the latter may be infinite.
pub fn sf(f: f64, df: f64, df_error: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if df_error == f64::INFINITY {
        return chi_square::sf(f * df, df);
    }
    let ratio = df * f / df_error;
    if ratio == f64::INFINITY {
        return 0.0;
    }
    let (x, y) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    beta::regularized(0.5 * df_error, 0.5 * df, x, y)
}
