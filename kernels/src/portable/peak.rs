//! What the core can do at most with the instructions of this twin: multiplying and adding,
//! reading, writing.

use std::hint::black_box;

use wide::f32x8;

use super::lanes;

/// Makes `steps` times 8 multiplications and additions that depend on no memory; returns the
/// floating-point operations.
pub(super) fn fma_probe(steps: usize) -> u64 {
    let (scale, shift) = (black_box(0.5_f32), black_box(1.0_f32));
    let mut sums = [f32x8::ZERO; 8];
    for _ in 0..steps {
        for sum in &mut sums {
            *sum = *sum * scale + shift;
        }
    }
    black_box(sums);
    (steps * 8 * 8 * 2) as u64
}

/// Reads all of `x`; returns its sum, in no order that anyone should rely on.
pub(super) fn read_probe(x: &[f32]) -> f32 {
    let (eights, rest) = x.as_chunks();
    let (blocks, single) = eights.as_chunks::<8>();
    let mut sums = [f32x8::ZERO; 8];
    for block in blocks {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += f32x8::new(x);
        }
    }
    for &x in single {
        sums[0] += f32x8::new(x);
    }
    let all = sums.into_iter().fold(f32x8::ZERO, |all, sum| all + sum);
    all.reduce_add() + rest.iter().sum::<f32>()
}

/// Reads and writes all of `x`, which stays as it is.
pub(super) fn update_probe(x: &mut [f32]) {
    let one = f32x8::splat(black_box(1.0));
    lanes::map(x, |x| x * one);
}
