//! What skips the zeros of images: the products of the first layer, and its step of Adam.

use std::rc::Rc;

use engine::{dataset::Examples, optim::Adam};
use kernels::{BatchColumns, Buffer, DeferredAdam, Epilogue, Kernels, MatMut, MatRef, Moments};

use super::{
    case::{Against, Case, Work, bytes, floats, flops},
    dense::{Sizes, dense_rival},
};

/// Examples of a batch.
pub const BATCH: usize = 32;
/// Width of the first layer.
const WIDTH: usize = 128;
/// Batches that a case goes through, so that no branch is foretold from the call before.
const BATCHES: usize = 16;

/// Some batches of a data set.
struct Batches {
    examples: Rc<Examples>,
    rows: Vec<Vec<u32>>,
    columns: Vec<BatchColumns>,
    /// Non-zeros of a batch, on average.
    nonzeros: f64,
    /// Columns that a batch touches, on average.
    touched: f64,
    /// Columns that any batch touches.
    ever_touched: f64,
}

impl Batches {
    /// # Panics
    /// If there are fewer than [`BATCH`] examples.
    fn new(examples: Rc<Examples>, kernels: Kernels) -> Self {
        let count = (examples.len() / BATCH).min(BATCHES);
        assert!(count > 0, "{} examples make no batch", examples.len());
        let x = examples.images();
        let nonzeros = |rows: &Vec<u32>| -> usize {
            rows.iter().map(|&row| x.row(row as usize).count()).sum()
        };
        let mut rows: Vec<Vec<u32>> = (0..count * BATCH)
            .map(|row| row as u32)
            .collect::<Vec<_>>()
            .chunks(BATCH)
            .map(<[u32]>::to_vec)
            .collect();
        let mean = rows.iter().map(nonzeros).sum::<usize>() as f64 / count as f64;
        // The first one stands for all where only one call is made.
        rows.sort_by(|a, b| {
            let distance = |rows| (nonzeros(rows) as f64 - mean).abs();
            distance(a).total_cmp(&distance(b))
        });
        let columns: Vec<BatchColumns> = rows
            .iter()
            .map(|rows| {
                let mut columns = BatchColumns::new(x.cols(), BATCH);
                columns.fill(kernels, x, rows);
                columns
            })
            .collect();
        let touched: usize = columns.iter().map(|columns| columns.touched().len()).sum();
        let mut ever: Vec<u32> = columns
            .iter()
            .flat_map(|columns| columns.touched().iter().copied())
            .collect();
        ever.sort_unstable();
        ever.dedup();
        Self {
            nonzeros: mean,
            touched: touched as f64 / count as f64,
            ever_touched: ever.len() as f64,
            rows,
            columns,
            examples,
        }
    }

    fn features(&self) -> usize {
        self.examples.features()
    }

    /// Bytes of a batch as the kernels read it.
    fn bytes(&self) -> f64 {
        (BATCH * self.features()) as f64
    }
}

/// Every case that reads batches of a data set of at least [`BATCH`] examples.
pub(super) fn cases(examples: Rc<Examples>, kernels: Kernels) -> Vec<Case> {
    let batches = Rc::new(Batches::new(examples, kernels));
    let adam = |kernel, deferred| step(&batches, kernel, deferred);
    vec![
        forward(&batches),
        gradient(&batches),
        adam("sparse_tn_adam", false),
        adam("sparse_tn_adam_deferred", true),
        transpose(&batches),
    ]
}

/// X·W.
fn forward(batches: &Rc<Batches>) -> Case {
    let sizes = Sizes::new([BATCH, WIDTH, batches.features()]);
    let w = floats(sizes.k * sizes.n);
    let mut c = floats(sizes.m * sizes.n);
    let work = Work {
        flops: 2.0 * batches.nonzeros * WIDTH as f64,
        read: batches.bytes() + batches.touched * bytes(WIDTH),
        written: bytes(sizes.m * sizes.n),
        resident: batches.bytes() + batches.touched * bytes(WIDTH) + bytes(sizes.m * sizes.n),
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: "sparse_gemm",
        shape: sizes.shape(),
        role: "layer 1 forward",
        work,
        period: batches.rows.len(),
        call: Box::new(move |kernels, i| {
            let rows = &batches.rows[i % batches.rows.len()];
            let w = MatRef::new(&w, sizes.k, sizes.n);
            let c = MatMut::new(&mut c, sizes.m, sizes.n);
            kernels.sparse_gemm(batches.examples.images(), rows, w, c, Epilogue::Store);
        }),
        against: Against::TwinAndDense(dense_rival(sizes, false)),
    }
}

