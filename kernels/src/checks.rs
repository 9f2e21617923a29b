//! Whether shapes fit: what [`Kernels`](crate::Kernels) asks before it calls, with both shapes in
//! the message where they do not.

use crate::{BatchColumns, Epilogue, MatRef, SparseRows};

#[track_caller]
pub(crate) fn check_rows_contiguous(x: MatRef<'_>) {
    assert!(
        x.col_stride() == 1 || x.cols() <= 1,
        "the rows of a {x:?} are not contiguous"
    );
}

/// X·W into C for a batch X of `batch` rows and `cols` columns.
#[track_caller]
pub(crate) fn check_batch_product(
    (batch, cols): (usize, usize),
    w: MatRef<'_>,
    c: MatRef<'_>,
    epilogue: Epilogue<'_>,
) {
    assert!(
        cols == w.rows() && c.rows() == batch && c.cols() == w.cols(),
        "X·W does not fit: X is {batch} rows of {cols}, W a {w:?}, C a {c:?}"
    );
    check_rows_contiguous(w);
    check_rows_contiguous(c);
    epilogue.check(c.cols());
}

#[track_caller]
pub(crate) fn check_sparse_gradient(x: &BatchColumns, dz: MatRef<'_>, weights: usize) {
    assert!(
        x.rows() == dz.rows() && x.cols().checked_mul(dz.cols()) == Some(weights),
        "Xᵀ·dZ does not fit {weights} weights: X is {} rows of {}, dZ a {dz:?}",
        x.rows(),
        x.cols()
    );
    check_rows_contiguous(dz);
}

#[track_caller]
pub(crate) fn check_labels(logits: MatRef<'_>, labels: &[u8]) {
    assert_eq!(
        labels.len(),
        logits.rows(),
        "{} labels do not fit a {logits:?} of logits",
        labels.len()
    );
    check_rows_contiguous(logits);
    let highest = labels
        .iter()
        .max()
        .map_or(0, |&label| usize::from(label) + 1);
    assert!(
        highest <= logits.cols(),
        "label {} is no column of a {logits:?}",
        highest - 1
    );
}

/// Whether x has these rows.
#[track_caller]
pub(crate) fn check_rows(x: &SparseRows, rows: &[u32]) {
    let highest = rows.iter().max().map_or(0, |&row| row as usize + 1);
    assert!(
        highest <= x.rows(),
        "row {} is outside the {} rows of X",
        highest - 1,
        x.rows()
    );
}
