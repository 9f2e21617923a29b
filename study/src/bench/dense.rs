//! The dense products: on the study's shapes, on squares, on odd and extreme ones.

use engine::optim::Adam;
use kernels::{Epilogue, MatMut, MatRef, Moments, PackedB};

use super::case::{Against, Call, Case, Work, bytes, floats, flops, weights_and_moments};

/// Which factor is stored as its transpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    Plain,
    ATransposed,
    BTransposed,
}

/// Sizes of a product: C is m×n, A m×k, B k×n.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
}

/// Every dense product, for images of `features` values.
pub(super) fn cases(features: usize) -> Vec<Case> {
    use Stored::{ATransposed, BTransposed, Plain};
    let study = [
        ([32, 128, features], Plain, "layer 1 forward"),
        ([32, 10, 128], Plain, "layer 2 forward"),
        ([128, 10, 32], ATransposed, "layer 2 weight gradient"),
        ([32, 128, 10], BTransposed, "layer 2 input gradient"),
        ([features, 128, 32], ATransposed, "layer 1 weight gradient"),
        ([1000, 128, features], Plain, "evaluation"),
    ];
    let others = [
        [64, 64, 64],
        [128, 128, 128],
        [256, 256, 256],
        [512, 512, 512],
        [1024, 1024, 1024],
        [97, 101, 103],
        [33, 65, 127],
        [2048, 16, 2048],
        [1, 1024, 1024],
    ];
    let mut cases: Vec<Case> = study
        .into_iter()
        .map(|(sizes, stored, role)| product(Sizes::new(sizes), stored, role))
        .collect();
    cases.extend(others.map(|sizes| product(Sizes::new(sizes), Plain, "")));
    cases.push(packed(Sizes::new([32, 128, features]), "layer 1 forward"));
    cases.push(packed(Sizes::new([1000, 128, features]), "evaluation"));
    let role = "layer 1 weight gradient and step";
    cases.push(with_adam(Sizes::new([features, 128, 32]), role));
    let role = "layer 2 weight gradient and step";
    cases.push(with_adam(Sizes::new([128, 10, 32]), role));
    cases
}

impl Sizes {
    pub(super) fn new([m, n, k]: [usize; 3]) -> Self {
        Self { m, n, k }
    }

    pub(super) fn shape(self) -> String {
        format!("{}x{}x{}", self.m, self.n, self.k)
    }

    fn work(self) -> Work {
        let Self { m, n, k } = self;
        let read = bytes(m * k + k * n);
        let written = bytes(m * n);
        Work {
            flops: 2.0 * (m * n * k) as f64,
            read,
            written,
            resident: read + written,
        }
    }
}

fn product(sizes: Sizes, stored: Stored, role: &'static str) -> Case {
    Case {
        kernel: match stored {
            Stored::Plain => "gemm",
            Stored::ATransposed => "gemm_tn",
            Stored::BTransposed => "gemm_nt",
        },
        shape: sizes.shape(),
        role,
        work: sizes.work(),
        period: 1,
        call: call(sizes, stored),
        against: Against::TwinIsMatrixmultiply,
    }
}

fn call(Sizes { m, n, k }: Sizes, stored: Stored) -> Call {
    let (a, b) = (floats(m * k), floats(k * n));
    let mut c = floats(m * n);
    Box::new(move |kernels, _| {
        let a = match stored {
            Stored::ATransposed => MatRef::new(&a, k, m).t(),
            _ => MatRef::new(&a, m, k),
        };
        let b = match stored {
            Stored::BTransposed => MatRef::new(&b, n, k).t(),
            _ => MatRef::new(&b, k, n),
        };
        kernels.gemm(a, b, MatMut::new(&mut c, m, n), Epilogue::Store);
    })
}

/// A·B by `matrixmultiply`, given portable kernels, on factors that another case has as something
/// else: A stored as it is, or as its transpose.
pub(super) fn dense_rival(sizes: Sizes, a_transposed: bool) -> Call {
    let stored = if a_transposed {
        Stored::ATransposed
    } else {
        Stored::Plain
    };
    call(sizes, stored)
}

fn packed(sizes: Sizes, role: &'static str) -> Case {
    let Sizes { m, n, k } = sizes;
    let a = floats(m * k);
    let b = PackedB::new(MatRef::new(&floats(k * n), k, n));
    let mut c = floats(m * n);
    Case {
        kernel: "gemm_packed",
        shape: sizes.shape(),
        role,
        work: sizes.work(),
        period: 1,
        call: Box::new(move |kernels, _| {
            let c = MatMut::new(&mut c, m, n);
            kernels.gemm_packed(MatRef::new(&a, m, k), &b, c, Epilogue::Store);
        }),
        against: Against::TwinAndDense(dense_rival(sizes, false)),
    }
}

/// The gradient Aᵀ·B, with a step of Adam in place of writing it.
fn with_adam(sizes: Sizes, role: &'static str) -> Case {
    let Sizes { m, n, k } = sizes;
    let (a, b) = (floats(m * k), floats(k * n));
    let [mut w, mut first, mut second] = weights_and_moments(m * n);
    let step = Adam::default().step(1000);
    let state = bytes(3 * m * n);
    let read = bytes(m * k + k * n) + state;
    Case {
        kernel: "gemm_adam",
        shape: sizes.shape(),
        role,
        work: Work {
            flops: 2.0 * (m * n * k) as f64 + flops::ADAM * (m * n) as f64,
            read,
            written: state,
            resident: read,
        },
        period: 1,
        call: Box::new(move |kernels, _| {
            let moments = Moments {
                m: &mut first,
                v: &mut second,
            };
            let (a, b) = (MatRef::new(&a, k, m).t(), MatRef::new(&b, k, n));
            kernels.gemm_adam(a, b, step, &mut w, moments);
        }),
        against: Against::Twin,
    }
}
