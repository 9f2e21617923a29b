//! `initstudy compare`: its numbers against SciPy, statsmodels and pingouin.

use crate::comparing::{agrees, expected, find, json, on_fixture, pair};

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
