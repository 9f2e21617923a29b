//! `initstudy merge`: the sessions of all stores, each once, the one that began last as the latest.

use std::fs;

use crate::stores::{copy, merged, number, shard, sql, store, three_shards};
use crate::sweeps::{initstudy, read_csv, stderr, stdout, sweep};

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
        "DELETE FROM environment WHERE key IN ('finished', 'exit', 'message', 'peak_memory_bytes');
         UPDATE environment SET value = '0' WHERE key = 'runs_added'",
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
fn the_latest_session_is_the_one_that_began_last_in_whatever_order_they_were_merged() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let parts = [
        ("0/2", "2", "0.01", "2026-01-02T03:04:06Z"),
        ("1/2", "3", "0.02", "2026-01-02T03:04:05Z"),
    ];
    for (shard, seeds, margin, started) in parts {
        let args = [
            "--margin", margin, "--seeds", seeds, "--out", "s", "--shard", shard,
        ];
        let out = sweep(home, &args);
        assert!(out.status.success(), "{}", stderr(&out));
        let folder = format!("s/shard-{}-of-2", &shard[..1]);
        let update = format!("UPDATE environment SET value = '{started}' WHERE key = 'started'");
        sql(home, &folder, &update);
    }
    let [late, early] = ["s/shard-0-of-2", "s/shard-1-of-2"];
    let seen = |folder: &str| {
        let out = initstudy(home).args(["status", folder, "--json"]).output();
        let status = stdout(&out.unwrap());
        let comparisons = fs::read_to_string(home.join(folder).join("comparisons.csv")).unwrap();
        let query = "SELECT session, key, value FROM environment ORDER BY 1, 2";
        let store = store(home, folder);
        let mut query = store.prepare(query).unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let rows: Vec<(i64, String, String)> = rows.unwrap().map(Result::unwrap).collect();
        (status, comparisons, rows)
    };
    merged(home, &["1/m", late, early]);
    merged(home, &["2/m", late]);
    merged(home, &["2/m", early]);
    merged(home, &["3/m", early]);
    merged(home, &["3/m", late]);
    let expected = seen("1/m");
    assert!(
        expected.0.contains("2026-01-02T03:04:06Z"),
        "{}",
        expected.0
    );
    // The margin is that of the latest.
    let margins = read_csv(&home.join("1/m/comparisons.csv"));
    assert!(
        margins.iter().any(|row| row["margin"] == "0.01"),
        "{margins:?}"
    );
    assert!(expected == seen("2/m"));
    assert!(expected == seen("3/m"));
}
