//! `initstudy sweep study.toml`: what a file may say, who has the last word, what is refused where.

use std::{collections::BTreeSet, fs, path::Path, process::Output};

use crate::sweeps::{initstudy, read_csv, stderr, stdout, write_small};

const STUDY: &str = r#"dataset = "idx:small"
seeds = 2
epochs = 1
initializers = ["he_normal", { name = "random_normal", stddev = 0.1 }]
hidden = ["8", "8,4"]
batch_size = [16, 32]
out = "s"
"#;

fn sweep_file(home: &Path, text: &str, flags: &[&str]) -> Output {
    write_small(&home.join("small"));
    fs::write(home.join("study.toml"), text).unwrap();
    let arguments = [&["sweep", "study.toml", "--quiet"], flags].concat();
    initstudy(home).args(arguments).output().unwrap()
}

/// The values of some columns over all runs, `|` between them.
fn cells(home: &Path, folder: &str, columns: &[&str]) -> BTreeSet<String> {
    let rows = read_csv(&home.join(folder).join("runs.csv"));
    let cell = |row: &std::collections::HashMap<String, String>| {
        let cells: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
        cells.join("|")
    };
    rows.iter().map(cell).collect()
}

#[test]
fn lists_make_every_combination_under_every_seed() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep_file(home.path(), STUDY, &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(read_csv(&home.path().join("s/runs.csv")).len(), 16);
    let columns = ["initializer", "hidden", "batch_size"];
    let expected = ["he_normal", "random_normal(stddev=0.1)"]
        .iter()
        .flat_map(|i| ["8", "8,4"].map(|h| format!("{i}|{h}")))
        .flat_map(|cell| ["16", "32"].map(|b| format!("{cell}|{b}")));
    assert_eq!(cells(home.path(), "s", &columns), expected.collect());
}

#[test]
fn a_flag_that_is_given_stands_for_the_whole_list_and_a_default_for_nothing() {
    let home = tempfile::tempdir().unwrap();
    let flags = ["--hidden", "4", "--seeds", "1", "--out", "t"];
    let out = sweep_file(home.path(), STUDY, &flags);
    assert!(out.status.success(), "{}", stderr(&out));
    let found = cells(
        home.path(),
        "t",
        &["hidden", "batch_size", "seed", "epochs"],
    );
    assert_eq!(
        found,
        BTreeSet::from(["4|16|0|1".into(), "4|32|0|1".into()])
    );
}

