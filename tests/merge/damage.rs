//! `initstudy merge` and stores that lost something: nothing of another study slips in, and whatever
//! is sound is saved.

use std::{fs, path::Path};

use crate::stores::{copy, merge, merged, number, refused, shard, store, three_shards};
use crate::sweeps::{initstudy, results, stderr, sweep};

/// Changes a store behind its checksums' back.
fn spoil(home: &Path, folder: &str, sql: &str) {
    let store = store(home, folder);
    store.pragma_update(None, "foreign_keys", false).unwrap();
    store.execute_batch(sql).unwrap();
}

/// Numbers from a store, a row each.
fn numbers<const N: usize>(home: &Path, folder: &str, query: &str) -> Vec<[i64; N]> {
    let store = store(home, folder);
    let mut query = store.prepare(query).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let mut numbers = [0; N];
        for (place, number) in numbers.iter_mut().enumerate() {
            *number = row.get(place)?;
        }
        Ok(numbers)
    };
    query
        .query_map([], row)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Fills pages of a store, counted from 1, with zeros.
fn zero_pages(home: &Path, folder: &str, pages: &[i64]) {
    let path = home.join(folder).join("runs.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    for page in pages {
        let page = *page as usize;
        assert!(page > 1, "the first page has the schema");
        bytes[(page - 1) * 4096..page * 4096].fill(0);
    }
    fs::write(path, bytes).unwrap();
}

/// The root page of a table.
fn root(home: &Path, folder: &str, table: &str) -> i64 {
    let query = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'");
    number(home, folder, &query)
}

/// A salvage that says each of `notes`.
fn salvaged(home: &Path, folders: &[&str], notes: &[&str]) {
    let out = merge(home, &[folders, &["--salvage"]].concat());
    let text = stderr(&out);
    let is_done = [Some(0), Some(75)].contains(&out.status.code());
    assert!(is_done, "{folders:?}: {text}");
    for note in notes {
        assert!(text.contains(note), "{folders:?}: no {note:?} in {text}");
    }
}

#[test]
fn a_store_that_lost_its_declaration_is_refused_or_declared_by_its_runs() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for (folder, epochs) in [("two", "2"), ("one", "1")] {
        let out = sweep(home, &["--seeds", "3", "--epochs", epochs, "--out", folder]);
        assert!(out.status.success(), "{}", stderr(&out));
    }
    let whole = results(&home.join("two"));
    let study = "SELECT count(*) FROM study";
    let settings = number(home, "two", study);
    let lost = "no longer says by which settings";
    for change in [
        "DELETE FROM study",
        "DELETE FROM study WHERE key IN ('input', 'hidden')",
        "UPDATE study SET value = '3' WHERE key = 'epochs'",
        "UPDATE study SET value = 'once' WHERE key = 'shuffle'",
    ] {
        copy(home, "two", "spoilt");
        spoil(home, "spoilt", change);
        // By the identities of its runs it is another study.
        let both = ["m", "one", "spoilt", "--salvage"];
        let out = merge(home, &both);
        assert_eq!(out.status.code(), Some(2), "{change}: {}", stderr(&out));
        assert!(stderr(&out).contains("its epochs is"), "{}", stderr(&out));
        salvaged(
            home,
            &["m", "spoilt"],
            &["spoilt lost the settings of its study"],
        );
        assert_eq!(results(&home.join("m")), whole);
        assert_eq!(number(home, "m", study), settings);
        let out = sweep(home, &["--seeds", "4", "--out", "m"]);
        assert!(out.status.success(), "{change}: {}", stderr(&out));
        assert_eq!(number(home, "m", "SELECT count(*) FROM runs"), 16);
        fs::remove_dir_all(home.join("m")).unwrap();
    }
    spoil(home, "spoilt", "DELETE FROM study");
    refused(
        home,
        &["m", "one", "spoilt"],
        1,
        &["spoilt/runs.sqlite", lost],
    );
    refused(home, &["spoilt", "one"], 1, &["spoilt/runs.sqlite", lost]);
    // Nothing is left that tells the data set but the other store.
    spoil(home, "spoilt", "DELETE FROM environment");
    refused(
        home,
        &["m", "spoilt", "--salvage"],
        1,
        &["spoilt/runs.sqlite", lost],
    );
    salvaged(home, &["two", "spoilt"], &["spoilt lost the settings"]);
    assert_eq!(results(&home.join("two")), whole);
}

