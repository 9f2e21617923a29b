//! Whatever the data, every method gives finite numbers and 0 < p ≤ 1, or a reason; none panics.

use proptest::prelude::*;
use std::fmt::Debug;
use study::stats::aso::almost_stochastic_order;
use study::stats::bayes::paired_posterior;
use study::stats::bootstrap::{Method, bootstrap_mean, bootstrap_mean_difference};
use study::stats::components::variance_components;
use study::stats::describe::summary;
use study::stats::dunnett::dunnett;
use study::stats::equivalence::{tost_paired, tost_welch};
use study::stats::mann_whitney::rank_sum;
use study::stats::max_t::max_t;
use study::stats::mean::t_interval;
use study::stats::normality::shapiro_wilk;
use study::stats::pairing::pairing_benefit;
use study::stats::permutation::{label_permutation, sign_flip};
use study::stats::rank_tests::{friedman, iman_davenport, kruskal_wallis};
use study::stats::resample::Resampling;
use study::stats::spread::brown_forsythe;
use study::stats::t_test::{paired_t, pooled_t, welch_t};
use study::stats::tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd};
use study::stats::wilcoxon::signed_rank;
use study::stats::{Undefined, anova, correlation, effect, power, repeated, superiority};

const FEW: Resampling = Resampling {
    resamples: 100,
    seed: 1,
};

/// Panics when a result shows a NaN, an infinity or a p of zero. Every result derives `Debug`.
#[track_caller]
fn sound<T: Debug>(what: &str, result: Result<T, Undefined>) {
    let text = format!("{result:?}");
    let bad = ["NaN", "inf", "p: 0.0,", "p_lower: 0.0,", "p_upper: 0.0,"];
    assert!(!bad.iter().any(|b| text.contains(b)), "{what}: {text}");
}

/// Panics when a p is smaller than the method can give for so many values.
#[track_caller]
fn possible(p_and_smallest: Result<(f64, f64), Undefined>) {
    if let Ok((p, smallest)) = p_and_smallest {
        assert!(p >= smallest * (1.0 - 1e-12), "{p:e} below {smallest:e}");
    }
}

/// A value of the kinds that cause trouble: on the grid, tied, constant, huge, tiny, not a number.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (9700_i32..9710).prop_map(|v| f64::from(v) * 1e-4),
        4 => -2.0..2.0,
        3 => Just(0.5),
        2 => Just(0.0),
        1 => prop::sample::select(vec![
            1e300, -1e300, f64::MAX, 1e-300, 5e-324, 1e16, -0.0, f64::NAN, f64::INFINITY,
        ]),
    ]
}

fn groups() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(value(), 0..9), 0..5)
}

fn blocks() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (0_usize..9, 0_usize..5)
        .prop_flat_map(|(n, k)| prop::collection::vec(prop::collection::vec(value(), n), k))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn two_groups_are_compared_soundly(
        a in prop::collection::vec(value(), 0..9),
        b in prop::collection::vec(value(), 0..9),
        margin in prop_oneof![Just(0.001), Just(0.0), Just(f64::NAN), Just(1e300)],
    ) {
        for (a, b) in [(&a[..], &b[..]), (&a, &a), (&a[..a.len().min(b.len())], &b[..a.len().min(b.len())])] {
            sound("paired t", paired_t(a, b, 0.95));
            sound("Welch t", welch_t(a, b, 0.95));
            sound("pooled t", pooled_t(a, b, 0.95));
            sound("signed rank", signed_rank(a, b));
            sound("rank sum", rank_sum(a, b));
            sound("sign flip", sign_flip(a, b, FEW));
            sound("label permutation", label_permutation(a, b, FEW));
            possible(signed_rank(a, b).map(|test| (test.test.p, test.smallest_p)));
            possible(rank_sum(a, b).map(|test| (test.test.p, test.smallest_p)));
            possible(sign_flip(a, b, FEW).map(|test| (test.test.p, test.smallest_p)));
            possible(label_permutation(a, b, FEW).map(|test| (test.test.p, test.smallest_p)));
            sound("TOST paired", tost_paired(a, b, margin, 0.05));
            sound("TOST Welch", tost_welch(a, b, margin, 0.05));
            sound("posterior", paired_posterior(a, b, margin, 0.95));
            sound("g", effect::hedges_g(a, b));
            sound("g interval", effect::hedges_g_interval(a, b, 0.95));
            sound("dominance", superiority::dominance(a, b, 0.95));
            sound("superiority", superiority::prob_superiority(a, b));
            sound("superiority", superiority::prob_superiority_paired(a, b));
            sound("superiority", superiority::prob_superiority_paired_interval(a, b, 0.95));
            sound("correlation", correlation::pearson(a, b));
            sound("pairing", pairing_benefit(a, b, 0.95));
            sound("ASO", almost_stochastic_order(a, b, 0.05, FEW));
            sound("bootstrap", bootstrap_mean_difference(a, b, Method::Bca, 0.95, FEW));
        }
        sound("summary", summary(&a));
        sound("t interval", t_interval(&a, 0.95));
        sound("Shapiro-Wilk", shapiro_wilk(&a));
        sound("bootstrap", bootstrap_mean(&a, Method::Bca, 0.95, FEW));
    }

    #[test]
    fn many_groups_are_compared_soundly(groups in prop_oneof![groups(), blocks()]) {
        let g: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
        sound("ANOVA", anova::one_way_anova(&g));
        sound("Welch ANOVA", anova::welch_anova(&g));
        sound("repeated ANOVA", repeated::repeated_anova(&g));
        sound("Kruskal-Wallis", kruskal_wallis(&g));
        sound("Friedman", friedman(&g));
        sound("Iman-Davenport", iman_davenport(&g));
        sound("Brown-Forsythe", brown_forsythe(&g));
        sound("Tukey", tukey_hsd(&g, 0.95));
        sound("Games-Howell", games_howell(&g, 0.95));
        sound("block Tukey", tukey_blocks(&g, 0.95));
        sound("Nemenyi", nemenyi(&g, 0.95));
        sound("max-T", max_t(&g, FEW));
        sound("components", variance_components(&g));
    }

    #[test]
    fn any_plan_is_answered_soundly(
        difference in value(), sd_a in value(), sd_b in value(), alpha in value(),
        correlation in prop::option::of(value()), margin in prop::option::of(value()),
        n in 0_usize..1000, target in value(),
    ) {
        let plan = power::Design { difference, sd_a, sd_b, correlation, margin, alpha };
        sound("power", plan.power(n));
        sound("sample size", plan.sample_size(target));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn groups_are_compared_with_a_control_soundly(groups in groups(), control in 0_usize..5) {
        let g: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
        sound("Dunnett", dunnett(&g, control, 0.95));
    }
}
