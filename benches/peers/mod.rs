//! The other implementations of the single-precision product, each behind one safe method.
//!
//! Unsafe, outside the program: what these libraries offer is a call with raw pointers, and the
//! shared libraries are loaded at run time so that no build needs them.

mod blas;

use kernels::{MatMut, MatRef};

/// Another implementation of C = A·B, on one thread.
pub trait Peer {
    fn name(&self) -> &'static str;

    /// A·B into C. The shapes fit, A and B have contiguous rows or columns, C contiguous rows.
    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>);
}

/// Every peer that is here; of the shared libraries those that load.
pub fn all() -> Vec<Box<dyn Peer>> {
    let mut peers: Vec<Box<dyn Peer>> =
        vec![Box::new(MatrixMultiply), Box::new(Gemm), Box::new(GemmKit)];
    peers.extend(blas::installed());
    peers
}

/// The shapes and strides must come from views, which are in bounds; here they are made to fit
/// each other.
fn assert_fits(a: MatRef<'_>, b: MatRef<'_>, c: MatRef<'_>) {
    assert!(
        a.cols() == b.rows() && c.rows() == a.rows() && c.cols() == b.cols(),
        "A·B does not fit: A is a {a:?}, B a {b:?}, C a {c:?}"
    );
}

struct MatrixMultiply;

impl Peer for MatrixMultiply {
    fn name(&self) -> &'static str {
        "matrixmultiply"
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>) {
        assert_fits(a, b, c.as_ref());
        let (rows, columns) = (c.row_stride() as isize, c.col_stride() as isize);
        // SAFETY: the views are in bounds and C's elements distinct; `assert_fits` made the
        // shapes agree; C is borrowed mutably and so overlaps neither A nor B.
        unsafe {
            matrixmultiply::sgemm(
                a.rows(),
                a.cols(),
                b.cols(),
                1.0,
                a.data().as_ptr(),
                a.row_stride() as isize,
                a.col_stride() as isize,
                b.data().as_ptr(),
                b.row_stride() as isize,
                b.col_stride() as isize,
                0.0,
                c.data().as_mut_ptr(),
                rows,
                columns,
            );
        }
    }
}

struct Gemm;

impl Peer for Gemm {
    fn name(&self) -> &'static str {
        "gemm"
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>) {
        assert_fits(a, b, c.as_ref());
        let (rows, columns) = (c.row_stride() as isize, c.col_stride() as isize);
        // SAFETY: the views are in bounds and C's elements distinct; `assert_fits` made the
        // shapes agree; C is borrowed mutably and so overlaps neither A nor B.
        unsafe {
            gemm::gemm(
                a.rows(),
                b.cols(),
                a.cols(),
                c.data().as_mut_ptr(),
                columns,
                rows,
                false,
                a.data().as_ptr(),
                a.col_stride() as isize,
                a.row_stride() as isize,
                b.data().as_ptr(),
                b.col_stride() as isize,
                b.row_stride() as isize,
                0.0_f32,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
}

struct GemmKit;

impl Peer for GemmKit {
    fn name(&self) -> &'static str {
        "gemmkit"
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>) {
        let view = |x: MatRef<'_>| (x.row_stride() as isize, x.col_stride() as isize);
        let ((ars, acs), (brs, bcs), (crs, ccs)) = (view(a), view(b), view(c.as_ref()));
        let (m, n) = (c.rows(), c.cols());
        gemmkit::gemm(
            1.0,
            gemmkit::MatRef::new(a.data(), a.rows(), a.cols(), ars, acs),
            gemmkit::MatRef::new(b.data(), b.rows(), b.cols(), brs, bcs),
            0.0,
            gemmkit::MatMut::new(c.data(), m, n, crs, ccs),
            gemmkit::Parallelism::Serial,
        );
    }
}
