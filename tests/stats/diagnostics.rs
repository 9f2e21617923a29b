//! Normality, equal variances, variance components and letters.

use crate::fixtures::{close, fixture, groups, number, numbers, rows, slices};
use study::stats::Undefined;
use study::stats::components::variance_components;
use study::stats::letters::compact_letters;
use study::stats::normality::shapiro_wilk;

#[test]
fn shapiro_wilk_agrees_with_scipy() {
    for row in rows(&fixture("shapiro")["rows"]) {
        let x = numbers(&row["x"]);
        let ours = shapiro_wilk(&x).unwrap();
        close(
            ours.statistic,
            number(&row["w"]),
            1e-6,
            &format!("W, n = {}", x.len()),
        );
        close(
            ours.p,
            number(&row["p"]),
            1e-6,
            &format!("Shapiro-Wilk p, n = {}", x.len()),
        );
    }
}

#[test]
fn shapiro_wilk_has_its_limits() {
    assert_eq!(shapiro_wilk(&[0.4; 20]), Err(Undefined::NoVariation));
    assert_eq!(
        shapiro_wilk(&[1.0, 2.0]),
        Err(Undefined::TooFew { needed: 3, got: 2 })
    );
    let long = vec![1.0; 5001];
    assert_eq!(
        shapiro_wilk(&long),
        Err(Undefined::TooMany {
            limit: 5000,
            got: 5001
        })
    );
}

#[test]
fn variance_components_agree_with_statsmodels() {
    for case in rows(&fixture("components")["cases"]) {
        let ours = variance_components(&slices(&groups(&case["table"]))).unwrap();
        close(ours.rows.variance, number(&case["rows"]), 1e-8, "rows");
        close(
            ours.columns.variance,
            number(&case["columns"]),
            1e-8,
            "columns",
        );
        close(ours.rest, number(&case["rest"]), 1e-8, "rest");
        close(
            ours.rows.test.statistic,
            number(&case["f_rows"]),
            1e-8,
            "F of rows",
        );
        close(ours.rows.test.p, number(&case["p_rows"]), 1e-8, "p of rows");
        close(
            ours.columns.test.p,
            number(&case["p_columns"]),
            1e-8,
            "p of columns",
        );
        close(
            ours.rows.share + ours.columns.share + ours.rest_share,
            1.0,
            1e-12,
            "shares",
        );
    }
}

#[test]
fn letters_join_what_cannot_be_told_apart() {
    // The chain of Piepho (2004): neighbours alike, ends apart.
    assert_eq!(
        compact_letters(3, |i, j| j - i > 1).unwrap(),
        ["a", "ab", "b"]
    );
    assert_eq!(
        compact_letters(4, |_, _| false).unwrap(),
        ["a", "a", "a", "a"]
    );
    assert_eq!(compact_letters(3, |_, _| true).unwrap(), ["a", "b", "c"]);
    assert_eq!(
        compact_letters(0, |_, _| true).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(compact_letters(30, |_, _| true).unwrap()[27], "b1");
}

#[test]
fn letters_are_shared_exactly_by_the_pairs_that_do_not_differ() {
    for pattern in 0_u32..1 << 10 {
        let index = |i: usize, j: usize| (0..i).map(|r| 4 - r).sum::<usize>() + j - i - 1;
        let differ = |i: usize, j: usize| pattern >> index(i, j) & 1 == 1;
        let letters = compact_letters(5, differ).unwrap();
        for i in 0..5 {
            for j in i + 1..5 {
                let shared = letters[i].chars().any(|c| letters[j].contains(c));
                assert_eq!(shared, !differ(i, j), "pattern {pattern:b}: {letters:?}");
            }
        }
    }
}

#[test]
fn a_pattern_too_tangled_for_letters_is_refused() {
    // Twenty disjoint pairs that differ: 2^20 maximal sets without a differing pair.
    let tangled = compact_letters(40, |i, j| i % 2 == 0 && j == i + 1);
    assert_eq!(
        tangled.unwrap_err().to_string(),
        "needs more than 500 letters"
    );
}