#[test]
fn runs_by_other_settings_than_the_declared_ones_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweep(home, &["--seeds", "2", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    for (key, value, says) in [
        (
            "epochs",
            "1",
            "s has runs with epochs 2, but the study is one of epochs 1",
        ),
        ("hidden", "16", "s has runs with hidden 8"),
        (
            "learning_rate",
            "0.5",
            "s has runs with learning_rate 0.001",
        ),
    ] {
        copy(home, "s", "t");
        spoil(
            home,
            "s",
            &format!("UPDATE study SET value = '{value}' WHERE key = '{key}'"),
        );
        refused(home, &["m", "s"], 2, &[says, "nothing was merged"]);
        fs::rename(home.join("t/runs.sqlite"), home.join("s/runs.sqlite")).unwrap();
    }
    merged(home, &["m", "s"]);
}

#[test]
fn broken_pages_of_other_tables_cost_no_run() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweep(home, &["--seeds", "5", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let whole = results(&home.join("s"));
    let notes = [
        ("study", "s lost the settings of its study"),
        ("facts", "s lost some of its registration"),
        ("environment", "s lost some of its sessions"),
    ];
    let pages = notes.map(|(table, _)| root(home, "s", table));
    fs::create_dir(home.join("sound")).unwrap();
    for broken in 0..3 {
        copy(home, "s", "sound");
        zero_pages(home, "s", &[pages[broken]]);
        let new = &format!("new{broken}");
        salvaged(home, &[new, "s"], &[notes[broken].1]);
        assert_eq!(results(&home.join(new)), whole);
        let out = sweep(home, &["--seeds", "5", "--out", new]);
        assert!(out.status.success(), "{}", stderr(&out));
        copy(home, "sound", "s");
    }
    // Labels so long that they have pages of their own, one of which is broken.
    let long = "UPDATE facts SET value = printf('%.20000c', 'Z') WHERE key = 'test_labels'";
    spoil(home, "s", long);
    let bytes = fs::read(home.join("s/runs.sqlite")).unwrap();
    let is_long = |page: &&[u8]| page[4..].iter().all(|byte| *byte == b'Z');
    let page = bytes.chunks(4096).position(|page| is_long(&page)).unwrap();
    zero_pages(home, "s", &[page as i64 + 1]);
    salvaged(home, &["long", "s"], &[notes[1].1]);
    assert_eq!(results(&home.join("long")), whole);
    copy(home, "sound", "s");
    let changed = "UPDATE facts SET value = replace(value, '01', '02') WHERE key = 'test_labels'";
    spoil(home, "s", changed);
    salvaged(home, &["labels", "s"], &[notes[1].1]);
    let labels = "SELECT count(*) FROM facts WHERE key LIKE 'test_labels%'";
    assert_eq!(number(home, "labels", labels), 0);
}

#[test]
fn runs_between_two_broken_pages_are_saved() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweep(home, &["--seeds", "30", "--epochs", "1", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let leaves =
        "SELECT pageno, ncell FROM dbstat WHERE name = 'runs' AND pagetype = 'leaf' ORDER BY path";
    let leaves: Vec<[i64; 2]> = numbers(home, "s", leaves);
    assert!(leaves.len() > 3, "{leaves:?}");
    let ends = [leaves[0], leaves[leaves.len() - 1]];
    zero_pages(home, "s", &ends.map(|[page, _]| page));
    salvaged(home, &["m", "s"], &[]);
    let kept = number(home, "m", "SELECT count(*) FROM runs");
    // SQLite looks for the run behind the first page, which is a level above, by way of that page.
    assert_eq!(kept, 120 - ends[0][1] - 1 - ends[1][1]);
}

#[test]
fn a_damaged_run_of_the_merged_store_is_cured_by_an_input() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let shards = [shard(0), shard(1), shard(2)];
    let all = ["m", &shards[0], &shards[1], &shards[2]];
    merged(home, &all);
    let whole = results(&home.join("m"));
    let other = sweep(home, &["--seeds", "1", "--epochs", "3", "--out", "other"]);
    assert!(other.status.success(), "{}", stderr(&other));
    for change in [
        "UPDATE runs SET test_loss = 9",
        "UPDATE predictions SET checksum = checksum + 4294967296",
        "UPDATE predictions SET classes = zeroblob(length(classes)), checksum = NULL",
    ] {
        let first = "(SELECT min(run_id) FROM runs)";
        spoil(home, "m", &format!("{change} WHERE run_id = {first}"));
        // One that is refused leaves it there.
        refused(home, &["m", "other"], 2, &["its epochs is"]);
        let out = merge(home, &all);
        assert!(out.status.success(), "{}", stderr(&out));
        assert!(
            stderr(&out).contains("1 run of m taken out"),
            "{}",
            stderr(&out)
        );
        assert_eq!(results(&home.join("m")), whole);
    }
}

#[test]
fn predictions_that_lost_their_checksum_are_not_taken_for_old_ones() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    let change = "UPDATE predictions SET classes = zeroblob(length(classes)), checksum = NULL";
    spoil(home, &shard(0), change);
    refused(home, &["m", &shard(0)], 1, &["no longer what was written"]);
    salvaged(home, &["m", &shard(0), &shard(1)], &["left out, no longer"]);
    assert_eq!(
        results(&home.join("m")).len(),
        results(&home.join(shard(1))).len()
    );
}

#[test]
fn a_promise_that_was_lost_to_damage_is_known_from_the_others_whatever_the_order() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let register = ["register", "--seeds", "2", "--out", "promise.toml"];
    assert!(initstudy(home).args(register).status().unwrap().success());
    for (folder, seeds) in [("b", "1"), ("c", "2")] {
        let promise = ["--registration", "promise.toml", "--out", folder];
        let out = sweep(home, &[&["--seeds", seeds], &promise[..]].concat());
        assert!(out.status.success(), "{}", stderr(&out));
    }
    for lost in ["a", "d"] {
        copy(home, "b", lost);
        let change = "UPDATE facts SET value = value || ' ' WHERE key = 'registration'";
        spoil(home, lost, change);
        salvaged(
            home,
            &["m", lost, "c"],
            &[&format!("{lost} lost some of its registration")],
        );
        let promises = "SELECT count(*) FROM facts WHERE key = 'registration'";
        assert_eq!(number(home, "m", promises), 1);
        fs::remove_dir_all(home.join("m")).unwrap();
    }
}

