//! `initstudy components`: whose is the spread over runs, the initial weights' or the order's.

use std::path::Path;

use serde_json::json;

use super::{method, prepare, settings};
use crate::{
    cli::ComponentsArgs,
    components::{Components, CrossedRun, CrossedSweep, components},
    export::{row::Row, write_rows},
    failure::Failure,
    metric::Metric,
    output::{check_writable, print},
    parallel,
    plan::parse_initializers,
    progress::Progress,
    report,
    request::MOST_RUNS,
    signals,
};

/// Runs the command.
pub(super) fn run(args: &ComponentsArgs) -> Result<(), Failure> {
    let initializers = parse_initializers(&args.initializers)?;
    let metric = method::metric(&args.metric)?;
    let (weight_seeds, order_seeds) = (args.weight_seeds.get(), args.order_seeds.get());
    if weight_seeds < 2 || order_seeds < 2 {
        return Err(Failure::usage(
            "--weight-seeds and --order-seeds must be 2 at least: one seed has no spread",
        ));
    }
    let runs = weight_seeds
        .saturating_mul(order_seeds)
        .saturating_mul(initializers.len() as u64);
    if runs > MOST_RUNS {
        return Err(Failure::usage(format!(
            "--weight-seeds {weight_seeds} by --order-seeds {order_seeds}, for {} initializers, are too many runs; {MOST_RUNS} is the most, use fewer of either",
            initializers.len()
        )));
    }
    if let Some(path) = &args.out {
        check_output(path)?;
    }
    let stop = signals::stop_on_signal()?;
    let ground = prepare(&args.data, &settings(&args.train, initializers)?)?;
    let sweep = CrossedSweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        variants: &ground.variants,
        weight_seeds,
        order_seeds,
        kernels: ground.kernels,
    };
    let progress = Progress::new(args.data.quiet, parallel::cores());
    let Some(runs) = sweep.run(&progress, &stop) else {
        return Err(Failure::interrupted(
            "stopped; a crossed design keeps nothing before its end",
        ));
    };
    if let Some(path) = &args.out {
        write_rows(path, runs.iter().map(run_row))
            .map_err(|error| Failure::unwritable("--out", path, &error))?;
    }
    let found = components(&runs, metric);
    if args.json {
        let rows: Vec<Row> = found.iter().map(|c| component_row(metric, c)).collect();
        return print(&format!("{:#}\n", json!(rows)));
    }
    let table = report::components::table(metric.name(), weight_seeds, order_seeds, &found);
    print(&table)
}

/// Refuses, before any training, an output that cannot be written or would replace other runs.
fn check_output(path: &Path) -> Result<(), Failure> {
    if path.is_file() {
        return Err(Failure::usage(format!(
            "{} exists already, and a file of runs is not overwritten; choose another file with --out",
            path.display()
        )));
    }
    check_writable(path).map_err(|error| Failure::unwritable("--out", path, &error))
}

fn run_row(run: &CrossedRun) -> Row {
    let row = Row::default()
        .with("initializer", run.record.variant.initializer.to_string())
        .with("weight_seed", run.weight_seed as usize)
        .with("order_seed", run.order_seed as usize)
        .with("status", run.record.status.name());
    Metric::ALL.into_iter().fold(row, |row, metric| {
        row.with(metric.name(), metric.of(&run.record))
    })
}

fn component_row(metric: Metric, found: &Components) -> Row {
    let result = found.result.as_ref().ok();
    Row::default()
        .with("metric", metric.name())
        .with("initializer", found.initializer.to_string())
        .with("n", found.n)
        .with("n_diverged", found.diverged)
        .with("weights_variance", result.map(|r| r.rows.variance))
        .with("weights_share", result.map(|r| r.rows.share))
        .with("weights_f", result.map(|r| r.rows.test.statistic))
        .with("weights_p", result.map(|r| r.rows.test.p))
        .with("order_variance", result.map(|r| r.columns.variance))
        .with("order_share", result.map(|r| r.columns.share))
        .with("order_f", result.map(|r| r.columns.test.statistic))
        .with("order_p", result.map(|r| r.columns.test.p))
        .with("rest_variance", result.map(|r| r.rest))
        .with("rest_share", result.map(|r| r.rest_share))
        .note_unless("components", &found.result)
}
