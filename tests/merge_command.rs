//! `initstudy merge`: all runs of all stores, whatever their order, or none.

#[path = "common/sweeps.rs"]
mod sweeps;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use rusqlite::{Connection, params};
use sweeps::{initstudy, read_csv, stderr, stdout, sweep};

/// The CSV files of a folder.
const FILES: [&str; 4] = ["runs.csv", "epochs.csv", "summary.csv", "comparisons.csv"];

/// A sweep in three shards, in `s/shard-0-of-3` and so on.
fn three_shards(home: &Path) {
    for shard in ["0/3", "1/3", "2/3"] {
        let args = ["--seeds", "4", "--out", "s", "--shard", shard];
        let out = sweep(home, &args);
        assert!(out.status.success(), "{}", stderr(&out));
    }
}

/// The folder of a shard.
fn shard(index: usize) -> String {
    format!("s/shard-{index}-of-3")
}

/// Merges into the first of the folders.
fn merge(home: &Path, folders: &[&str]) -> Output {
    initstudy(home).arg("merge").args(folders).output().unwrap()
}

fn merged(home: &Path, folders: &[&str]) -> String {
    let out = merge(home, folders);
    assert!(out.status.success(), "{}", stderr(&out));
    stdout(&out)
}

/// A refusal in one sentence that has every one of `parts`, after which `out` is as it was.
fn refused(home: &Path, folders: &[&str], code: i32, parts: &[&str]) {
    let before = files(&home.join(folders[0]));
    let inputs: Vec<_> = folders[1..].iter().map(|f| files(&home.join(f))).collect();
    let out = merge(home, folders);
    let text = stderr(&out);
    assert_eq!(out.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(before == files(&home.join(folders[0])), "{text}");
    let after: Vec<_> = folders[1..].iter().map(|f| files(&home.join(f))).collect();
    assert!(inputs == after, "an input was changed: {text}");
}

/// Every file of a folder with its bytes, but for the lock's; nothing where there is no folder.
fn files(folder: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let entries = fs::read_dir(folder).ok()?;
    let named = entries.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap_or_default())
    });
    Some(named.filter(|(name, _)| name != ".lock").collect())
}

fn csv_files(folder: &Path) -> Vec<String> {
    let read = |file| fs::read_to_string(folder.join(file)).unwrap();
    FILES.map(read).to_vec()
}

/// A copy of a folder, so that it can be spoilt.
fn copy(home: &Path, from: &str, to: &str) {
    fs::create_dir_all(home.join(to)).unwrap();
    for entry in fs::read_dir(home.join(from)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, home.join(to).join(path.file_name().unwrap())).unwrap();
    }
}

fn store(home: &Path, folder: &str) -> Connection {
    Connection::open(home.join(folder).join("runs.sqlite")).unwrap()
}

/// Runs SQL on the store of a folder.
fn sql(home: &Path, folder: &str, text: &str) {
    store(home, folder).execute_batch(text).unwrap();
}

fn number(home: &Path, folder: &str, query: &str) -> i64 {
    let store = store(home, folder);
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

/// Identity, initializer and seed of a shard's first run.
fn first_run(home: &Path, folder: &str) -> (String, String, i64) {
    let query = "SELECT run_id, initializer, seed FROM runs ORDER BY run_id LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    store(home, folder).query_row(query, [], row).unwrap()
}

#[test]
fn merged_shards_are_the_sweep_that_was_never_cut() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    sweep(home, &["--seeds", "4", "--out", "whole/m"]);
    let text = merged(home, &["m", &shard(0), &shard(1), &shard(2)]);
    assert!(
        text.starts_with("3 stores merged into m: 16 runs added, 0 met again"),
        "{text}"
    );
    let without_times = |folder: &str, file: &str| -> Vec<HashMap<String, String>> {
        let mut rows = read_csv(&home.join(folder).join(file));
        for row in &mut rows {
            row.remove("seconds");
        }
        rows
    };
    for file in FILES {
        assert_eq!(
            without_times("whole/m", file),
            without_times("m", file),
            "{file}"
        );
    }
    // A sweep goes on in the merged folder, and has nothing to do.
    let before = csv_files(&home.join("m"));
    let out = sweep(home, &["--seeds", "4", "--out", "m"]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(before, csv_files(&home.join("m")));
    // What analyze needs is there too.
    let out = initstudy(home).args(["analyze", "m"]).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(home.join("m/crossed.csv").is_file());
}

#[test]
fn order_repetition_and_stages_change_nothing_down_to_the_times() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let [a, b, c] = &[shard(0), shard(1), shard(2)];
    merged(home, &["1/m", a, b, c]);
    let expected = csv_files(&home.join("1/m"));
    merged(home, &["2/m", c, a, b]);
    merged(home, &["3/m", a, a, b, "s/../s/shard-0-of-3", c, b]);
    merged(home, &["4/part", c, b]);
    merged(home, &["4/m", a]);
    merged(home, &["4/m", "4/part", c]);
    for folder in ["2/m", "3/m", "4/m"] {
        assert_eq!(expected, csv_files(&home.join(folder)), "{folder}");
    }
    let again = merged(home, &["1/m", b, c, a]);
    assert!(again.contains("0 runs added, 16 met again"), "{again}");
    assert_eq!(expected, csv_files(&home.join("1/m")));
}

