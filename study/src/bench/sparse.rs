//! What skips the zeros of images, or the pixels that are zero in a whole batch: the products of the
//! first layer, and its step of Adam.

use std::rc::Rc;

use engine::{dataset::Examples, input_path::InputPath, optim::Adam};
use kernels::{BatchColumns, DeferredAdam, DenseBatch, Epilogue, Kernels, MatMut, MatRef, Moments};

use super::{
    case::{Against, Case, Work, bytes, floats, flops, weights_and_moments},
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
    inputs: Vec<DenseBatch>,
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
        let inputs: Vec<DenseBatch> = rows
            .iter()
            .map(|rows| {
                let mut input = DenseBatch::new(x.cols(), BATCH);
                input.fill(kernels, x, rows);
                input
            })
            .collect();
        let mut ever: Vec<u32> = inputs
            .iter()
            .flat_map(|input| input.columns().touched().iter().copied())
            .collect();
        let touched = ever.len();
        ever.sort_unstable();
        ever.dedup();
        Self {
            nonzeros: mean,
            touched: touched as f64 / count as f64,
            ever_touched: ever.len() as f64,
            rows,
            inputs,
            examples,
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Call i's batch.
    fn input(&self, i: usize) -> &DenseBatch {
        &self.inputs[i % self.inputs.len()]
    }

    /// Multiply-adds of a batch for each column of W: its non-zeros, or all values of the columns that
    /// it touches.
    fn terms(&self, path: InputPath) -> f64 {
        match path {
            InputPath::Sparse => self.nonzeros,
            InputPath::Dense => BATCH as f64 * self.touched,
        }
    }

    /// Bytes of a batch as the products read it: as stored, or the values of the columns that it
    /// touches.
    fn bytes_read(&self, path: InputPath) -> f64 {
        match path {
            InputPath::Sparse => self.bytes(),
            InputPath::Dense => bytes(BATCH) * self.touched,
        }
    }

    fn features(&self) -> usize {
        self.examples.features()
    }

    /// Bytes of a batch as it is stored.
    fn bytes(&self) -> f64 {
        (BATCH * self.features()) as f64
    }
}

/// Every case that reads batches of a data set of at least [`BATCH`] examples.
pub(super) fn cases(examples: Rc<Examples>, kernels: Kernels) -> Vec<Case> {
    let batches = Rc::new(Batches::new(examples, kernels));
    vec![
        forward(&batches, InputPath::Sparse),
        gradient(&batches),
        step(&batches, Step::Eager),
        step(&batches, Step::Deferred),
        fill(&batches, InputPath::Sparse),
        forward(&batches, InputPath::Dense),
        step(&batches, Step::DeferredDense),
        fill(&batches, InputPath::Dense),
    ]
}

/// X·W along the non-zeros, or by the dense product of the columns touched.
fn forward(batches: &Rc<Batches>, path: InputPath) -> Case {
    let sizes = Sizes::new([BATCH, WIDTH, batches.features()]);
    let w = floats(sizes.k * sizes.n);
    let mut c = floats(sizes.m * sizes.n);
    let read = batches.bytes_read(path) + batches.touched * bytes(WIDTH);
    let written = bytes(sizes.m * sizes.n);
    let work = Work {
        flops: 2.0 * batches.terms(path) * WIDTH as f64,
        read,
        written,
        resident: read + written,
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: match path {
            InputPath::Sparse => "sparse_gemm",
            InputPath::Dense => "dense_gemm",
        },
        shape: sizes.shape(),
        role: "layer 1 forward",
        work,
        period: batches.len(),
        call: Box::new(move |kernels, i| {
            let w = MatRef::new(&w, sizes.k, sizes.n);
            let c = MatMut::new(&mut c, sizes.m, sizes.n);
            match path {
                InputPath::Sparse => {
                    let rows = &batches.rows[i % batches.len()];
                    // In training they were just read, here they lie scattered.
                    batches.examples.images().prefetch(rows);
                    kernels.sparse_gemm(batches.examples.images(), rows, w, c, Epilogue::Store);
                }
                InputPath::Dense => kernels.dense_gemm(batches.input(i), w, c, Epilogue::Store),
            }
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
        flops: 2.0 * batches.terms(InputPath::Sparse) * WIDTH as f64,
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
        period: batches.len(),
        call: Box::new(move |kernels, i| {
            let x = batches.input(i).columns();
            let dz = MatRef::new(&dz, BATCH, WIDTH);
            let c = MatMut::new(&mut c, sizes.m, sizes.n);
            kernels.sparse_tn_gemm(x, dz, c, Epilogue::Store);
        }),
        against: Against::TwinAndDense(dense_rival(sizes, true)),
    }
}

/// Which rows take a step of Adam, and by which product.
#[derive(Clone, Copy)]
enum Step {
    /// All rows, by the non-zeros.
    Eager,
    /// Those that the batch touches, after what they missed.
    Deferred,
    /// The same by the dense product of the columns touched.
    DeferredDense,
}

/// Xᵀ·dZ with a step of Adam in place of writing it.
fn step(batches: &Rc<Batches>, which: Step) -> Case {
    let sizes = Sizes::new([batches.features(), WIDTH, BATCH]);
    let dz = floats(BATCH * WIDTH);
    let weights = sizes.m * sizes.n;
    let [mut w, mut m, mut v] = weights_and_moments(weights);
    let mut state = DeferredAdam::new(sizes.m, sizes.n);
    let adam = Adam::default().step(1000);
    // Deferred, a row is passed over when a batch touches it, and takes as many steps in all.
    let (rows_moved, row_steps) = match which {
        Step::Eager => (sizes.m as f64, sizes.m as f64),
        Step::Deferred | Step::DeferredDense => (batches.touched, batches.ever_touched),
    };
    let path = match which {
        Step::Eager | Step::Deferred => InputPath::Sparse,
        Step::DeferredDense => InputPath::Dense,
    };
    let moved = 3.0 * rows_moved * bytes(WIDTH);
    let read = batches.bytes_read(path) + bytes(BATCH * WIDTH) + moved;
    let work = Work {
        flops: (2.0 * batches.terms(path) + flops::ADAM * row_steps) * WIDTH as f64,
        read,
        written: moved,
        resident: read,
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: match which {
            Step::Eager => "sparse_tn_adam",
            Step::Deferred => "sparse_tn_adam_deferred",
            Step::DeferredDense => "dense_tn_adam_deferred",
        },
        shape: sizes.shape(),
        role: "layer 1 weight gradient and step",
        work,
        period: batches.len(),
        call: Box::new(move |kernels, i| {
            let input = batches.input(i);
            let x = input.columns();
            let dz = MatRef::new(&dz, BATCH, WIDTH);
            match which {
                Step::Eager => {
                    let moments = Moments {
                        m: &mut m,
                        v: &mut v,
                    };
                    kernels.sparse_tn_adam(x, dz, adam, &mut w, moments);
                }
                Step::Deferred => {
                    kernels.catch_up(x, &mut w, &mut state);
                    kernels.sparse_tn_adam_deferred(x, dz, adam, &mut w, &mut state);
                }
                Step::DeferredDense => {
                    kernels.catch_up(x, &mut w, &mut state);
                    kernels.dense_tn_adam_deferred(input, dz, adam, &mut w, &mut state);
                }
            }
        }),
        against: Against::Twin,
    }
}

/// A batch turned into columns, which Xᵀ·dZ walks along; with the values of those touched, for the
/// dense products.
fn fill(batches: &Rc<Batches>, path: InputPath) -> Case {
    let features = batches.features();
    let mut columns = BatchColumns::new(features, BATCH);
    let mut input = DenseBatch::new(features, BATCH);
    let read = batches.bytes();
    let values = match path {
        InputPath::Sparse => 0.0,
        InputPath::Dense => batches.bytes_read(path),
    };
    let work = Work {
        flops: 0.0,
        read,
        written: read + values,
        resident: 2.0 * read + values,
    };
    let batches = Rc::clone(batches);
    Case {
        kernel: match path {
            InputPath::Sparse => "batch_columns",
            InputPath::Dense => "dense_batch",
        },
        shape: format!("{BATCH}x{features}"),
        role: "batch by columns",
        work,
        period: batches.len(),
        call: Box::new(move |kernels, i| {
            let rows = &batches.rows[i % batches.len()];
            match path {
                InputPath::Sparse => columns.fill(kernels, batches.examples.images(), rows),
                InputPath::Dense => input.fill(kernels, batches.examples.images(), rows),
            }
        }),
        against: Against::Twin,
    }
}
