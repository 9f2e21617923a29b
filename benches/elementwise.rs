//! Softmax, its cross-entropy, ReLU, tanh, the logistic function, sums of columns and Adam: both
//! twins, and the same in plain Rust compiled for AVX2.
//!
//! `cargo bench -p kernels --bench elementwise [-- FILTER]`; what PyTorch takes for the same,
//! `python benches/torch_elementwise.py` tells.

mod plain;

use std::hint::black_box;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use kernels::{AdamStep, Buffer, Isa, Kernels, MatMut, MatRef, Moments};

const SHAPES: [(usize, usize); 4] = [(32, 10), (32, 128), (1000, 128), (64, 1000)];
/// The output layer's parameters, the first layer's, and more than a core's caches hold.
const PARAMETERS: [usize; 3] = [1_290, 100_480, 4_000_000];

fn twins() -> Vec<Kernels> {
    [Isa::Avx2, Isa::Portable]
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

/// Times `kernel` on `x`, restored from `original` before each call; the copy is in the time, and
/// its own time under `copy`.
fn timed(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    shape: &str,
    original: &Buffer,
    mut kernel: impl FnMut(&mut [f32]),
) {
    let mut x = original.clone();
    group.bench_function(BenchmarkId::new(name, shape), |bencher| {
        bencher.iter(|| {
            x.copy_from_slice(black_box(original));
            kernel(&mut x);
            black_box(&mut x);
        });
    });
}

fn rows(criterion: &mut Criterion) {
    let avx2 = Isa::Avx2.is_available();
    for (rows, cols) in SHAPES {
        let shape = format!("{rows}x{cols}");
        let original = numbers(rows * cols);
        let labels: Vec<u8> = (0..rows).map(|i| (i * 7 % cols.min(256)) as u8).collect();
        let scale = 1.0 / rows as f32;

        timed(
            &mut criterion.benchmark_group("copy"),
            "copy",
            &shape,
            &original,
            |_| {},
        );

        let mut group = criterion.benchmark_group("exp");
        for kernels in twins() {
            let name = kernels.isa().name();
            timed(&mut group, name, &shape, &original, |x| kernels.exp(x));
        }
        if avx2 {
            // SAFETY: this CPU has AVX2 and FMA.
            timed(&mut group, "plain", &shape, &original, |x| unsafe {
                plain::exp(x);
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("softmax");
        for kernels in twins() {
            timed(&mut group, kernels.isa().name(), &shape, &original, |x| {
                kernels.softmax_rows(MatMut::new(x, rows, cols));
            });
        }
        if avx2 {
            timed(&mut group, "plain", &shape, &original, |x| {
                // SAFETY: this CPU has AVX2 and FMA.
                unsafe { plain::softmax_rows(x, cols) }
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("softmax_cross_entropy");
        for kernels in twins() {
            timed(&mut group, kernels.isa().name(), &shape, &original, |x| {
                let logits = MatMut::new(x, rows, cols);
                black_box(kernels.softmax_cross_entropy(logits, &labels, scale));
            });
        }
        if avx2 {
            timed(&mut group, "plain", &shape, &original, |x| {
                // SAFETY: this CPU has AVX2 and FMA.
                black_box(unsafe { plain::softmax_cross_entropy(x, cols, &labels, scale) });
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("relu");
        for kernels in twins() {
            let name = kernels.isa().name();
            timed(&mut group, name, &shape, &original, |x| kernels.relu(x));
        }
        if avx2 {
            // SAFETY: this CPU has AVX2 and FMA.
            timed(&mut group, "plain", &shape, &original, |x| unsafe {
                plain::relu(x);
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("tanh");
        for kernels in twins() {
            let name = kernels.isa().name();
            timed(&mut group, name, &shape, &original, |x| kernels.tanh(x));
        }
        if avx2 {
            // SAFETY: this CPU has AVX2 and FMA.
            timed(&mut group, "plain", &shape, &original, |x| unsafe {
                plain::tanh(x);
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("sigmoid");
        for kernels in twins() {
            let name = kernels.isa().name();
            timed(&mut group, name, &shape, &original, |x| kernels.sigmoid(x));
        }
        if avx2 {
            // SAFETY: this CPU has AVX2 and FMA.
            timed(&mut group, "plain", &shape, &original, |x| unsafe {
                plain::sigmoid(x);
            });
        }
        group.finish();

        let activation = numbers(rows * cols);
        let mut group = criterion.benchmark_group("relu_backward");
        for kernels in twins() {
            timed(&mut group, kernels.isa().name(), &shape, &original, |x| {
                kernels.relu_backward(&activation, x);
            });
        }
        if avx2 {
            timed(&mut group, "plain", &shape, &original, |x| {
                // SAFETY: this CPU has AVX2 and FMA.
                unsafe { plain::relu_backward(&activation, x) }
            });
        }
        group.finish();

        let mut sums = Buffer::zeros(cols);
        let mut group = criterion.benchmark_group("column_sums");
        for kernels in twins() {
            group.bench_function(BenchmarkId::new(kernels.isa().name(), &shape), |bencher| {
                let x = MatRef::new(&original, rows, cols);
                bencher.iter(|| kernels.column_sums(black_box(x), &mut sums));
            });
        }
        if avx2 {
            group.bench_function(BenchmarkId::new("plain", &shape), |bencher| {
                // SAFETY: this CPU has AVX2 and FMA.
                bencher.iter(|| unsafe { plain::column_sums(black_box(&original), &mut sums) });
            });
        }
        group.finish();
    }
}

fn adam(criterion: &mut Criterion) {
    let step = AdamStep {
        alpha: 1e-3,
        one_minus_beta1: 0.1,
        one_minus_beta2: 0.001,
        epsilon: 1e-7,
    };
    let mut group = criterion.benchmark_group("adam");
    for count in PARAMETERS {
        let mut w = numbers(count);
        let (mut m, mut v) = (Buffer::zeros(count), Buffer::zeros(count));
        let gradient = numbers(count);
        for kernels in twins() {
            let name = kernels.isa().name();
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| {
                    let moments = Moments {
                        m: &mut m,
                        v: &mut v,
                    };
                    kernels.adam(step, &mut w, moments, black_box(&gradient));
                });
            });
        }
        if Isa::Avx2.is_available() {
            group.bench_function(BenchmarkId::new("plain", count), |bencher| {
                bencher.iter(|| {
                    // SAFETY: this CPU has AVX2 and FMA.
                    unsafe { plain::adam(step, &mut w, &mut m, &mut v, black_box(&gradient)) }
                });
            });
            let (mut a, mut b, mut c) = (w.clone(), m.clone(), v.clone());
            group.bench_function(BenchmarkId::new("traffic alone", count), |bencher| {
                bencher.iter(|| {
                    // SAFETY: this CPU has AVX2 and FMA.
                    unsafe { plain::adam_traffic(&mut a, &mut b, &mut c, black_box(&gradient)) }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, rows, adam);
criterion_main!(benches);
