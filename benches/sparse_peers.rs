//! The sparse products on real MNIST batches beside every dense product that is here, and where
//! the time of a training step's first layer goes.
//!
//! Rounds are interleaved and the best of each counts; every call has another batch, drawn at
//! random, so that caches and branch predictors meet what they meet in training. The dense
//! products are given their batch ready-made; ours find it in the data set.
//!
//! `cargo bench -p kernels --features peers --bench sparse_peers`

mod peers;

use std::{
    hint::black_box,
    io::Read,
    process::Command,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use kernels::{
    AdamStep, BatchColumns, Buffer, DeferredAdam, Epilogue, Isa, Kernels, MatMut, MatRef, Moments,
    SparseRows,
};
use peers::Peer;

/// A name, and a call that takes the number of its batch.
type Contender<'a> = (String, Box<dyn FnMut(usize) + 'a>);

const BATCH: usize = 32;
const PIXELS: usize = 784;
const WIDTH: usize = 128;
const IMAGES: usize = 48_000;
/// Batches that the rounds cycle through: an epoch.
const BATCHES: usize = IMAGES / BATCH;
const ROUNDS: usize = 400;
const CALLS: usize = 8;

/// One thread for every library; set in the process that measures.
const ONE_THREAD: [(&str, &str); 5] = [
    ("OPENBLAS_NUM_THREADS", "1"),
    ("BLIS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("MKL_THREADING_LAYER", "SEQUENTIAL"),
];
const CHILD: &str = "INITSTUDY_SPARSE_PEERS";

fn main() {
    if std::env::var_os(CHILD).is_none() {
        let status = Command::new(std::env::current_exe().expect("this program's path"))
            .envs(ONE_THREAD)
            .env(CHILD, "1")
            .status()
            .expect("this program runs once more");
        assert!(status.success(), "the measuring process failed: {status}");
        return;
    }
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/mnist/train-images-idx3-ubyte.gz"
    );
    let Ok(file) = std::fs::File::open(path) else {
        println!("no MNIST at {path}: nothing to measure");
        return;
    };
    let mut bytes = Vec::new();
    GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .expect("a readable archive");
    let pixels = &bytes[16..][..IMAGES * PIXELS];
    let levels = std::array::from_fn(|byte| byte as f32 / 255.0);
    let data = Data {
        x: SparseRows::from_levels(pixels, PIXELS, &levels),
        batches: batches(),
        w: numbers(PIXELS * WIDTH),
        dz: numbers(BATCH * WIDTH),
    };
    println!("Density of the images: {:.3}\n", data.x.density());
    products(&data, pixels, &levels);
    step(&data);
}

struct Data {
    x: SparseRows,
    batches: Vec<Vec<u32>>,
    w: Buffer,
    dz: Buffer,
}

/// A random order of the images, in batches, the same on every run.
fn batches() -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..IMAGES as u32).collect();
    let mut state = 1_u64;
    for i in (1..IMAGES).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    order.chunks_exact(BATCH).map(<[u32]>::to_vec).collect()
}

/// Numbers in [−0.05, 0.05), the same on every run.
fn numbers(len: usize) -> Buffer {
    let mut buffer = Buffer::zeros(len);
    let mut state = 1_u32;
    for x in buffer.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = ((state >> 8) as f32 / (1 << 23) as f32 - 1.0) * 0.05;
    }
    buffer
}

