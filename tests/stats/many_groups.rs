//! Comparisons of many groups against SciPy, statsmodels and pingouin.

use crate::fixtures::{close, fixture, groups, number, numbers, rows, slices};
use serde_json::Value;
use study::stats::dunnett::dunnett;
use study::stats::pairwise::Pairwise;
use study::stats::rank_tests::{friedman, iman_davenport, kruskal_wallis};
use study::stats::spread::{brown_forsythe, pitman_morgan};
use study::stats::tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd};
use study::stats::{Interval, TestResult, Undefined, anova, repeated};

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
fn tests_of_equal_variances_agree_with_scipy() {
    for_each_case("brown_forsythe", |c, g| {
        agrees(&brown_forsythe(g).unwrap(), c);
    });
}

/// Difference, p, low, high of every pair. SciPy's studentized range is good to about 1e-8.
fn pairs_agree(ours: &[Pairwise], theirs: &Value) {
    assert_eq!(ours.len(), rows(theirs).len());
    for (ours, theirs) in ours.iter().zip(rows(theirs)) {
        let ours = ours.outcome.as_ref().unwrap();
        let Interval { low, high, .. } = ours.interval;
        for (ours, theirs) in [ours.difference, ours.p, low, high]
            .into_iter()
            .zip(numbers(theirs))
        {
            // An end near zero is a difference of larger numbers.
            assert!(
                (ours - theirs).abs() < 1e-8 * theirs.abs().max(1e-3),
                "{ours} is not {theirs}"
            );
        }
    }
}

#[test]
fn tukeys_tests_agree_with_scipy() {
    for_each_case("tukey", |c, g| pairs_agree(&tukey_hsd(g, 0.95).unwrap(), c));
    for_each_case("games_howell", |c, g| {
        pairs_agree(&games_howell(g, 0.95).unwrap(), c);
    });
    for_each_case("tukey_blocks", |c, g| {
        pairs_agree(&tukey_blocks(g, 0.95).unwrap(), c);
    });
}

#[test]
fn nemenyi_agrees_with_scikit_posthocs() {
    for_each_case("nemenyi", |c, g| {
        for (ours, theirs) in nemenyi(g, 0.95).unwrap().iter().zip(numbers(c)) {
            let p = ours.outcome.as_ref().unwrap().p;
            // Theirs is one minus a distribution function.
            assert!(
                (p - theirs).abs() < 1e-8 * theirs + 1e-12,
                "{p} is not {theirs}"
            );
        }
    });
}

#[test]
fn nemenyis_critical_difference_is_that_of_demsar() {
    // Demšar (2006), section 3.2.2: four classifiers, 14 data sets, CD = 2.569 √(4·5/(6·14)).
    let groups: Vec<Vec<f64>> = (0..4)
        .map(|g| {
            (0..14)
                .map(|i| f64::from((i * 7 + g * 5) % 13 + g))
                .collect()
        })
        .collect();
    let pair = &nemenyi(&slices(&groups), 0.95).unwrap()[0];
    let interval = pair.outcome.as_ref().unwrap().interval;
    assert!((0.5 * (interval.high - interval.low) - 1.25).abs() < 0.005);
}

#[test]
fn dunnett_agrees_with_scipy_within_its_quasi_monte_carlo_error() {
    for_each_case("dunnett", |c, g| {
        for (ours, theirs) in dunnett(g, 0, 0.95).unwrap().iter().zip(rows(c)) {
            let ours = ours.outcome.as_ref().unwrap();
            close(ours.statistic, number(&theirs[0]), 1e-10, "Dunnett t");
            assert!(
                (ours.p - number(&theirs[1])).abs() < 5e-4,
                "{} is not {theirs}",
                ours.p
            );
        }
    });
}

#[test]
fn dunnett_reproduces_the_published_example() {
    // Dunnett (1955), table 1: breaking strength of fabrics, and d = 2.76 for 3 treatments at
    // df = 8, two-sided 95 % (table 2b, with equal group sizes; groups here are of 3).
    let (control, a, b, c) = (
        [55., 47., 48.],
        [55., 64., 64.],
        [55., 49., 52.],
        [50., 44., 41.],
    );
    let ours = dunnett(&[&control, &a, &b, &c], 0, 0.95).unwrap();
    let first = ours[0].outcome.as_ref().unwrap();
    let critical = (first.interval.high - first.difference) / first.standard_error;
    assert!((critical - 2.88).abs() < 0.005, "{critical}");
    assert_eq!((first.difference, first.df), (11.0, Some(8.0)));
}

