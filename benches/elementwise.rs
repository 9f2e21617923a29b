//! Softmax, its cross-entropy, ReLU, tanh, the logistic function, sums of columns and Adam: every
//! twin that this CPU runs (of these AVX-512 has but Adam of its own), and the same in plain Rust
//! compiled for AVX2.
//!
//! `cargo bench -p kernels --bench elementwise [-- FILTER]`; what PyTorch takes for the same,
//! `python benches/torch_elementwise.py` tells.

mod plain;

#[path = "../tests/common/kernel_inputs.rs"]
mod kernel_inputs;

use std::hint::black_box;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use kernel_inputs::weights_and_moments;
use kernels::{AdamStep, Buffer, Isa, Kernels, MatMut, MatRef, Moments};

const SHAPES: [(usize, usize); 4] = [(32, 10), (32, 128), (1000, 128), (64, 1000)];
/// The output layer's parameters, the first layer's, and more than a core's caches hold.
const PARAMETERS: [usize; 3] = [1_290, 100_480, 4_000_000];

fn twins() -> Vec<Kernels> {
    [Isa::Avx512, Isa::Avx2, Isa::Portable]
        .into_iter()
        .filter_map(|isa| Kernels::get(isa).ok())
        .collect()
}

/// Numbers in about [−4, 4), the same on every run.
fn numbers(len: usize) -> Buffer {
    let mut buffer = Buffer::zeros(len);
    let mut state = 1_u32;
    for x in buffer.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / (1 << 21) as f32 - 4.0;
    }
    buffer
}

/// Rows and columns, numbers and labels of a shape.
struct Case {
    shape: String,
    rows: usize,
    cols: usize,
    original: Buffer,
    labels: Vec<u8>,
    scale: f32,
}

fn cases() -> [Case; 4] {
    SHAPES.map(|(rows, cols)| Case {
        shape: format!("{rows}x{cols}"),
        rows,
        cols,
        original: numbers(rows * cols),
        labels: (0..rows).map(|i| (i * 7 % cols.min(256)) as u8).collect(),
        scale: 1.0 / rows as f32,
    })
}

/// Times `kernel` on a case's numbers, restored before each call; the copy is in the time, and
/// its own time under `copy`.
fn timed(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    case: &Case,
    kernel: impl Fn(&mut [f32]),
) {
    let mut x = case.original.clone();
    group.bench_function(BenchmarkId::new(name, &case.shape), |bencher| {
        bencher.iter(|| {
            x.copy_from_slice(black_box(&case.original));
            kernel(&mut x);
            black_box(&mut x);
        });
    });
}

/// The customary constants, long after the first step.
const STEP: AdamStep = AdamStep {
    alpha: 1e-3,
    one_minus_beta1: 0.1,
    one_minus_beta2: 0.001,
    epsilon: 1e-7,
    flush_subnormals: false,
};

/// Times all twins under the name of a kernel.
fn time_twins(
    criterion: &mut Criterion,
    name: &str,
    case: &Case,
    kernel: impl Fn(Kernels, &mut [f32]),
) {
    let mut group = criterion.benchmark_group(name);
    for kernels in twins() {
        let twin = kernels.isa().name();
        timed(&mut group, twin, case, |x| kernel(kernels, x));
    }
    group.finish();
}

fn rows(criterion: &mut Criterion) {
    for case in &cases() {
        let Case { rows, cols, .. } = *case;
        timed(&mut criterion.benchmark_group("copy"), "copy", case, |_| {});
        time_twins(criterion, "exp", case, |kernels, x| kernels.exp(x));
        time_twins(criterion, "softmax", case, |kernels, x| {
            kernels.softmax_rows(MatMut::new(x, rows, cols));
        });
        time_twins(criterion, "softmax_cross_entropy", case, |kernels, x| {
            let logits = MatMut::new(x, rows, cols);
            black_box(kernels.softmax_cross_entropy(logits, &case.labels, case.scale));
        });
        time_twins(criterion, "relu", case, |kernels, x| kernels.relu(x));
        time_twins(criterion, "tanh", case, |kernels, x| kernels.tanh(x));
        time_twins(criterion, "sigmoid", case, |kernels, x| kernels.sigmoid(x));
        let activation = numbers(rows * cols);
        time_twins(criterion, "relu_backward", case, |kernels, x| {
            kernels.relu_backward(&activation, x);
        });
        let mut sums = Buffer::zeros(cols);
        let mut group = criterion.benchmark_group("column_sums");
        for kernels in twins() {
            let id = BenchmarkId::new(kernels.isa().name(), &case.shape);
            group.bench_function(id, |bencher| {
                let x = MatRef::new(&case.original, rows, cols);
                bencher.iter(|| kernels.column_sums(black_box(x), &mut sums));
            });
        }
        group.finish();
    }
}

fn adam(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("adam");
    for count in PARAMETERS {
        let gradient = numbers(count);
        let [mut w, mut m, mut v] = weights_and_moments(&gradient);
        for kernels in twins() {
            let name = kernels.isa().name();
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| {
                    let moments = Moments {
                        m: &mut m,
                        v: &mut v,
                    };
                    kernels.adam(STEP, &mut w, moments, black_box(&gradient));
                });
            });
        }
    }
    group.finish();
}

fn plain_loops(criterion: &mut Criterion) {
    if Isa::Avx2.is_available() {
        // SAFETY: this CPU has AVX2 and FMA, which is all that the function asks for.
        unsafe { plain_loops_avx2(criterion) }
    }
}

/// Closures have the features of the function that they are in.
#[target_feature(enable = "avx2,fma")]
fn plain_loops_avx2(criterion: &mut Criterion) {
    for case in &cases() {
        let Case { rows, cols, .. } = *case;
        let mut time = |name: &str, kernel: &dyn Fn(&mut [f32])| {
            timed(&mut criterion.benchmark_group(name), "plain", case, kernel);
        };
        time("exp", &|x| plain::exp(x));
        time("softmax", &|x| plain::softmax_rows(x, cols));
        time("softmax_cross_entropy", &|x| {
            black_box(plain::softmax_cross_entropy(
                x,
                cols,
                &case.labels,
                case.scale,
            ));
        });
        time("relu", &|x| plain::relu(x));
        time("tanh", &|x| plain::tanh(x));
        time("sigmoid", &|x| plain::sigmoid(x));
        let activation = numbers(rows * cols);
        time("relu_backward", &|x| plain::relu_backward(&activation, x));
        let mut sums = Buffer::zeros(cols);
        criterion.benchmark_group("column_sums").bench_function(
            BenchmarkId::new("plain", &case.shape),
            |bencher| {
                bencher.iter(|| plain::column_sums(black_box(&case.original), &mut sums));
            },
        );
    }
    let mut group = criterion.benchmark_group("adam");
    for count in PARAMETERS {
        let gradient = numbers(count);
        let [mut w, mut m, mut v] = weights_and_moments(&gradient);
        group.bench_function(BenchmarkId::new("plain", count), |bencher| {
            bencher.iter(|| plain::adam(STEP, &mut w, &mut m, &mut v, black_box(&gradient)));
        });
        group.bench_function(BenchmarkId::new("traffic alone", count), |bencher| {
            bencher.iter(|| plain::adam_traffic(&mut w, &mut m, &mut v, black_box(&gradient)));
        });
    }
    group.finish();
}

criterion_group!(benches, rows, adam, plain_loops);
criterion_main!(benches);
