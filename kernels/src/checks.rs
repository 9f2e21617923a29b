//! Whether shapes fit: what [`Kernels`](crate::Kernels) asks before it calls, with both shapes in
//! the message where they do not.

use crate::{BatchColumns, MatRef};

#[track_caller]
pub(crate) fn check_rows_contiguous(x: MatRef<'_>) {
    assert!(
        x.col_stride() == 1 || x.cols() <= 1,
        "the rows of a {x:?} are not contiguous"
    );
}

#[track_caller]
pub(crate) fn check_sparse_gradient(x: &BatchColumns, dz: MatRef<'_>, weights: usize) {
    assert!(
        x.rows() == dz.rows() && weights == x.cols() * dz.cols(),
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
