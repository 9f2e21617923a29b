//! How far a folder is, for people.

use std::fmt::Write;

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
        "{table}\n\n{} runs done, {diverged} of them diverged; {failed} failed",
        ok + diverged
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
        (Some(finished), _) => format!("ended {finished}"),
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
