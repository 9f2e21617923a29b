//! `initstudy status`, and the sessions that it reads: what is done, what is missing, who did it.

use std::{fs, path::Path};

use crate::sweeps::{ENDLESS_RUNS, initstudy, read_csv, start_endless, stderr, stdout, sweep};
use rusqlite::Connection;
use serde_json::{Value, json};
use study::store::Store;

fn status(home: &Path) -> Value {
    let out = initstudy(home)
        .args(["status", "s", "--json"])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn text(home: &Path) -> String {
    let out = initstudy(home).args(["status", "s"]).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    stdout(&out)
}

/// Makes a store of schema version 1 out of one of this version.
fn to_version_1(home: &Path) {
    let store = Connection::open(home.join("s/runs.sqlite")).unwrap();
    store
        .execute_batch(
            "DROP TABLE environment; ALTER TABLE runs DROP COLUMN failure;
             ALTER TABLE runs DROP COLUMN checksum; ALTER TABLE predictions DROP COLUMN checksum;
             PRAGMA user_version = 1;",
        )
        .unwrap();
}

#[test]
fn runs_are_counted_by_variant_against_what_the_last_sweep_wanted() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let two = ["--initializers", "he_normal,glorot_uniform", "--out", "s"];
    sweep(home, &[&two[..], &["--seeds", "3"]].concat());
    let found = status(home);
    assert_eq!(json!([found["ok"], found["missing"]]), json!([6, 0]));
    assert_eq!(found["in_use_by"], Value::Null);
    // A sweep that wants more and is stopped before it can: its store knows what it wanted.
    let connection = Connection::open(home.join("s/runs.sqlite")).unwrap();
    let edit = "UPDATE environment SET value = replace(value, 'seeds = 3', 'seeds = 5')
                WHERE key = 'configuration'";
    assert_eq!(connection.execute(edit, []).unwrap(), 1);
    let found = status(home);
    assert_eq!(found["missing"], 4);
    let variants = found["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 2);
    for variant in variants {
        let counts = ["ok", "diverged", "failed", "missing"].map(|key| variant[key].clone());
        assert_eq!(json!(counts), json!([3, 0, 0, 2]));
        assert_eq!(variant["hidden"], "8");
    }
    assert!(text(home).contains("6 runs done, 0 of them diverged; 0 failed; 4 missing"));
}

#[test]
fn a_diverged_run_is_done_and_counted_as_diverged() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--learning-rate", "1e38", "--initializers", "he_normal"];
    sweep(
        home.path(),
        &[&args[..], &["--seeds", "2", "--out", "s"]].concat(),
    );
    let found = status(home.path());
    let counts = ["ok", "diverged", "missing"].map(|key| found[key].clone());
    assert_eq!(json!(counts), json!([0, 2, 0]));
}

#[test]
fn a_folder_at_work_says_so_and_one_that_was_killed_too() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let mut child = start_endless(home, "s");
    let at_work = status(home);
    child.kill().unwrap();
    child.wait().unwrap();
    let holder = format!("process {}", child.id());
    let in_use_by = at_work["in_use_by"].as_str().unwrap();
    assert!(in_use_by.starts_with(&holder), "{in_use_by}");
    assert!(!text(home).contains("with an error"));
    let killed = status(home);
    assert_eq!(killed["in_use_by"], Value::Null);
    let (done, missing) = (&killed["ok"], &killed["missing"]);
    let wanted = done.as_u64().unwrap() + missing.as_u64().unwrap();
    assert_eq!(wanted, ENDLESS_RUNS as u64);
    let session = &killed["last_session"]["environment"];
    assert_eq!(session["runs_added"].as_str().unwrap(), done.to_string());
    assert_eq!(session["finished"], Value::Null);
    assert!(
        text(home).contains("was killed, last run 20"),
        "{}",
        text(home)
    );
}

