//! `initstudy report --out`: what is somebody's own in a folder stays as it is.

use std::{fs, path::Path};

use crate::{reporting::report, stored, sweeps::stderr};

const TWO: [&str; 2] = ["random_normal", "he_normal"];

/// That a report is refused in a sentence with all of these words, and what it would have replaced
/// stays.
fn refused(home: &Path, args: &[&str], words: &[&str], kept: &[&str]) {
    for name in kept {
        fs::write(home.join(name), "mine").unwrap();
    }
    let out = report(home, args);
    let message = stderr(&out);
    assert_eq!(out.status.code(), Some(2), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    for word in words {
        assert!(message.contains(word), "no {word} in {message}");
    }
    for name in kept {
        assert_eq!(
            fs::read_to_string(home.join(name)).unwrap(),
            "mine",
            "{name}"
        );
    }
}

#[test]
fn what_no_report_wrote_is_neither_removed_nor_replaced() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    stored::store(&home.join("s"), &stored::runs(&TWO, 4));
    fs::create_dir_all(home.join("paper/figures")).unwrap();
    let mine = ["paper/report.tex", "paper/figures/forest.svg"];
    let words = ["report.tex, figures/forest.svg", "--out"];
    refused(home, &["--out", "paper"], &words, &mine);

    // A part that would not touch them is written, and the next report removes that part alone.
    fs::remove_file(home.join("paper/figures/forest.svg")).unwrap();
    for format in ["figures", "html"] {
        let out = report(home, &["--out", "paper", "--format", format]);
        assert!(out.status.success(), "{}", stderr(&out));
    }
    assert!(!home.join("paper/figures/forest.svg").exists());
    let tex = fs::read_to_string(home.join("paper/report.tex")).unwrap();
    assert_eq!(tex, "mine");
    let list = ["report-files.txt"];
    refused(home, &["--out", "paper"], &["report.tex"], &[]);
    refused(
        home,
        &["--out", "paper", "--format", "html"],
        &list,
        &["paper/report-files.txt"],
    );
}

#[test]
fn the_folder_of_a_sweep_is_no_place_for_a_report() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for folder in ["s", "other"] {
        stored::store(&home.join(folder), &stored::runs(&TWO, 4));
    }
    let mine = ["other/summary.csv", "other/comparisons.csv"];
    let words = ["other is the folder of a sweep", "--out"];
    refused(home, &["--out", "other"], &words, &mine);
    refused(home, &["--out", "s"], &["s is the folder of a sweep"], &[]);
}
