//! A crossed design: every initial-weight seed under every batch-order seed, and how much of the
//! spread over runs is whose.

use std::sync::atomic::AtomicBool;

use engine::{dataset::Dataset, init::Initializer, rng::Streams, train::Trainer};
use kernels::Kernels;

use crate::{
    metric::Metric,
    parallel,
    plan::{Protocol, RunKey, Variant},
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
    /// What is compared.
    pub variants: &'a [Variant],
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
        for variant in self.variants {
            for seed in 0..self.weight_seeds {
                let run = RunKey { variant, seed };
                cells.extend((0..self.order_seeds).map(|order_seed| (run, order_seed)));
            }
        }
        progress.start(0, cells.len());
        let mut runs = Vec::with_capacity(cells.len());
        // A few runs for every core at a time, so that progress is seen.
        for some in cells.chunks(4 * parallel::cores()) {
            let outcomes = parallel::map(some, |&(run, order_seed)| {
                let config = self.protocol.config(run.variant);
                let streams = Streams::crossed(run.seed, order_seed);
                let mut trainer = Trainer::new(self.kernels, self.dataset, config);
                trainer.run(run.variant.initializer, streams, stop)
            });
            for (&(run, order_seed), outcome) in some.iter().zip(&outcomes) {
                let outcome = outcome.as_ref()?;
                progress.run_done(outcome.time);
                runs.push(CrossedRun {
                    weight_seed: run.seed,
                    order_seed,
                    record: RunRecord::new(self.protocol, run, outcome),
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
        let initializer = run.record.variant.initializer;
        match groups.iter_mut().find(|(i, _)| *i == initializer) {
            Some((_, runs)) => runs.push(run),
            None => groups.push((initializer, vec![run])),
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
