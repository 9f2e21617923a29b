//! Runs that were never trained, and the figures of them.

use study::{
    comparison::{Analysis, Best, Settings, analyze, critical_difference},
    metric::Metric,
    record::{EpochRecord, RunRecord},
    report::figures::{self, Figure},
};

use crate::stored;

const INITIALIZERS: [&str; 15] = [
    "random_normal",
    "glorot_uniform",
    "he_normal",
    "random_uniform",
    "glorot_normal",
    "he_uniform",
    "random_normal(stddev=0.0123456789012345)",
    "random_normal(stddev=0.1)",
    "random_normal(stddev=0.2)",
    "random_normal(stddev=0.3)",
    "random_uniform(limit=0.0000012345678901234)",
    "random_uniform(limit=0.1)",
    "random_uniform(limit=0.2)",
    "random_uniform(limit=0.3)",
    "random_uniform(limit=0.4)",
];

/// A number in [0, 1) that looks random, the same each time.
pub fn noise(seed: u64, salt: u64) -> f64 {
    let mut x = (seed << 32 | salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

pub fn run(group: usize, seed: u64) -> RunRecord {
    let salt = group as u64 * 100;
    let epochs = (0..5).map(|epoch| EpochRecord {
        train_loss: 0.5 / f64::from(epoch + 1) + 0.01 * noise(seed, salt + 1),
        train_accuracy: 0.98 - 0.06 / f64::from(epoch + 1) + 0.002 * noise(seed, salt + 2),
        val_loss: 0.4 / f64::from(epoch + 1) + 0.02 * noise(seed, salt + 3),
        val_accuracy: 0.97 - 0.04 / f64::from(epoch + 1) + 0.004 * noise(seed, salt + 4),
        seconds: 1.0,
    });
    // Accuracies of 10000 images: many are equal.
    let test = 0.974 + 0.0003 * group as f64 + 0.003 * noise(seed, salt + 5);
    RunRecord {
        epochs_planned: 5,
        test_accuracy: Some((test * 1e4).round() / 1e4),
        test_loss: Some(0.09 + 0.01 * noise(seed, salt + 6)),
        seconds: 5.0,
        epochs: epochs.collect(),
        ..stored::run(INITIALIZERS[group], group, seed)
    }
}

pub fn runs(groups: usize, seeds: u64) -> Vec<RunRecord> {
    (0..groups)
        .flat_map(|group| (0..seeds).map(move |seed| run(group, seed)))
        .collect()
}

pub fn diverged(run: RunRecord) -> RunRecord {
    let mut run = stored::diverged(run);
    run.epochs[0].val_accuracy = 0.1;
    run
}

/// Fewer resamples: no figure shows a bootstrap interval.
pub fn settings() -> Settings {
    let mut settings = Settings::paired();
    settings.resampling.resamples = 100;
    settings
}

pub fn analysis(runs: &[RunRecord], settings: &Settings, metric: Metric) -> Analysis {
    analyze(metric.name(), &metric.groups(runs), settings)
}

pub fn drawn(runs: &[RunRecord], settings: &Settings) -> (Vec<Figure>, Vec<String>) {
    let metric = Metric::TestAccuracy;
    figures::of_sweep(runs, &analysis(runs, settings, metric), settings, metric)
}

pub fn named<'a>(figures: &'a [Figure], name: &str) -> &'a Figure {
    let found = figures.iter().find(|figure| figure.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

pub fn diagram(labels: &[String]) -> Figure {
    let of = |block: u64| (0..labels.len()).map(move |i| noise(block, i as u64) + 0.05 * i as f64);
    let blocks: Vec<Vec<f64>> = (0..10).map(|block| of(block).collect()).collect();
    let diagram = critical_difference(labels, &blocks, Best::Largest, 0.05).unwrap();
    figures::critical_difference(&diagram)
}

pub fn texts(figure: &Figure) -> Vec<String> {
    let boxes = figure.scene.label_boxes();
    boxes.iter().map(|(text, _)| (*text).to_owned()).collect()
}
