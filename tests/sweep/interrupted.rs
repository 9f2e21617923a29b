//! Sweeps that are stopped or repeated: no run is lost, none is done twice.

use std::fs;

use crate::sweeps::{assert_goes_on, endless, signal, start_endless, stderr, sweep};

#[test]
fn a_signal_ends_the_sweep_with_75_and_the_same_command_goes_on_from_there() {
    for name in ["-INT", "-TERM"] {
        let home = tempfile::tempdir().unwrap();
        let child = start_endless(home.path(), "s");
        signal(&child, name);
        let out = child.wait_with_output().unwrap();
        assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
        assert!(
            stderr(&out).contains("the same command goes on"),
            "{}",
            stderr(&out)
        );
        // What would take time and is worth nothing yet.
        assert!(out.stdout.is_empty() && !home.path().join("s/runs.csv").exists());
        assert_goes_on(home.path(), "s");
    }
}

#[test]
fn a_second_ctrl_c_ends_the_sweep_with_75_too() {
    let home = tempfile::tempdir().unwrap();
    let child = start_endless(home.path(), "s");
    signal(&child, "-INT");
    signal(&child, "-INT");
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
    assert_goes_on(home.path(), "s");
}

#[test]
fn a_killed_sweep_keeps_its_finished_runs() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start_endless(home.path(), "s");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_goes_on(home.path(), "s");
}

#[test]
fn a_second_sweep_in_the_folder_is_refused_and_the_first_named() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start_endless(home.path(), "s");
    let out = sweep(home.path(), &endless("1", "s"));
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
