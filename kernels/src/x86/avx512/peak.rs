//! The probes of [`peak`] with sixteen lanes: some cores do twice as much at once.

use std::{arch::x86_64::*, hint::black_box};

use super::lanes::{load, store};
use crate::x86::peak;

/// Independent sums, as many as in `peak`.
const CHAINS: usize = 12;

/// Makes `steps` times 12 fused multiply-adds of 16 lanes; returns the floating-point operations.
#[target_feature(enable = "avx512f")]
pub(in crate::x86) fn fma_probe(steps: usize) -> u64 {
    let (scale, shift) = (
        _mm512_set1_ps(black_box(0.5)),
        _mm512_set1_ps(black_box(1.0)),
    );
    let mut sums = [_mm512_setzero_ps(); CHAINS];
    for _ in 0..steps {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, scale, shift);
        }
    }
    black_box(sums);
    (steps * CHAINS * 16 * 2) as u64
}

/// Reads all of `x`; returns its sum, in no order that anyone should rely on.
#[target_feature(enable = "avx2,fma,avx512f")]
pub(in crate::x86) fn read_probe(x: &[f32]) -> f32 {
    let (blocks, rest) = x.as_chunks::<128>();
    let mut sums = [_mm512_setzero_ps(); 8];
    for block in blocks {
        for (sum, x) in sums.iter_mut().zip(block.as_chunks().0) {
            *sum = _mm512_add_ps(*sum, load(x));
        }
    }
    let sum = sums
        .into_iter()
        .fold(_mm512_setzero_ps(), |all, sum| _mm512_add_ps(all, sum));
    _mm512_reduce_add_ps(sum) + peak::read_probe(rest)
}

/// Reads and writes all of `x`, which stays as it is.
#[target_feature(enable = "avx2,fma,avx512f")]
pub(in crate::x86) fn update_probe(x: &mut [f32]) {
    let one = _mm512_set1_ps(black_box(1.0));
    let (sixteens, rest) = x.as_chunks_mut();
    for x in sixteens {
        store(x, _mm512_mul_ps(load(x), one));
    }
    peak::update_probe(rest);
}
