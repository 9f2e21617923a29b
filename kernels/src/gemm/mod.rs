//! The dense product: what is asked for, checked once.

mod packed;
mod with_adam;

pub(crate) use packed::PANEL;
pub use packed::PackedB;
pub(crate) use with_adam::{gemm_adam, gemm_adam_rows};

use crate::{MatMut, MatRef};

/// What becomes of a finished element of the product.
#[derive(Clone, Copy, Debug)]
pub enum Epilogue<'a> {
    /// C = A·B; whatever C held before, NaN included, is gone.
    Store,
    /// C = C + A·B.
    Add,
    /// C = A·B + bias, one value per column.
    Bias(&'a [f32]),
    /// C = max(A·B + bias, 0), one value per column; NaN stays NaN.
    BiasRelu(&'a [f32]),
}

impl Epilogue<'_> {
    /// # Panics
    /// If there is a bias and it does not have one value for each of `cols` columns.
    #[track_caller]
    pub(crate) fn check(&self, cols: usize) {
        if let Self::Bias(bias) | Self::BiasRelu(bias) = self {
            assert_eq!(
                bias.len(),
                cols,
                "a bias of {} values does not fit {cols} columns",
                bias.len()
            );
        }
    }
}

/// # Panics
/// Unless C is as high as A, as wide as B, and A as wide as B is high.
#[track_caller]
pub(crate) fn check(a: MatRef<'_>, b: MatRef<'_>, c: &MatMut<'_>, epilogue: Epilogue<'_>) {
    assert!(
        a.cols() == b.rows() && c.rows() == a.rows() && c.cols() == b.cols(),
        "A·B does not fit: A is a {a:?}, B a {b:?}, C a {c:?}"
    );
    epilogue.check(c.cols());
}

/// # Panics
/// As [`check`].
#[track_caller]
pub(crate) fn check_packed(a: MatRef<'_>, b: &PackedB, c: &MatMut<'_>, epilogue: Epilogue<'_>) {
    assert!(
        a.cols() == b.rows() && c.rows() == a.rows() && c.cols() == b.cols(),
        "A·B does not fit: A is a {a:?}, B a packed {}×{} matrix, C a {c:?}",
        b.rows(),
        b.cols()
    );
    epilogue.check(c.cols());
}

/// # Panics
/// Unless the weights are as many as A·B has elements, and A as wide as B is high.
#[track_caller]
pub(crate) fn check_weights(a: MatRef<'_>, b: MatRef<'_>, weights: usize) {
    assert!(
        a.cols() == b.rows() && a.rows().checked_mul(b.cols()) == Some(weights),
        "the gradient A·B does not fit {weights} weights: A is a {a:?}, B a {b:?}"
    );
}
