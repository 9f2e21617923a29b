//! Time of a training step by width, depth, batch and input path: whether it grows with the work.
//!
//! `cargo bench -p engine --bench training`; a minute or two. Each case is timed in rounds, in the
//! thread's own processor time, with a probe of the core's multiply-add peak between them, and the
//! best of both is taken: what remains of the difference is the code's.

use engine::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    optim::Adam,
    rng::Streams,
    synthetic,
    workspace::{InputPath, Workspace},
};
use kernels::{BatchColumns, Kernels};
use rustix::time::{ClockId, clock_gettime};

/// An architecture and a batch size.
struct Case {
    hidden: Vec<usize>,
    batch: usize,
}

/// What a case came to.
struct Timing {
    /// Best time of a step.
    seconds: f64,
    /// Multiply-adds that the input path makes of a step, two operations each.
    operations: f64,
    /// Operations per second of the probe at its best.
    peak: f64,
}

const ROUNDS: usize = 5;
/// Examples that a round trains on.
const EXAMPLES: usize = 6144;
/// Training examples of the protocol's epoch, and its epochs.
const PROTOCOL: (usize, usize) = (48_000, 5);

fn main() {
    let kernels = Kernels::active().expect("an instruction set that this CPU has");
    let dataset = Dataset::from_raw(synthetic::generate_sized(8192, 1000)).expect("a data set");
    let widths = [32, 64, 128, 256, 512, 1024].map(|width| (vec![width], 32));
    let batches = [8, 16, 64, 128, 256, 512].map(|batch| (vec![128], batch));
    let depths = [2, 3, 4].map(|depth| (vec![128; depth], 32));
    let cases: Vec<Case> = widths
        .into_iter()
        .chain(batches)
        .chain(depths)
        .map(|(hidden, batch)| Case { hidden, batch })
        .collect();
    println!(
        "{} kernels, digits with {:.3} of the pixels not zero",
        kernels.isa(),
        dataset.density()
    );
    println!("input   hidden               batch   step µs   GFLOP/s   of peak   run s");
    for input in [InputPath::Sparse, InputPath::Dense] {
        for case in &cases {
            let timing = time(kernels, &dataset, case, input);
            let rate = timing.operations / timing.seconds;
            let steps = PROTOCOL.0.div_ceil(case.batch) * PROTOCOL.1;
            println!(
                "{:7} {:20} {:5} {:9.1} {:9.1} {:8.0} % {:7.2}",
                input.name(),
                format!("{:?}", case.hidden),
                case.batch,
                timing.seconds * 1e6,
                rate / 1e9,
                100.0 * rate / timing.peak,
                steps as f64 * timing.seconds
            );
        }
    }
}

fn time(kernels: Kernels, dataset: &Dataset, case: &Case, input: InputPath) -> Timing {
    let mut workspace = Workspace::new(
        kernels,
        dataset,
        &case.hidden,
        Activation::Relu,
        case.batch,
        input,
    );
    workspace.initialize(Initializer::HeNormal, InitScope::Hidden, Streams::new(0));
    let mut order = vec![0; dataset.train().rows.len()];
    let (mut seconds, mut peak) = (f64::INFINITY, 0.0_f64);
    let mut t = 0;
    for round in 0..ROUNDS {
        Streams::new(0).batch_order(round, &mut order);
        let batches = order[..EXAMPLES].chunks_exact(case.batch);
        let steps = batches.len();
        let start = thread_seconds();
        for rows in batches {
            t += 1;
            workspace.train_batch(dataset.train().examples, rows, Adam::default().step(t));
        }
        seconds = seconds.min((thread_seconds() - start) / steps as f64);
        let start = thread_seconds();
        let operations = kernels.fma_probe(20_000);
        peak = peak.max(operations as f64 / (thread_seconds() - start));
    }
    let share = match input {
        InputPath::Sparse => dataset.density(),
        InputPath::Dense => touched(kernels, dataset, &order[..EXAMPLES], case.batch),
    };
    Timing {
        seconds,
        operations: operations(dataset, case, share),
        peak,
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

/// Forward and weight gradient of every layer, and the input gradient of all but the first, which
/// takes this share of its pixels.
fn operations(dataset: &Dataset, case: &Case, share: f64) -> f64 {
    let widths = [
        &[dataset.features()],
        &case.hidden[..],
        &[dataset.classes()],
    ]
    .concat();
    let layers = widths.windows(2).enumerate().map(|(index, w)| {
        let product = (2 * case.batch * w[0] * w[1]) as f64;
        if index == 0 {
            2.0 * share * product
        } else {
            3.0 * product
        }
    });
    layers.sum()
}

/// Processor time of this thread, which another process on the core does not lengthen.
fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