/// The least time of a call of each contender, in rounds of a few calls each.
fn race(contenders: &mut [Contender<'_>]) -> Vec<Duration> {
    let mut best = vec![Duration::MAX; contenders.len()];
    for round in 0..ROUNDS {
        for ((_, call), best) in contenders.iter_mut().zip(&mut best) {
            let start = Instant::now();
            for i in 0..CALLS {
                call((round * CALLS + i) % BATCHES);
            }
            *best = (*best).min(start.elapsed() / CALLS as u32);
        }
    }
    best
}

fn products(data: &Data, pixels: &[u8], levels: &[f32; 256]) {
    let mut dense_peers = peers::all();
    dense_peers.push(Box::new(OurDense(
        Kernels::active().expect("kernels for this CPU"),
    )));
    let dense: Vec<Buffer> = data.batches[..64]
        .iter()
        .map(|rows| {
            let images = rows
                .iter()
                .flat_map(|&row| &pixels[row as usize * PIXELS..][..PIXELS]);
            let values: Vec<f32> = images.map(|&byte| levels[usize::from(byte)]).collect();
            Buffer::from(&values[..])
        })
        .collect();
    let w = MatRef::new(&data.w, PIXELS, WIDTH);
    let dz = MatRef::new(&data.dz, BATCH, WIDTH);
    let twins: Vec<Kernels> = [Isa::Avx2, Isa::Portable]
        .into_iter()
        .filter_map(|isa| Kernels::get(isa).ok())
        .collect();

    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for &kernels in &twins {
        let mut c = Buffer::zeros(BATCH * WIDTH);
        contenders.push((
            format!("sparse, {}", kernels.isa()),
            Box::new(move |i| {
                let c = MatMut::new(&mut c, BATCH, WIDTH);
                kernels.sparse_gemm(&data.x, &data.batches[i], w, c, Epilogue::Store);
            }),
        ));
    }
    for peer in &dense_peers {
        let mut c = Buffer::zeros(BATCH * WIDTH);
        let dense = &dense;
        contenders.push((
            peer.name().to_owned(),
            Box::new(move |i| {
                let x = MatRef::new(&dense[i % dense.len()], BATCH, PIXELS);
                peer.product(black_box(x), w, MatMut::new(&mut c, BATCH, WIDTH));
            }),
        ));
    }
    report("X·W, 32×128×784", &mut contenders, twins.len());

    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for &kernels in &twins {
        let mut c = Buffer::zeros(PIXELS * WIDTH);
        let mut columns = BatchColumns::new(PIXELS, BATCH);
        contenders.push((
            format!("sparse, {}, its columns sought", kernels.isa()),
            Box::new(move |i| {
                columns.fill(&data.x, &data.batches[i]);
                let c = MatMut::new(&mut c, PIXELS, WIDTH);
                kernels.sparse_tn_gemm(&columns, dz, c, Epilogue::Store);
            }),
        ));
    }
    for peer in &dense_peers {
        let mut c = Buffer::zeros(PIXELS * WIDTH);
        let dense = &dense;
        contenders.push((
            peer.name().to_owned(),
            Box::new(move |i| {
                let x = MatRef::new(&dense[i % dense.len()], BATCH, PIXELS);
                peer.product(black_box(x.t()), dz, MatMut::new(&mut c, PIXELS, WIDTH));
            }),
        ));
    }
    report("Xᵀ·dZ, 784×128×32", &mut contenders, twins.len());
}

/// Prints the times, and how much faster the first is than the fastest dense contender.
fn report(title: &str, contenders: &mut [Contender<'_>], first_dense: usize) {
    let best = race(contenders);
    println!("| {title} | µs |\n|---|---|");
    for ((name, _), best) in contenders.iter().zip(&best) {
        println!("| {name} | {:.1} |", best.as_secs_f64() * 1e6);
    }
    let fastest = best[first_dense..].iter().min().expect("a dense contender");
    let ratio = fastest.as_secs_f64() / best[0].as_secs_f64();
    println!("\nThe fastest dense one takes {ratio:.2} times as long.\n");
}

/// The dense product of this crate, as one more peer.
struct OurDense(Kernels);

impl Peer for OurDense {
    fn name(&self) -> &'static str {
        "this crate, dense"
    }

    fn product(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>) {
        self.0.gemm(a, b, c, Epilogue::Store);
    }
}

/// Times the parts of an epoch's steps, eager and deferred, each part on its own.
fn step(data: &Data) {
    let kernels = Kernels::active().expect("kernels for this CPU");
    let dz = MatRef::new(&data.dz, BATCH, WIDTH);
    let bias = vec![0.1; WIDTH];
    let mut columns = BatchColumns::new(PIXELS, BATCH);
    let mut c = Buffer::zeros(BATCH * WIDTH);
    println!("| part of a step | eager, median µs | deferred, median µs |\n|---|---|---|");
    let mut medians = Vec::new();
    for deferred in [false, true] {
        let mut w = data.w.clone();
        let mut m = Buffer::zeros(PIXELS * WIDTH);
        let mut v = Buffer::zeros(PIXELS * WIDTH);
        let mut state = DeferredAdam::new(PIXELS, WIDTH);
        let mut times: [Vec<Duration>; 5] = std::array::from_fn(|_| Vec::with_capacity(BATCHES));
        for t in 0..2 * BATCHES {
            let batch = &data.batches[t % BATCHES];
            let next = &data.batches[(t + 1) % BATCHES];
            let mut lap = Instant::now();
            let mut parts = [Duration::ZERO; 5];
            let mut clock = |part: usize| {
                parts[part] = lap.elapsed();
                lap = Instant::now();
            };
            columns.fill(&data.x, batch);
            clock(0);
            if deferred {
                kernels.catch_up(&columns, &mut w, &mut state);
            }
            clock(1);
            let w_view = MatRef::new(&w, PIXELS, WIDTH);
            let c = MatMut::new(&mut c, BATCH, WIDTH);
            kernels.sparse_gemm(&data.x, batch, w_view, c, Epilogue::BiasRelu(&bias));
            clock(2);
            data.x.prefetch(next);
            clock(3);
            let step = adam_step(t as i32 + 1);
            if deferred {
                kernels.sparse_tn_adam_deferred(&columns, dz, step, &mut w, &mut state);
            } else {
                let moments = Moments {
                    m: &mut m,
                    v: &mut v,
                };
                kernels.sparse_tn_adam(&columns, dz, step, &mut w, moments);
            }
            clock(4);
            // The second epoch counts: in the first, rows are still untouched.
            if t >= BATCHES {
                times
                    .iter_mut()
                    .zip(parts)
                    .for_each(|(all, part)| all.push(part));
            }
        }
        medians.push(times.map(|mut all| {
            all.sort();
            all[all.len() / 2].as_secs_f64() * 1e6
        }));
    }
    let parts = [
        "the batch's columns",
        "catching up",
        "X·W, bias, ReLU",
        "asking for the next batch",
        "Xᵀ·dZ and Adam",
    ];
    for (i, part) in parts.iter().enumerate() {
        println!("| {part} | {:.1} | {:.1} |", medians[0][i], medians[1][i]);
    }
    let [eager, deferred] = [0, 1].map(|i| medians[i].iter().sum::<f64>());
    println!("| all | {eager:.1} | {deferred:.1} |\n");
    bounds(kernels, data);
}

fn adam_step(t: i32) -> AdamStep {
    let alpha = 1e-3 * (1.0 - 0.999_f64.powi(t)).sqrt() / (1.0 - 0.9_f64.powi(t));
    AdamStep {
        alpha: alpha as f32,
        one_minus_beta1: 0.1,
        one_minus_beta2: 0.001,
        epsilon: 1e-7,
    }
}

/// What the parts could not be faster than on this core.
fn bounds(kernels: Kernels, data: &Data) {
    let mut columns = BatchColumns::new(PIXELS, BATCH);
    let (mut touched, mut terms) = (0, 0);
    for batch in &data.batches {
        columns.fill(&data.x, batch);
        touched += columns.touched().len();
        terms += batch
            .iter()
            .map(|&i| data.x.row(i as usize).count())
            .sum::<usize>();
    }
    let (touched, terms) = (
        touched as f64 / BATCHES as f64,
        terms as f64 / BATCHES as f64,
    );

    let mut peak = 0.0_f64;
    let mut adam = f64::INFINITY;
    // In L1: what is left is the divider.
    let (mut w, mut m, mut v) = (numbers(512), numbers(512), Buffer::zeros(512));
    let g = numbers(512);
    for _ in 0..2000 {
        let start = Instant::now();
        let flops = kernels.fma_probe(2_000);
        peak = peak.max(flops as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for _ in 0..32 {
            let moments = Moments {
                m: &mut m,
                v: &mut v,
            };
            kernels.adam(adam_step(1), &mut w, moments, black_box(&g));
        }
        adam = adam.min(start.elapsed().as_secs_f64() / (32.0 * 512.0));
    }
    let product = terms * WIDTH as f64 * 2.0 / peak * 1e6;
    println!("A batch has {terms:.0} non-zeros and touches {touched:.0} of {PIXELS} rows.");
    println!(
        "Multiply-adds: {:.0} GFLOP/s, so a product takes {product:.1} µs.",
        peak / 1e9
    );
    println!(
        "Adam in L1: {:.2} ns a weight, so {:.1} µs for the rows touched, {:.1} for all.",
        adam * 1e9,
        adam * touched * WIDTH as f64 * 1e6,
        adam * (PIXELS * WIDTH) as f64 * 1e6
    );
}
