//! How long the runs of a sweep will take: as long as those of the same configuration did, or else
//! as a few of its batches say.

use std::time::{Duration, Instant};

use engine::{
    dataset::Dataset,
    init::Initializer,
    rng::Streams,
    train::{TrainConfig, batches},
    workspace::Workspace,
};
use kernels::Kernels;

use crate::{plan::Variant, store::Count};

/// Time that is spent on the batches of one configuration.
const TRIAL: Duration = Duration::from_millis(500);

/// Seconds that a run takes, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunTime {
    /// The mean of runs of this configuration, whatever their initializer.
    Measured {
        /// Seconds.
        seconds: f64,
        /// Runs.
        runs: u64,
    },
    /// Some batches and one evaluation, extrapolated to a run.
    Tried {
        /// Seconds.
        seconds: f64,
    },
}

impl RunTime {
    /// Seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        match self {
            Self::Measured { seconds, .. } | Self::Tried { seconds } => seconds,
        }
    }

    /// From the finished runs of a variant's configuration, if there are some.
    #[must_use]
    pub fn measured(variant: &Variant, counts: &[Count]) -> Option<Self> {
        let settings = variant.settings();
        let same = |count: &&Count| count.status == "ok" && count.variant.settings() == settings;
        let (runs, seconds) = counts
            .iter()
            .filter(same)
            .fold((0, 0.0), |(runs, seconds), count| {
                (runs + count.runs, seconds + count.seconds)
            });
        (runs > 0).then(|| Self::Measured {
            seconds: seconds / runs as f64,
            runs,
        })
    }

    /// From a trial of half a second, and of at most one epoch.
    #[must_use]
    pub fn tried(kernels: Kernels, dataset: &Dataset, config: &TrainConfig) -> Self {
        let train = dataset.train();
        let mut workspace = Workspace::new(
            kernels,
            dataset,
            &config.hidden,
            config.activation,
            config.batch_size,
            config.input,
        );
        workspace.initialize(
            Initializer::GlorotUniform,
            config.init_scope,
            Streams::new(0),
        );
        let mut order = vec![0; train.rows.len()];
        Streams::new(0).batch_order(0, &mut order);
        let batches = batches(&order, config.batch_size);
        let count = batches.len();
        let start = Instant::now();
        let mut done = 0;
        for (step, [rows, next]) in (1..).zip(batches) {
            workspace.train_batch(train.examples, rows, next, config.adam.step(step));
            done += 1;
            if start.elapsed() > TRIAL {
                break;
            }
        }
        let batch = start.elapsed().as_secs_f64() / f64::from(done);
        let validation = dataset.validation();
        let start = Instant::now();
        workspace.evaluate(&validation, &mut vec![0; validation.rows.len()]);
        let evaluation = start.elapsed().as_secs_f64();
        let test = evaluation * dataset.test().rows.len() as f64 / validation.rows.len() as f64;
        let epoch = batch * count as f64 + evaluation;
        Self::Tried {
            seconds: config.epochs as f64 * epoch + test,
        }
    }
}