#[test]
fn each_invocation_is_a_session_with_its_program_machine_and_configuration() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "1", "--out", "s"]);
    sweep(home, &["--seeds", "2", "--out", "s", "--jobs", "1"]);
    let sessions = Store::open_existing(&home.join("s")).unwrap();
    let sessions = sessions.environment().unwrap();
    let numbers: Vec<i64> = sessions.iter().map(|session| session.number).collect();
    assert_eq!(numbers, [1, 2]);
    for session in &sessions {
        for key in [
            "version",
            "commit",
            "commit_dirty",
            "rustc",
            "target",
            "cpu",
            "isa",
            "caches_bytes",
            "cores",
            "threads",
            "memory_bytes",
            "os",
            "jobs",
            "command_line",
            "host",
            "folder",
            "exit",
            "configuration",
            "dataset",
            "dataset_sha256",
            "dataset_files_sha256",
            "started",
            "last_run",
            "finished",
            "runs_added",
        ] {
            let fact = session.fact(key);
            assert!(fact.is_some_and(|fact| !fact.is_empty()), "{key}: {fact:?}");
        }
    }
    let fact = |key| sessions[1].fact(key).unwrap();
    assert_eq!((fact("jobs"), fact("runs_added")), ("1", "4"));
    assert!(fact("command_line").ends_with("--seeds 2 --out s --jobs 1"));
    assert!(fact("rustc").starts_with("rustc 1."));
    assert!(fact("configuration").contains("\nseeds = 2\n"));
    assert_eq!(fact("dataset_files_sha256").lines().count(), 4);
    if cfg!(target_os = "linux") {
        let bytes: u64 = fact("peak_memory_bytes").parse().unwrap();
        assert!((1 << 20..1 << 34).contains(&bytes), "{bytes}");
    }
}

#[test]
fn a_store_of_version_1_is_read_as_it_is_and_brought_up_by_the_next_sweep() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "2", "--out", "s"]);
    let runs = read_csv(&home.join("s/runs.csv"));
    to_version_1(home);
    let found = status(home);
    assert_eq!(json!([found["ok"], found["missing"]]), json!([8, null]));
    assert!(text(home).contains("No session is recorded"));
    let analyzed = initstudy(home)
        .args(["analyze", "s", "--resamples", "200"])
        .output()
        .unwrap();
    assert!(analyzed.status.success(), "{}", stderr(&analyzed));
    assert_eq!(read_csv(&home.join("s/runs.csv")), runs);
    let out = sweep(home, &["--seeds", "3", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let after = read_csv(&home.join("s/runs.csv"));
    assert_eq!(after.len(), 12);
    assert!(runs.iter().all(|run| after.contains(run)), "times and all");
    let sessions = Store::open_existing(&home.join("s")).unwrap().environment();
    assert_eq!(sessions.unwrap()[0].fact("runs_added"), Some("4"));
}

#[test]
fn a_store_whose_writer_was_killed_in_the_middle_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "2", "--out", "t"]);
    let runs = read_csv(&home.join("t/runs.csv"));
    // What is on disk in the middle of a transaction that has outgrown its cache.
    let writer = Connection::open(home.join("t/runs.sqlite")).unwrap();
    writer
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE runs SET seconds = -1;
             CREATE TABLE junk AS SELECT a.* FROM epochs a, epochs b, epochs c;",
        )
        .unwrap();
    fs::create_dir(home.join("s")).unwrap();
    for file in ["runs.sqlite", "runs.sqlite-journal"] {
        fs::copy(home.join("t").join(file), home.join("s").join(file)).unwrap();
    }
    assert_eq!(status(home)["ok"], 8);
    let analyzed = initstudy(home)
        .args(["analyze", "s", "--resamples", "200"])
        .output()
        .unwrap();
    assert!(analyzed.status.success(), "{}", stderr(&analyzed));
    let mut after = read_csv(&home.join("s/runs.csv"));
    for row in &mut after {
        row.insert("study".to_owned(), "t".to_owned());
    }
    assert_eq!(after, runs, "times and all");
}