#[test]
fn each_session_of_each_shard_is_there_once() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let [a, b, c] = &[shard(0), shard(1), shard(2)];
    let sessions = "SELECT count(DISTINCT session) FROM environment";
    let facts = "SELECT count(*) FROM environment";
    let each: i64 = [a, b, c].iter().map(|f| number(home, f, facts)).sum();
    // Begun but not finished when it is merged first.
    copy(home, a, "early");
    sql(
        home,
        "early",
        "DELETE FROM environment WHERE key = 'finished'; UPDATE environment SET value = '0' WHERE key = 'runs_added'",
    );
    merged(home, &["m", "early", b]);
    merged(home, &["m", a, c]);
    merged(home, &["m", "early", b, c]);
    assert_eq!(number(home, "m", sessions), 3);
    assert_eq!(number(home, "m", facts), each);
    let runs = "SELECT sum(CAST(value AS INTEGER)) FROM environment WHERE key = 'runs_added'";
    assert_eq!(number(home, "m", runs), 16);
}

#[test]
fn two_results_of_a_run_are_refused_with_the_run_and_both_folders() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    let (id, initializer, seed) = first_run(home, a);
    let who = &format!("run {id} ({initializer}, seed {seed})");
    let changes = [
        ("runs", "UPDATE runs SET test_loss = test_loss + 1e-12"),
        ("epochs", "UPDATE epochs SET val_loss = val_loss + 1e-12"),
        ("epochs", "DELETE FROM epochs"),
        (
            "predictions",
            "UPDATE predictions SET classes = zeroblob(100)",
        ),
    ];
    for (index, (table, change)) in changes.into_iter().enumerate() {
        let spoilt = &format!("spoilt{index}");
        copy(home, a, spoilt);
        sql(home, spoilt, &format!("{change} WHERE run_id = '{id}'"));
        let parts = [who.as_str(), table, a, spoilt, "nothing was merged"];
        refused(home, &["new", spoilt, &shard(1), a], 2, &parts);
        assert!(!home.join("new").exists());
        merged(home, &["m", a]);
        let parts = [who.as_str(), table, "in m;", spoilt, "nothing was merged"];
        refused(
            home,
            &["m", &shard(1), spoilt],
            2,
            &[&parts[..2], &parts[3..]].concat(),
        );
        assert_eq!(
            number(home, "m", "SELECT count(*) FROM runs"),
            number(home, a, "SELECT count(*) FROM runs")
        );
    }
}

#[test]
fn times_are_no_results() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    copy(home, &shard(0), "slow");
    sql(
        home,
        "slow",
        "UPDATE runs SET seconds = seconds * 2; UPDATE epochs SET seconds = 1",
    );
    let text = merged(home, &["m", "slow", &shard(0)]);
    assert!(text.contains(" met again"), "{text}");
    assert!(!text.contains(" 0 met again"), "{text}");
}

