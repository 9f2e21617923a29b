//! `initstudy merge`: a run that failed in one store and has a result in another.

use crate::stores::{copy, csv_files, first_run, merge, merged, shard, sql, three_shards};
use crate::sweeps::{stderr, sweep};

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
    assert_eq!(alone.status.code(), Some(75), "{}", stderr(&alone));
    let [b, c] = &[shard(1), shard(2)];
    let whole = merge(home, &["1/m", b, c]);
    assert_eq!(whole.status.code(), Some(3), "{}", stderr(&whole));
    assert!(
        stderr(&whole).contains("1 run broke off"),
        "{}",
        stderr(&whole)
    );
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
fn a_failed_run_gives_way_with_all_that_it_has() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let a = &shard(0);
    let (id, _, _) = first_run(home, a);
    // It has epochs and predictions, which no failure of today has.
    let fail = format!(
        "UPDATE runs SET status = 'failed', failure = 'it broke', test_accuracy = NULL,
             test_loss = NULL WHERE run_id = '{id}'"
    );
    copy(home, a, "failed");
    sql(home, "failed", &fail);
    merge(home, &["1/m", "failed"]);
    merged(home, &["1/m", a]);
    merged(home, &["2/m", a]);
    assert_eq!(csv_files(&home.join("1/m")), csv_files(&home.join("2/m")));
    let out = sweep(home, &["--seeds", "4", "--out", "failed"]);
    assert!(out.status.success(), "{}", stderr(&out));
}
