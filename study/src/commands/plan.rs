//! `initstudy plan`: how many seeds a verdict needs.

use std::path::Path;

use serde_json::json;

use super::method;
use crate::{
    cli::PlanArgs,
    export::row::Row,
    failure::Failure,
    limits,
    output::print,
    planning::{Goal, Need},
    report,
    store::Store,
};

/// Runs the command.
pub(super) fn run(args: &PlanArgs) -> Result<(), Failure> {
    check(args)?;
    limits::check_alpha(args.alpha).map_err(Failure::usage)?;
    let difference = match (args.difference, args.margin) {
        (Some(difference), _) => difference,
        (None, Some(_)) => 0.0,
        (None, None) => {
            return Err(Failure::usage(
                "--difference says how large a difference is to be found; or give --margin to plan for equivalence",
            ));
        }
    };
    if let Some(margin) = args.margin
        && margin > 0.0
        && difference.abs() >= margin
    {
        return Err(Failure::usage(format!(
            "--difference {difference} must lie within --margin {margin}, or no number of seeds shows equivalence"
        )));
    }
    let goal = Goal {
        difference,
        margin: args.margin,
        alpha: args.alpha,
        power: args.power,
    };
    match (&args.pilot, args.sd) {
        (Some(folder), _) => from_pilot(goal, folder, args),
        (None, Some(sd)) => from_assumptions(goal, sd, args),
        (None, None) => Err(Failure::usage(
            "--sd gives the standard deviation over seeds; or take it from a pilot sweep with --pilot FOLDER",
        )),
    }
}

/// That each flag is in the range that it has alone.
fn check(args: &PlanArgs) -> Result<(), Failure> {
    let positive = |value: f64| value > 0.0 && value.is_finite();
    let share = |value: f64| value > 0.0 && value < 1.0;
    let correlation = |value: f64| (-1.0..1.0).contains(&value);
    type Check<'a> = (&'a str, Option<f64>, fn(f64) -> bool, &'a str);
    let flags: [Check<'_>; 6] = [
        ("--sd", args.sd, positive, "be a positive finite number"),
        ("--sd-b", args.sd_b, positive, "be a positive finite number"),
        (
            "--margin",
            args.margin,
            positive,
            "be a positive finite number",
        ),
        (
            "--power",
            Some(args.power),
            share,
            "lie strictly between 0 and 1",
        ),
        (
            "--alpha",
            Some(args.alpha),
            share,
            "lie strictly between 0 and 1",
        ),
        (
            "--correlation",
            args.correlation,
            correlation,
            "be at least -1 and below 1",
        ),
    ];
    for (flag, value, is_in_range, range) in flags {
        if let Some(value) = value.filter(|value| !is_in_range(*value)) {
            return Err(Failure::usage(format!("{flag} {value} must {range}")));
        }
    }
    Ok(())
}

fn from_assumptions(goal: Goal, sd: f64, args: &PlanArgs) -> Result<(), Failure> {
    let sd_b = args.sd_b.unwrap_or(sd);
    let need = goal.need(sd, sd_b, args.correlation);
    let seeds = need
        .seeds
        .map_err(|why| Failure::usage(format!("no number of seeds meets this request: {why}")))?;
    if args.json {
        let json = json!({
            "seeds": seeds,
            "power": need.power,
            "target_power": goal.power,
            "alpha": goal.alpha,
            "difference": goal.difference,
            "margin": goal.margin,
            "sd_a": sd,
            "sd_b": sd_b,
            "correlation": args.correlation,
        });
        return print(&format!("{json:#}\n"));
    }
    let test = match (args.correlation, goal.margin) {
        (Some(r), None) => format!("paired t test, correlation {r}"),
        (None, None) => "Welch's t test".to_owned(),
        (Some(r), Some(margin)) => {
            format!("equivalence within ±{margin}, paired, correlation {r}")
        }
        (None, Some(margin)) => format!("equivalence within ±{margin}, independent samples"),
    };
    print(&format!(
        "{seeds} seeds of each group: power {} at α = {} for a true difference of {} ({test})\n",
        report::planning::power(need.power.unwrap_or(f64::NAN)),
        goal.alpha,
        goal.difference
    ))
}

fn from_pilot(goal: Goal, folder: &Path, args: &PlanArgs) -> Result<(), Failure> {
    let metric = method::metric(&args.metric)?;
    let runs = Store::open_existing(folder)?.runs()?;
    let pairs = goal.from_pilot(&metric.groups(&runs));
    if pairs.is_empty() {
        return Err(Failure::usage(format!(
            "{} has fewer than two initializers; a pilot needs two to compare",
            folder.display()
        )));
    }
    if args.json {
        let need = |row: Row, seeds, power, need: &Need| {
            row.with(seeds, need.seeds.ok())
                .with(power, need.power)
                .note_unless(seeds, &need.seeds)
        };
        let rows: Vec<Row> = pairs
            .iter()
            .map(|pair| {
                let row = Row::default()
                    .with("metric", metric.name())
                    .with("a", pair.a.as_str())
                    .with("b", pair.b.as_str())
                    .with("n", pair.n)
                    .with("sd_a", pair.sd_a)
                    .with("sd_b", pair.sd_b)
                    .with("correlation", pair.correlation.ok());
                let row = need(row, "seeds_paired", "power_paired", &pair.paired);
                need(
                    row,
                    "seeds_independent",
                    "power_independent",
                    &pair.independent,
                )
            })
            .collect();
        return print(&format!("{:#}\n", json!(rows)));
    }
    print(&report::planning::pilot(metric.name(), goal, &pairs))
}