#[test]
fn a_failure_after_the_merge_says_that_it_took_place() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    three_shards(home);
    merged(home, &["m", &shard(0)]);
    fs::remove_file(home.join("m/runs.csv")).unwrap();
    fs::create_dir(home.join("m/runs.csv")).unwrap();
    let out = merge(home, &["m", &shard(1), &shard(2)]);
    assert_eq!(out.status.code(), Some(1));
    let text = stderr(&out);
    assert!(
        text.contains("2 stores merged into m; then cannot write"),
        "{text}"
    );
    assert_eq!(number(home, "m", "SELECT count(*) FROM runs"), 16);
}

#[test]
fn an_early_store_of_version_1_that_has_no_facts_is_merged() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweep(home, &["--seeds", "2", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let whole = results(&home.join("s"));
    spoil(
        home,
        "s",
        "DROP TABLE environment; DROP TABLE facts; ALTER TABLE runs DROP COLUMN failure;
         ALTER TABLE runs DROP COLUMN checksum; ALTER TABLE predictions DROP COLUMN checksum;
         PRAGMA user_version = 1;",
    );
    merged(home, &["m", "s"]);
    assert_eq!(results(&home.join("m")), whole);
    salvaged(home, &["n", "s"], &[]);
    assert_eq!(results(&home.join("n")), whole);
}
