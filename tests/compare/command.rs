//! `initstudy compare`: what it writes and where, and how many groups it takes.

use std::fs;

use crate::comparing::{fixture, json, on_fixture, on_text};
use crate::sweeps::{initstudy, read_csv, stderr, stdout};
use serde_json::Value;

#[test]
fn the_csv_holds_the_numbers_of_the_json_under_the_same_names() {
    let home = tempfile::tempdir().unwrap();
    for test in [
        "auto",
        "wilcoxon",
        "permutation",
        "max-t",
        "nemenyi",
        "tukey-blocks",
    ] {
        let args = [
            "--pair", "seed", "--json", "--csv", "out.csv", "--test", test,
        ];
        let result = json(&on_fixture(home.path(), &args));
        let rows = read_csv(&home.path().join("out.csv"));
        let comparisons = result["comparisons"].as_array().unwrap();
        assert_eq!(rows.len(), comparisons.len());
        for (row, comparison) in rows.iter().zip(comparisons) {
            assert_eq!(row.len(), comparison.as_object().unwrap().len());
            for (name, value) in comparison.as_object().unwrap() {
                let text = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    number => number.to_string(),
                };
                assert_eq!(row[name], text, "{name}");
            }
            assert!(comparison["p_adjusted"].as_f64().unwrap() > 0.0);
        }
    }
}

