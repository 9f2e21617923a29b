//! Student's t distribution, for any positive degrees of freedom up to infinity.

use super::{beta, normal};
use crate::stats::solve::invert_tail;

/// Upper tail P(T > t).
pub fn sf(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - sf(-t, df);
    }
    if df == f64::INFINITY {
        return normal::sf(t);
    }
    let ratio = t * t / df;
    if ratio == f64::INFINITY {
        return 0.0;
    }
    let (x, y) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    0.5 * beta::regularized(0.5 * df, 0.5, x, y)
}

/// The t with P(T > t) = `p`, for 0 < p < 1.
pub fn upper_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 {
        -upper_quantile(1.0 - p, df)
    } else if df == f64::INFINITY {
        normal::upper_quantile(p)
    } else {
        // A tail falls from 1/2 to 0 and is continuous: the bracket exists.
        invert_tail(|t| sf(t, df), p, 0.0, 2.0).unwrap_or(f64::NAN)
    }
}
