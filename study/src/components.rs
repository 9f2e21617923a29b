//! A crossed design: every initial-weight seed under every batch-order seed, and how much of the
//! spread over runs is whose.

use std::sync::atomic::AtomicBool;

use engine::{dataset::Dataset, init::Initializer, rng::Streams, train::Trainer};
use kernels::Kernels;

use crate::{
    metric::Metric,
    parallel,
    plan::Protocol,
    progress::Progress,
    record::RunRecord,
    stats::{
        Undefined,
        components::{VarianceComponents, variance_components},
    },
};

/// Which runs are wanted.
#[derive(Clone, Copy, Debug)]
pub struct CrossedSweep<'a> {
    /// How every run trains.
    pub protocol: &'a Protocol,
    /// What on.
    pub dataset: &'a Dataset,
    /// The initializers under study.
    pub initializers: &'a [Initializer],
    /// Seeds 0, 1, … of the initial weights.
    pub weight_seeds: u64,
    /// Seeds 0, 1, … of the order of examples.
    pub order_seeds: u64,
    /// The arithmetic.
    pub kernels: Kernels,
}

/// A run of the design.
#[derive(Clone, Debug)]
pub struct CrossedRun {
    /// The initializer.
    pub initializer: Initializer,
    /// Seed of its initial weights.
    pub weight_seed: u64,
    /// Seed of its order of examples.
    pub order_seed: u64,
    /// What came of it.
    pub record: RunRecord,
}

/// One initializer's components of one metric: rows are initial weights, columns batch orders.
#[derive(Clone, Debug)]
pub struct Components {
    /// The initializer.
    pub initializer: Initializer,
    /// Runs that ended well.
    pub n: usize,
    /// Runs that diverged.
    pub diverged: usize,
    /// The components; they need every run.
    pub result: Result<VarianceComponents, Undefined>,
}

impl CrossedSweep<'_> {
    /// Trains every run, on every core. `None` where `stop` turned true underway.
    #[must_use]
    pub fn run(&self, progress: &Progress, stop: &AtomicBool) -> Option<Vec<CrossedRun>> {
        let mut cells = Vec::new();
        for &initializer in self.initializers {
            for weight_seed in 0..self.weight_seeds {
                cells.extend((0..self.order_seeds).map(|order| (initializer, weight_seed, order)));
            }
        }
        progress.start(0, cells.len());
        let mut runs = Vec::with_capacity(cells.len());
        // A few runs for every core at a time, so that progress is seen.
        for some in cells.chunks(4 * parallel::cores()) {
            let outcomes = parallel::map(some, |&(initializer, weight_seed, order_seed)| {
                let config = self.protocol.config.clone();
                let streams = Streams::crossed(weight_seed, order_seed);
                Trainer::new(self.kernels, self.dataset, config).run(initializer, streams, stop)
            });
            for (&(initializer, weight_seed, order_seed), outcome) in some.iter().zip(&outcomes) {
                let outcome = outcome.as_ref()?;
                progress.run_done(outcome.time);
                runs.push(CrossedRun {
                    initializer,
                    weight_seed,
                    order_seed,
                    record: RunRecord::new(self.protocol, initializer, weight_seed, outcome),
                });
            }
        }
        progress.finish();
        Some(runs)
    }
}

/// The components of a metric, initializer by initializer.
#[must_use]
pub fn components(runs: &[CrossedRun], metric: Metric) -> Vec<Components> {
    let mut groups: Vec<(Initializer, Vec<&CrossedRun>)> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|(i, _)| *i == run.initializer) {
            Some((_, runs)) => runs.push(run),
            None => groups.push((run.initializer, vec![run])),
        }
    }
    let of_group = |(initializer, runs): (Initializer, Vec<&CrossedRun>)| {
        let values: Vec<Option<f64>> = runs.iter().map(|run| metric.of(&run.record)).collect();
        let complete: Vec<f64> = values.iter().flatten().copied().collect();
        let columns = runs.iter().filter(|run| run.weight_seed == 0).count();
        let result = if complete.len() == runs.len() {
            let rows: Vec<&[f64]> = complete.chunks(columns).collect();
            variance_components(&rows)
        } else {
            Err(Undefined::TooFew {
                needed: runs.len(),
                got: complete.len(),
            })
        };
        Components {
            initializer,
            n: complete.len(),
            diverged: runs.len() - complete.len(),
            result,
        }
    };
    groups.into_iter().map(of_group).collect()
}
