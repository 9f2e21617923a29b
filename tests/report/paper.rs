//! `initstudy paper`: both sweeps, the files, and that every printed number is one of a CSV row.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::printed::flat;
use crate::sweeps::{
    self, ENDLESS_RUNS, ENDLESS_SEEDS, initstudy, read_csv, signal, stderr, stdout, sweep,
    wait_for_run,
};

/// `initstudy paper` on the small data set into `p`.
fn command(home: &Path, args: &[&str]) -> Command {
    // Makes the data set.
    sweeps::command(home, &[]);
    let mut command = initstudy(home);
    let fixed = ["paper", "--dataset", "idx:small", "--out", "p"];
    command.args(fixed).args(args);
    command.env_remove("CLICOLOR_FORCE");
    command
}

fn paper(home: &Path, args: &[&str]) -> Output {
    let out = command(home, args).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    out
}

fn rows(home: &Path, name: &str) -> Vec<HashMap<String, String>> {
    read_csv(&home.join("p").join(name))
}

#[test]
fn both_readings_are_swept_and_everything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let out = paper(home.path(), &["--seeds", "8"]);
    for scope in ["hidden", "all"] {
        let runs = rows(home.path(), &format!("{scope}/runs.csv"));
        assert_eq!(runs.len(), 32);
        assert!(runs.iter().all(|run| run["init_scope"] == scope));
        assert!(
            runs.iter()
                .all(|run| run["hidden"] == "128" && run["epochs"] == "5")
        );
    }
    assert_eq!(rows(home.path(), "published.csv").len(), 40);
    assert_eq!(rows(home.path(), "claims.csv").len(), 12);
    assert_eq!(rows(home.path(), "rankings.csv").len(), 2 * 26);
    assert_eq!(rows(home.path(), "likelihood.csv").len(), 9);
    for name in [
        "paper.md",
        "paper.tex",
        "paper.html",
        "references.bib",
        "figures/published.svg",
    ] {
        let text = fs::read_to_string(home.path().join("p").join(name)).unwrap();
        assert!(text.len() > 1000, "{name}");
    }
    let text = flat(&stdout(&out));
    assert!(text.contains("says nothing of the paper"), "{text}");
    assert!(
        text.contains("The claims") && text.contains("Table 1 beside ours"),
        "{text}"
    );
}

#[test]
fn the_same_command_again_trains_nothing_and_says_the_same() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", "7", "--margin", "0.02"];
    paper(home.path(), &args);
    let read = |name: &str| fs::read_to_string(home.path().join("p").join(name)).unwrap();
    let names = [
        "hidden/runs.csv",
        "all/runs.csv",
        "published.csv",
        "claims.csv",
        "paper.tex",
    ];
    let before = names.map(read);
    let out = paper(home.path(), &args);
    for line in [
        "hidden: 28 runs were there, 0 trained",
        "all: 28 runs were there, 0 trained",
    ] {
        assert!(stderr(&out).contains(line), "{}", stderr(&out));
    }
    assert_eq!(before, names.map(read));
    // More seeds keep the runs that there are.
    let out = paper(home.path(), &["--seeds", "8"]);
    assert!(
        stderr(&out).contains("hidden: 28 runs were there, 4 trained"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn a_stopped_examination_ends_with_75_and_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--seeds", ENDLESS_SEEDS, "--quiet"];
    let mut long = command(home.path(), &args);
    let mut child = long
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_run(&mut child, &home.path().join("p/hidden"));
    signal(&child, "-INT");
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("the same command goes on"),
        "{}",
        stderr(&out)
    );
    let kept = rows(home.path(), "hidden/runs.csv").len();
    assert!(kept > 0 && kept < ENDLESS_RUNS, "{kept} runs");
    let seeds = (kept / 4 + 2).to_string();
    let out = paper(home.path(), &["--seeds", &seeds]);
    assert!(
        stderr(&out).contains(&format!("hidden: {kept} runs were there")),
        "{}",
        stderr(&out)
    );
    assert_eq!(rows(home.path(), "published.csv")[0]["n"], seeds);
}

