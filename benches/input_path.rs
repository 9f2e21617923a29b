//! From which density on the dense input path is the faster one.
//!
//! `cargo bench -p engine --bench input_path`; three minutes. The generated digits, of whose blank
//! pixels more and more have a value: a step's time on the dense path in units of that on the sparse one.

mod cases;

use cases::Case;
use engine::{
    dataset::{Dataset, Examples},
    input_path::InputPath,
    raw::LabelledImages,
    rng::Streams,
    synthetic,
};
use kernels::Kernels;

const ROUNDS: usize = 20;
/// Examples that a round trains on.
const EXAMPLES: usize = 6144;
/// Thousandths of the blank pixels that get a value.
const FILLED: [u32; 8] = [0, 150, 250, 350, 450, 550, 700, 1000];
/// Units of the hidden layer, and the batch.
const CASES: [(usize, usize); 6] = [
    (128, 8),
    (128, 32),
    (128, 64),
    (128, 256),
    (32, 32),
    (512, 32),
];

fn main() {
    let kernels = Kernels::active().expect("an instruction set that this CPU has");
    let raw = synthetic::generate_sized(8192, 1000);
    println!(
        "{} kernels, time on the dense path to time on the sparse one",
        kernels.isa()
    );
    print!("density");
    for (width, batch) in CASES {
        print!("{:>12}", format!("[{width}] {batch}"));
    }
    println!();
    for filled in FILLED {
        let part = |part: &LabelledImages| {
            let pixels = fill(part.images.pixels(), filled);
            Examples::new(&pixels, part.images.image_size(), part.labels.clone())
        };
        let dataset = Dataset::new("digits".to_owned(), part(&raw.train), part(&raw.test));
        let dataset = dataset.expect("a data set");
        print!("{:7.2}", dataset.density());
        for ratio in ratios(kernels, &dataset) {
            print!("{ratio:12.2}");
        }
        println!();
    }
}

/// The dense path's time in units of the sparse one's, for each of the cases.
fn ratios(kernels: Kernels, dataset: &Dataset) -> [f64; CASES.len()] {
    let mut order = vec![0; dataset.train().rows.len()];
    Streams::new(0).batch_order(0, &mut order);
    let order = &order[..EXAMPLES];
    let mut cases = CASES.map(|(width, batch)| {
        [InputPath::Dense, InputPath::Sparse]
            .map(|input| Case::new(kernels, dataset, &[width], batch, input))
    });
    for _ in 0..ROUNDS {
        for case in cases.as_flattened_mut() {
            case.round(dataset, order);
        }
    }
    cases.map(|[dense, sparse]| dense.seconds() / sparse.seconds())
}

/// So many thousandths of the blank pixels are blank no more.
fn fill(pixels: &[u8], filled: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    pixels
        .iter()
        .map(|&pixel| {
            let draw = next();
            if pixel == 0 && draw % 1000 < filled {
                1 + (draw / 1000 % 255) as u8
            } else {
                pixel
            }
        })
        .collect()
}
