//! Several sweeps on one folder: one works, the others are told who does.
//!
//! With the feature `long-tests`, four at once 50 times; else 3 times.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    thread,
    time::Duration,
};

use rusqlite::Connection;

use crate::sweeps::{
    self, assert_goes_on, initstudy, results, signal, start_endless, stderr, stdout, sweep,
    wait_for_more_runs,
};

const ROUNDS: usize = if cfg!(feature = "long-tests") { 50 } else { 3 };

const ARGS: [&str; 6] = ["--seeds", "2", "--epochs", "20", "--out", "s"];

#[test]
fn of_four_sweeps_at_once_each_works_or_is_refused_and_the_store_is_whole() {
    let whole = tempfile::tempdir().unwrap();
    assert!(sweep(whole.path(), &ARGS).status.success());
    let wanted = results(&whole.path().join("s"));
    let (mut worked, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let home = tempfile::tempdir().unwrap();
        let commands = (0..4).map(|_| sweeps::command(home.path(), &ARGS));
        let mut commands: Vec<Command> = commands.collect();
        let children = commands.iter_mut().map(|command| {
            let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        });
        // All are started before the first is waited for.
        let children: Vec<_> = children.collect();
        for child in children {
            let out = child.wait_with_output().unwrap();
            match out.status.code() {
                Some(0) => worked += 1,
                Some(75) => {
                    let message = stderr(&out);
                    assert!(message.contains("s is in use by process "), "{message}");
                    refused += 1;
                }
                _ => panic!("{}: {}", out.status, stderr(&out)),
            }
        }
        assert_eq!(results(&home.path().join("s")), wanted);
    }
    eprintln!("{ROUNDS} rounds: {worked} sweeps worked, {refused} were refused");
    assert!(worked >= ROUNDS);
}

#[test]
fn the_lock_of_a_sweep_that_was_killed_is_free_at_once() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start_endless(home.path(), "s");
    let status = || {
        stdout(
            &initstudy(home.path())
                .args(["status", "s"])
                .output()
                .unwrap(),
        )
    };
    let holder = format!("process {}", child.id());
    assert!(status().contains(&holder), "{}", status());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!status().contains(&holder), "{}", status());
    // What it wrote of itself stays, and goes where a sweep comes to its end.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let written = || fs::read_to_string(home.path().join("s/.lock")).unwrap();
    let by_it = written();
    assert!(
        by_it.starts_with(&holder) && by_it.ends_with(host.trim()),
        "{by_it}"
    );
    let out = sweep(
        home.path(),
        &["--epochs", "30", "--seeds", "1", "--out", "s"],
    );
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(written(), "");
}

#[test]
fn a_refusal_names_process_and_host_as_the_holder_wrote_them() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep(home.path(), &["--seeds", "1", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let path = home.path().join("s/.lock");
    // On a shared disk the holder may be a process of another machine.
    fs::write(&path, "process 7 on node12").unwrap();
    let holder = File::open(&path).unwrap();
    holder.lock().unwrap();
    let out = sweep(home.path(), &["--seeds", "1", "--out", "s"]);
    assert_eq!(out.status.code(), Some(75));
    let refusal = "initstudy: s is in use by process 7 on node12; wait for it or choose another folder for the results\n";
    assert_eq!(stderr(&out), refusal);
}

#[test]
fn a_holder_that_has_yet_to_write_its_name_is_given_the_time() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("s")).unwrap();
    let path = home.path().join("s/.lock");
    let mut holder = File::create(&path).unwrap();
    holder.lock().unwrap();
    let child = sweeps::command(home.path(), &ARGS)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    holder.write_all(b"process 7 on node12").unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(75));
    let message = stderr(&out);
    assert!(
        message.contains("s is in use by process 7 on node12"),
        "{message}"
    );
    // One that never writes it is said to be there all the same.
    holder.set_len(0).unwrap();
    let out = sweep(home.path(), &ARGS);
    assert_eq!(out.status.code(), Some(75));
    assert!(
        stderr(&out).contains("s is in use by another process;"),
        "{}",
        stderr(&out)
    );
}

/// A sweep that is under way while another program reads its store and does not stop; the sweep's
/// standard error is read up to the word on that.
fn held_up(home: &Path) -> (Child, Connection, BufReader<ChildStderr>) {
    let mut child = start_endless(home, "s");
    let reader = Connection::open(home.join("s/runs.sqlite")).unwrap();
    reader.busy_timeout(Duration::from_secs(600)).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM runs;")
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("another program is reading the store") {
        line.clear();
        assert_ne!(errors.read_line(&mut line).unwrap(), 0, "it ended");
    }
    (child, reader, errors)
}

#[test]
fn a_sweep_waits_for_a_program_that_reads_its_store_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let (mut child, reader, mut errors) = held_up(home.path());
    let count = "SELECT count(*) FROM runs";
    let seen = reader.query_row(count, [], |row| row.get(0)).unwrap();
    reader.execute_batch("COMMIT").unwrap();
    drop(reader);
    wait_for_more_runs(&mut child, &home.path().join("s"), seen);
    signal(&child, "-TERM");
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(75), "{rest}");
    assert_goes_on(home.path(), "s");
}

#[test]
fn a_sweep_that_waits_for_a_reader_is_stopped_with_75() {
    let home = tempfile::tempdir().unwrap();
    let (mut child, reader, mut errors) = held_up(home.path());
    signal(&child, "-TERM");
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(75), "{rest}");
    assert!(rest.contains("the same command goes on"), "{rest}");
    drop(reader);
    assert_goes_on(home.path(), "s");
}
