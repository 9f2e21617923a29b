//! `initstudy compare` of values that do not differ, of groups of one, and of differences beyond all
//! doubt.

use crate::comparing::{find, json, on_text, pair};
use crate::sweeps::stdout;

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
            "all paired differences are the same",
            "values differ between groups but never within them",
        ),
        (
            &[("a", &[0.9713, 0.9712]), ("b", &[0.9712, 0.9711])],
            "all paired differences are the same",
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
fn runs_without_a_partner_are_told_and_pairs_that_were_not_used_are_not() {
    let text = "g,m,s\na,1,1\na,2,2\na,4,3\na,3,4\nb,2,1\nb,1,2\nb,1.5,3\nb,5,9\n";
    let table = |args: &[&str]| {
        let out = on_text(args, text);
        assert!(out.status.success());
        stdout(&out)
    };
    let paired = table(&["--pair", "s"]);
    assert!(
        paired.contains("2 runs without a partner in the other group are left aside"),
        "{paired}"
    );
    assert!(paired.contains("pairing widened the interval"), "{paired}");
    let apart = table(&["--pair", "s", "--test", "tukey"]);
    assert!(!apart.contains("pairing widened"), "{apart}");
    assert!(!apart.contains("without a partner"), "{apart}");
}

#[test]
fn values_beyond_every_test_have_no_mean_and_no_difference() {
    let text = "g,m\na,1e308\na,1e308\na,-1e308\nb,1\nb,2\nb,4\n";
    let out = on_text(&[], text);
    let table = stdout(&out);
    assert!(!table.contains("NaN") && !table.contains("inf "), "{table}");
    let result = json(&on_text(&["--json"], text));
    let row = pair(&result, &serde_json::json!({"a": "a", "b": "b"}));
    assert!(
        row["mean_a"].is_null() && row["difference"].is_null(),
        "{row}"
    );
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
fn runs_too_few_for_the_adjustment_are_said_to_be() {
    // Four groups far apart under n seeds: the smallest p is 2⁻ⁿ⁺¹, and Holm multiplies it by six.
    let table = |n: usize| {
        let mut text = "g,s,m\n".to_owned();
        for (group, start) in [("a", 0.0), ("b", 10.0), ("c", 20.0), ("d", 30.0)] {
            for seed in 0..n {
                let value = start + 0.1 * (seed * seed % 7) as f64;
                text += &format!("{group},{seed},{value}\n");
            }
        }
        text
    };
    let said = |n: usize| {
        let out = on_text(&["--pair", "s", "--test", "wilcoxon"], table(n));
        assert!(out.status.success());
        stdout(&out)
    };
    assert!(said(5).contains("can give no p under 0.062"), "{}", said(5));
    assert!(
        said(7).contains("can give no adjusted p under 0.094: 6 pairs are tested"),
        "{}",
        said(7)
    );
    assert!(!said(8).contains("so few runs"), "{}", said(8));
    // a and c can have 1/21, which Holm leaves as it is behind the two pairs that can have less.
    let mut text = "g,m\n".to_owned();
    for (group, start, n) in [("a", 0, 5), ("b", 100, 30), ("c", 200, 2)] {
        for run in 0..n {
            text += &format!("{group},{}\n", start + run * run % 7);
        }
    }
    let said = stdout(&on_text(&["--test", "permutation"], text));
    assert!(!said.contains("so few runs"), "{said}");
}
