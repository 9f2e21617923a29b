//! The dense product beside every other implementation that is here, in one process and thread.
//!
//! Rounds are interleaved, so that whatever else the machine does hits all alike, and the best round of
//! each counts. Time is the wall clock's: a thread's processor time is too short now and then where a host
//! takes time from a virtual machine, and such a round would be the best. Every result is checked before
//! it is timed. Where the CPU has AVX-512 the table is printed twice: with all as they choose for this
//! CPU, and with all held to AVX2.
//!
//! `cargo bench -p kernels --features peers --bench gemm_peers [-- FILTER]`

#[path = "../tests/common/gemm_oracle.rs"]
mod gemm_oracle;
mod peers;

use std::{hint::black_box, process::Command, time::Instant};

use gemm_oracle::{Layout, Matrix, difference, sum};
use kernels::{Epilogue, Isa, Kernels, MatMut, MatRef};
use peers::Peer;

/// Seconds of each shape's interleaved rounds, unless `INITSTUDY_BENCH_SECONDS` says otherwise.
const SECONDS: f64 = 4.0;
/// Seconds than which no timed batch is shorter.
const BATCH: f64 = 400e-6;

/// One thread for every library.
const ONE_THREAD: [(&str, &str); 5] = [
    ("OPENBLAS_NUM_THREADS", "1"),
    ("BLIS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("MKL_THREADING_LAYER", "SEQUENTIAL"),
];
/// AVX2 for all that would use more, ours among them.
const HELD_TO_AVX2: [(&str, &str); 5] = [
    (kernels::ISA_VARIABLE, "avx2"),
    ("OPENBLAS_CORETYPE", "Haswell"),
    // The number of its Haswell kernels in 0.9.0, which takes any name for 0, its AVX-512 ones.
    ("BLIS_ARCH_TYPE", "3"),
    ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
    ("GEMMKIT_REQUIRE_ISA", "fma"),
];
/// Set in the processes that measure.
const CHILD: &str = "INITSTUDY_GEMM_PEERS";

struct Shape {
    name: &'static str,
    m: usize,
    n: usize,
    k: usize,
    a: Layout,
    b: Layout,
}

const ROWS: Layout = Layout::Rows { gap: 0 };
const COLUMNS: Layout = Layout::Columns { gap: 0 };

const fn shape(name: &'static str, [m, n, k]: [usize; 3], a: Layout, b: Layout) -> Shape {
    Shape {
        name,
        m,
        n,
        k,
        a,
        b,
    }
}

/// Shapes of the study, the first `STUDY`, then others.
const STUDY: usize = 6;
const SHAPES: [Shape; 15] = [
    shape("forward 1", [32, 128, 784], ROWS, ROWS),
    shape("forward 2", [32, 10, 128], ROWS, ROWS),
    shape("dW2 = AᵀB", [128, 10, 32], COLUMNS, ROWS),
    shape("dA1 = ABᵀ", [32, 128, 10], ROWS, COLUMNS),
    shape("dW1 = AᵀB", [784, 128, 32], COLUMNS, ROWS),
    shape("evaluation", [1000, 128, 784], ROWS, ROWS),
    shape("cube", [64, 64, 64], ROWS, ROWS),
    shape("cube", [128, 128, 128], ROWS, ROWS),
    shape("cube", [256, 256, 256], ROWS, ROWS),
    shape("cube", [512, 512, 512], ROWS, ROWS),
    shape("cube", [1024, 1024, 1024], ROWS, ROWS),
    shape("cube", [2048, 2048, 2048], ROWS, ROWS),
    shape("primes", [97, 101, 103], ROWS, ROWS),
    shape("skinny", [2048, 16, 2048], ROWS, ROWS),
    shape("vector", [1, 1024, 1024], ROWS, ROWS),
];

/// Ours, as one more contender.
struct Ours(Kernels);

impl Peer for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>) {
        self.0.gemm(a, b, c, Epilogue::Store);
    }
}

