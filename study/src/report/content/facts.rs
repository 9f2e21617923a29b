//! What was run and on what, by name, as the store has it.

use super::{Study, separated};
use crate::{plan::SETTINGS, store::Session};

pub(super) fn title(study: &Study<'_>) -> String {
    format!(
        "{} on {}: {}",
        if study.is_grid() {
            "Variants of a network"
        } else {
            "Weight initializers"
        },
        study.dataset_words(),
        study.metric.label()
    )
}

/// The protocol and the extent of the study, by name.
pub(super) fn protocol(study: &Study<'_>) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: String| facts.push((name.to_owned(), value));
    say("data set", study.dataset().to_owned());
    let place = |key: &str| SETTINGS.iter().position(|known| *known == key);
    let mut declaration: Vec<_> = study.declaration.iter().collect();
    declaration.sort_by_key(|(key, _)| place(key).unwrap_or(SETTINGS.len()));
    for (key, value) in declaration {
        let name = match key.as_str() {
            "dataset_sha256" => "SHA-256 of the data set's files",
            "hidden" => "widths of the hidden layers",
            "init_scope" => "layers given the initializer",
            "batch_size" => "batch size",
            "learning_rate" => "learning rate",
            "input" => "reading of the input",
            "isa" => "instruction set that fixes the numerics",
            "numerics_version" => "version of the numerics",
            other => other,
        };
        say(name, value.clone());
    }
    say(&format!("{}s", study.noun()), separated(&study.labels()));
    let (least, most) = study.sizes();
    let seeds = if least == most {
        most.to_string()
    } else {
        format!("{least} to {most}")
    };
    say("finished runs of each", seeds);
    let diverged = study
        .runs
        .iter()
        .filter(|run| run.status.diverged_epoch().is_some());
    let failed = study.runs.iter().filter(|run| !run.is_result()).count();
    let mut runs = format!(
        "{}, {} of them diverged",
        study.runs.len() - failed,
        diverged.count()
    );
    if failed > 0 {
        runs += &format!("; {failed} more broke off and are no results");
    }
    say("runs", runs);
    say(
        "training time of all runs together",
        duration(study.runs.iter().map(|run| run.seconds).sum()),
    );
    facts
}

/// Facts of a session that the report has elsewhere, that are files of their own, or that are nobody's
/// business but the author's: where on which machine.
const ELSEWHERE: [&str; 7] = [
    "folder",
    "host",
    "dataset",
    "dataset_sha256",
    "configuration",
    "study_file",
    "isa",
];

/// Facts of a session in the order in which people ask for them; others follow.
const SESSION: [&str; 17] = [
    "examples",
    "version",
    "commit",
    "commit_dirty",
    "rustc",
    "target",
    "cpu",
    "cpu_features",
    "cores",
    "threads",
    "caches_bytes",
    "memory_bytes",
    "peak_memory_bytes",
    "os",
    "command_line",
    "started",
    "finished",
];

/// Facts of sessions under names for people.
pub(super) fn named(environment: &[(String, String)]) -> Vec<(String, String)> {
    let name = |key: &str| match key {
        "commit_dirty" => "sources changed since".to_owned(),
        "caches_bytes" => "caches, bytes".to_owned(),
        "memory_bytes" => "memory, bytes".to_owned(),
        "peak_memory_bytes" => "memory at the peak, bytes".to_owned(),
        "dataset_files_sha256" => "SHA-256 of each file of the data set".to_owned(),
        other => other.replace('_', " "),
    };
    environment
        .iter()
        .map(|(key, value)| (name(key), value.clone()))
        .collect()
}

/// What the sessions of a sweep that trained something say of the program and the machine, by name;
/// where they differ, each value once.
#[must_use]
pub fn environment(sessions: &[Session]) -> Vec<(String, String)> {
    let mut facts: Vec<(String, Vec<String>)> = Vec::new();
    // One that found all its runs there made none of what is reported.
    let trained = |session: &&Session| session.fact("runs_added") != Some("0");
    let mut made: Vec<&Session> = sessions.iter().filter(trained).collect();
    if made.is_empty() {
        made = sessions.iter().collect();
    }
    for (key, value) in made.iter().flat_map(|session| &session.facts) {
        if ELSEWHERE.contains(&key.as_str()) || value.is_empty() {
            continue;
        }
        let lines: Vec<&str> = value.lines().collect();
        let value = lines.join("; ");
        match facts.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => facts.push((key.clone(), vec![value])),
        }
    }
    let place = |key: &str| SESSION.iter().position(|known| *known == key);
    facts.sort_by_key(|(key, _)| place(key).unwrap_or(SESSION.len()));
    if sessions.len() > 1 {
        facts.push(("sessions".to_owned(), vec![sessions.len().to_string()]));
    }
    facts
        .into_iter()
        .map(|(key, values)| (key, values.join("; ")))
        .collect()
}

fn duration(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds:.1} s");
    }
    let minutes = (seconds / 60.0).round() as u64;
    if minutes < 120 {
        format!("{minutes} min")
    } else {
        format!("{} h {} min", minutes / 60, minutes % 60)
    }
}
