//! The sparse products on real MNIST batches beside every dense product that is here, and where
//! the time of a training step's first layer goes.
//!
//! Rounds are interleaved; every call has another batch, drawn at random, so that branch
//! predictors meet what they meet in training. All contenders write to the same memory. Each
//! product is timed on two footings:
//!
//! - "ready": each finds its input in the cache, the dense products as floats, ours as bytes or,
//!   for Xᵀ·dZ, as the batch's columns too. In a round all have the same batches.
//! - "data set": each begins with the numbers of 32 images. The dense products gather and convert
//!   their bytes first. The images are in memory and mostly in no cache, so each contender has
//!   other batches in a round, or the first would fetch them for the rest.
//!
//! `cargo bench -p kernels --features peers --bench sparse_peers`; MNIST is looked for in
//! `INITSTUDY_DATA_DIR`, or else in `../shared/mnist` beside the checkout.

mod peers;
mod sparse_step;

use std::{
    env,
    fs::File,
    hint::black_box,
    io::Read,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use kernels::{BatchColumns, Buffer, Epilogue, Isa, Kernels, MatMut, MatRef, SparseRows};
use peers::Peer;

/// One way to the products.
enum Contender<'a> {
    Sparse(Kernels),
    Dense(&'a dyn Peer),
}

/// What a product begins with.
#[derive(Clone, Copy, PartialEq)]
enum Footing {
    Ready,
    /// As `Ready`, but Xᵀ·dZ has yet to seek the batch's columns.
    ColumnsSought,
    DataSet,
}

/// What contenders write to, the same memory for all.
struct Scratch {
    c: Buffer,
    dense: Buffer,
    columns: BatchColumns,
}

const BATCH: usize = 32;
const PIXELS: usize = 784;
const WIDTH: usize = 128;
const IMAGES: usize = 48_000;
/// Batches that the rounds cycle through: an epoch.
const BATCHES: usize = IMAGES / BATCH;
const ROUNDS: usize = 300;
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
    if env::var_os(CHILD).is_none() {
        let status = Command::new(env::current_exe().expect("this program's path"))
            .envs(ONE_THREAD)
            .env(CHILD, "1")
            .status()
            .expect("this program runs once more");
        assert!(status.success(), "the measuring process failed: {status}");
        return;
    }
    if !Isa::Avx2.is_available() {
        println!("no AVX2: nothing to measure");
        return;
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/mnist");
    let folder = env::var_os("INITSTUDY_DATA_DIR").unwrap_or_else(|| beside.into());
    let path = Path::new(&folder).join("train-images-idx3-ubyte.gz");
    let Ok(file) = File::open(&path) else {
        println!(
            "no MNIST at {}, so nothing is measured; INITSTUDY_DATA_DIR names its folder",
            path.display()
        );
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
        pixels,
        batches: batches(),
        w: numbers(PIXELS * WIDTH),
        dz: numbers(BATCH * WIDTH),
    };
    println!("Density of the images: {:.3}\n", data.x.density());
    products(&data);
    sparse_step::step(&data);
}

struct Data<'a> {
    x: SparseRows,
    pixels: &'a [u8],
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

/// The batch as floats, compiled for AVX2.
#[target_feature(enable = "avx2,fma")]
fn gather(pixels: &[u8], rows: &[u32], values: &mut [f32]) {
    for (values, &row) in values.chunks_exact_mut(PIXELS).zip(rows) {
        let bytes = &pixels[row as usize * PIXELS..][..PIXELS];
        for (value, &byte) in values.iter_mut().zip(bytes) {
            *value = f32::from(byte) * (1.0 / 255.0);
        }
    }
}

impl Data<'_> {
    fn gather(&self, scratch: &mut Scratch, i: usize) {
        // SAFETY: `main` made sure of AVX2 and FMA.
        unsafe { gather(self.pixels, &self.batches[i], &mut scratch.dense) };
    }

    /// Brings what the footing promises into the cache.
    fn prepare(&self, of: &Contender<'_>, footing: Footing, tn: bool, s: &mut Scratch, i: usize) {
        match (of, footing) {
            (_, Footing::DataSet) => {}
            (Contender::Dense(_), _) => self.gather(s, i),
            (Contender::Sparse(kernels), Footing::Ready) if tn => {
                s.columns.fill(*kernels, &self.x, &self.batches[i]);
            }
            (Contender::Sparse(_), _) => {
                let rows = self.batches[i].iter();
                let bytes = rows.flat_map(|&row| self.x.bytes(row as usize));
                black_box(bytes.fold(0, |any, byte| any | byte));
            }
        }
    }

    /// X·W of a batch or, if `tn`, Xᵀ·dZ, from what `prepare` left.
    fn run(&self, of: &Contender<'_>, footing: Footing, tn: bool, s: &mut Scratch, i: usize) {
        let w = MatRef::new(&self.w, PIXELS, WIDTH);
        let dz = MatRef::new(&self.dz, BATCH, WIDTH);
        if matches!(of, Contender::Dense(_)) && footing == Footing::DataSet {
            self.gather(s, i);
        }
        if let (Contender::Sparse(kernels), true) = (of, tn && footing != Footing::Ready) {
            s.columns.fill(*kernels, &self.x, &self.batches[i]);
        }
        let rows = if tn { PIXELS } else { BATCH };
        let c = MatMut::new(&mut s.c[..rows * WIDTH], rows, WIDTH);
        let x = black_box(MatRef::new(&s.dense, BATCH, PIXELS));
        match (of, tn) {
            (Contender::Sparse(kernels), false) => {
                if footing == Footing::DataSet {
                    self.x.prefetch(&self.batches[i]);
                }
                kernels.sparse_gemm(&self.x, &self.batches[i], w, c, Epilogue::Store);
            }
            (Contender::Sparse(kernels), true) => {
                kernels.sparse_tn_gemm(&s.columns, dz, c, Epilogue::Store);
            }
            (Contender::Dense(peer), false) => peer.product(x, w, c),
            (Contender::Dense(peer), true) => peer.product(x.t(), dz, c),
        }
    }

    /// Holds a result against the product in double precision.
    fn check(&self, c: &[f32], tn: bool, i: usize, name: &str) {
        let x = |row: usize, k: usize| {
            let image = self.batches[i][row] as usize;
            f64::from(self.pixels[image * PIXELS + k]) / 255.0
        };
        for (at, &got) in c.iter().enumerate() {
            let (r, j) = (at / WIDTH, at % WIDTH);
            let product = |k: usize| match tn {
                false => x(r, k) * f64::from(self.w[k * WIDTH + j]),
                true => x(k, r) * f64::from(self.dz[k * WIDTH + j]),
            };
            let terms = if tn { BATCH } else { PIXELS };
            let sum: f64 = (0..terms).map(product).sum();
            let magnitude: f64 = (0..terms).map(|k| product(k).abs()).sum();
            let bound = f64::from(f32::EPSILON) * (terms + 3) as f64 * magnitude;
            let off = (f64::from(got) - sum).abs();
            assert!(off <= bound, "{name}: {got} for {sum} at ({r}, {j})");
        }
    }
}

