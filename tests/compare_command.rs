//! `initstudy compare`: its numbers against SciPy, statsmodels and pingouin, its patience with
//! tables as people have them.

#[path = "common/sweeps.rs"]
mod sweeps;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::Value;
use sweeps::{initstudy, read_csv, stderr, stdout};

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../tests/fixtures/compare").join(name)
}

fn expected() -> Value {
    serde_json::from_str(&fs::read_to_string(fixture("expected.json")).unwrap()).unwrap()
}

/// Runs `compare` on the fixture's table, with columns named.
fn on_fixture(home: &Path, args: &[&str]) -> Output {
    let mut command = initstudy(home);
    command
        .arg("compare")
        .arg(fixture("runs.csv"))
        .args(["--group", "optimizer", "--metric", "accuracy"])
        .args(args);
    command.output().unwrap()
}

fn json(out: &Output) -> Value {
    assert!(out.status.success(), "{}", stderr(out));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Runs `compare -` on a table of `g`, `m` and `s`.
fn on_text(args: &[&str], text: impl AsRef<[u8]>) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = initstudy(home.path())
        .args(["compare", "-", "--group", "g", "--metric", "m"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that refuses its flags reads nothing.
    let _ = stdin.write_all(text.as_ref());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Every number that `expected` names, within the accuracy of what made it.
#[track_caller]
fn agrees(actual: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        let Some(value) = value.as_f64() else {
            continue;
        };
        let tolerance = match name.as_str() {
            // SciPy's noncentral t and Shapiro-Wilk carry fewer digits than the rest.
            "effect_size_low" | "effect_size_high" => 1e-6,
            "shapiro_p" | "shapiro_w" => 1e-6,
            _ => 1e-8,
        };
        let got = actual[name].as_f64();
        let got = got.unwrap_or_else(|| panic!("{name} is missing in {actual}"));
        assert!(
            (got - value).abs() <= tolerance * value.abs().max(1e-12),
            "{name}: {got:e} is not {value:e} in {actual}"
        );
    }
}

#[track_caller]
fn find<'a>(rows: &'a Value, name: &str, wanted: &Value) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row[name] == *wanted)
        .unwrap_or_else(|| panic!("no row with {name} {wanted}"))
}

#[track_caller]
fn pair<'a>(result: &'a Value, expected: &Value) -> &'a Value {
    let mut rows = result["comparisons"].as_array().unwrap().iter();
    rows.find(|row| row["a"] == expected["a"] && row["b"] == expected["b"])
        .unwrap_or_else(|| panic!("no pair {} − {}", expected["a"], expected["b"]))
}

#[test]
fn paired_numbers_are_those_of_scipy_statsmodels_and_pingouin() {
    let home = tempfile::tempdir().unwrap();
    let out = on_fixture(
        home.path(),
        &["--pair", "seed", "--margin", "0.0015", "--json"],
    );
    let (result, expected) = (json(&out), expected());
    for (group, summary) in expected["summaries"].as_object().unwrap() {
        let found = find(&result["groups"], "group", &group.as_str().into());
        agrees(found, summary);
        assert_eq!(found["n"], summary["n"]);
    }
    for comparison in expected["paired"].as_array().unwrap() {
        let found = pair(&result, comparison);
        agrees(found, comparison);
        assert_eq!(found["variances_test"], "Pitman-Morgan");
        assert!(found["brown_forsythe_p"].is_null(), "{found}");
    }
    let tests = result["omnibus"].as_array().unwrap();
    assert!(tests.iter().all(|test| test["test"] != "Brown-Forsythe"));
    for (test, omnibus) in expected["paired_omnibus"].as_object().unwrap() {
        let found = find(&result["omnibus"], "test", &test.as_str().into());
        agrees(found, omnibus);
    }
}

