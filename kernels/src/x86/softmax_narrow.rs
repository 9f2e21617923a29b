//! Softmax of rows of at most 16 columns, as a classifier's logits are: a row stays in two
//! registers from its load to its store.

use std::arch::x86_64::*;

use super::{
    exp::exp_nonpositive,
    lanes::{Tail, load, max_lane, store},
    softmax::{LogProduct, Sum},
};
use crate::{BatchLoss, MatMut, MatRef};

/// The widest row that two registers hold.
pub(super) const WIDEST: usize = 16;

/// Each row z becomes e^z / Σ e^z.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn softmax_rows(mut x: MatMut<'_>) {
    let width = Width::new(x.cols());
    for i in 0..x.rows() {
        let row = x.row_mut(i);
        let Exponentials { e, sum, .. } = width.load(row).exponentials();
        let factor = _mm256_set1_ps((1.0 / sum) as f32);
        width.store(row, e.map(|e| _mm256_mul_ps(e, factor)));
    }
}

/// The loss of a batch of logits, which become their gradient.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn softmax_cross_entropy(
    mut logits: MatMut<'_>,
    labels: &[u8],
    gradient_scale: f32,
) -> BatchLoss {
    let width = Width::new(logits.cols());
    let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    let scale = _mm256_set1_ps(gradient_scale);
    let mut total = BatchLoss::default();
    let mut logs = LogProduct::default();
    for (i, &label) in labels.iter().enumerate() {
        let row = logits.row_mut(i);
        let label = usize::from(label);
        let z = width.load(row);
        let best = z.argmax();
        let Exponentials { e, sum, max } = z.exponentials();
        total.loss += f64::from(max) - f64::from(row[label]);
        total.correct += usize::from(best == label);
        logs.multiply(sum);
        let factor = _mm256_set1_ps((f64::from(gradient_scale) / sum) as f32);
        let mut gradient = [_mm256_setzero_ps(); 2];
        for (part, (gradient, e)) in gradient.iter_mut().zip(e).enumerate() {
            let target = _mm256_set1_epi32(label as i32 - 8 * part as i32);
            let target = _mm256_castsi256_ps(_mm256_cmpeq_epi32(lanes, target));
            *gradient = _mm256_sub_ps(_mm256_mul_ps(e, factor), _mm256_and_ps(target, scale));
        }
        width.store(row, gradient);
    }
    total.loss += logs.total();
    total
}

/// The loss of a batch of logits, its hits and its predictions.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn evaluate_logits(
    logits: MatRef<'_>,
    labels: &[u8],
    predictions: &mut [u8],
) -> BatchLoss {
    let width = Width::new(logits.cols());
    let mut total = BatchLoss::default();
    let mut logs = LogProduct::default();
    for ((i, &label), prediction) in labels.iter().enumerate().zip(predictions) {
        let row = logits.row(i);
        let label = usize::from(label);
        let z = width.load(row);
        let best = z.argmax();
        let Exponentials { sum, max, .. } = z.exponentials();
        total.loss += f64::from(max) - f64::from(row[label]);
        total.correct += usize::from(best == label);
        logs.multiply(sum);
        *prediction = best as u8;
    }
    total.loss += logs.total();
    total
}

/// How a row of at most 16 columns lies in two registers.
#[derive(Clone, Copy)]
struct Width {
    low: Option<Tail>,
    high: Option<Tail>,
}

/// A row of logits, −∞ past its end.
#[derive(Clone, Copy)]
struct Logits([__m256; 2]);

struct Exponentials {
    /// e^(z − max); 0 past the end of the row, or NaN where all of the row is.
    e: [__m256; 2],
    sum: f64,
    max: f32,
}

impl Width {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn new(cols: usize) -> Self {
        debug_assert!(cols <= WIDEST);
        Self {
            low: if cols < 8 {
                Some(Tail::new(cols))
            } else {
                None
            },
            high: if cols > 8 {
                Some(Tail::new(cols - 8))
            } else {
                None
            },
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn load(self, row: &[f32]) -> Logits {
        let none = _mm256_set1_ps(f32::NEG_INFINITY);
        let (eights, _) = row.as_chunks();
        let low = match (self.low, eights.first()) {
            (Some(tail), _) => tail.or(tail.load(row), none),
            (None, Some(eight)) => load(eight),
            (None, None) => none,
        };
        let high = match self.high {
            Some(tail) => tail.or(tail.load(&row[8..]), none),
            None => none,
        };
        Logits([low, high])
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn store(self, row: &mut [f32], [low, high]: [__m256; 2]) {
        match (self.low, row.first_chunk_mut()) {
            (Some(tail), _) => tail.store(row, low),
            (None, Some(eight)) => store(eight, low),
            (None, None) => {}
        }
        if let Some(tail) = self.high {
            tail.store(&mut row[8..], high);
        }
    }
}

impl Logits {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn max(self) -> f32 {
        let Self([low, high]) = self;
        // The first operand is dropped where it is NaN, which the last is never.
        let none = _mm256_set1_ps(f32::NEG_INFINITY);
        max_lane(_mm256_max_ps(low, _mm256_max_ps(high, none)))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn exponentials(self) -> Exponentials {
        let max = self.max();
        let maxima = _mm256_set1_ps(max);
        let e = self.0.map(|z| exp_nonpositive(_mm256_sub_ps(z, maxima)));
        let mut sum = Sum::new();
        sum.add(e[0]);
        sum.add(e[1]);
        Exponentials {
            e,
            sum: sum.total(),
            max,
        }
    }

    /// The first of the largest values; the first NaN, if there is one.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn argmax(self) -> usize {
        let Self([low, high]) = self;
        let max = _mm256_set1_ps(self.max());
        let nan = pair(
            _mm256_cmp_ps::<_CMP_UNORD_Q>(low, low),
            _mm256_cmp_ps::<_CMP_UNORD_Q>(high, high),
        );
        let largest = pair(
            _mm256_cmp_ps::<_CMP_EQ_OQ>(low, max),
            _mm256_cmp_ps::<_CMP_EQ_OQ>(high, max),
        );
        let found = if nan == 0 { largest } else { nan };
        found.trailing_zeros() as usize
    }
}

/// A bit for each lane of two masks.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn pair(low: __m256, high: __m256) -> i32 {
    _mm256_movemask_ps(low) | (_mm256_movemask_ps(high) << 8)
}
