//! `initstudy merge` that is killed, or that meets another at work: all of its stores are in, or none.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use rusqlite::Connection;

use crate::stores::{copy, csv_files, files, merged, number, shard, store, three_shards};
use crate::sweeps::{initstudy, results, stderr};

/// `initstudy merge`, started.
fn start(home: &Path, folders: &[&str]) -> Child {
    let mut command = initstudy(home);
    command.arg("merge").args(folders);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Holds a store, so that a merge waits for it. Those before it, by the order of their paths, are in
/// by then.
fn hold(home: &Path, folder: &str) -> Connection {
    let holder = store(home, folder);
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    holder
}

/// Kills a merge that waits for a store that is held. SQLite waits half a minute; where this process
/// did not come to it in all that time, the merge is begun again.
fn kill_at(home: &Path, folders: &[&str], held: &str) {
    for _ in 0..5 {
        let mut child = start(home, folders);
        while child.try_wait().unwrap().is_none() {
            if has_open(&child, &home.join(held)) {
                child.kill().unwrap();
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        let out = child.wait_with_output().unwrap();
        if out.status.signal() == Some(9) {
            return;
        }
        eprintln!("not killed in time: {}", stderr(&out));
    }
    panic!("no merge was killed");
}

/// Whether a process has the store of a folder open; Linux tells.
fn has_open(child: &Child, folder: &Path) -> bool {
    let file = folder.join("runs.sqlite").canonicalize().unwrap();
    let open = fs::read_dir(format!("/proc/{}/fd", child.id()));
    let mut open = open.into_iter().flatten().flatten();
    open.any(|entry| fs::read_link(entry.path()).is_ok_and(|of| of == file))
}

#[test]
fn a_merge_that_is_killed_between_two_stores_added_nothing_and_the_next_adds_all() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let [a, b, c] = &[shard(0), shard(1), shard(2)];
    merged(home, &["m", a]);
    let before = results(&home.join("m"));
    let holder = hold(home, c);
    kill_at(home, &["m", b, c], c);
    let journal = home.join("m/runs.sqlite-journal");
    assert!(journal.is_file(), "nothing had been written");
    drop(holder);
    assert_eq!(results(&home.join("m")), before);
    merged(home, &["m", b, c]);
    merged(home, &["whole/m", a, b, c]);
    assert_eq!(results(&home.join("m")), results(&home.join("whole/m")));
    assert_eq!(csv_files(&home.join("m")), csv_files(&home.join("whole/m")));
}

#[test]
fn while_a_merge_is_at_work_others_into_its_folder_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let [a, b, c] = &[shard(0), shard(1), shard(2)];
    let holder = hold(home, c);
    let mut first = start(home, &["m", a, b, c]);
    while !has_open(&first, &home.join(c)) {
        assert!(first.try_wait().unwrap().is_none(), "it did not wait");
        thread::sleep(Duration::from_millis(2));
    }
    for _ in 0..3 {
        let other = start(home, &["m", a]).wait_with_output().unwrap();
        assert_eq!(other.status.code(), Some(75), "{}", stderr(&other));
        let said = format!("m is in use by process {}", first.id());
        assert!(stderr(&other).contains(&said), "{}", stderr(&other));
    }
    drop(holder);
    let first = first.wait_with_output().unwrap();
    assert!(first.status.success(), "{}", stderr(&first));
    assert_eq!(number(home, "m", "SELECT count(*) FROM runs"), 16);
}

#[test]
fn of_merges_into_one_new_folder_at_once_none_takes_away_what_another_made() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let folders = ["m", &shard(0), &shard(1), &shard(2)];
    for _ in 0..5 {
        let _ = fs::remove_dir_all(home.join("m"));
        let children: Vec<_> = (0..4).map(|_| start(home, &folders)).collect();
        let codes = children.into_iter().map(|mut c| c.wait().unwrap().code());
        let codes: Vec<_> = codes.map(|code| code.expect("an exit code")).collect();
        assert!(codes.iter().all(|code| [0, 75].contains(code)), "{codes:?}");
        assert!(codes.contains(&0), "{codes:?}");
        assert_eq!(number(home, "m", "SELECT count(*) FROM runs"), 16);
    }
}

#[test]
fn a_shard_that_was_cut_off_in_a_write_gives_what_it_had_before_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    let runs = number(home, a, "SELECT count(*) FROM runs");
    let cut = store(home, a);
    // Pages go to the file before the transaction is complete, as after a crash.
    cut.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN; DELETE FROM epochs; DELETE FROM predictions; DELETE FROM runs")
        .unwrap();
    copy(home, a, "cut");
    assert!(home.join("cut/runs.sqlite-journal").is_file());
    drop(cut);
    let before = files(&home.join("cut"));
    let text = merged(home, &["m", "cut"]);
    assert!(text.contains(&format!("{runs} runs added")), "{text}");
    assert!(before == files(&home.join("cut")), "an input was changed");
}
