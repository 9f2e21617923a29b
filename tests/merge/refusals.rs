//! What `initstudy merge` refuses: by name, with nothing merged.

use std::fs;

use crate::stores::{
    copy, first_run, merge, merged, number, refused, shard, sql, store, three_shards,
};
use crate::sweeps::{initstudy, stderr, sweep};
use rusqlite::params;

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
        assert!(!home.join("new/runs.sqlite").exists());
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
        assert!(!home.join("m/runs.sqlite").exists());
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
fn another_data_set_is_refused_as_one() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "1", "--out", "a"]);
    fs::create_dir(home.join("turned")).unwrap();
    for file in fs::read_dir(home.join("small")).unwrap() {
        let file = file.unwrap();
        let mut bytes = fs::read(file.path()).unwrap();
        let header = if bytes[3] == 1 { 8 } else { 16 };
        bytes[header..].reverse();
        fs::write(home.join("turned").join(file.file_name()), bytes).unwrap();
    }
    sweep(
        home,
        &["--dataset", "idx:turned", "--seeds", "1", "--out", "b"],
    );
    let parts = [
        "b is no part of",
        "not those of a",
        "another data set",
        "nothing was merged",
    ];
    refused(home, &["m", "a", "b"], 2, &parts);
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
        assert!(!home.join("new/runs.sqlite").exists());
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
                assert!(!home.join("m/runs.sqlite").exists());
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