#[test]
fn another_study_is_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    sweep(home, &["--seeds", "1", "--epochs", "3", "--out", "other"]);
    let parts = ["epochs is 3", "shard-0-of-3 is 2", "other is no part of"];
    for folders in [["m", "other", &shard(0)], ["m", &shard(0), "other"]] {
        let both = [
            "other",
            "shard-0-of-3",
            "its epochs is",
            "3",
            "2",
            "nothing was merged",
        ];
        refused(home, &folders, 2, &both);
        assert!(!home.join("m").exists());
    }
    merged(home, &["m", &shard(0)]);
    refused(
        home,
        &["m", "other"],
        2,
        &[parts[0], "that of m is 2", parts[2]],
    );
}

#[test]
fn a_store_that_varies_a_setting_agrees_with_any_value_of_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let rates = ["0.001", "0.002", "0.003"];
    for (folder, rate) in ["a", "b", "c"].into_iter().zip(rates) {
        sweep(
            home,
            &["--seeds", "1", "--learning-rate", rate, "--out", folder],
        );
    }
    refused(home, &["m", "a", "c"], 2, &["learning_rate"]);
    sql(
        home,
        "b",
        "UPDATE study SET value = 'varied' WHERE key = 'learning_rate'",
    );
    merged(home, &["m", "a", "c", "b"]);
    assert_eq!(number(home, "m", "SELECT count(*) FROM runs"), 12);
    let varied = "SELECT count(*) FROM study WHERE key = 'learning_rate' AND value = 'varied'";
    assert_eq!(number(home, "m", varied), 1);
}

#[test]
fn what_is_no_store_is_refused_by_name_and_nothing_changes() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let [a, b, _] = &[shard(0), shard(1), shard(2)];
    merged(home, &["m", b]);
    let whole = fs::read(home.join(a).join("runs.sqlite")).unwrap();
    for length in [
        0,
        50,
        1000,
        4096,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        let name = &format!("cut{length}");
        fs::create_dir(home.join(name)).unwrap();
        fs::write(home.join(name).join("runs.sqlite"), &whole[..length]).unwrap();
        refused(home, &["m", a, name], 1, &[name, "runs.sqlite"]);
        refused(home, &["new", name, a], 1, &[name, "runs.sqlite"]);
        assert!(!home.join("new").exists());
    }
    fs::create_dir(home.join("text")).unwrap();
    fs::write(home.join("text/runs.sqlite"), "no database ".repeat(1000)).unwrap();
    refused(
        home,
        &["m", a, "text"],
        1,
        &["text/runs.sqlite", "no readable store"],
    );
    fs::create_dir(home.join("foreign")).unwrap();
    sql(home, "foreign", "CREATE TABLE t (x)");
    refused(
        home,
        &["m", a, "foreign"],
        1,
        &["foreign/runs.sqlite", "no store of initstudy"],
    );
    copy(home, a, "newer");
    sql(home, "newer", "PRAGMA user_version = 99");
    refused(
        home,
        &["m", a, "newer"],
        1,
        &["newer/runs.sqlite", "version 99"],
    );
    fs::create_dir(home.join("empty")).unwrap();
    refused(home, &["m", a, "empty"], 2, &["empty holds no sweep"]);
    refused(home, &["m", a, "missing"], 2, &["missing holds no sweep"]);
}