#[test]
fn the_table_and_standard_input_say_the_same_as_the_file() {
    let home = tempfile::tempdir().unwrap();
    let from_file = on_fixture(home.path(), &["--pair", "seed"]);
    let mut command = initstudy(home.path());
    command
        .args([
            "compare",
            "-",
            "--group",
            "optimizer",
            "--metric",
            "accuracy",
        ])
        .args(["--pair", "seed"])
        .stdin(fs::File::open(fixture("runs.csv")).unwrap());
    let from_stdin = command.output().unwrap();
    assert!(from_file.status.success(), "{}", stderr(&from_file));
    assert_eq!(stdout(&from_file), stdout(&from_stdin));
    let text = stdout(&from_file);
    for part in [
        "the \"best\"",
        "sgd, nesterov",
        "Hedges g",
        "Friedman",
        "BCa interval",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn one_group_is_described_and_said_to_be_alone() {
    let text = "g,m\na,1\na,2\na,4\n";
    let out = on_text(&[], text);
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("one group, a, and nothing to compare it with"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn a_folder_is_no_table() {
    let home = tempfile::tempdir().unwrap();
    let args = ["compare", ".", "--group", "g", "--metric", "x"];
    let out = initstudy(home.path()).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("is a folder"), "{}", stderr(&out));
}

#[test]
fn an_output_that_is_the_input_or_cannot_be_written_is_refused_before_any_work() {
    let home = tempfile::tempdir().unwrap();
    let table = "g,m\na,1\na,2\nb,3\nb,5\n";
    fs::write(home.path().join("runs.csv"), table).unwrap();
    let compare = |input: &str, output: &str| {
        let args = ["compare", input, "--group", "g", "--metric", "m", "--csv"];
        let mut command = initstudy(home.path());
        let out = command.args(args).arg(output).output().unwrap();
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(stdout(&out).is_empty());
        message
    };
    let message = compare("runs.csv", "./runs.csv");
    assert!(message.contains("would replace it"), "{message}");
    let kept = fs::read_to_string(home.path().join("runs.csv")).unwrap();
    assert_eq!(kept, table);
    // The output is looked at first: the input is not there.
    let message = compare("none.csv", "nowhere/out.csv");
    assert!(
        message.contains("cannot write nowhere/out.csv"),
        "{message}"
    );
    assert!(!message.contains("tmp"), "{message}");
}

#[test]
fn two_hundred_groups_are_compared_pair_by_pair() {
    let mut text = "g,m\n".to_owned();
    for i in 0..600_u32 {
        let noise = i.wrapping_mul(2_654_435_761) >> 20;
        text += &format!("g{},{}\n", i % 200, noise);
    }
    let result = json(&on_text(&["--json", "--resamples", "100"], text));
    assert_eq!(
        result["comparisons"].as_array().unwrap().len(),
        200 * 199 / 2
    );
    assert_eq!(result["groups"][199]["letters"], "a", "nothing differs");
}

#[test]
fn the_title_names_the_intervals_and_what_they_cover() {
    let title = |args: &[&str]| {
        let text = "g,m,s\na,1,1\na,2,2\na,4,3\nb,3,1\nb,5,2\nb,5.5,3\n";
        let out = stdout(&on_text(args, text));
        let mut lines = out.lines().map(str::to_owned);
        lines.find(|line| line.starts_with("a − b, ")).unwrap()
    };
    let max_t = title(&["--pair", "s", "--test", "max-t"]);
    assert!(
        max_t.contains("95 % paired t intervals, each by itself; max-t test"),
        "{max_t}"
    );
    let tukey = title(&["--test", "tukey"]);
    assert!(
        tukey.contains("95 % Tukey HSD intervals, simultaneous; tukey test"),
        "{tukey}"
    );
}

#[test]
fn a_bootstrap_interval_of_few_values_is_cautioned_against() {
    let note = |n: usize| {
        let rows: String = (0..n)
            .map(|i| format!("a,{}\nb,{}\n", i * i % 23, i * 7 % 19))
            .collect();
        let result = json(&on_text(&["--json"], format!("g,m\n{rows}")));
        result["groups"][0]["note"].to_string()
    };
    assert!(note(19).contains("under 20 values"), "{}", note(19));
    assert!(!note(20).contains("under 20 values"), "{}", note(20));
}

#[test]
fn more_pairs_than_anybody_reads_are_refused_until_a_control_is_named() {
    let table = |groups: usize| {
        let row = |i: usize| format!("g{},{},{}\n", i / 3, (i * i) % 7, i % 3);
        "g,m,s\n".to_owned() + &(0..3 * groups).map(row).collect::<String>()
    };
    let out = on_text(&["--pair", "s"], table(201));
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    let said = stderr(&out);
    assert!(said.contains("201 groups make 20100 pairs"), "{said}");
    assert!(said.contains("--control"), "{said}");
    let result = json(&on_text(
        &["--pair", "s", "--control", "g7", "--json"],
        table(201),
    ));
    assert_eq!(result["comparisons"].as_array().unwrap().len(), 200);
}

#[test]
fn almost_stochastic_order_is_there_where_it_is_asked_for() {
    let values = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/stats/aso.json"),
    );
    let deepsig: Value = serde_json::from_str(&values.unwrap()).unwrap();
    let rows = |group: &str| {
        let values = deepsig[group].as_array().unwrap().iter();
        values
            .map(|value| format!("{group},{value}\n"))
            .collect::<String>()
    };
    let table = |first: &str, second: &str| format!("g,m\n{}{}", rows(first), rows(second));
    let order = |args: &[&str], table: &str| {
        let result = json(&on_text(&[args, &["--json"]].concat(), table));
        let row = &result["comparisons"][0];
        ["aso_eps_min", "aso_eps_min_reverse"].map(|name| row[name].as_f64())
    };
    assert_eq!(order(&[], &table("a", "b")), [None, None]);
    let [Some(eps_min), Some(reverse)] = order(&["--aso"], &table("a", "b")) else {
        panic!("no order")
    };
    // Two bootstraps of which theirs has 1,000 resamples.
    let theirs = deepsig["eps_min"].as_f64().unwrap();
    assert!((eps_min - theirs).abs() < 0.02, "{eps_min} is not {theirs}");
    let [of_b, of_a] = order(&["--aso"], &table("b", "a"));
    assert!(
        (reverse - of_b.unwrap()).abs() < 0.02,
        "{reverse} is not {of_b:?}"
    );
    assert!(
        (eps_min - of_a.unwrap()).abs() < 0.02,
        "{eps_min} is not {of_a:?}"
    );
    let out = on_text(&["--aso"], table("a", "b"));
    let both = [eps_min, reverse].map(|bound| format!("{bound:.3}"));
    let text = stdout(&out);
    let is_shown = |line: &str| both.iter().all(|bound| line.contains(bound));
    assert!(text.lines().any(is_shown), "no {both:?} in {text}");
}
