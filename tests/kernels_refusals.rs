//! What does not fit is refused by name, whichever the kernels: past these checks some would compute
//! nonsense, or read what is not theirs.

#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;

use std::panic::{AssertUnwindSafe, catch_unwind};

use kernel_inputs::{adam_step, all_kernels};
use kernels::{
    BatchColumns, DeferredAdam, DenseBatch, Epilogue, Kernels, MatMut, MatRef, Moments, PackedB,
    SparseRows,
};

/// Holds what a call panics with against what it must say.
fn assert_refused(expected: &str, call: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(call)) else {
        panic!("done, not refused: {expected}");
    };
    let message = payload.downcast_ref::<String>().expect("a message");
    assert!(message.contains(expected), "{message:?}, not {expected:?}");
}

/// 2 rows of 3 columns, of which 1 and 2 are touched.
fn rows() -> SparseRows {
    SparseRows::from_levels(&[0, 1, 0, 0, 0, 1], 3, &std::array::from_fn(|b| b as f32))
}

fn columns(kernels: Kernels) -> BatchColumns {
    let mut columns = BatchColumns::new(3, 2);
    columns.fill(kernels, &rows(), &[0, 1]);
    columns
}

fn dense_batch(kernels: Kernels) -> DenseBatch {
    let mut batch = DenseBatch::new(3, 2);
    batch.fill(kernels, &rows(), &[0, 1]);
    batch
}

#[test]
fn views_past_their_floats_or_with_elements_in_each_other_are_refused() {
    let mut x = [0.0; 9];
    let outside = "does not fit 5 floats";
    assert_refused(outside, || {
        let _ = MatRef::with_strides(&x[..5], 2, 3, 3, 1);
    });
    assert_refused(outside, || {
        let _ = MatRef::with_strides(&x[..5], 3, 1, usize::MAX, 1);
    });
    assert_refused(outside, || {
        let _ = MatMut::with_strides(&mut x[..5], 2, 3, 3, 1);
    });
    // In the last but one all rows are one float, in the last no two elements share one.
    for [rows, cols, row_stride, col_stride] in [[3, 3, 2, 1], [2, 3, 1, 0], [2, 3, 3, 2]] {
        let expected = format!(
            "neither rows nor columns of a mutable {rows}×{cols} view with strides ({row_stride}, {col_stride}) end before the next begins"
        );
        assert_refused(&expected, || {
            let _ = MatMut::with_strides(&mut x, rows, cols, row_stride, col_stride);
        });
    }
}

/// Times the 64-byte blocks of a row, the last is 0 again.
#[test]
fn rows_outside_a_matrix_of_bytes_are_refused() {
    let x = SparseRows::from_levels(&[1; 256], 128, &[1.0; 256]);
    for row in [2, 1 << (usize::BITS - 1)] {
        let expected = format!("row {row} is outside the 2 rows of X");
        assert_refused(&expected, || {
            let _ = x.bytes(row);
        });
        assert_refused(&expected, || {
            let _ = x.row(row);
        });
    }
    assert_refused("row 7 is outside the 2 rows of X", || x.prefetch(&[0, 7]));
}

#[test]
fn factors_that_do_not_fit_are_refused() {
    let (a, b) = ([0.0; 6], [0.0; 16]);
    let (a, b) = (MatRef::new(&a, 2, 3), MatRef::new(&b, 4, 4));
    let of_three_rows = MatRef::with_strides(b.data(), 3, 4, 4, 1);
    for kernels in all_kernels() {
        let mut c = [0.0; 8];
        assert_refused("A is a 2×3 matrix (strides 3, 1), B a 4×4", || {
            kernels.gemm(a, b, MatMut::new(&mut c, 2, 4), Epilogue::Store);
        });
        assert_refused("B a packed 4×4 matrix", || {
            let c = MatMut::new(&mut c, 2, 4);
            kernels.gemm_packed(a, &PackedB::new(b), c, Epilogue::Store);
        });
        assert_refused("a bias of 5 values does not fit 4 columns", || {
            let c = MatMut::new(&mut c, 2, 4);
            kernels.gemm(a, of_three_rows, c, Epilogue::Bias(&[0.0; 5]));
        });
        assert_refused("does not fit 9 weights: A is a 2×3", || {
            let (w, m, v) = (&mut [0.0; 9], &mut [0.0; 9], &mut [0.0; 9]);
            kernels.gemm_adam(a, of_three_rows, adam_step(1), w, Moments { m, v });
        });
    }
}

#[test]
fn a_bias_of_another_length_is_refused_by_every_product() {
    let expected = "a bias of 3 values does not fit 4 columns";
    let numbers = [0.0; 12];
    let (w, dz) = (
        MatRef::new(&numbers, 3, 4),
        MatRef::new(&numbers[..8], 2, 4),
    );
    for kernels in all_kernels() {
        for epilogue in [Epilogue::Bias(&[0.0; 3]), Epilogue::BiasRelu(&[0.0; 3])] {
            let mut c = [0.0; 12];
            assert_refused(expected, || {
                let c = MatMut::new(&mut c[..8], 2, 4);
                kernels.sparse_gemm(&rows(), &[0, 1], w, c, epilogue);
            });
            assert_refused(expected, || {
                let c = MatMut::new(&mut c[..8], 2, 4);
                kernels.dense_gemm(&dense_batch(kernels), w, c, epilogue);
            });
            assert_refused(expected, || {
                let c = MatMut::new(&mut c, 3, 4);
                kernels.sparse_tn_gemm(&columns(kernels), dz, c, epilogue);
            });
        }
    }
}

#[test]
fn rows_that_are_not_contiguous_are_refused() {
    let numbers = [0.0; 4];
    let by_columns = MatRef::new(&numbers, 2, 2).t();
    let expected = "the rows of a 2×2 matrix (strides 1, 2) are not contiguous";
    for kernels in all_kernels() {
        assert_refused(expected, || kernels.column_sums(by_columns, &mut [0.0; 2]));
        assert_refused(expected, || kernels.argmax_rows(by_columns, &mut [0; 2]));
        assert_refused(expected, || {
            let (w, m, v) = (&mut [0.0; 6], &mut [0.0; 6], &mut [0.0; 6]);
            let moments = Moments { m, v };
            kernels.sparse_tn_adam(&columns(kernels), by_columns, adam_step(1), w, moments);
        });
    }
}

#[test]
fn a_batch_of_other_columns_is_not_caught_up_with() {
    for kernels in all_kernels() {
        let mut state = DeferredAdam::new(2, 2);
        assert_refused(
            "a batch of 3 columns does not fit the moments of a 2×2",
            || {
                kernels.catch_up(&columns(kernels), &mut [0.0; 4], &mut state);
            },
        );
    }
}
