//! How far a folder is, for people.

use std::fmt::Write;

use super::content::counted;
use super::terminal::{align_right_after, plain_table};
use crate::status::Status;

/// A line for each variant, what broke off, who is at work, and the last session.
#[must_use]
pub fn text(status: &Status) -> String {
    let mut table = plain_table();
    table.set_header(["variant", "ok", "diverged", "failed", "missing"]);
    let missing = |missing: Option<u64>| missing.map_or("?".to_owned(), |n| n.to_string());
    for state in &status.variants {
        table.add_row([
            state.label.clone(),
            state.ok.to_string(),
            state.diverged.to_string(),
            state.failed.to_string(),
            missing(state.missing),
        ]);
    }
    align_right_after(&mut table, 1);
    let (ok, diverged) = (status.sum(|v| v.ok), status.sum(|v| v.diverged));
    let failed = status.sum(|v| v.failed);
    let mut text = format!(
        "{table}\n\n{} done, {diverged} of them diverged; {failed} failed",
        runs(ok + diverged)
    );
    text += &match status.missing() {
        Some(missing) => format!("; {missing} missing of what the last sweep wanted\n"),
        None => "; how many are missing is not known\n".to_owned(),
    };
    for run in &status.failures {
        let message = run.message.replace('\n', " ");
        let _ = writeln!(
            text,
            "Failed: {} under seed {}: {message}",
            run.label, run.seed
        );
    }
    text + &session(status)
}

/// How far one part of a sweep is.
#[derive(Clone, Debug)]
pub struct PartLine {
    /// Its index and their count, as `--shard` takes them.
    pub part: String,
    /// Results; none where the store cannot be read.
    pub done: Option<u64>,
    /// Runs that broke off; none where the store cannot be read.
    pub failed: Option<u64>,
    /// Runs that are no results yet, where that is known.
    pub missing: Option<u64>,
    /// Who is at work on it.
    pub holder: Option<String>,
}

/// A line for each part, the sum, and how many parts have not begun.
#[must_use]
pub fn parts(parts: &[PartLine], not_begun: u64) -> String {
    let number = |n: Option<u64>| n.map_or("?".to_owned(), |n| n.to_string());
    let mut table = plain_table();
    table.set_header(["part", "done", "failed", "missing", "in use by"]);
    for line in parts {
        if line.done.is_none() {
            table.add_row([line.part.as_str(), "not readable"]);
            continue;
        }
        table.add_row([
            line.part.clone(),
            number(line.done),
            number(line.failed),
            number(line.missing),
            line.holder.clone().unwrap_or_default(),
        ]);
    }
    let done: u64 = parts.iter().filter_map(|line| line.done).sum();
    let failed: u64 = parts.iter().filter_map(|line| line.failed).sum();
    let missing: Option<u64> = parts.iter().map(|line| line.missing).sum();
    let missing = number(missing);
    let mut text = format!(
        "{table}\n\n{} done; {failed} failed; {missing} missing in these parts\n",
        runs(done)
    );
    if not_begun > 0 {
        let _ = writeln!(text, "Parts that have not begun: {not_begun}");
    }
    text
}

fn runs(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "run")
}

fn session(status: &Status) -> String {
    let at_work = match &status.holder {
        Some(holder) => format!("In use by {holder}\n"),
        None => "Nobody is at work on it\n".to_owned(),
    };
    let Some(session) = &status.last else {
        return format!("{at_work}No session is recorded\n");
    };
    let fact = |key| session.fact(key).unwrap_or("unknown");
    let end = match (session.fact("finished"), &status.holder) {
        (Some(finished), _) => match session.fact("exit") {
            Some("75") => format!("was stopped {finished}"),
            Some("1" | "2") => {
                let message = fact("message").replace('\n', " ");
                format!("ended with an error {finished} ({message})")
            }
            _ => format!("ended {finished}"),
        },
        (None, Some(_)) => format!("last run {}", fact("last_run")),
        (None, None) => format!("was killed, last run {}", fact("last_run")),
    };
    let rate = status
        .rate
        .map_or(String::new(), |rate| format!(", {rate:.2} runs/s"));
    format!(
        "{at_work}Session {}: began {}, {end}; {} runs{rate} with {} at a time\n",
        session.number,
        fact("started"),
        fact("runs_added"),
        fact("jobs")
    )
}
