//! `initstudy merge --salvage` of stores that were cut short, and what it ends with.

use std::fs::File;

use crate::stores::{copy, merge, store};
use crate::sweeps::{initstudy, results, stderr, sweep};

#[test]
fn a_store_that_was_cut_short_gives_the_runs_that_are_left() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = sweep(home, &["--seeds", "30", "--out", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let whole = results(&home.join("s"));
    let file = |folder: &str| home.join(folder).join("runs.sqlite");
    let len = file("s").metadata().unwrap().len();
    let mut most = 0;
    for share in [1, 2, 3, 5, 7] {
        let folder = &format!("cut{share}");
        copy(home, "s", folder);
        let cut = File::options().write(true).open(file(folder)).unwrap();
        cut.set_len(len * share / 8).unwrap();
        let out = merge(home, &["m", folder]);
        assert!(stderr(&out).contains("--salvage"), "{}", stderr(&out));
        let nowhere = ["merge", "m", folder, "--salvage"];
        let mut command = initstudy(home);
        let out = command.args(nowhere).env("TMPDIR", "/nowhere").output();
        let text = stderr(&out.unwrap());
        assert!(text.contains("name another by TMPDIR"), "{text}");
        let into = &format!("m{share}");
        let out = merge(home, &[into, folder, "--salvage"]);
        let code = out.status.code();
        assert_eq!(code, Some(75), "{share}: {}", stderr(&out));
        let kept = results(&home.join(into));
        assert!(kept.iter().all(|(run, found)| whole[run] == *found));
        most = most.max(kept.len());
        assert_eq!(file(folder).metadata().unwrap().len(), len * share / 8);
        let out = sweep(home, &["--seeds", "30", "--out", into]);
        assert!(out.status.success(), "{share}: {}", stderr(&out));
        assert_eq!(results(&home.join(into)), whole);
    }
    assert!(most >= 60, "of 120 runs were saved: {most}");
}

#[test]
fn runs_that_are_left_out_are_missing_also_where_no_session_says_how_many_there_were() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    sweep(home, &["--seeds", "2", "--out", "s"]);
    store(home, "s")
        .execute_batch("DELETE FROM environment; UPDATE runs SET test_loss = 0 WHERE seed = 1")
        .unwrap();
    let out = merge(home, &["m", "s", "--salvage"]);
    assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("4 runs left out") && stderr(&out).contains("runs may be missing"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn what_is_no_store_is_called_so_by_its_own_name() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let mut odd = b"SQLite format 3\0".to_vec();
    odd.extend([0, 3, 1, 1, 0, 64, 32, 32, 0, 0, 0, 1, 0, 0, 255, 255]);
    odd.resize(9000, 0);
    for (folder, bytes) in [
        ("text", "a line of text\n".repeat(3000).into_bytes()),
        ("odd", odd),
    ] {
        std::fs::create_dir(home.join(folder)).unwrap();
        std::fs::write(home.join(folder).join("runs.sqlite"), bytes).unwrap();
        let out = merge(home, &["m", folder, "--salvage"]);
        let text = stderr(&out);
        assert_eq!(out.status.code(), Some(1), "{text}");
        assert!(
            text.contains(&format!("{folder}/runs.sqlite is no readable store")),
            "{text}"
        );
    }
}
