//! Sweeps that are stopped, repeated, shared or damaged: no run is lost, none is done twice.

#[path = "common/sweeps.rs"]
mod sweeps;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use sweeps::{stderr, sweep, wait_for_run};

/// Long enough to be caught in the middle.
const LONG: [&str; 6] = ["--seeds", "40", "--epochs", "30", "--out", "s"];

fn start(home: &Path) -> Child {
    let mut command = sweeps::command(home, &LONG);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

fn results(home: &Path) -> BTreeMap<String, String> {
    sweeps::results(&home.join("s"))
}

#[test]
fn a_signal_ends_the_sweep_with_75_and_the_same_command_goes_on_from_there() {
    let whole = tempfile::tempdir().unwrap();
    assert!(sweep(whole.path(), &LONG).status.success());
    for name in ["-INT", "-TERM"] {
        let home = tempfile::tempdir().unwrap();
        let mut child = start(home.path());
        wait_for_run(&mut child, &home.path().join("s"));
        signal(&child, name);
        let out = child.wait_with_output().unwrap();
        assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
        assert!(
            stderr(&out).contains("the same command goes on"),
            "{}",
            stderr(&out)
        );
        let kept = results(home.path());
        assert!(!kept.is_empty() && kept.len() < 160, "{} runs", kept.len());
        // What would take time and is worth nothing yet.
        assert!(out.stdout.is_empty() && !home.path().join("s/runs.csv").exists());
        assert!(sweep(home.path(), &LONG).status.success());
        assert_eq!(results(home.path()), results(whole.path()));
    }
}

#[test]
fn a_killed_sweep_keeps_its_finished_runs() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path());
    wait_for_run(&mut child, &home.path().join("s"));
    child.kill().unwrap();
    child.wait().unwrap();
    let out = sweep(home.path(), &LONG);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(results(home.path()).len(), 160);
}

#[test]
fn a_second_sweep_in_the_folder_is_refused_and_the_first_named() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path());
    wait_for_run(&mut child, &home.path().join("s"));
    let out = sweep(home.path(), &LONG);
    let holder = format!("in use by process {}", child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(out.status.code(), Some(75));
    assert!(stderr(&out).contains(&holder), "{}", stderr(&out));
}

#[test]
fn csv_files_that_were_deleted_come_back_without_training() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "2", "--out", "s"];
    sweep(home.path(), &args);
    let before = fs::read_to_string(home.path().join("s/runs.csv")).unwrap();
    for file in ["runs.csv", "epochs.csv", "summary.csv", "comparisons.csv"] {
        fs::remove_file(home.path().join("s").join(file)).unwrap();
    }
    assert!(sweep(home.path(), &args).status.success());
    // Times included: no run was done again.
    assert_eq!(
        before,
        fs::read_to_string(home.path().join("s/runs.csv")).unwrap()
    );
}

#[test]
fn what_is_no_store_is_left_alone_and_named() {
    let cases = [
        (
            b"not a database, but long enough to be taken for a header of one.".repeat(20),
            "no readable store",
        ),
        (Vec::new(), ""),
    ];
    for (bytes, part) in cases {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("s")).unwrap();
        fs::write(home.path().join("s/runs.sqlite"), &bytes).unwrap();
        let out = sweep(home.path(), &["--seeds", "1", "--out", "s"]);
        if part.is_empty() {
            // An empty file is what SQLite itself leaves before the first write.
            assert!(out.status.success(), "{}", stderr(&out));
        } else {
            assert_eq!(out.status.code(), Some(1));
            assert!(stderr(&out).contains(part), "{}", stderr(&out));
            assert_eq!(fs::read(home.path().join("s/runs.sqlite")).unwrap(), bytes);
        }
    }
}
