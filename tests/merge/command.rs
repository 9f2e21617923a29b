//! `initstudy merge`: all runs of all stores, whatever their order and number.

use std::{collections::HashMap, fs};

use crate::stores::{
    FILES, copy, csv_files, merge, merged, number, refused, shard, sql, three_shards,
};
use crate::sweeps::{initstudy, read_csv, stderr, sweep};

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
fn a_merge_without_a_part_of_the_sweep_says_so_and_ends_with_75() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let runs = |folder: &str| number(home, folder, "SELECT count(*) FROM runs");
    for parts in [&[0][..], &[0, 2]] {
        let there: i64 = parts.iter().map(|part| runs(&shard(*part))).sum();
        let shards: Vec<String> = parts.iter().map(|part| shard(*part)).collect();
        let mut folders = vec!["m"];
        folders.extend(shards.iter().map(String::as_str));
        let out = merge(home, &folders);
        assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
        let says = format!("{} of 16 runs are missing", 16 - there);
        assert!(stderr(&out).contains(&says), "{}", stderr(&out));
        // What is there is merged all the same.
        assert_eq!(runs("m"), there);
        assert!(home.join("m/runs.csv").is_file());
    }
    let out = merge(home, &["m", &shard(1)]);
    assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
    assert_eq!(stderr(&out), "");
}

#[test]
fn the_number_of_parts_can_change_underway_without_a_run_trained_twice() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let shards = |count: usize| (0..count).map(move |i| (i, format!("s/shard-{i}-of-{count}")));
    let sweep_in_two = |part: usize| {
        let part = format!("{part}/2");
        let args = ["--seeds", "6", "--out", "s", "--shard", &part];
        let out = sweep(home, &args);
        assert!(out.status.success(), "{}", stderr(&out));
        out
    };
    let warned = stderr(&sweep_in_two(0));
    assert!(warned.contains("a sweep in 3 parts"), "{warned}");
    fs::remove_dir_all(home.join("s/shard-0-of-2")).unwrap();
    // As docs/cluster.md says.
    merged(home, &["s", &shard(0), &shard(1), &shard(2)]);
    for (_, folder) in shards(3) {
        fs::remove_dir_all(home.join(folder)).unwrap();
    }
    for (part, folder) in shards(2) {
        merged(home, &[&folder, "s"]);
        assert!(!stderr(&sweep_in_two(part)).contains("parts"));
    }
    let text = merged(home, &["s", "s/shard-0-of-2", "s/shard-1-of-2"]);
    assert!(
        text.starts_with("2 stores merged into s: 8 runs added"),
        "{text}"
    );
    let trained = "SELECT sum(CAST(value AS INTEGER)) FROM environment WHERE key = 'runs_added'";
    assert_eq!(number(home, "s", trained), 24);
    assert_eq!(number(home, "s", "SELECT count(*) FROM runs"), 24);
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
    // Those of one of the two are kept, and not of the one that came first.
    let kept = csv_files(&home.join("m"));
    merged(home, &["2/m", &shard(0)]);
    merged(home, &["2/m", "slow"]);
    merged(home, &["3/m", "slow"]);
    merged(home, &["3/m", &shard(0)]);
    assert_eq!(kept, csv_files(&home.join("2/m")));
    assert_eq!(kept, csv_files(&home.join("3/m")));
}

#[test]
fn a_data_set_by_another_name_is_the_same_and_the_least_name_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "1", "--out", "b"]);
    fs::rename(home.join("small"), home.join("copied")).unwrap();
    sweep(
        home,
        &["--seeds", "2", "--out", "a", "--dataset", "idx:copied"],
    );
    let text = merged(home, &["1/m", "a", "b"]);
    assert!(text.contains("8 runs added, 4 met again"), "{text}");
    merged(home, &["2/m", "b"]);
    merged(home, &["2/m", "a"]);
    assert_eq!(csv_files(&home.join("1/m")), csv_files(&home.join("2/m")));
    let named = "SELECT count(*) FROM runs WHERE dataset = 'idx:copied'";
    assert_eq!(number(home, "1/m", named), 8);
    // Every run is still what its checksum says.
    let out = sweep(
        home,
        &["--seeds", "2", "--out", "1/m", "--dataset", "idx:copied"],
    );
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(!stderr(&out).contains("damaged"), "{}", stderr(&out));
    assert_eq!(csv_files(&home.join("1/m")), csv_files(&home.join("2/m")));
}

#[test]
fn stores_are_of_one_study_if_one_of_them_declares_all_that_the_others_do() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let swept = |folder: &str, rates: &str| {
        let file = format!("{folder}.toml");
        let text = format!("learning_rate = {rates}\ninitializers = \"he_normal\"\nseeds = 1\n");
        fs::write(home.join(&file), text).unwrap();
        let out = sweep(home, &[&file, "--out", folder]);
        assert!(out.status.success(), "{}", stderr(&out));
    };
    swept("a", "[0.001]");
    swept("b", "[0.001, 0.002]");
    swept("c", "[0.003, 0.004]");
    swept("d", "[0.004, 0.003, 0.002, 0.001]");
    // In one go or in stages: these have values that the other lacks.
    for two in [["a", "c"], ["b", "c"], ["c", "b"]] {
        let _ = fs::remove_dir_all(home.join("m"));
        refused(home, &["m", two[0], two[1]], 2, &["learning_rate"]);
        merged(home, &["m", two[0]]);
        refused(home, &["m", two[1]], 2, &["learning_rate"]);
    }
    let rates =
        "SELECT count(*) FROM study, json_each(study.value) WHERE study.key = 'learning_rate'";
    merged(home, &["1/m", "a", "b", "c", "d"]);
    assert_eq!(number(home, "1/m", rates), 4);
    assert_eq!(number(home, "1/m", "SELECT count(*) FROM runs"), 4);
    merged(home, &["2/m", "a", "b"]);
    merged(home, &["2/m", "d"]);
    merged(home, &["2/m", "c"]);
    assert_eq!(csv_files(&home.join("1/m")), csv_files(&home.join("2/m")));
    // A store of before did not keep which values it varies; any may be one.
    let old = "UPDATE study SET value = 'varied' WHERE key = 'learning_rate'";
    sql(home, "b", old);
    merged(home, &["3/m", "a", "c", "b"]);
    assert_eq!(number(home, "3/m", "SELECT count(*) FROM runs"), 4);
    let out = sweep(home, &["c.toml", "--out", "b"]);
    assert!(out.status.success(), "{}", stderr(&out));
}
