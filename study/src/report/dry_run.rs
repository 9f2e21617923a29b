//! The table of a sweep that is only planned.

use std::time::Duration;

use indicatif::HumanDuration;

use super::terminal::{align_left, align_right_after, plain_table};
use crate::estimate::RunTime;

/// What a variant has and lacks.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The variant.
    pub label: String,
    /// Runs that are there.
    pub done: usize,
    /// Runs that would be trained.
    pub missing: usize,
    /// How long one of these takes, where there are some.
    pub time: Option<RunTime>,
}

/// A line for each variant, and the sum of all with the time for `jobs` workers.
#[must_use]
pub fn table(plans: &[Planned], jobs: usize) -> String {
    let mut table = plain_table();
    table.set_header(["variant", "done", "missing", "seconds a run", ""]);
    for plan in plans {
        let seconds = plan.time.map(|time| format!("{:.3}", time.seconds()));
        table.add_row([
            plan.label.clone(),
            plan.done.to_string(),
            plan.missing.to_string(),
            seconds.unwrap_or_default(),
            plan.time.map(basis).unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 1);
    align_left(&mut table, 4);
    let sum = |of: fn(&Planned) -> usize| plans.iter().map(of).sum::<usize>();
    let (done, missing) = (sum(|plan| plan.done), sum(|plan| plan.missing));
    let mut text = format!(
        "{table}\n\n{} runs: {done} done, {missing} missing",
        done + missing
    );
    if missing > 0 {
        let of = |plan: &Planned| plan.time.map_or(0.0, |t| plan.missing as f64 * t.seconds());
        let seconds: f64 = plans.iter().map(of).sum();
        let workers = jobs.min(missing);
        // The workers are assumed to share the work evenly and not to be in each other's way.
        // Times of a damaged store may be anything.
        let left = Duration::try_from_secs_f64(seconds / workers as f64);
        let left = left.map_or("a time that the store does not tell".to_owned(), |left| {
            format!("about {}", HumanDuration(left))
        });
        text += &format!(", {left} with {workers} at a time");
    }
    text + "\n"
}

fn basis(time: RunTime) -> String {
    match time {
        RunTime::Measured { runs, .. } => {
            format!("mean of {runs} finished runs of this configuration")
        }
        RunTime::Tried { .. } => "from batches timed now".to_owned(),
    }
}
