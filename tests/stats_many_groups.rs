//! Comparisons of many groups against SciPy, statsmodels and pingouin.

mod stats_support;

use serde_json::Value;
use stats_support::{close, fixture, groups, number, numbers, rows, slices};
use study::stats::rank_tests::{friedman, iman_davenport, kruskal_wallis};
use study::stats::{TestResult, Undefined, anova, repeated};

/// Calls `check(case, groups)` for every case that has a value under `key`.
fn for_each_case(key: &str, check: impl Fn(&Value, &[&[f64]])) {
    let fixture = fixture("many_groups");
    let mut seen = 0;
    for case in rows(&fixture["cases"])
        .iter()
        .filter(|c| c.get(key).is_some())
    {
        check(&case[key], &slices(&groups(&case["groups"])));
        seen += 1;
    }
    assert!(seen > 0, "no case has {key}");
}

fn agrees(ours: &TestResult, theirs: &Value) {
    close(
        ours.statistic,
        number(&theirs["statistic"]),
        1e-10,
        ours.name,
    );
    close(ours.df.unwrap(), number(&theirs["df"]), 1e-10, ours.name);
    if let Some(df_error) = ours.df_error {
        close(df_error, number(&theirs["df_error"]), 1e-10, ours.name);
    }
    close(ours.p, number(&theirs["p"]), 1e-10, ours.name);
}

#[test]
fn anovas_agree_with_scipy_and_statsmodels() {
    for_each_case("anova", |c, g| agrees(&anova::one_way_anova(g).unwrap(), c));
    for_each_case("welch_anova", |c, g| {
        agrees(&anova::welch_anova(g).unwrap(), c);
    });
}

#[test]
fn repeated_anova_agrees_with_statsmodels_and_its_epsilon_with_pingouin() {
    for_each_case("repeated", |c, g| {
        let ours = repeated::repeated_anova(g).unwrap();
        agrees(&ours.uncorrected, c);
        close(ours.epsilon, number(&c["epsilon"]), 1e-10, "epsilon");
        close(
            ours.corrected.p,
            number(&c["p_corrected"]),
            1e-10,
            "corrected p",
        );
    });
}

#[test]
fn rank_tests_agree_with_scipy() {
    for_each_case("kruskal", |c, g| agrees(&kruskal_wallis(g).unwrap(), c));
    for_each_case("friedman", |c, g| agrees(&friedman(g).unwrap().test, c));
    for_each_case("iman_davenport", |c, g| {
        agrees(&iman_davenport(g).unwrap(), c);
    });
    for_each_case("mean_ranks", |c, g| {
        for (ours, theirs) in friedman(g).unwrap().mean_ranks.iter().zip(numbers(c)) {
            close(*ours, theirs, 1e-12, "mean rank");
        }
    });
}

#[test]
fn degenerate_groups_say_why() {
    let (flat, high, vary) = ([1.0; 4], [2.0; 4], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(
        anova::one_way_anova(&[&flat, &flat]),
        Err(Undefined::NoVariation)
    );
    assert_eq!(
        anova::one_way_anova(&[&flat, &high]),
        Err(Undefined::NoError)
    );
    assert_eq!(
        anova::welch_anova(&[&vary, &high]),
        Err(Undefined::ConstantGroup { index: 1 })
    );
    assert_eq!(kruskal_wallis(&[&flat, &flat]), Err(Undefined::NoVariation));
    assert_eq!(
        friedman(&[&vary, &vary]).unwrap_err(),
        Undefined::NoDifferences
    );
    assert_eq!(iman_davenport(&[&flat, &high]), Err(Undefined::NoError));
    let shifted = vary.map(|v| v + 0.1);
    assert_eq!(
        repeated::repeated_anova(&[&vary, &shifted]),
        Err(Undefined::NoError)
    );
    assert_eq!(
        repeated::repeated_anova(&[&vary, &vary]),
        Err(Undefined::NoDifferences)
    );
    let alone = anova::one_way_anova(&[&vary]).unwrap_err().to_string();
    assert_eq!(alone, "needs 2 groups, has 1");
}