fn main() {
    if std::env::var_os(CHILD).is_some() {
        measure();
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let tables = [
        ("All as they choose", &[][..]),
        ("All held to AVX2", &HELD_TO_AVX2),
    ];
    // Without AVX-512 nobody has to be held.
    let avx512 = Kernels::get(Isa::Avx512).is_ok();
    for (title, held) in tables {
        if !held.is_empty() && !avx512 {
            continue;
        }
        println!("\n{title}, GFLOP/s\n");
        let status = Command::new(std::env::current_exe().expect("this program's path"))
            .args(&arguments)
            .envs(ONE_THREAD)
            .envs(held.iter().copied())
            .env(CHILD, "1")
            .status()
            .expect("this program runs once more");
        assert!(status.success(), "the measuring process failed: {status}");
    }
}

fn measure() {
    let filter: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let kernels = Kernels::active().expect("kernels for this CPU");
    let mut contenders: Vec<Box<dyn Peer>> = vec![Box::new(Ours(kernels))];
    contenders.extend(peers::all());
    let names: Vec<&str> = contenders.iter().map(|peer| peer.name()).collect();
    println!(
        "| shape (m×n×k) | {} | ratio to the fastest peer | share of peak |",
        names.join(" | ")
    );
    println!("|---|{}---|---|", "---|".repeat(names.len()));
    let mut study = Vec::new();
    for (index, shape) in SHAPES.iter().enumerate() {
        let label = format!("{} {}×{}×{}", shape.name, shape.m, shape.n, shape.k);
        if !filter.is_empty() && !filter.iter().any(|part| label.contains(part.as_str())) {
            continue;
        }
        let Rates { rates, peak } = race(kernels, &contenders, shape);
        let fastest = rates[1..].iter().copied().fold(0.0, f64::max);
        let ratio = rates[0] / fastest;
        if index < STUDY {
            study.push(ratio);
        }
        let cells: Vec<String> = rates.iter().map(|rate| format!("{rate:.1}")).collect();
        println!(
            "| {label} | {} | {ratio:.2} | {:.0} % |",
            cells.join(" | "),
            100.0 * rates[0] / peak
        );
    }
    if study.len() == STUDY {
        let mean = study.iter().map(|ratio| ratio.ln()).sum::<f64>() / STUDY as f64;
        println!(
            "\nGeometric mean over the study's shapes: {:.2}",
            mean.exp()
        );
    }
}

struct Rates {
    /// GFLOP/s of each contender.
    rates: Vec<f64>,
    /// GFLOP/s of nothing but multiply-adds, in the same rounds.
    peak: f64,
}

/// The best round of each contender on one shape.
fn race(kernels: Kernels, contenders: &[Box<dyn Peer>], shape: &Shape) -> Rates {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let a = Matrix::new(shape.m, shape.k, shape.a, &mut next);
    let b = Matrix::new(shape.k, shape.n, shape.b, &mut next);
    let mut c = Matrix::new(shape.m, shape.n, ROWS, || f32::NAN);
    let flops = 2.0 * (shape.m * shape.n * shape.k) as f64;

    let mut repeats = Vec::new();
    for contender in contenders {
        c.data.fill(f32::NAN);
        contender.product(a.view(), b.view(), c.view_mut());
        verify(contender.name(), shape, &a, &b, &c);
        // The most of three counts, for an interruption cuts one short.
        let counts = [(); 3].map(|()| {
            let start = Instant::now();
            let mut calls = 0_u32;
            while start.elapsed().as_secs_f64() < BATCH {
                contender.product(a.view(), b.view(), c.view_mut());
                calls += 1;
            }
            calls
        });
        repeats.push(counts.into_iter().max().unwrap_or(1));
    }

    let seconds = std::env::var("INITSTUDY_BENCH_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(SECONDS);
    let mut best = vec![f64::INFINITY; contenders.len()];
    let mut peak = 0.0_f64;
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < 3 || start.elapsed().as_secs_f64() < seconds {
        for ((contender, &calls), best) in contenders.iter().zip(&repeats).zip(&mut best) {
            contender.product(a.view(), b.view(), c.view_mut());
            let start = Instant::now();
            for _ in 0..calls {
                contender.product(black_box(a.view()), black_box(b.view()), c.view_mut());
            }
            *best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
        }
        let start = Instant::now();
        let flops = kernels.fma_probe(20_000);
        peak = peak.max(flops as f64 / start.elapsed().as_secs_f64());
        rounds += 1;
    }
    Rates {
        rates: best.iter().map(|seconds| flops / seconds / 1e9).collect(),
        peak: peak / 1e9,
    }
}

/// Some hundred elements of C, the corners among them, are what the oracle says.
fn verify(name: &str, shape: &Shape, a: &Matrix, b: &Matrix, c: &Matrix) {
    let mut places = vec![(0, 0), (shape.m - 1, shape.n - 1), (0, shape.n - 1)];
    places.extend((0..300).map(|p| (p * 7919 % shape.m, p * 104_729 % shape.n)));
    for (i, j) in places {
        let expected = sum(a.view(), b.view(), i, j).exact(0.0, Epilogue::Store, j);
        if let Some(problem) = difference(c.view().at(i, j), expected) {
            panic!("{name} on {}: ({i}, {j}): {problem}", shape.name);
        }
    }
}