#[test]
fn games_howell_leaves_out_only_the_pair_of_constant_groups() {
    let vary = [0.97, 0.971, 0.969, 0.973];
    let ours = games_howell(&[&[0.1135; 4], &vary, &[0.098; 4]], 0.95).unwrap();
    let undefined: Vec<bool> = ours.iter().map(|p| p.outcome.is_err()).collect();
    assert_eq!(undefined, [false, true, false]);
    assert_eq!(ours[1].outcome, Err(Undefined::NoError));
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
    assert_eq!(iman_davenport(&[&flat, &high]), Err(Undefined::Infinite));
    let shifted = vary.map(|v| v + 0.1);
    assert_eq!(
        repeated::repeated_anova(&[&vary, &shifted]),
        Err(Undefined::SameDifferences)
    );
    assert_eq!(
        repeated::repeated_anova(&[&vary, &vary]),
        Err(Undefined::NoDifferences)
    );
    let alone = anova::one_way_anova(&[&vary]).unwrap_err().to_string();
    assert_eq!(alone, "needs 2 groups, has 1");
}

/// By SciPy 1.17.1, NumPy 2.4.6, Python 3.11.7: `r, p = scipy.stats.pearsonr(a + b, a - b)` and
/// t = r √((n − 2)/(1 − r²)).
#[test]
fn pitman_morgan_is_the_t_of_scipys_correlation_of_sums_and_differences() {
    let a = [0.912, 0.905, 0.921, 0.899, 0.934, 0.908, 0.917, 0.926];
    let b = [
        0.9105, 0.9081, 0.9132, 0.9077, 0.9171, 0.9099, 0.9118, 0.9136,
    ];
    let test = pitman_morgan(&a, &b).unwrap();
    close(test.statistic, 25.462_489_841_340_09, 1e-9, "t");
    close(test.p, 2.417_662_142_981_465e-7, 1e-8, "p");
    assert_eq!(test.df, Some(6.0));
    let mirrored = pitman_morgan(&b, &a).unwrap();
    close(mirrored.statistic, -test.statistic, 1e-12, "mirrored t");
    assert!(pitman_morgan(&a[..2], &b[..2]).is_err());
    assert_eq!(pitman_morgan(&a, &a), Err(Undefined::NoDifferences));
    assert_eq!(pitman_morgan(&a, &[0.5; 8]), Err(Undefined::Infinite));
}

#[test]
fn a_singleton_takes_no_games_howell_test_from_the_others() {
    let (a, b, c) = ([1.0, 2.0, 4.0], [3.0, 5.0, 5.5], [2.0, 2.5, 9.0]);
    let without = games_howell(&[&a, &b, &c], 0.95).unwrap();
    let with = games_howell(&[&a, &b, &[7.0], &c], 0.95).unwrap();
    let of = |first: usize, second: usize| {
        let found = with.iter().find(|r| (r.a, r.b) == (first, second));
        found.unwrap().outcome.clone()
    };
    for (pair, theirs) in [(0, 1), (0, 3), (1, 3)].into_iter().zip(&without) {
        assert_eq!(of(pair.0, pair.1), theirs.outcome);
    }
    let too_few = Undefined::TooFew { needed: 2, got: 1 };
    assert_eq!(of(0, 2), Err(too_few));
    assert_eq!(of(2, 3), Err(too_few));
    assert_eq!(
        games_howell(&[&a, &[7.0]], 0.95),
        Err(Undefined::TooFewGroups { needed: 2, got: 1 })
    );
}

#[test]
fn max_t_knows_the_smallest_p_of_its_design() {
    let resampling = study::stats::resample::Resampling::new(1);
    let smallest = |groups: &[&[f64]]| {
        let pairs = study::stats::max_t::max_t(groups, resampling).unwrap();
        pairs[0].outcome.as_ref().unwrap().smallest_p
    };
    let (a, b, c) = ([1.0, 2.0, 4.0], [3.0, 5.0, 5.5], [2.0, 2.5, 9.0]);
    // Two groups, three blocks: two of 2³ arrangements; three groups: 3! of (3!)³.
    close(smallest(&[&a, &b]), 0.25, 1e-15, "two groups");
    close(smallest(&[&a, &b, &c]), 1.0 / 36.0, 1e-15, "three groups");
    let many: Vec<f64> = (0..40).map(|i| f64::from(i * i % 17)).collect();
    let other: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 13)).collect();
    let fewest = 1.0 / (resampling.resamples as f64 + 1.0);
    close(smallest(&[&many, &other]), fewest, 1e-15, "many blocks");
}
