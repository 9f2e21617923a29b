//! `initstudy report`: the files that it writes, and the folders that it refuses.

use std::{collections::BTreeSet, fs, path::Path, process::Output};

use crate::printed::{flat, with_page};
use crate::reporting::{FOUR, of_runs, read, report, small};
use crate::stored;
use crate::sweeps::{initstudy, read_csv, stderr, stdout};

#[test]
fn colours_are_for_those_who_want_them() {
    let home = tempfile::tempdir().unwrap();
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let with = |name: &str| {
        let mut command = initstudy(home.path());
        command.args(["report", "s", "--resamples", "100"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        if !name.is_empty() {
            command.env(name, "1");
        }
        stdout(&command.output().unwrap())
    };
    let escape = '\u{1b}';
    assert!(!with("").contains(escape), "plain when piped");
    assert!(!with("NO_COLOR").contains(escape));
    let forced = with("CLICOLOR_FORCE");
    assert!(forced.contains("\u{1b}[1m"), "{forced}");
}

#[test]
fn a_format_writes_its_files_and_no_others() {
    let home = tempfile::tempdir().unwrap();
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let names = |format: &str| {
        let out = report(home.path(), &["--format", format, "--out", format]);
        assert!(out.status.success(), "{}", stderr(&out));
        let entries = fs::read_dir(home.path().join(format)).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let listed = stdout(&out);
        let listed = listed.lines().last().unwrap();
        for name in names.iter().filter(|name| *name != "figures") {
            assert!(listed.contains(name.as_str()), "{listed} lacks {name}");
        }
        names
    };
    let always = [
        "comparisons.csv",
        "methods.txt",
        "omnibus.csv",
        "references.bib",
        "summary.csv",
    ];
    let md = names("md");
    assert!(
        md.contains(&"report.md".to_owned()) && !md.contains(&"report.tex".to_owned()),
        "{md:?}"
    );
    assert!(
        always.iter().all(|name| md.contains(&(*name).to_owned())),
        "{md:?}"
    );
    let tex = names("tex");
    for name in [
        "accuracy.tex",
        "comparisons.tex",
        "methods.tex",
        "report.tex",
    ] {
        assert!(tex.contains(&name.to_owned()), "{tex:?}");
    }
    let figures = names("figures");
    assert_eq!(figures, ["figures", "report-files.txt"]);
    let html = names("html");
    assert!(
        !html.contains(&"figures".to_owned()),
        "the page has them inline"
    );
    assert!(
        html.contains(&"report.html".to_owned()) && !html.contains(&"report.md".to_owned()),
        "{html:?}"
    );
}

#[test]
fn figures_are_files_and_stand_in_the_page() {
    let (home, text) = of_runs(&small(), &["--margin", "0.01"]);
    let folder = home.path().join("s/report/figures");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let stems: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".svg"))
        .collect();
    assert_eq!(
        stems,
        ["distribution", "forest", "learning_curves", "settling"]
    );
    let (html, markdown) = (
        read(home.path(), "report.html"),
        read(home.path(), "report.md"),
    );
    let document = read(home.path(), "report.tex");
    for stem in &stems {
        let svg = fs::read_to_string(folder.join(format!("{stem}.svg"))).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
        let png = fs::read(folder.join(format!("{stem}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{stem}.png");
        assert!(html.contains(&format!("id=\"figure-{stem}\"")));
        assert!(markdown.contains(&format!("](figures/{stem}.svg)")));
        assert!(document.contains(&format!("figures/{stem}.png")));
        assert!(text.contains(&format!("figures/{stem}.svg")), "{text}");
    }
    assert_eq!(html.matches("<svg").count(), stems.len());
    with_page(&html, |page| {
        let mut ids: Vec<&str> = page
            .descendants()
            .filter_map(|n| n.attribute("id"))
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
    });
}

/// Every file under a folder, by its path within it.
fn files_under(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            names.extend(
                files_under(&path)
                    .iter()
                    .map(|inner| format!("{name}/{inner}")),
            );
        } else {
            names.insert(name);
        }
    }
    names
}