#[test]
fn results_go_to_a_folder_of_the_files_name() {
    let home = tempfile::tempdir().unwrap();
    let text = "dataset = \"idx:small\"\nseeds = 1\nepochs = 1\nhidden = 4\n";
    let out = sweep_file(home.path(), text, &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    // Initializers that a file does not name are the command's.
    let rows = read_csv(&home.path().join("results/study/runs.csv"));
    assert_eq!(rows.len(), 4);
}

#[test]
fn a_margin_lets_the_sweep_find_equivalence() {
    let home = tempfile::tempdir().unwrap();
    let text = STUDY.replace("batch_size = [16, 32]", "margin = 0.9");
    let out = sweep_file(home.path(), &text, &["--seeds", "4"]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(
        stdout(&out).contains("equivalent within ±90"),
        "{}",
        stdout(&out)
    );
    for row in read_csv(&home.path().join("s/comparisons.csv")) {
        let margin = if row["metric"] == "test_loss" {
            ""
        } else {
            "0.9"
        };
        assert_eq!(row["margin"], margin);
    }
}

#[test]
fn a_dry_run_counts_estimates_and_leaves_no_trace() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep_file(home.path(), STUDY, &["--dry-run"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    for part in [
        "16 runs: 0 done, 16 missing, about ",
        "from batches timed now",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!home.path().join("s").exists());
    sweep_file(home.path(), STUDY, &["--seeds", "1"]);
    let before = fs::read(home.path().join("s/runs.sqlite")).unwrap();
    let text = stdout(&sweep_file(home.path(), STUDY, &["--dry-run"]));
    for part in [
        "16 runs: 8 done, 8 missing, about ",
        "mean of 2 finished runs",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(before, fs::read(home.path().join("s/runs.sqlite")).unwrap());
    let out = sweep_file(home.path(), STUDY, &["--dry-run", "--epochs", "2"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("epochs 1, not 2"), "{}", stderr(&out));
}

#[test]
fn a_dry_run_downloads_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut command = initstudy(home.path());
    command.env_remove("XDG_CACHE_HOME");
    command.env_remove("INITSTUDY_DATA_DIR");
    // No mirror answers at the discard port of loopback.
    command.args(["sweep", "--dry-run", "--mirror", "http://127.0.0.1:9"]);
    let out = command.output().unwrap();
    let message = stderr(&out);
    assert_eq!(out.status.code(), Some(2), "{message}");
    assert!(message.contains("mnist is not here"), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn what_is_wrong_is_named_with_line_column_and_the_nearest_name() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        (
            "epoch = 5",
            "line 3, column 1: there is no key \"epoch\"; did you mean \"epochs\"?",
        ),
        ("learning-rate = 0.1", "did you mean \"learning_rate\"?"),
        ("colour = 1", "the keys are dataset, data_dir, seeds"),
        (
            "seeds = 0",
            "line 3, column 9: seeds 0 is not a whole number from 1 to 1000000",
        ),
        (
            "seeds = \"many\"",
            "column 9: seeds \"many\" is not a whole number",
        ),
        (
            "learning_rate = [0.1, -1]",
            "line 3, column 23: learning_rate -1 is not a positive",
        ),
        (
            "learning_rate = inf",
            "learning_rate inf is not a positive finite number in single precision",
        ),
        (
            "learning_rate = 1e300",
            "learning_rate 1e300 is not a positive finite number in single precision",
        ),
        ("batch_size = []", "column 14: batch_size is an empty list"),
        (
            "batch_size = [8, 16, 8]",
            "column 22: batch_size has 8 twice",
        ),
        (
            "initializers = [\"he_norml\"]",
            "did you mean \"he_normal\"?",
        ),
        (
            "initializers = [\"random_normal(stdev=0.1)\"]",
            "column 17: random_normal has no parameter \"stdev\"; it takes stddev",
        ),
        (
            "initializers = [{ stddev = 0.1 }]",
            "column 17: an initializer needs a name",
        ),
        (
            "hidden = [128, 64]",
            "column 11: hidden is a list of networks",
        ),
        (
            "hidden = \"128,zero\"",
            "column 10: hidden \"128,zero\": \"zero\" is no layer width",
        ),
        (
            "activation = \"relo\"",
            "column 14: activation \"relo\" is unknown; did you mean \"relu\"?",
        ),
        ("init_scope = \"output\"", "use one of hidden, all"),
        (
            "shuffle = 1",
            "column 11: shuffle 1 is not a text in quotes",
        ),
        ("seeds = 1\nseeds = 2", "line 4, column 1: duplicate key"),
        ("seeds = ", "line 3, column 9"),
        (
            "margin = -0.1",
            "margin -0.1 is not a positive finite number",
        ),
    ];
    for (line, part) in cases {
        // After a comment with characters of more than a byte, which columns must not count.
        let text = format!("# Größe\ndataset = \"idx:small\"\n{line}\n");
        let out = sweep_file(home.path(), &text, &[]);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{line}: {message}");
        assert!(message.contains("study.toml, line "), "{line}: {message}");
        assert!(message.contains(part), "{line}: {message:?} lacks {part:?}");
        assert!(!home.path().join("results").exists(), "{line} made a store");
    }
}

#[test]
fn a_data_set_that_is_none_is_named_with_its_line_and_column() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        (
            "mnits",
            "study.toml, line 2, column 11: unknown data set \"mnits\"",
        ),
        ("mnits", "did you mean \"mnist\"?"),
        ("small", "did you mean \"idx:small\"?"),
        (
            "idx:",
            "study.toml, line 2, column 11: idx: needs a folder: write idx:FOLDER",
        ),
    ];
    for (dataset, part) in cases {
        let text = format!("seeds = 1\ndataset = \"{dataset}\"\n");
        let out = sweep_file(home.path(), &text, &[]);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
        assert!(!home.path().join("results").exists(), "it made a store");
    }
}

#[test]
fn what_only_the_whole_grid_shows_is_refused_before_training() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        (
            "hidden = [\"none\", \"8\"]",
            "leaves no layer to initialize",
        ),
        ("hidden = [\"8\", \"99999999999\"]", "past the limit"),
        (
            "seeds = 1000000\nlearning_rate = [0.1, 0.2, 0.3]",
            "12000000 runs; 10000000 is the most",
        ),
    ];
    for (line, part) in cases {
        let text = format!("dataset = \"idx:small\"\n{line}\n");
        let out = sweep_file(home.path(), &text, &[]);
        assert_eq!(out.status.code(), Some(2), "{line}: {}", stderr(&out));
        assert!(stderr(&out).contains(part), "{line}: {}", stderr(&out));
        assert!(!home.path().join("results").exists(), "{line} made a store");
    }
    let missing = initstudy(home.path()).args(["sweep", "no.toml"]).output();
    let missing = missing.unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("cannot read no.toml"));
}

#[test]
fn a_file_and_until_decided_go_together() {
    let home = tempfile::tempdir().unwrap();
    let text = STUDY.replace("batch_size = [16, 32]", "margin = 0.9");
    let flags = ["--until", "decided", "--max-seeds", "20"];
    let out = sweep_file(home.path(), &text, &flags);
    assert!(out.status.success(), "{}", stderr(&out));
    let rows = read_csv(&home.path().join("s/sequential.csv"));
    assert_eq!(rows.len(), 6, "a pair for each two of four variants");
    assert!(rows.iter().any(|row| row["a"] == "he_normal, hidden 8"));
    assert!(rows.iter().all(|row| row["margin"] == "0.9"));
}
