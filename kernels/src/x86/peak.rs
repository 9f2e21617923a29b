//! Nothing but multiply-adds: what the core could do if no operand had to be fetched.

use std::{arch::x86_64::*, hint::black_box};

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
