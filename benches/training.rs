//! Time of a training step by width, depth, batch and input path: whether it grows with the work.
//!
//! `cargo bench -p engine --bench training`; two minutes, over which the rounds are spread. Each trains
//! every case on the same steps from the same weights, so that each step has as many times as there are
//! rounds, and the least of them counts: a neighbour spoils it only where he is there in every round. The
//! core's multiply-add peak is probed in each round, too, and the best counts.

mod cases;

use std::time::Instant;

use cases::Case;
use engine::{dataset::Dataset, input_path::InputPath, rng::Streams, synthetic};
use kernels::{BatchColumns, Kernels};

const ROUNDS: usize = 60;
/// Examples that a round trains on.
const EXAMPLES: usize = 6144;
/// Training examples of the protocol's epoch, and its epochs.
const PROTOCOL: (usize, usize) = (48_000, 5);

fn main() {
    let kernels = Kernels::active().expect("an instruction set that this CPU has");
    let dataset = Dataset::from_raw(synthetic::generate_sized(8192, 1000)).expect("a data set");
    let mut order = vec![0; dataset.train().rows.len()];
    Streams::new(0).batch_order(0, &mut order);
    let order = &order[..EXAMPLES];

    let widths = [10, 32, 50, 64, 100, 128, 256, 300, 512, 1024].map(|width| (vec![width], 32));
    let batches = [8, 16, 64, 128, 256, 512].map(|batch| (vec![128], batch));
    let depths = [2, 3, 4].map(|depth| (vec![128; depth], 32));
    let shapes = [&widths[..], &batches, &depths].concat();
    let inputs = [InputPath::Sparse, InputPath::Dense];
    let mut cases: Vec<_> = inputs
        .iter()
        .flat_map(|&input| shapes.iter().map(move |shape| (input, shape)))
        .map(|(input, shape)| {
            let (hidden, batch) = shape;
            let case = Case::new(kernels, &dataset, hidden, *batch, input);
            (input, shape, case)
        })
        .collect();

    let mut peak = 0.0_f64;
    for _ in 0..ROUNDS {
        for (.., case) in &mut cases {
            case.round(&dataset, order);
            let start = Instant::now();
            let operations = kernels.fma_probe(20_000);
            peak = peak.max(operations as f64 / start.elapsed().as_secs_f64());
        }
    }

    println!(
        "{} kernels, {:.1} GFLOP/s at the peak, digits with {:.3} of the pixels not zero",
        kernels.isa(),
        peak / 1e9,
        dataset.density()
    );
    println!("input   hidden               batch   step µs   GFLOP/s   of peak   run s");
    for (input, (hidden, batch), case) in &cases {
        let seconds = case.seconds();
        let share = match input {
            InputPath::Sparse => dataset.density(),
            InputPath::Dense => touched(kernels, &dataset, order, *batch),
        };
        let rate = operations(&dataset, hidden, *batch, share) / seconds;
        let steps = PROTOCOL.0.div_ceil(*batch) * PROTOCOL.1;
        println!(
            "{:7} {:20} {:5} {:9.1} {:9.1} {:8.0} % {:7.2}",
            input.name(),
            format!("{hidden:?}"),
            batch,
            seconds * 1e6,
            rate / 1e9,
            100.0 * rate / peak,
            steps as f64 * seconds
        );
    }
}

/// Share of the pixels that a batch of these examples touches, on average.
fn touched(kernels: Kernels, dataset: &Dataset, order: &[u32], batch: usize) -> f64 {
    let mut columns = BatchColumns::new(dataset.features(), batch);
    let batches = order.chunks_exact(batch);
    let all = batches.len() * dataset.features();
    let touched = batches.map(|rows| {
        columns.fill(kernels, dataset.train().examples.images(), rows);
        columns.touched().len()
    });
    touched.sum::<usize>() as f64 / all as f64
}

/// Operations of a step, two for each multiply-add: forward and weight gradient of every layer, and the
/// input gradient of all but the first, which takes this share of its pixels.
fn operations(dataset: &Dataset, hidden: &[usize], batch: usize, share: f64) -> f64 {
    let widths = [&[dataset.features()], hidden, &[dataset.classes()]].concat();
    let layers = widths.windows(2).enumerate().map(|(index, w)| {
        let product = (2 * batch * w[0] * w[1]) as f64;
        if index == 0 {
            2.0 * share * product
        } else {
            3.0 * product
        }
    });
    layers.sum()
}
