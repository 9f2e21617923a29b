//! `initstudy report` of several data sets, of the variants of a grid, and of sweeps in several
//! sessions.

use crate::printed::{cells_of_page, flat, with_page};
use crate::reporting::{FOUR, assert_compiles, read, report};
use crate::stored;
use crate::sweeps::{read_csv, stderr, stdout};
use study::store::Store;

#[test]
fn blocks_of_data_sets_are_ranked() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    stored::store(&home.join("s"), &stored::runs(&FOUR, 4));
    for (folder, seeds) in [("b", 5), ("c", 6)] {
        let mut runs = stored::runs(&FOUR, seeds);
        for run in &mut runs {
            run.dataset = folder.to_owned();
        }
        stored::store_without_predictions(&home.join(folder), &runs);
    }
    let out = report(home, &["--block", "b", "--block", "c"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = flat(&stdout(&out));
    assert!(text.contains("Mean ranks over 3 blocks: "), "{text}");
    let rows = read_csv(&home.join("s/report/ranks.csv"));
    assert_eq!(rows.len(), 4);
    assert!(
        text.contains(
            "s, b, c have one data set (SHA-256 0123456789abcdef…) and are no independent blocks"
        ),
        "{text}"
    );
    assert!(
        text.contains("have one data set") && text.contains("Caution: s, b, c have"),
        "beside the ranks: {text}"
    );
    for row in &rows {
        let rank: f64 = row["mean_rank"].parse().unwrap();
        assert!(
            text.contains(&format!("{} {rank:.2}", row["initializer"])),
            "{text}"
        );
        assert_eq!(row["blocks"], "3");
    }
    // The one that falls behind does so everywhere.
    assert_eq!(
        (&*rows[3]["initializer"], &*rows[3]["mean_rank"]),
        ("glorot_uniform", "4.0")
    );
    assert!(
        home.join("s/report/figures/critical_difference.svg")
            .is_file()
    );
    assert!(read(home, "methods.tex").contains("demsar2006"));
    assert_compiles(&home.join("s/report"));
    stored::store_without_predictions(&home.join("d"), &stored::runs(&FOUR[..3], 2));
    // Three blocks may tell the first from the last, two may not.
    assert!(!read(home, "report.md").contains("tell no two apart"));
    assert!(report(home, &["--block", "b"]).status.success());
    assert!(read(home, "report.md").contains("So few blocks can tell no two apart"));
    let out = report(home, &["--block", "d"]);
    assert_eq!(out.status.code(), Some(2));
    let message = stderr(&out);
    assert!(
        message.contains("d has no finished run of he_normal"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
}

#[test]
fn blocks_of_another_protocol_are_called_so() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    stored::store(&home.join("s"), &stored::runs(&FOUR, 5));
    for (folder, epochs) in [("b", "2"), ("c", "7")] {
        let mut declaration = stored::declaration();
        for (key, value) in &mut declaration {
            match *key {
                "dataset_sha256" => *value = folder.repeat(64),
                "epochs" => epochs.clone_into(value),
                _ => {}
            }
        }
        let mut store = Store::open(&home.join(folder), &declaration).unwrap();
        for run in &stored::runs(&FOUR, 5) {
            store.record(run, None).unwrap();
        }
    }
    let out = report(home, &["--block", "b", "--block", "c"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = flat(&stdout(&out));
    assert!(
        text.contains("Caution: s and c differ in epochs (2 against 7), so that these blocks differ by more than their data sets."),
        "{text}"
    );
    assert!(!text.contains("s and b differ"), "{text}");
    let methods = flat(&read(home, "methods.txt"));
    assert!(methods.contains("not all independent samples"), "{methods}");
}

#[test]
fn variants_of_a_grid_are_told_apart_and_failed_runs_are_no_results() {
    let home = tempfile::tempdir().unwrap();
    let mut runs = stored::runs(&FOUR[..2], 4);
    let mut wide = runs.clone();
    for run in &mut wide {
        run.variant.hidden = vec![256];
        run.run_id += "-wide";
    }
    wide[0].status = study::record::Status::Failed {
        message: "no memory".to_owned(),
    };
    runs.extend(wide);
    stored::store_of_grid(&home.path().join("s"), &runs, "hidden");
    let out = report(home.path(), &["--format", "all"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let rows = &cells_of_page(&read(home.path(), "report.html"))[0];
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names.len(), 4);
    assert!(names.contains(&"random_normal, hidden 256"), "{names:?}");
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("hidden layers of 128 or 256 units"),
        "{methods}"
    );
    assert!(methods.contains("Four variants were compared"), "{methods}");
    assert!(
        methods.contains("Every pair of variants") && !methods.contains("pair of initializers"),
        "{methods}"
    );
    assert!(
        methods.contains("every combination of the settings that vary with the initializers random_normal and random_uniform,"),
        "{methods}"
    );
    assert!(
        methods.contains("the same draws for those of one shape"),
        "{methods}"
    );
    assert!(
        methods.contains("None of the 15 runs diverged"),
        "{methods}"
    );
    let markdown = read(home.path(), "report.md");
    assert!(
        markdown.contains("1 more broke off and are no results"),
        "{markdown}"
    );
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn the_machine_and_the_program_are_named() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(&home.path().join("s"), &stored::declaration()).unwrap();
    let fact = |(key, value): (&'static str, &str)| (key, value.to_owned());
    for jobs in ["2", "4"] {
        let facts = [
            ("cpu", "A <fast> CPU"),
            ("version", "9.8.7"),
            ("commit", "abc123"),
            ("commit_dirty", "yes"),
            ("jobs", jobs),
            ("study_file", "epochs = 2"),
        ];
        store.begin_session(&facts.map(fact)).unwrap();
        store.end_session(&[]).unwrap();
    }
    drop(store);
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 3));
    let out = report(home.path(), &[]);
    assert!(
        !stdout(&out).contains("on which machine"),
        "{}",
        stdout(&out)
    );
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("on A <fast> CPU with initstudy 9.8.7 (commit abc123 with changes)"),
        "{methods}"
    );
    let html = read(home.path(), "report.html");
    assert!(!html.contains("study_file"), "a file of its own");
    with_page(&html, |page| {
        let value = |name: &str| {
            let name = page
                .descendants()
                .find(|n| n.has_tag_name("dt") && n.text() == Some(name));
            name.unwrap()
                .next_sibling_element()
                .unwrap()
                .text()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            (value("cpu").as_str(), value("jobs").as_str()),
            ("A <fast> CPU", "2; 4")
        );
        assert_eq!(value("sessions"), "2");
    });
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn sessions_on_several_machines_are_a_list_and_any_change_counts() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(&home.path().join("s"), &stored::declaration()).unwrap();
    let fact = |(key, value): (&'static str, &str)| (key, value.to_owned());
    for (cpu, commit, dirty) in [("CPU A", "abc", "no"), ("CPU B", "def", "yes")] {
        let facts = [
            ("cpu", cpu),
            ("version", "9.8.7"),
            ("commit", commit),
            ("commit_dirty", dirty),
        ];
        store.begin_session(&facts.map(fact)).unwrap();
        store.end_session(&[]).unwrap();
    }
    drop(store);
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 3));
    assert!(report(home.path(), &[]).status.success());
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains(
            "on CPU A and CPU B with initstudy 9.8.7 (commits abc and def, in part with changes)"
        ),
        "{methods}"
    );
}
