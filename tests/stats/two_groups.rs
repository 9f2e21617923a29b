//! Comparisons of two groups against SciPy and pingouin.

use crate::fixtures::{close, fixture, number, numbers, rows};
use serde_json::Value;
use study::stats::adjust::Adjustment;
use study::stats::resample::Resampling;
use study::stats::t_test::{MeanDifference, paired_t, pooled_t, welch_t};
use study::stats::two_groups::TwoGroupTest;
use study::stats::{Undefined, correlation, describe, effect, mean, superiority};

/// Calls `check(case, a, b)` for every pair of samples; `paired` keeps those of one length.
fn for_each_pair(paired: bool, check: impl Fn(&Value, &[f64], &[f64])) {
    for case in rows(&fixture("two_groups")["cases"]) {
        if !paired || case.get("paired").is_some() {
            check(case, &numbers(&case["a"]), &numbers(&case["b"]));
        }
    }
}

fn agrees(ours: &MeanDifference, theirs: &Value) {
    let name = ours.test.name;
    close(ours.test.statistic, number(&theirs["t"]), 1e-10, name);
    close(ours.test.df.unwrap(), number(&theirs["df"]), 1e-10, name);
    close(ours.test.p, number(&theirs["p"]), 1e-10, name);
    close(ours.interval.low, number(&theirs["low"]), 1e-10, name);
    close(ours.interval.high, number(&theirs["high"]), 1e-10, name);
}

#[test]
fn t_tests_agree_with_scipy() {
    for_each_pair(false, |case, a, b| {
        agrees(&welch_t(a, b, 0.9).unwrap(), &case["welch"]);
        agrees(&pooled_t(a, b, 0.9).unwrap(), &case["pooled"]);
    });
    for_each_pair(true, |case, a, b| {
        agrees(&paired_t(a, b, 0.9).unwrap(), &case["paired"]);
    });
}

#[test]
fn effect_sizes_agree_with_pingouin() {
    for_each_pair(false, |case, a, b| {
        close(
            effect::hedges_g(a, b).unwrap(),
            number(&case["hedges_g"]),
            1e-10,
            "g",
        );
        let superiority = superiority::prob_superiority(a, b).unwrap();
        close(superiority, number(&case["superiority"]), 1e-14, "P(A > B)");
    });
    for_each_pair(true, |case, a, b| {
        close(
            correlation::pearson(a, b).unwrap(),
            number(&case["pearson"]),
            1e-10,
            "r",
        );
        let superiority = superiority::prob_superiority_paired(a, b).unwrap();
        close(
            superiority,
            number(&case["superiority_paired"]),
            1e-14,
            "paired P(A > B)",
        );
    });
}

#[test]
fn summaries_agree_with_numpy() {
    for case in rows(&fixture("two_groups")["summaries"]) {
        let values = numbers(&case["values"]);
        let summary = describe::summary(&values).unwrap();
        let interval = mean::t_interval(&values, 0.95).unwrap();
        for (ours, key) in [
            (summary.mean, "mean"),
            (summary.sd.unwrap(), "sd"),
            (summary.median, "median"),
            (summary.q1, "q1"),
            (summary.q3, "q3"),
            (summary.iqm, "iqm"),
            (
                describe::quantile_sorted(&describe::sorted(&values), 0.9),
                "q90",
            ),
            (interval.low, "low"),
            (interval.high, "high"),
        ] {
            close(ours, number(&case[key]), 1e-10, key);
        }
    }
}

#[test]
fn adjustments_agree_with_statsmodels() {
    for case in rows(&fixture("adjust")["cases"]) {
        let p = numbers(&case["p"]);
        for adjustment in Adjustment::ALL {
            if adjustment != Adjustment::None {
                let theirs = numbers(&case[adjustment.name()]);
                for (ours, theirs) in adjustment.adjust(&p).iter().zip(theirs) {
                    close(*ours, theirs, 1e-12, adjustment.name());
                }
            }
        }
    }
}

#[test]
fn adjustment_names_round_trip() {
    for adjustment in Adjustment::ALL {
        assert_eq!(adjustment.name().parse(), Ok(adjustment));
    }
    assert!(
        "holms"
            .parse::<Adjustment>()
            .unwrap_err()
            .contains("holm, hochberg")
    );
}

#[test]
fn tests_by_name_are_the_tests_themselves() {
    let (a, b) = ([0.971, 0.972, 0.975, 0.973], [0.970, 0.9705, 0.976, 0.971]);
    let draws = Resampling::new(1);
    for test in TwoGroupTest::ALL {
        assert!(test.run(&a, &b, draws).unwrap().p > 0.0);
        assert_eq!(
            test.run(&a, &b[..3], draws).is_err(),
            test.needs_pairs(),
            "{test:?}"
        );
    }
    let default = TwoGroupTest::default_for(true).run(&a, &b, draws).unwrap();
    assert_eq!(default, paired_t(&a, &b, 0.95).unwrap().test);
}

#[test]
fn a_constant_sample_has_no_t_interval_and_no_t_test() {
    let constant = [0.04; 10];
    assert_eq!(
        mean::t_interval(&constant, 0.95),
        Err(Undefined::NoVariation)
    );
    assert_eq!(
        welch_t(&constant, &constant, 0.95),
        Err(Undefined::NoVariation)
    );
    assert_eq!(
        welch_t(&constant, &[0.05; 4], 0.95),
        Err(Undefined::NoError)
    );
    assert_eq!(
        paired_t(&constant, &constant, 0.95),
        Err(Undefined::NoDifferences)
    );
}

#[test]
fn differences_equal_on_the_grid_are_equal_whatever_their_rounding() {
    let a = [0.9713, 0.9712, 0.9801, 0.9644];
    let b = [0.9712, 0.9711, 0.9800, 0.9643];
    assert_ne!(a[0] - b[0], a[2] - b[2]);
    assert_eq!(paired_t(&a, &b, 0.95), Err(Undefined::SameDifferences));
}

#[test]
fn one_constant_group_still_has_a_welch_test() {
    let result = welch_t(&[0.1135; 5], &[0.97, 0.971, 0.973, 0.9705, 0.972], 0.95).unwrap();
    assert_eq!(result.test.df, Some(4.0));
    assert!(result.test.p > 0.0 && result.test.p < 1e-8);
}

#[test]
fn impossible_requests_say_why() {
    let welch = |a: &[f64], b: &[f64]| welch_t(a, b, 0.95).unwrap_err().to_string();
    assert_eq!(welch(&[1.0], &[1.0, 2.0]), "needs 2 values, has 1");
    assert_eq!(
        welch(&[f64::NAN, 1.0], &[1.0, 2.0]),
        "a value is not finite, or beyond ±1e70"
    );
    let paired = paired_t(&[1.0, 2.0], &[1.0, 2.0, 3.0], 0.95).unwrap_err();
    assert_eq!(
        paired.to_string(),
        "pairs are incomplete: 2 values against 3"
    );
    let level = welch_t(&[1.0, 2.0], &[1.0, 2.5], 95.0).unwrap_err();
    assert_eq!(
        level.to_string(),
        "the confidence level must be strictly between 0 and 1"
    );
}

#[test]
fn a_p_value_that_underflows_is_an_upper_bound_and_not_zero() {
    let a: Vec<f64> = (0..2000).map(|i| f64::from(i % 2) * 1e-6).collect();
    let b: Vec<f64> = a.iter().map(|v| v + 1.0).collect();
    assert_eq!(welch_t(&a, &b, 0.95).unwrap().test.p, f64::MIN_POSITIVE);
}