fn listed(out: &Output) -> BTreeSet<String> {
    let text = stdout(out);
    let (names, _) = text
        .lines()
        .last()
        .unwrap()
        .split_once(" written in ")
        .unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn a_folder_holds_the_files_of_one_report() {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), &stored::runs(&FOUR, 4));
    stored::store_without_predictions(&home.path().join("b"), &stored::runs(&FOUR, 4));
    let folder = home.path().join("s/report");
    for args in [
        &["--margin", "0.01", "--block", "b"][..],
        &["--metric", "test_loss", "--format", "md"],
        &["--format", "html"],
    ] {
        let out = report(home.path(), args);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(files_under(&folder), listed(&out), "{args:?}");
    }
    fs::write(folder.join("mine.txt"), "").unwrap();
    let figures = report(home.path(), &["--format", "figures"]);
    let left: BTreeSet<String> = files_under(&folder)
        .difference(&listed(&figures))
        .cloned()
        .collect();
    assert!(left.contains("mine.txt"), "{left:?}");
    assert!(
        left.iter()
            .all(|name| name == "mine.txt" || name.ends_with(".csv")),
        "{left:?}"
    );
}

#[test]
fn a_folder_that_cannot_be_reported_is_refused_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = report(home, &[]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("s holds no sweep"),
        "{}",
        stderr(&out)
    );
    stored::store(&home.join("s"), &[]);
    let out = report(home, &[]);
    assert!(
        stderr(&out).contains("s holds no finished run yet"),
        "{}",
        stderr(&out)
    );
    stored::store(&home.join("s"), &stored::runs(&FOUR[..2], 3));
    fs::write(home.join("taken"), "").unwrap();
    let out = report(home, &["--out", "taken"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("cannot make the folder taken"),
        "{}",
        stderr(&out)
    );
    assert_eq!(stderr(&out).lines().count(), 1);
}

#[test]
fn a_store_of_version_1_without_facts_is_reported() {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let store = rusqlite::Connection::open(home.path().join("s/runs.sqlite")).unwrap();
    let back = "DROP TABLE facts; DROP TABLE environment; PRAGMA user_version = 1";
    store.execute_batch(back).unwrap();
    drop(store);
    let out = report(home.path(), &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(
        flat(&stdout(&out)).contains("the store has no test labels"),
        "{}",
        stdout(&out)
    );
}

#[test]
fn what_curves_show_is_in_files() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    let folder = home.path().join("s/report");
    let settling = read_csv(&folder.join("settling.csv"));
    let comparisons = read_csv(&folder.join("comparisons.csv"));
    for (test, column) in [
        ("difference", "p_adjusted"),
        ("equivalence", "p_equivalence_adjusted"),
    ] {
        let last: Vec<&str> = settling
            .iter()
            .filter(|row| row["test_of"] == test && row["seeds"] == "12")
            .map(|row| row["p_adjusted"].as_str())
            .collect();
        let of_all: Vec<&str> = comparisons
            .iter()
            .filter(|row| row["metric"] == "test_accuracy")
            .map(|row| row[column].as_str())
            .collect();
        assert_eq!(last, of_all, "{test}");
    }
    let curves = read_csv(&folder.join("curves.csv"));
    let summary = read_csv(&folder.join("summary.csv"));
    let ends: Vec<&str> = curves
        .iter()
        .filter(|row| row["curve"] == "validation accuracy" && row["epoch"] == "1")
        .map(|row| row["ci_low"].as_str())
        .collect();
    let first: Vec<&str> = summary
        .iter()
        .filter(|row| row["metric"] == "val_accuracy_first")
        .map(|row| row["ci_low"].as_str())
        .collect();
    assert_eq!(ends, first);
}
