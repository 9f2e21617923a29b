//! Damaged stores made whole: runs that were changed are trained again, a write that was cut off is undone,
//! what can be read is salvaged.

use std::fs;

use rusqlite::Connection;

use crate::{
    store_damage::{ARGS, Finished, assert_sentence, flip, read},
    sweeps::{self, Random, initstudy, results, stderr, sweep},
};

const SWEPT: usize = if cfg!(feature = "long-tests") {
    400
} else {
    30
};

#[test]
fn a_sweep_over_flipped_bits_ends_with_what_it_would_have_found_or_a_sentence() {
    let finished = Finished::sweep();
    let mut random = Random(6);
    let mut whole = 0;
    for _ in 0..SWEPT {
        let mut bytes = finished.bytes.clone();
        flip(&mut bytes, &mut random);
        whole += usize::from(finished.sweeps_again_or_refuses(&bytes));
    }
    eprintln!("{whole} of {SWEPT} sweeps over flipped bits ended whole, the others refused");
}

#[test]
fn a_result_that_was_changed_is_named_and_trained_again() {
    let finished = Finished::sweep();
    let loss = finished.content.runs[5].test_loss.unwrap().to_be_bytes();
    let run = &finished.content.runs[7].run_id;
    let classes = &finished.content.predictions[run];
    let places = [loss.as_slice(), classes.as_slice()].map(|part| {
        let mut windows = finished.bytes.windows(part.len());
        windows.position(|window| window == part).unwrap()
    });
    let changed = [&finished.content.runs[5].run_id, run];
    for (place, run_id) in places.into_iter().zip(changed) {
        let mut bytes = finished.bytes.clone();
        bytes[place + 7] ^= 1;
        finished.replace(&bytes);
        let analyze = || {
            initstudy(finished.home.path())
                .args(["analyze", "s"])
                .output()
                .unwrap()
        };
        let out = analyze();
        assert_eq!(out.status.code(), Some(1));
        assert_sentence(&stderr(&out));
        assert!(
            stderr(&out).contains("was damaged: 1 of its"),
            "{}",
            stderr(&out)
        );
        let merge = ["merge", "merged", "s"];
        let merge = initstudy(finished.home.path())
            .args(merge)
            .output()
            .unwrap();
        assert_eq!(merge.status.code(), Some(1));
        assert!(stderr(&merge).contains(run_id), "{}", stderr(&merge));
        let out = sweep(finished.home.path(), &ARGS);
        assert!(out.status.success());
        assert!(
            stderr(&out).contains("taken out of s/runs.sqlite: 1"),
            "{}",
            stderr(&out)
        );
        assert_eq!(results(&finished.folder()), finished.results);
        assert!(analyze().status.success());
    }
}

#[test]
fn a_changed_checksum_costs_the_run_that_it_is_of() {
    let finished = Finished::sweep();
    let home = finished.home.path();
    for table in ["runs", "predictions"] {
        finished.replace(&finished.bytes);
        let store = Connection::open(finished.folder().join("runs.sqlite")).unwrap();
        // Bit 32: a CRC-32 has none.
        let change = format!(
            "UPDATE {table} SET checksum = checksum + 4294967296
             WHERE run_id = (SELECT min(run_id) FROM runs)"
        );
        assert_eq!(store.execute(&change, []), Ok(1));
        drop(store);
        let out = initstudy(home).args(["analyze", "s"]).output().unwrap();
        assert_eq!(out.status.code(), Some(1));
        let says = format!("was damaged: 1 of its {table}");
        assert!(stderr(&out).contains(&says), "{}", stderr(&out));
        let merge = ["merge", table, "s", "--salvage"];
        let out = initstudy(home).args(merge).output().unwrap();
        assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
        assert_eq!(results(&home.join(table)).len(), finished.results.len() - 1);
        let out = sweep(home, &ARGS);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(results(&finished.folder()), finished.results);
    }
}

#[test]
fn a_write_that_was_cut_off_is_undone_by_whoever_looks_first() {
    let finished = Finished::sweep();
    for args in [["analyze", "cut-off"], ["status", "cut-off"]] {
        let folder = finished.home.path().join("cut-off");
        sweeps::copy_cut_off(&finished.folder(), &folder);
        let out = initstudy(finished.home.path()).args(args).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(read(&folder).unwrap(), finished.content);
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn what_can_be_read_of_a_damaged_store_is_salvaged_and_the_sweep_trains_the_rest() {
    let finished = Finished::sweep_of("30");
    let mut random = Random(8);
    let mut saved = Vec::new();
    for case in 0..20 {
        let mut bytes = finished.bytes.clone();
        // Not the first page, without which nothing tells where the tables are.
        let page = 1 + random.below(bytes.len() as u64 / 4096 - 1) as usize;
        bytes[page * 4096..(page + 1) * 4096].fill(0);
        finished.replace(&bytes);
        let new = format!("new{case}");
        let merge = ["merge", &new, "s", "--salvage"];
        let home = finished.home.path();
        let out = initstudy(home).args(merge).output().unwrap();
        // What is lost is missing, and said to be.
        let is_done = [Some(0), Some(75)].contains(&out.status.code());
        assert!(is_done, "page {page}: {}", stderr(&out));
        let kept = results(&home.join(&new));
        assert!(
            kept.iter()
                .all(|(run, found)| finished.results[run] == *found)
        );
        saved.push(kept.len());
        let out = sweep(home, &["--seeds", "30", "--epochs", "4", "--out", &new]);
        assert!(out.status.success(), "page {page}: {}", stderr(&out));
        assert_eq!(results(&home.join(&new)), finished.results);
    }
    eprintln!("of 120 runs were saved: {saved:?}");
    assert!(saved.iter().sum::<usize>() > 20 * 60);
}