impl Contender<'_> {
    fn name(&self) -> String {
        match self {
            Self::Sparse(kernels) => format!("sparse, {}", kernels.isa()),
            Self::Dense(peer) => peer.name().to_owned(),
        }
    }
}

fn products(data: &Data<'_>) {
    let ours: Vec<Kernels> = [Isa::Avx512, Isa::Avx2, Isa::Portable]
        .into_iter()
        .filter_map(|isa| Kernels::get(isa).ok())
        .collect();
    let mut dense = peers::all();
    dense.push(Box::new(OurDense(ours[0])));
    let mut contenders: Vec<_> = ours.into_iter().map(Contender::Sparse).collect();
    contenders.extend(dense.iter().map(|peer| Contender::Dense(&**peer)));
    let mut scratch = Scratch {
        c: Buffer::zeros(PIXELS * WIDTH),
        dense: Buffer::zeros(BATCH * PIXELS),
        columns: BatchColumns::new(PIXELS, BATCH),
    };
    let cases = [
        ("X·W, 32×128×784, input ready", false, Footing::Ready),
        (
            "X·W, 32×128×784, from the data set",
            false,
            Footing::DataSet,
        ),
        ("Xᵀ·dZ, 784×128×32, input ready", true, Footing::Ready),
        (
            "Xᵀ·dZ, the batch's columns sought",
            true,
            Footing::ColumnsSought,
        ),
        ("Xᵀ·dZ, from the data set", true, Footing::DataSet),
    ];
    for (title, tn, footing) in cases {
        for contender in &contenders {
            for i in [0, BATCHES / 2] {
                scratch.c.fill(f32::NAN);
                data.prepare(contender, footing, tn, &mut scratch, i);
                data.run(contender, footing, tn, &mut scratch, i);
                let rows = if tn { PIXELS } else { BATCH };
                data.check(&scratch.c[..rows * WIDTH], tn, i, &contender.name());
            }
        }
        let mut seconds = vec![Vec::with_capacity(ROUNDS); contenders.len()];
        for round in 0..ROUNDS {
            for (k, contender) in contenders.iter().enumerate() {
                let apart = if footing == Footing::DataSet {
                    k * 61
                } else {
                    0
                };
                let mut spent = Duration::ZERO;
                for call in 0..CALLS {
                    let i = (round * CALLS + call + apart) % BATCHES;
                    data.prepare(contender, footing, tn, &mut scratch, i);
                    let start = Instant::now();
                    data.run(contender, footing, tn, &mut scratch, i);
                    spent += start.elapsed();
                }
                seconds[k].push(spent.as_secs_f64() / CALLS as f64);
            }
        }
        report(title, &contenders, &seconds);
    }
}

/// Prints least and median time of each, and how they relate to the first, round by round.
fn report(title: &str, contenders: &[Contender<'_>], seconds: &[Vec<f64>]) {
    println!(
        "| {title} | least µs | median µs | median ratio | ratio of least |\n|---|---|---|---|---|"
    );
    let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    let mut fastest = [f64::INFINITY; 2];
    for (contender, times) in contenders.iter().zip(seconds) {
        let ratios = times.iter().zip(&seconds[0]).map(|(t, ours)| t / ours);
        let ratios = [median(ratios.collect()), least(times) / least(&seconds[0])];
        println!(
            "| {} | {:.1} | {:.1} | {:.2} | {:.2} |",
            contender.name(),
            least(times) * 1e6,
            median(times.clone()) * 1e6,
            ratios[0],
            ratios[1]
        );
        if matches!(contender, Contender::Dense(_)) {
            fastest = std::array::from_fn(|i| fastest[i].min(ratios[i]));
        }
    }
    println!(
        "\nThe fastest dense one takes {:.2} times as long (median of rounds; least times {:.2}).\n",
        fastest[0], fastest[1]
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
