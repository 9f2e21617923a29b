//! Random draws for resampling, and the settings every resampling method shares.

use super::outcome::{Undefined, check_level};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// Of fewer resamples, neither the ends of an interval nor a p-value can be told.
pub const FEWEST_RESAMPLES: usize = 100;

/// How much to resample, and from which seed: results are a function of data and settings alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// Number of resamples B. A Monte-Carlo p-value cannot fall below 1/(B + 1).
    pub resamples: usize,
    /// Seed of the generator, a PCG-XSL-RR 128/64 (O'Neill 2014).
    pub seed: u64,
}

impl Resampling {
    /// 10,000 resamples.
    pub fn new(seed: u64) -> Self {
        Self {
            resamples: 10_000,
            seed,
        }
    }

    pub(crate) fn check(self, level: f64) -> Result<Draws, Undefined> {
        check_level(level)?;
        if self.resamples < FEWEST_RESAMPLES {
            return Err(Undefined::OutOfRange {
                what: "the number of resamples",
                must: "at least 100",
            });
        }
        Ok(Draws::new(self.seed))
    }
}

/// Uniform draws. Written on the raw 64-bit output, so that they outlive any change of the rand
/// crates' own sampling.
pub(crate) struct Draws(Pcg64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// An index below `n`, by the high half of a product (Lemire 2019): biased by less than n/2⁶⁴.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// 64 fair bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Fills `out` with values drawn from `values` with replacement.
    pub fn resample(&mut self, values: &[f64], out: &mut [f64]) {
        out.fill_with(|| values[self.below(values.len())]);
    }

    /// Brings a uniformly chosen subset of `count` into the first places (Fisher and Yates).
    pub fn shuffle_front<T>(&mut self, values: &mut [T], count: usize) {
        for i in 0..count.min(values.len().saturating_sub(1)) {
            let j = i + self.below(values.len() - i);
            values.swap(i, j);
        }
    }
}