#[test]
fn a_folder_without_a_store_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let out = initstudy(home.path()).args(["status", "s"]).output();
    let out = out.unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("s holds no sweep"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn a_shard_knows_what_is_missing_and_the_folder_of_shards_sums_over_them() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for shard in ["0/3", "2/3"] {
        let out = sweep(home, &["--seeds", "4", "--out", "s", "--shard", shard]);
        assert!(out.status.success(), "{}", stderr(&out));
    }
    let whole: Value = status(home);
    let count = |part: usize, key: &str| whole["parts"][part][key].as_u64().unwrap();
    let done = [count(0, "done"), count(1, "done")];
    assert!(done[0] > 0 && done[1] > 0 && done[0] + done[1] < 16);
    assert_eq!([count(0, "missing"), count(1, "missing")], [0, 0]);
    assert_eq!(whole["parts_not_begun"], 1);
    // Each lacks what is taken away, and not what another part has.
    let store = Connection::open(home.join("s/shard-2-of-3/runs.sqlite")).unwrap();
    store.pragma_update(None, "foreign_keys", false).unwrap();
    let delete = "DELETE FROM runs WHERE run_id = (SELECT min(run_id) FROM runs)";
    assert_eq!(store.execute(delete, []).unwrap(), 1);
    let whole = status(home);
    assert_eq!(whole["parts"][1]["missing"], 1);
    let text = text(home);
    let sum = format!("{} runs done; 0 failed; 1 missing", done[0] + done[1] - 1);
    assert!(text.contains(&sum), "{text}");
}

#[test]
fn a_shard_that_was_given_the_runs_of_others_lacks_only_its_own() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let sweep_shard = |out: &str, seeds: &str, shard: &str| {
        let out = sweep(home, &["--seeds", seeds, "--out", out, "--shard", shard]);
        assert!(out.status.success(), "{}", stderr(&out));
    };
    let merge = |folders: [&str; 2]| {
        let out = initstudy(home).arg("merge").args(folders).output().unwrap();
        assert!(
            [Some(0), Some(75)].contains(&out.status.code()),
            "{}",
            stderr(&out)
        );
    };
    // Shard 1 of 3 is left out, so that there are runs that shard 1 of 2 has still to make.
    for shard in [0, 2] {
        sweep_shard("s", "6", &format!("{shard}/3"));
        merge(["all", &format!("s/shard-{shard}-of-3")]);
    }
    fs::remove_dir_all(home.join("s")).unwrap();
    // As docs/cluster.md says.
    merge(["s/shard-0-of-2", "all"]);
    let missing = || {
        let found = status(home);
        (
            found["parts"][0]["part"].clone(),
            found["parts"][0]["missing"].clone(),
        )
    };
    let (part, before) = missing();
    assert_eq!(part, "0/2");
    assert!(before.as_u64().unwrap() > 0, "{before}");
    sweep_shard("s", "6", "0/2");
    assert_eq!(missing(), (json!("0/2"), json!(0)));
    // The whole is no shard, though all who worked at it were.
    let all = initstudy(home).args(["status", "all", "--json"]).output();
    let all: Value = serde_json::from_slice(&all.unwrap().stdout).unwrap();
    let count = |key: &str| all[key].as_u64().unwrap();
    assert_eq!(count("ok") + count("missing"), 24);
    assert!(count("missing") > before.as_u64().unwrap(), "{all}");
}

#[test]
fn a_sweep_that_ended_with_an_error_was_not_killed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "1", "--out", "s"]);
    fs::remove_file(home.join("s/runs.csv")).unwrap();
    fs::create_dir(home.join("s/runs.csv")).unwrap();
    let out = sweep(home, &["--seeds", "2", "--out", "s"]);
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    let text = text(home);
    assert!(text.contains("ended with an error 20"), "{text}");
    assert!(text.contains("cannot write"), "{text}");
}

#[test]
fn a_store_that_cannot_be_looked_at_is_not_called_missing() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("s")).unwrap();
    std::os::unix::fs::symlink("runs.sqlite", home.path().join("s/runs.sqlite")).unwrap();
    let out = initstudy(home.path()).args(["status", "s"]).output();
    let out = out.unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(
        stderr(&out).contains("cannot be looked at"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn one_run_is_counted_in_the_singular() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "1", "--initializers", "he_normal", "--out", "s"];
    assert!(sweep(home.path(), &args).status.success());
    let text = text(home.path());
    assert!(text.contains("\n1 run done, 0 of them"), "{text}");
}
