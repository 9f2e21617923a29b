//! What becomes of a tile of AVX-512 once its sums are complete.

use std::arch::x86_64::*;

use super::{tile::first_lanes, transpose::columns_of_rows};
use crate::x86::gemm::{
    finish::{Bias, Finish, Target},
    plan::PANEL,
};

impl Finish<'_> {
    /// Finishes a tile of a strip whose epilogue is plain, its first element at `c`.
    ///
    /// # Safety
    /// All of the tile's whole vectors lie in C.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(in crate::x86::gemm) unsafe fn apply_plain_wide<const MR: usize, const NV: usize>(
        &self,
        mut sums: [[__m512; NV]; MR],
        c: *mut f32,
        stride: usize,
    ) {
        // SAFETY: the caller vouches for MR rows, `stride` apart, of 16·NV floats from `c`, which no
        // other reference covers.
        unsafe {
            if self.add {
                for (i, row) in sums.iter_mut().enumerate() {
                    for (v, x) in row.iter_mut().enumerate() {
                        *x = _mm512_add_ps(_mm512_loadu_ps(c.add(i * stride + PANEL * v)), *x);
                    }
                }
            }
            for (i, row) in sums.iter().enumerate() {
                for (v, x) in row.iter().enumerate() {
                    _mm512_storeu_ps(c.add(i * stride + PANEL * v), *x);
                }
            }
        }
    }

    /// Finishes a tile whose first row is row `row` of the strip.
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    pub(in crate::x86::gemm) fn apply_wide<const MR: usize, const NV: usize>(
        &self,
        sums: &mut [[__m512; NV]; MR],
        row: usize,
        target: &mut Target<'_>,
    ) {
        if target.col_stride == 1 {
            self.store_rows(sums, row, target);
        } else if target.row_stride == 1 {
            self.store_columns(sums, row, target);
        } else {
            self.scatter(&spill(sums), row, target);
        }
    }

    /// Finishes a tile whose rows go to columns of C: transposed, its columns go to rows. Only where B came packed;
    /// `gemm` transposes the other products instead.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn store_columns<const MR: usize, const NV: usize>(
        &self,
        sums: &[[__m512; NV]; MR],
        row: usize,
        target: &mut Target<'_>,
    ) {
        for v in 0..NV {
            let first = PANEL * v;
            let mut columns = columns_of_rows(sums.map(|row| row[v])).map(|column| [column]);
            let turned = Self {
                bias: match self.bias {
                    Bias::None => Bias::None,
                    Bias::Columns(values) => Bias::Rows(&values[first..]),
                    Bias::Rows(values) => Bias::Columns(&values[row..]),
                },
                ..*self
            };
            let mut to = Target {
                c: &mut target.c[row + first * target.col_stride..],
                row_stride: target.col_stride,
                col_stride: 1,
                cols: MR,
            };
            let count = (target.cols - first).min(PANEL);
            turned.store_rows(&mut columns[..count], 0, &mut to);
        }
    }

    /// Finishes a tile whose rows go to rows of C.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn store_rows<const NV: usize>(
        &self,
        sums: &mut [[__m512; NV]],
        row: usize,
        target: &mut Target<'_>,
    ) {
        let stride = target.row_stride;
        let c = &mut target.c[row * stride..];
        assert!(
            (sums.len() - 1) * stride + target.cols <= c.len(),
            "a tile reaches outside C"
        );
        let c = c.as_mut_ptr();
        let mask = lanes_of::<NV>(target.cols);
        if self.add {
            for (i, row) in sums.iter_mut().enumerate() {
                for (v, x) in row.iter_mut().enumerate() {
                    // SAFETY: this row and the columns under the mask lie in C by the assertion.
                    let old =
                        unsafe { _mm512_maskz_loadu_ps(mask[v], c.add(i * stride + PANEL * v)) };
                    *x = _mm512_add_ps(old, *x);
                }
            }
        }
        self.bias_and_relu(sums, row, target.cols);
        for (i, row) in sums.iter().enumerate() {
            for (v, x) in row.iter().enumerate() {
                // SAFETY: as for the loads.
                unsafe {
                    let to = c.add(i * stride + PANEL * v);
                    if mask[v] == 0xFFFF {
                        _mm512_storeu_ps(to, *x);
                    } else {
                        _mm512_mask_storeu_ps(to, mask[v], *x);
                    }
                }
            }
        }
    }

    /// Adds the bias, and takes the larger of it and 0 for ReLU.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn bias_and_relu<const NV: usize>(&self, sums: &mut [[__m512; NV]], row: usize, cols: usize) {
        match self.bias {
            Bias::None => {}
            Bias::Columns(values) => {
                let values = &values[..cols];
                let mask = lanes_of::<NV>(cols);
                for v in 0..NV {
                    // SAFETY: the masks have as many lanes as there are values.
                    let bias = unsafe {
                        _mm512_maskz_loadu_ps(mask[v], values.as_ptr().wrapping_add(PANEL * v))
                    };
                    for row in &mut *sums {
                        row[v] = _mm512_add_ps(row[v], bias);
                    }
                }
            }
            Bias::Rows(values) => {
                let values = &values[row..][..sums.len()];
                for (row, &bias) in sums.iter_mut().zip(values) {
                    for x in row {
                        *x = _mm512_add_ps(*x, _mm512_set1_ps(bias));
                    }
                }
            }
        }
        if self.relu {
            for x in sums.as_flattened_mut() {
                // The second operand is what comes of a NaN.
                *x = _mm512_max_ps(_mm512_setzero_ps(), *x);
            }
        }
    }
}

/// The lanes of each vector that are columns, where `cols` do not fill the last.
#[inline]
fn lanes_of<const NV: usize>(cols: usize) -> [__mmask16; NV] {
    std::array::from_fn(|v| first_lanes(cols - PANEL * v))
}

/// A tile of registers as floats in memory, row by row.
#[target_feature(enable = "avx512f")]
fn spill<const MR: usize, const NV: usize>(sums: &[[__m512; NV]; MR]) -> [[[f32; PANEL]; NV]; MR] {
    let mut floats = [[[0.0; PANEL]; NV]; MR];
    for (floats, sum) in floats
        .as_flattened_mut()
        .iter_mut()
        .zip(sums.as_flattened())
    {
        // SAFETY: `floats` is an array of 16 floats.
        unsafe { _mm512_storeu_ps(floats.as_mut_ptr(), *sum) };
    }
    floats
}