#[test]
fn independent_numbers_are_those_of_scipy_statsmodels_and_pingouin() {
    let home = tempfile::tempdir().unwrap();
    let out = on_fixture(home.path(), &["--margin", "0.0015", "--json"]);
    let (result, expected) = (json(&out), expected());
    assert_eq!(result["settings"]["test"], "welch");
    for comparison in expected["welch"].as_array().unwrap() {
        agrees(pair(&result, comparison), comparison);
    }
    for (test, omnibus) in expected["independent_omnibus"].as_object().unwrap() {
        let found = find(&result["omnibus"], "test", &test.as_str().into());
        agrees(found, omnibus);
    }
}

#[test]
fn simultaneous_tests_are_those_of_scipy() {
    let home = tempfile::tempdir().unwrap();
    let expected = expected();
    let tukey = json(&on_fixture(home.path(), &["--test", "tukey", "--json"]));
    for row in expected["tukey_p"].as_array().unwrap() {
        let (got, p) = (&pair(&tukey, row)["p_adjusted"], row["p"].as_f64().unwrap());
        // SciPy integrates the studentized range to about 1e-7.
        assert!((got.as_f64().unwrap() - p).abs() < 1e-6, "{got} {p}");
    }
    let args = ["--test", "dunnett", "--control", "adam", "--json"];
    let dunnett = json(&on_fixture(home.path(), &args));
    assert_eq!(dunnett["comparisons"].as_array().unwrap().len(), 3);
    for (group, p) in expected["dunnett_p"].as_object().unwrap() {
        let found = find(&dunnett["comparisons"], "a", &group.as_str().into());
        assert_eq!(found["b"], "adam");
        // SciPy's is quasi-Monte-Carlo.
        let (got, p) = (found["p_adjusted"].as_f64().unwrap(), p.as_f64().unwrap());
        assert!((got - p).abs() < 2e-3, "{group}: {got} {p}");
    }
}

#[test]
fn every_verdict_follows_from_the_numbers_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--pair", "seed", "--margin", "0.0015", "--json"];
    let result = json(&on_fixture(home.path(), &args));
    let mut seen = Vec::new();
    for row in result["comparisons"].as_array().unwrap() {
        let p = |name: &str| row[name].as_f64().unwrap() <= 0.05;
        let verdict = match (p("p_equivalence_adjusted"), p("p_adjusted")) {
            (true, _) => "equivalent",
            (false, true) => "different",
            (false, false) => "undecided",
        };
        assert_eq!(row["verdict"], verdict, "{row}");
        seen.push(verdict);
    }
    assert!(seen.contains(&"equivalent"), "{seen:?}");
}

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
fn a_run_without_a_value_is_counted_and_one_without_a_partner_is_in_no_pair() {
    let text = "g,m,s\na,1,1\na,2,2\na,4,3\nb,1.5,1\nb,,2\nb,nan,3\nb,inf,4\nb,NA,5\nb,7,6\nb,3,\n";
    let result = json(&on_text(&["--pair", "s", "--json"], text));
    let b = &result["groups"][1];
    assert_eq!(
        (b["n"].as_u64(), b["n_missing"].as_u64()),
        (Some(3), Some(4))
    );
    assert_eq!(b["mean"].as_f64(), Some((1.5 + 7.0 + 3.0) / 3.0));
    let comparison = &result["comparisons"][0];
    assert_eq!(comparison["n"], 1);
    assert_eq!(comparison["difference"], -0.5);
    assert!(comparison["p"].is_null());
    let note = comparison["note"].as_str().unwrap();
    assert!(note.contains("test: needs 2 values, has 1"), "{note}");
}