/// Xᵀ·dZ.
fn gradient(batches: &Rc<Batches>) -> Case {
    let sizes = Sizes::new([batches.features(), WIDTH, BATCH]);
    let dz = floats(BATCH * WIDTH);
    let mut c = floats(sizes.m * sizes.n);
    let read = batches.bytes() + bytes(BATCH * WIDTH);
    let written = bytes(sizes.m * sizes.n);
    let work = Work {
        flops: 2.0 * batches.nonzeros * WIDTH as f64,
        read,
        written,
        resident: read + written,
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: "sparse_tn_gemm",
        shape: sizes.shape(),
        role: "layer 1 weight gradient",
        work,
        period: batches.rows.len(),
        call: Box::new(move |kernels, i| {
            let x = &batches.columns[i % batches.columns.len()];
            let dz = MatRef::new(&dz, BATCH, WIDTH);
            let c = MatMut::new(&mut c, sizes.m, sizes.n);
            kernels.sparse_tn_gemm(x, dz, c, Epilogue::Store);
        }),
        against: Against::TwinAndDense(dense_rival(sizes, true)),
    }
}

/// Xᵀ·dZ with a step of Adam in place of writing it: on all rows at once, or on those that the
/// batch touches, after what they missed.
fn step(batches: &Rc<Batches>, kernel: &'static str, deferred: bool) -> Case {
    let sizes = Sizes::new([batches.features(), WIDTH, BATCH]);
    let dz = floats(BATCH * WIDTH);
    let weights = sizes.m * sizes.n;
    let mut w = floats(weights);
    let (mut m, mut v) = (Buffer::zeros(weights), Buffer::zeros(weights));
    let mut state = DeferredAdam::new(sizes.m, sizes.n);
    let adam = Adam::default().step(1000);
    // Deferred, a row is passed over when a batch touches it, and takes as many steps in all.
    let (rows_moved, row_steps) = if deferred {
        (batches.touched, batches.ever_touched)
    } else {
        (sizes.m as f64, sizes.m as f64)
    };
    let moved = 3.0 * rows_moved * bytes(WIDTH);
    let read = batches.bytes() + bytes(BATCH * WIDTH) + moved;
    let work = Work {
        flops: (2.0 * batches.nonzeros + flops::ADAM * row_steps) * WIDTH as f64,
        read,
        written: moved,
        resident: read,
    };
    let batches = Rc::clone(batches);
    Case {
        kernel,
        shape: sizes.shape(),
        role: "layer 1 weight gradient and step",
        work,
        period: batches.rows.len(),
        call: Box::new(move |kernels, i| {
            let x = &batches.columns[i % batches.columns.len()];
            let dz = MatRef::new(&dz, BATCH, WIDTH);
            if deferred {
                kernels.catch_up(x, &mut w, &mut state);
                kernels.sparse_tn_adam_deferred(x, dz, adam, &mut w, &mut state);
            } else {
                let moments = Moments {
                    m: &mut m,
                    v: &mut v,
                };
                kernels.sparse_tn_adam(x, dz, adam, &mut w, moments);
            }
        }),
        against: Against::Twin,
    }
}

/// A batch turned into columns, which Xᵀ·dZ walks along.
fn transpose(batches: &Rc<Batches>) -> Case {
    let features = batches.features();
    let mut columns = BatchColumns::new(features, BATCH);
    let work = Work {
        flops: 0.0,
        read: batches.bytes(),
        written: batches.bytes(),
        resident: 2.0 * batches.bytes(),
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: "batch_columns",
        shape: format!("{BATCH}x{features}"),
        role: "batch by columns",
        work,
        period: batches.rows.len(),
        call: Box::new(move |kernels, i| {
            let rows = &batches.rows[i % batches.rows.len()];
            columns.fill(kernels, batches.examples.images(), rows);
        }),
        against: Against::Twin,
    }
}
