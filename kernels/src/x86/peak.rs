//! Nothing but multiply-adds, nothing but reading, nothing but writing back: what the core could
//! do at most.

use std::{arch::x86_64::*, hint::black_box};

use super::lanes;

/// Independent sums: two FMA units of latency 4 or 5 want 8 to 10 in flight.
const CHAINS: usize = 12;

/// Makes `steps` times 12 fused multiply-adds of 8 lanes; returns the floating-point operations.
#[target_feature(enable = "avx2,fma")]
pub(super) fn fma_probe(steps: usize) -> u64 {
    let (scale, shift) = (
        _mm256_set1_ps(black_box(0.5)),
        _mm256_set1_ps(black_box(1.0)),
    );
    let mut sums = [_mm256_setzero_ps(); CHAINS];
    for _ in 0..steps {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, scale, shift);
        }
    }
    black_box(sums);
    (steps * CHAINS * 8 * 2) as u64
}

/// Reads all of `x`; returns its sum, in no order that anyone should rely on.
#[target_feature(enable = "avx2,fma")]
pub(super) fn read_probe(x: &[f32]) -> f32 {
    let (eights, rest) = x.as_chunks();
    let (blocks, single) = eights.as_chunks::<8>();
    let mut sums = [_mm256_setzero_ps(); 8];
    for block in blocks {
        for (sum, x) in sums.iter_mut().zip(block) {
            *sum = _mm256_add_ps(*sum, lanes::load(x));
        }
    }
    for x in single {
        sums[0] = _mm256_add_ps(sums[0], lanes::load(x));
    }
    let mut all = [0.0; 8];
    let sum = sums
        .into_iter()
        .fold(_mm256_setzero_ps(), |all, sum| _mm256_add_ps(all, sum));
    lanes::store(&mut all, sum);
    all.iter().chain(rest).sum()
}

/// Reads and writes all of `x`, which stays as it is.
#[target_feature(enable = "avx2,fma")]
pub(super) fn update_probe(x: &mut [f32]) {
    let one = _mm256_set1_ps(black_box(1.0));
    lanes::map(x, |x| _mm256_mul_ps(x, one));
}