#[test]
fn what_has_no_spread_has_no_p_and_says_why() {
    let table = |rows: &[(&str, &[f64])]| {
        let mut text = "g,s,m\n".to_owned();
        for (group, values) in rows {
            for (seed, value) in values.iter().enumerate() {
                text += &format!("{group},{seed},{value}\n");
            }
        }
        text
    };
    // Rows, and the reasons of the paired and of the independent test.
    type Case<'a> = (&'a [(&'a str, &'a [f64])], &'a str, &'a str);
    let cases: [Case; 5] = [
        (
            &[("a", &[0.04; 10]), ("b", &[0.04; 10])],
            "all paired differences are zero",
            "all values are equal",
        ),
        (
            &[("a", &[0.05; 10]), ("b", &[0.04; 10])],
            "values differ between groups but never within them",
            "values differ between groups but never within them",
        ),
        (
            &[("a", &[0.9713, 0.9712]), ("b", &[0.9712, 0.9711])],
            "values differ between groups but never within them",
            "",
        ),
        (
            &[("a", &[1.0]), ("b", &[1.0, 2.0])],
            "needs 2 values",
            "needs 2 values",
        ),
        (
            &[("a", &[1.0]), ("b", &[2.0])],
            "needs 2 values",
            "needs 2 values",
        ),
    ];
    for (rows, paired, independent) in cases {
        for (args, reason) in [
            (&["--pair", "s", "--json"][..], paired),
            (&["--json"], independent),
        ] {
            let result = json(&on_text(args, table(rows)));
            let comparison = &result["comparisons"][0];
            let note = comparison["note"].as_str().unwrap();
            if reason.is_empty() {
                assert!(comparison["p"].is_number(), "{comparison}");
            } else {
                assert!(comparison["p"].is_null(), "{comparison}");
                assert!(comparison["verdict"].is_null(), "{comparison}");
                assert!(note.contains(reason), "{note}");
            }
            assert!(comparison["difference"].is_number());
        }
    }
}

#[test]
fn one_constant_group_leaves_the_others_their_tests() {
    let text = "g,m\na,1\na,1\nb,2\nb,2.5\nc,3\nc,3.75\nd,nan\nd,nan\n";
    let result = json(&on_text(&["--json"], text));
    let ok = |a: &str, b: &str| {
        let row = pair(&result, &serde_json::json!({"a": a, "b": b})).clone();
        row["p"].is_number()
    };
    assert!(ok("a", "b") && ok("b", "c"));
    assert!(!ok("a", "d"));
    let anova = find(&result["omnibus"], "test", &"one-way ANOVA".into());
    assert_eq!(anova["groups"], 3, "a group without values takes no part");
    assert!(anova["p"].is_number(), "{anova}");
    let welch = find(&result["omnibus"], "test", &"Welch ANOVA".into());
    assert!(welch["p"].is_null(), "{welch}");
    assert_eq!(welch["note"], "test: group 1 is constant");
    let tukey = json(&on_text(&["--json", "--test", "tukey"], text));
    assert!(pair(&tukey, &serde_json::json!({"a": "b", "b": "c"}))["p_adjusted"].is_number());
}

#[test]
fn an_extreme_difference_has_a_p_that_is_not_zero() {
    let rows: String = (0..40)
        .map(|i| {
            let noise = f64::from(i % 7) * 1e-9;
            format!("a,{}\nb,{}\n", 1.0 + noise, 2.0 - noise)
        })
        .collect();
    let result = json(&on_text(&["--json"], format!("g,m\n{rows}")));
    let p = result["comparisons"][0]["p"].as_f64().unwrap();
    assert!(p > 0.0 && p < 1e-300, "{p:e}");
}