#[test]
fn a_sweeps_own_folder_is_taken_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "--seeds", "3", "--epochs", "5", "--hidden", "128", "--out", "p/hidden",
    ];
    // With an initializer more, which the examination leaves out and says so.
    let more = [
        "--initializers",
        "random_normal,random_uniform,glorot_uniform,he_normal,he_uniform",
    ];
    assert!(
        sweep(home.path(), &[&args[..], &more].concat())
            .status
            .success()
    );
    let out = paper(home.path(), &["--seeds", "3"]);
    assert!(
        stderr(&out).contains("hidden: 12 runs were there, 0 trained"),
        "{}",
        stderr(&out)
    );
    let text = flat(&stdout(&out));
    assert!(text.contains("Under hidden: 3 results"), "{text}");
}

#[test]
fn one_seed_and_two_say_what_they_cannot() {
    let home = tempfile::tempdir().unwrap();
    let text = flat(&stdout(&paper(home.path(), &["--seeds", "1"])));
    for part in [
        "What could not be computed",
        "no verdict on the claim",
        "no interval and no prediction: needs 2 values, has 1",
        "No likelihood ratio of the two scopes: needs 6 values, has 1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for row in rows(home.path(), "published.csv") {
        assert_eq!(row["predictive_p"], "");
        assert!(
            !row["percentile"].is_empty() && row["note"].contains("needs 2"),
            "{row:?}"
        );
    }
    for row in rows(home.path(), "claims.csv") {
        assert!(
            row["verdict"].is_empty() && !row["note"].is_empty(),
            "{row:?}"
        );
    }
    let text = flat(&stdout(&paper(home.path(), &["--seeds", "2"])));
    assert!(
        text.contains("No likelihood ratio of the two scopes"),
        "{text}"
    );
    assert!(
        rows(home.path(), "published.csv")
            .iter()
            .any(|r| !r["predictive_p"].is_empty())
    );
}

#[test]
fn what_is_somebodys_own_is_not_replaced_and_nothing_is_trained() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("p")).unwrap();
    for name in ["paper.tex", "references.bib"] {
        fs::write(home.path().join("p").join(name), "mine").unwrap();
    }
    let out = command(home.path(), &["--seeds", "2"]).output().unwrap();
    let message = stderr(&out);
    assert_eq!(out.status.code(), Some(2), "{message}");
    let words = "p holds paper.tex, references.bib, which no paper is known to have written";
    assert!(message.contains(words), "{message}");
    for name in ["paper.tex", "references.bib"] {
        let text = fs::read_to_string(home.path().join("p").join(name)).unwrap();
        assert_eq!(text, "mine");
    }
    assert!(!home.path().join("p/hidden").exists());
}

/// Without the list nothing tells whose they are.
#[test]
fn every_file_that_is_written_is_guarded() {
    let home = tempfile::tempdir().unwrap();
    paper(home.path(), &["--seeds", "2"]);
    let folder = home.path().join("p");
    let list = fs::read_to_string(folder.join("paper-files.txt")).unwrap();
    fs::remove_file(folder.join("paper-files.txt")).unwrap();
    let out = command(home.path(), &["--seeds", "2"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    let message = stderr(&out);
    for place in [folder.clone(), folder.join("figures")] {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
            if path.is_file() {
                assert!(message.contains(name), "no {name} in {message}");
                assert!(
                    list.lines().any(|listed| listed == name),
                    "no {name} in {list}"
                );
            }
        }
    }
}

#[test]
fn a_margin_that_is_none_is_refused_before_anything_is_trained() {
    let home = tempfile::tempdir().unwrap();
    let out = command(home.path(), &["--margin", "0"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("--margin 0"), "{}", stderr(&out));
    assert!(!home.path().join("p").exists());
}
