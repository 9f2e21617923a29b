//! Tukey's studentized range: the range of k standard normals over an independent estimate of
//! their standard deviation.
//!
//! Both integrals are taken of the *upper* tail, so that nothing cancels: with m = k − 1 and the
//! smallest value at z,
//! P(W > w) = k ∫ φ(z) {Φ̄(z)^m − [Φ̄(z) − Φ̄(z + w)]^m} dz
//! (Copenhaver and Holland 1988 integrate the complement). Relative error about 1e-12.

use super::chebyshev::Chebyshev;
use super::quadrature::over_scale;
use super::{normal, student};
use crate::stats::outcome::Undefined;
use crate::stats::solve::invert_tail;
use std::collections::BTreeMap;
use std::f64::consts::SQRT_2;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the tail of the range leaves the exponents of f64.
const LARGEST_RANGE: f64 = 52.0;

/// The distribution for one number of groups, any degrees of freedom. Tabulates the inner
/// integral once, some 10 ms, and then takes microseconds.
#[derive(Debug, Clone)]
pub struct StudentizedRange {
    k: usize,
    log_tail: Chebyshev,
}

impl StudentizedRange {
    /// Of the range of `k` ≥ 2 values.
    pub fn new(k: usize) -> Self {
        let log_tail = Chebyshev::new(|w| range_tail(w, k).ln(), 0.0, LARGEST_RANGE, 1e-13);
        Self { k, log_tail }
    }

    /// [`Self::new`], kept for the life of the process: a study asks for the same k once per
    /// metric.
    pub fn shared(k: usize) -> Arc<Self> {
        static TABLES: Mutex<BTreeMap<usize, Arc<StudentizedRange>>> = Mutex::new(BTreeMap::new());
        // A table is inserted whole or not at all, so a poisoned lock guards a sound map.
        let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tables.entry(k).or_insert_with(|| Arc::new(Self::new(k))))
    }

    /// Upper tail P(Q > q) with `df` degrees of freedom, which may be infinite.
    pub fn sf(&self, q: f64, df: f64) -> f64 {
        if q <= 0.0 {
            return 1.0;
        }
        let tail = |s: f64| {
            let w = q * s;
            if w < LARGEST_RANGE {
                self.log_tail.at(w).exp()
            } else {
                0.0
            }
        };
        over_scale(df, 0.2, tail).min(1.0)
    }

    /// The q with P(Q > q) = `p`.
    pub fn upper_quantile(&self, p: f64, df: f64) -> Result<f64, Undefined> {
        // One pair alone bounds it from below, Bonferroni over all pairs from above.
        let bound = |pairs: usize| SQRT_2 * student::upper_quantile(0.5 * p / pairs as f64, df);
        invert_tail(
            |q| self.sf(q, df),
            p,
            bound(1),
            bound(self.k * (self.k - 1) / 2),
        )
    }
}

/// P(W > w) for the range W of `k` standard normals.
fn range_tail(w: f64, k: usize) -> f64 {
    // Half the width beyond which φ(z) Φ̄(z + w) is below 1e-17 of its peak at −w/2.
    const REACH: f64 = 8.5;
    // The minimum of k normals is the sharper the larger k: these steps keep 1e-12 to k = 1000.
    let step = if k <= 20 { 0.25 } else { 0.125 };
    let m = (k - 1) as f64;
    let steps = (2.0 * REACH / step) as i32;
    let sum: f64 = (0..=steps)
        .map(|i| {
            let z = f64::from(i) * step - REACH - 0.5 * w;
            let (above, far) = (normal::sf(z), normal::sf(z + w));
            if far == 0.0 {
                return 0.0;
            }
            normal::density(z) * -above.powf(m) * (m * (-far / above).ln_1p()).exp_m1()
        })
        .sum();
    k as f64 * step * sum
}
