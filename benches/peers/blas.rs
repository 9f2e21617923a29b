//! `cblas_sgemm` of OpenBLAS, BLIS and MKL, loaded at run time.

use std::ffi::c_int;

use kernels::{MatMut, MatRef};
use libloading::Library;

use super::{Peer, assert_fits};

type Sgemm = unsafe extern "C" fn(
    order: c_int,
    trans_a: c_int,
    trans_b: c_int,
    m: c_int,
    n: c_int,
    k: c_int,
    alpha: f32,
    a: *const f32,
    lda: c_int,
    b: *const f32,
    ldb: c_int,
    beta: f32,
    c: *mut f32,
    ldc: c_int,
);

const ROW_MAJOR: c_int = 101;
const NO_TRANS: c_int = 111;
const TRANS: c_int = 112;

/// Name, the variable that says where the library is, and where it is without it.
const LIBRARIES: [(&str, &str, &str); 3] = [
    ("OpenBLAS", "INITSTUDY_OPENBLAS", "libopenblas.so.0"),
    ("BLIS", "INITSTUDY_BLIS", "libblis.so.4"),
    ("MKL", "INITSTUDY_MKL_RT", "libmkl_rt.so.3"),
];

/// The libraries that load, in words also those that do not.
pub fn installed() -> Vec<Box<dyn Peer>> {
    let mut found: Vec<Box<dyn Peer>> = Vec::new();
    for (name, variable, default) in LIBRARIES {
        let path = std::env::var(variable).unwrap_or_else(|_| default.to_owned());
        match Blas::load(name, &path) {
            Ok(blas) => found.push(Box::new(blas)),
            Err(error) => println!("{name} is left out: {error} (set {variable} to its path)"),
        }
    }
    found
}

struct Blas {
    name: &'static str,
    sgemm: Sgemm,
    /// Keeps `sgemm` loaded.
    _library: Library,
}

impl Blas {
    fn load(name: &'static str, path: &str) -> Result<Self, libloading::Error> {
        // SAFETY: these libraries' initialisers only look at the CPU and the environment.
        let library = unsafe { Library::new(path) }?;
        // SAFETY: `Sgemm` is the C standard's prototype of cblas_sgemm with 32-bit integers, the
        // default interface of all three.
        let sgemm = unsafe { *library.get::<Sgemm>(b"cblas_sgemm\0")? };
        Ok(Self {
            name,
            sgemm,
            _library: library,
        })
    }
}

/// Whether an operand is transposed, and how far its lines are apart, in BLAS's terms.
fn storage(x: MatRef<'_>) -> (c_int, c_int) {
    let (trans, stride, line) = if x.col_stride() == 1 {
        (NO_TRANS, x.row_stride(), x.cols())
    } else {
        assert_eq!(x.row_stride(), 1, "BLAS wants contiguous rows or columns");
        (TRANS, x.col_stride(), x.rows())
    };
    (trans, size(stride.max(line)))
}

fn size(n: usize) -> c_int {
    n.try_into().expect("a size that fits 32 bits")
}

impl Peer for Blas {
    fn name(&self) -> &'static str {
        self.name
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>) {
        assert_fits(a, b, c.as_ref());
        assert_eq!(c.col_stride(), 1, "C wants contiguous rows");
        let ((trans_a, lda), (trans_b, ldb)) = (storage(a), storage(b));
        let ldc = size(c.row_stride().max(c.cols()));
        // SAFETY: the views are in bounds, `storage` and `ldc` describe their strides, and
        // `assert_fits` made the shapes agree; C is borrowed mutably and so overlaps neither.
        unsafe {
            (self.sgemm)(
                ROW_MAJOR,
                trans_a,
                trans_b,
                size(a.rows()),
                size(b.cols()),
                size(a.cols()),
                1.0,
                a.data().as_ptr(),
                lda,
                b.data().as_ptr(),
                ldb,
                0.0,
                c.data().as_mut_ptr(),
                ldc,
            );
        }
    }
}
