//! Sweeps that vary more than the initializer: the same runs as plain sweeps make, told apart by
//! what differs, in one folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Output,
};

use crate::sweeps::{initstudy, read_csv, stderr, stdout, sweep, write_small};

fn grid(home: &Path, lines: &str, flags: &[&str]) -> Output {
    write_small(&home.join("small"));
    let text = format!(
        "dataset = \"idx:small\"\nseeds = 2\nepochs = 2\ninitializers = \"he_normal,glorot_uniform\"\n{lines}\n"
    );
    fs::write(home.join("grid.toml"), text).unwrap();
    let arguments = [&["sweep", "grid.toml", "-q", "--out", "g"], flags].concat();
    let out = initstudy(home).args(arguments).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    out
}

/// What came of each run, but for the times.
fn results(folder: &Path) -> BTreeMap<String, (String, String)> {
    let rows = read_csv(&folder.join("runs.csv")).into_iter();
    rows.map(|row| {
        let result = (row["test_loss"].clone(), row["val_accuracy_last"].clone());
        (row["run_id"].clone(), result)
    })
    .collect()
}

fn groups(folder: &Path) -> BTreeSet<String> {
    let rows = read_csv(&folder.join("summary.csv")).into_iter();
    rows.map(|row| row["initializer"].clone()).collect()
}

#[test]
fn a_cell_of_a_grid_is_the_plain_sweep_of_its_settings_whatever_the_workers() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let lines =
        "hidden = [\"8\", \"8,4\"]\ninit_scope = \"all\"\nactivation = [\"relu\", \"tanh\"]";
    grid(home, lines, &["--jobs", "3"]);
    let mut plain = BTreeMap::new();
    for hidden in ["8", "8,4"] {
        for activation in ["relu", "tanh"] {
            let folder = format!("p-{hidden}-{activation}");
            let args = [
                ("--hidden", hidden),
                ("--activation", activation),
                ("--init-scope", "all"),
                ("--initializers", "he_normal,glorot_uniform"),
                ("--seeds", "2"),
                ("--out", &folder),
            ];
            let args: Vec<&str> = args
                .iter()
                .flat_map(|(flag, value)| [*flag, *value])
                .collect();
            assert!(sweep(home, &args).status.success());
            plain.extend(results(&home.join(folder)));
        }
    }
    assert_eq!(plain.len(), 16);
    assert_eq!(results(&home.join("g")), plain);
}

#[test]
fn groups_are_named_by_what_differs_among_the_runs_at_hand() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let plain = grid(home, "hidden = \"8\"", &[]);
    assert!(!stdout(&plain).contains("hidden 8"), "{}", stdout(&plain));
    assert_eq!(
        groups(&home.join("g")),
        BTreeSet::from(["he_normal".into(), "glorot_uniform".into()])
    );
    let before = results(&home.join("g"));
    // The folder grows into a grid, and keeps what it has.
    let wide = grid(home, "hidden = [\"8\", \"8,4\"]", &[]);
    assert!(stdout(&wide).starts_with("Data set idx:small; 8 relu or 8 relu, 4 relu;"));
    let expected = ["he_normal", "glorot_uniform"]
        .iter()
        .flat_map(|name| ["8", "8,4"].map(|hidden| format!("{name}, hidden {hidden}")));
    assert_eq!(groups(&home.join("g")), expected.collect());
    let after = results(&home.join("g"));
    assert_eq!(after.len(), 8);
    assert!(before.iter().all(|(id, result)| after[id] == *result));
    // A part of it is the same study, and so is more of it; what is neither is another study.
    let args = ["--hidden", "8", "--seeds", "2", "--out", "g"];
    let part = sweep(
        home,
        &[&args[..], &["--initializers", "he_uniform"]].concat(),
    );
    assert!(part.status.success(), "{}", stderr(&part));
    let more = grid(home, "hidden = [\"8\", \"8,4\", \"4\"]", &[]);
    assert!(more.status.success(), "{}", stderr(&more));
    assert!(groups(&home.join("g")).contains("he_normal, hidden 4"));
    let before = results(&home.join("g"));
    fs::write(
        home.join("other.toml"),
        "hidden = [\"8\", \"16\"]\nseeds = 2\n",
    )
    .unwrap();
    let unrelated = [
        "sweep",
        "other.toml",
        "--dataset",
        "idx:small",
        "--epochs",
        "2",
        "--out",
        "g",
    ];
    let unrelated = initstudy(home).args(unrelated).output().unwrap();
    assert_eq!(unrelated.status.code(), Some(2), "{}", stderr(&unrelated));
    let says = "hidden 4 or 8 or 8,4, not 16 or 8";
    assert!(stderr(&unrelated).contains(says), "{}", stderr(&unrelated));
    assert_eq!(results(&home.join("g")), before);
    let other = sweep(home, &[&args[..], &["--batch-size", "16"]].concat());
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("batch_size 32, not 16"));
}

#[test]
fn analyze_compares_variants_and_takes_one_as_control() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    grid(
        home,
        "batch_size = [16, 32]",
        &["--hidden", "8", "--seeds", "3"],
    );
    let control = ["--control", "he_normal, batch_size 16"];
    let out = initstudy(home)
        .args(["analyze", "g", "--resamples", "200"])
        .args(control)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let pairs = read_csv(&home.join("g/comparisons.csv"));
    assert_eq!(pairs.len(), 6 * 3);
    assert!(pairs.iter().all(|row| row["n"] == "3"), "paired by seed");
    let crossed = read_csv(&home.join("g/crossed.csv"));
    assert_eq!(crossed.len(), 3);
}