#[test]
fn fails_in_one_sentence_with_line_and_column() {
    let cases: [(&[&str], &[u8], &str); 19] = [
        (&[], b"", "the file is empty"),
        (&[], b"g,m\n", "line 1 is the header, and no run follows it"),
        (
            &[],
            b"x,m\na,1\n",
            "line 1 has no column \"g\"; it has x, m",
        ),
        (
            &[],
            b"g,metric,M\na,1,1\n",
            "line 1 has no column \"m\"; did you mean \"M\"?",
        ),
        (&[], b"g;m\na;1\n", "name it with --delimiter"),
        (&[], b"g,m,m\na,1,1\n", "line 1 has the column \"m\" twice"),
        (
            &[],
            b"g,m\na,1\nb,2,3\n",
            "line 3 has 3 fields, the header has 2; give",
        ),
        (
            &[],
            b"g,m\na,1\nb,12%\n",
            "line 3, column \"m\": \"12%\" is no number",
        ),
        (
            &[],
            b"g,m\na,1\nb\xff,1\n",
            "line 3, column \"g\": the bytes are not UTF-8",
        ),
        (
            &[],
            b"g\xff,m\na,1\n",
            "line 1, column \"number 1\": the bytes are not UTF-8",
        ),
        (&[], b"g,m\n,1\n", "line 2, column \"g\": the cell is empty"),
        (
            &["--pair", "s"],
            b"g,m,s\na,1,0\nb,1,0\na,2,0\n",
            "line 4, column \"s\": a has \"0\" already, in line 2",
        ),
        (
            &["--control", "A"],
            b"g,m\na,1\nb,2\n",
            "--control: there is no \"A\"",
        ),
        (&["--test", "wilcoxon"], b"g,m\na,1\nb,2\n", "--pair"),
        (
            &["--test", "t"],
            b"g,m\na,1\nb,2\n",
            "--test: there is no \"t\"",
        ),
        (
            &["--resamples", "1000000000000000000"],
            b"g,m\na,1\nb,2\n",
            "is too many; 1000000 is the most",
        ),
        (
            &["--alpha", "1e-300"],
            b"g,m\na,1\nb,2\n",
            "1e-12 is the least",
        ),
        (
            &[],
            b"g,m\na,1\nb,-1e999\n",
            "line 3, column \"m\": \"-1e999\" is beyond",
        ),
        (&["--alpha", "0"], b"g,m\na,1\nb,2\n", "--alpha 0 must lie"),
    ];
    for (args, text, part) in cases {
        let out = on_text(args, text);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(stdout(&out).is_empty());
    }
    let mut many = b"g,m\n".to_vec();
    for i in 0..1001 {
        many.extend(format!("{i},1\n").bytes());
    }
    let out = on_text(&[], many);
    assert!(
        stderr(&out).contains("line 1002, column \"g\""),
        "{}",
        stderr(&out)
    );
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
fn a_byte_order_mark_and_other_separators_are_read() {
    let out = on_text(
        &["--json", "--delimiter", ";"],
        b"\xef\xbb\xbfg;m\r\na;1\r\na;2\r\nb;3\r\nb;5\r\n",
    );
    assert_eq!(json(&out)["comparisons"][0]["difference"], -2.5);
}

#[test]
fn a_pair_that_is_not_available_is_no_pair() {
    let table = "g,m,s\na,1,NA\na,2,NA\na,3,0\nb,4,\nb,6,0\nb,7,n/a\n";
    let result = json(&on_text(&["--json", "--pair", "s"], table));
    assert_eq!(result["comparisons"][0]["n"], 1);
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
fn a_group_of_one_run_leaves_the_others_their_tests_and_gets_no_verdict() {
    let text = "g,m\na,1\na,1.5\na,2\nb,2\nb,2.5\nb,4\nc,3\nc,3.75\nc,3.5\nd,3\n";
    let args = ["--json", "--test", "games-howell", "--margin", "9"];
    let result = json(&on_text(&args, text));
    let row = |a: &str, b: &str| pair(&result, &serde_json::json!({"a": a, "b": b})).clone();
    assert!(row("a", "b")["p_adjusted"].is_number());
    let alone = row("a", "d");
    assert!(
        alone["p_adjusted"].is_null() && alone["verdict"].is_null(),
        "{alone}"
    );
    for name in ["Welch ANOVA", "Brown-Forsythe"] {
        let test = find(&result["omnibus"], "test", &name.into());
        assert!(test["p"].is_number() && test["groups"] == 3, "{test}");
    }
    assert_eq!(
        find(&result["omnibus"], "test", &"Kruskal-Wallis".into())["groups"],
        4
    );
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
