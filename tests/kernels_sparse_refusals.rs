//! What the sparse products refuse, and what they say then.

#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;

use kernel_inputs::all_kernels;
use kernels::{BatchColumns, Epilogue, MatMut, MatRef, SparseRows};

#[test]
#[should_panic(expected = "X is 1 rows of 2, W a 3×1 matrix")]
fn weights_of_another_height_are_refused() {
    let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
    let c = &mut [0.0];
    let w = MatRef::new(&[0.0; 3], 3, 1);
    all_kernels()[0].sparse_gemm(&x, &[0], w, MatMut::new(c, 1, 1), Epilogue::Store);
}

#[test]
#[should_panic(expected = "row 2 is outside the 2 rows of X")]
fn a_row_that_is_not_there_is_refused() {
    let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
    let c = &mut [0.0];
    let w = MatRef::new(&[0.0; 2], 2, 1);
    all_kernels()[0].sparse_gemm(&x, &[2], w, MatMut::new(c, 1, 1), Epilogue::Store);
}

#[test]
#[should_panic(expected = "row 2 is outside the 2 rows of X")]
fn a_row_to_come_that_is_not_there_is_refused() {
    let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
    let c = &mut [0.0];
    let c = MatMut::new(c, 1, 1);
    let w = MatRef::new(&[0.0; 2], 2, 1);
    all_kernels()[0].sparse_gemm_prefetching(&x, &[0], &[1, 2], w, c, Epilogue::Store);
}

#[test]
#[should_panic(expected = "X is 0 rows of 2, dZ a 1×1 matrix")]
fn a_gradient_of_another_batch_is_refused() {
    let columns = BatchColumns::new(2, 8);
    let dz = MatRef::new(&[0.0], 1, 1);
    let c = &mut [0.0; 2];
    all_kernels()[0].sparse_tn_gemm(&columns, dz, MatMut::new(c, 2, 1), Epilogue::Store);
}

#[test]
#[should_panic(expected = "33 rows of 2 columns do not fit room for 32 of 2")]
fn a_batch_above_the_capacity_is_refused() {
    let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
    BatchColumns::new(2, 32).fill(all_kernels()[0], &x, &[0; 33]);
}
