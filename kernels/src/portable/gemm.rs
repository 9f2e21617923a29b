//! The dense product on `matrixmultiply`, by way of `ndarray`'s safe door to it.

use std::cell::Cell;

use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder, linalg::general_mat_mul};

use super::relu;
use crate::{Epilogue, MatMut, MatRef, PackedB, buffer::Scratch, gemm::PANEL};

/// Elements of B up to which plain loops are done before `matrixmultiply` has packed. Not of A or
/// C: a row's sums may not depend on how many rows are asked for.
const TINY: usize = 32;

thread_local! {
    static ROWS: Cell<Scratch> = const { Cell::new(Scratch::new()) };
}

/// A·B into C, whose shapes fit.
pub(super) fn gemm(a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>, epilogue: Epilogue<'_>) {
    let add = matches!(epilogue, Epilogue::Add);
    if b.rows() * b.cols() <= TINY || blocked(a, b, &mut c, add).is_none() {
        plain(a, b, &mut c, add);
    }
    match epilogue {
        Epilogue::Store | Epilogue::Add => {}
        Epilogue::Bias(bias) => for_each(&mut c, |_, j, c| *c += bias[j]),
        Epilogue::BiasRelu(bias) => for_each(&mut c, |_, j, c| *c = relu(*c + bias[j])),
    }
}

/// As `gemm`, panel by panel.
pub(super) fn gemm_packed(a: MatRef<'_>, b: &PackedB, mut c: MatMut<'_>, epilogue: Epilogue<'_>) {
    if c.rows() == 0 {
        return;
    }
    let (row_stride, col_stride) = (c.row_stride(), c.col_stride());
    for first in (0..b.cols()).step_by(PANEL) {
        let panel = b.panel(first);
        let columns = first..first + panel.cols();
        let epilogue = match epilogue {
            Epilogue::Store | Epilogue::Add => epilogue,
            Epilogue::Bias(bias) => Epilogue::Bias(&bias[columns]),
            Epilogue::BiasRelu(bias) => Epilogue::BiasRelu(&bias[columns]),
        };
        let data = &mut c.data()[first * col_stride..];
        let c = MatMut::with_strides(data, a.rows(), panel.cols(), row_stride, col_stride);
        gemm(a, panel, c, epilogue);
    }
}

/// As `gemm`, with the rows `rows` of B, which are copied.
pub(super) fn gemm_rows(
    a: MatRef<'_>,
    b: MatRef<'_>,
    rows: &[u32],
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    let mut buffer = ROWS.take();
    let picked = &mut buffer.get(b.rows() * b.cols())[..rows.len() * b.cols()];
    for (to, &row) in picked.chunks_exact_mut(b.cols().max(1)).zip(rows) {
        to.copy_from_slice(b.row(row as usize));
    }
    gemm(a, MatRef::new(picked, rows.len(), b.cols()), c, epilogue);
    ROWS.set(buffer);
}

/// C = A·B, or C + A·B, by `matrixmultiply`; nothing where `ndarray` has no view of such strides.
fn blocked(a: MatRef<'_>, b: MatRef<'_>, c: &mut MatMut<'_>, add: bool) -> Option<()> {
    let (a, b) = (array(a)?, array(b)?);
    let (shape, strides) = ((c.rows(), c.cols()), strides(c.as_ref()));
    let mut c = ArrayViewMut2::from_shape(shape.strides(strides), c.data()).ok()?;
    general_mat_mul(1.0, &a, &b, if add { 1.0 } else { 0.0 }, &mut c);
    Some(())
}

fn array(x: MatRef<'_>) -> Option<ArrayView2<'_, f32>> {
    let (shape, strides) = ((x.rows(), x.cols()), strides(x));
    ArrayView2::from_shape(shape.strides(strides), x.data()).ok()
}

/// The strides, 0 along an axis of one element: a view allows any there, `ndarray` none past `isize::MAX`.
fn strides(x: MatRef<'_>) -> (usize, usize) {
    let along = |len: usize, stride: usize| if len > 1 { stride } else { 0 };
    (
        along(x.rows(), x.row_stride()),
        along(x.cols(), x.col_stride()),
    )
}

/// C = A·B, or C + A·B, by the definition.
fn plain(a: MatRef<'_>, b: MatRef<'_>, c: &mut MatMut<'_>, add: bool) {
    for_each(c, |i, j, c| {
        let sum: f32 = (0..a.cols()).map(|k| a.at(i, k) * b.at(k, j)).sum();
        *c = if add { *c + sum } else { sum };
    });
}

fn for_each(c: &mut MatMut<'_>, mut f: impl FnMut(usize, usize, &mut f32)) {
    let (row_stride, col_stride) = (c.row_stride(), c.col_stride());
    for i in 0..c.rows() {
        for j in 0..c.cols() {
            f(i, j, &mut c.data()[i * row_stride + j * col_stride]);
        }
    }
}