#[test]
fn a_flipped_byte_never_loses_a_run_unnoticed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    let runs = number(home, a, "SELECT count(*) FROM runs");
    let whole = fs::read(home.join(a).join("runs.sqlite")).unwrap();
    copy(home, a, "flipped");
    let mut found = 0;
    // The headers of pages, where a bit decides how much is read.
    for page in (0..whole.len()).step_by(4096) {
        for at in [page, page + 3, page + 4, page + 6, page + 9] {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            fs::write(home.join("flipped/runs.sqlite"), bytes).unwrap();
            let _ = fs::remove_dir_all(home.join("m"));
            let out = merge(home, &["m", "flipped"]);
            if out.status.success() {
                let merged = number(home, "m", "SELECT count(*) FROM runs");
                assert_eq!(merged, runs, "byte {at}");
            } else {
                found += 1;
                assert!(stderr(&out).contains("flipped"), "{}", stderr(&out));
                assert!(!home.join("m").exists());
            }
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn a_folder_is_not_merged_into_itself() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    refused(
        home,
        &[a, &shard(1), a],
        2,
        &["both merged and merged into"],
    );
    refused(
        home,
        &[a, "s/./shard-0-of-3"],
        2,
        &["both merged and merged into"],
    );
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    merged(home, &["m", &shard(0)]);
    let lock = fs::File::options()
        .write(true)
        .open(home.join("m/.lock"))
        .unwrap();
    lock.lock().unwrap();
    refused(home, &["m", &shard(1)], 75, &["m is in use by"]);
}

#[test]
fn a_result_stands_above_a_failure_whatever_comes_first() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    let (id, _, _) = first_run(home, a);
    let fail = format!(
        "DELETE FROM epochs WHERE run_id = '{id}'; DELETE FROM predictions WHERE run_id = '{id}';
         UPDATE runs SET status = 'failed', failure = 'it broke', test_accuracy = NULL,
             test_loss = NULL WHERE run_id = '{id}'"
    );
    copy(home, a, "failed");
    sql(home, "failed", &fail);
    let alone = merge(home, &["1/m", "failed"]);
    assert_eq!(alone.status.code(), Some(3), "{}", stderr(&alone));
    assert!(
        stderr(&alone).contains("1 run broke off"),
        "{}",
        stderr(&alone)
    );
    let [b, c] = &[shard(1), shard(2)];
    merged(home, &["1/m", a, b, c]);
    merged(home, &["2/m", a]);
    merged(home, &["2/m", "failed", b, c]);
    merged(home, &["3/m", a, b, c]);
    for folder in ["1/m", "2/m"] {
        assert_eq!(
            csv_files(&home.join("3/m")),
            csv_files(&home.join(folder)),
            "{folder}"
        );
    }
    // Of two failures either may stay, but the same one in any order.
    copy(home, "failed", "failed2");
    sql(
        home,
        "failed2",
        "UPDATE runs SET failure = 'otherwise' WHERE failure IS NOT NULL",
    );
    for folders in [["4/m", "failed", "failed2"], ["5/m", "failed2", "failed"]] {
        merge(home, &folders[..2]);
        merge(home, &folders);
    }
    assert_eq!(csv_files(&home.join("4/m")), csv_files(&home.join("5/m")));
}

#[test]
fn a_promise_must_be_everybodys() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let register = ["register", "--seeds", "2", "--out", "promise.toml"];
    assert!(initstudy(home).args(register).status().unwrap().success());
    let sweep_to = |folder: &str, seeds: &str, registered: bool| {
        let mut args = vec!["--seeds", seeds, "--out", folder];
        if registered {
            args.extend(["--registration", "promise.toml"]);
        }
        let out = sweep(home, &args);
        assert!(out.status.success(), "{}", stderr(&out));
    };
    sweep_to("without", "1", false);
    sweep_to("a", "1", true);
    sweep_to("b", "2", false);
    sweep_to("b", "2", true);
    for folders in [["m", "a", "without"], ["m", "without", "a"]] {
        refused(
            home,
            &folders,
            2,
            &["a has a registration", "without has runs without one"],
        );
    }
    sql(
        home,
        "a",
        "UPDATE facts SET value = '2026-01-02T03:04:05Z' WHERE key = 'registration_time'",
    );
    for folders in [["1", "a", "b"], ["2", "b", "a"]] {
        merged(home, &folders[..2]);
        merged(home, &folders);
        let fact = |key: &str| -> String {
            let query = "SELECT value FROM facts WHERE key = ?1";
            let store = store(home, folders[0]);
            store
                .query_row(query, params![key], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(fact("registration_time"), "2026-01-02T03:04:05Z");
        assert_eq!(fact("registration_runs"), "8");
    }
}

#[test]
fn a_killed_merge_leaves_a_store_that_the_next_one_completes() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let mut folders = vec!["m".to_owned(), shard(0), shard(1), shard(2)];
    for copied in 0..60 {
        let name = format!("copy{copied}");
        copy(home, &shard(copied % 3), &name);
        folders.push(name);
    }
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    for milliseconds in [2, 5, 10, 15, 20, 30, 40, 60, 80] {
        let _ = fs::remove_dir_all(home.join("m"));
        let mut command = initstudy(home);
        command.arg("merge").args(&folders);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let text = merged(home, &folders);
        assert!(text.contains("hold 16 runs"), "{text}");
        assert_eq!(read_csv(&home.join("m/runs.csv")).len(), 16);
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
