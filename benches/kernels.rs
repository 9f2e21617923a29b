//! Criterion's view of the dense product, for those who change it: what a change did, with its
//! error bars. How it stands beside other libraries is `gemm_peers`.
//!
//! `cargo bench -p kernels --bench kernels [-- FILTER]`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kernels::{AdamStep, Epilogue, Kernels, MatMut, MatRef, Moments, PackedB};

/// Values that no kernel treats specially.
fn values(n: usize) -> Vec<f32> {
    (0..n)
        .map(|i| (i * 7919 % 1009) as f32 / 1009.0 - 0.5)
        .collect()
}

/// Name, m, n, k, whether A and B are transposed views.
const SHAPES: [(&str, usize, usize, usize, bool, bool); 9] = [
    ("forward 1", 32, 128, 784, false, false),
    ("forward 2", 32, 10, 128, false, false),
    ("dW2", 128, 10, 32, true, false),
    ("dA1", 32, 128, 10, false, true),
    ("dW1", 784, 128, 32, true, false),
    ("evaluation", 1000, 128, 784, false, false),
    ("cube", 256, 256, 256, false, false),
    ("primes", 97, 101, 103, false, false),
    ("vector", 1, 1024, 1024, false, false),
];

fn view(data: &[f32], rows: usize, cols: usize, transposed: bool) -> MatRef<'_> {
    if transposed {
        MatRef::new(data, cols, rows).t()
    } else {
        MatRef::new(data, rows, cols)
    }
}

fn gemm(criterion: &mut Criterion) {
    let kernels = Kernels::active().expect("kernels for this CPU");
    let mut group = criterion.benchmark_group("gemm");
    for (name, m, n, k, a_transposed, b_transposed) in SHAPES {
        let (a, b, mut c) = (values(m * k), values(k * n), vec![0.0; m * n]);
        let (a, b) = (view(&a, m, k, a_transposed), view(&b, k, n, b_transposed));
        group.throughput(Throughput::Elements((2 * m * n * k) as u64));
        group.bench_function(format!("{name} {m}×{n}×{k}"), |bencher| {
            bencher.iter(|| {
                let c = MatMut::new(&mut c, m, n);
                kernels.gemm(black_box(a), black_box(b), c, Epilogue::Store);
            });
        });
    }
    group.finish();
}

fn gemm_packed(criterion: &mut Criterion) {
    let kernels = Kernels::active().expect("kernels for this CPU");
    let (m, n, k) = (1000, 128, 784);
    let (a, b, bias, mut c) = (values(m * k), values(k * n), values(n), vec![0.0; m * n]);
    let (a, b) = (MatRef::new(&a, m, k), PackedB::new(MatRef::new(&b, k, n)));
    let mut group = criterion.benchmark_group("gemm_packed");
    group.throughput(Throughput::Elements((2 * m * n * k) as u64));
    group.bench_function(format!("evaluation {m}×{n}×{k}"), |bencher| {
        bencher.iter(|| {
            let c = MatMut::new(&mut c, m, n);
            kernels.gemm_packed(black_box(a), black_box(&b), c, Epilogue::BiasRelu(&bias));
        });
    });
    group.finish();
}

fn gemm_adam(criterion: &mut Criterion) {
    let kernels = Kernels::active().expect("kernels for this CPU");
    let step = AdamStep {
        alpha: 1e-3,
        one_minus_beta1: 0.1,
        one_minus_beta2: 0.001,
        epsilon: 1e-7,
        flush_subnormals: false,
    };
    let mut group = criterion.benchmark_group("gemm_adam");
    for (name, m, n, k) in [("dW1", 784, 128, 32), ("dW2", 128, 10, 32)] {
        let (a, b) = (values(k * m), values(k * n));
        let (mut w, mut mean, mut square) = (values(m * n), vec![0.0; m * n], vec![0.0; m * n]);
        let (a, b) = (MatRef::new(&a, k, m).t(), MatRef::new(&b, k, n));
        group.throughput(Throughput::Elements((m * n) as u64));
        group.bench_function(format!("{name} {m}×{n}×{k}"), |bencher| {
            bencher.iter(|| {
                let moments = Moments {
                    m: &mut mean,
                    v: &mut square,
                };
                kernels.gemm_adam(black_box(a), black_box(b), step, &mut w, moments);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, gemm, gemm_packed, gemm_adam);
criterion_main!(benches);
