//! What rounding must not do: values on a grid, groups far apart, one value far off, ends of the exponent range.

use proptest::prelude::*;
use study::stats::Undefined;
use study::stats::bootstrap::{Method, bootstrap_mean};
use study::stats::mann_whitney::rank_sum;
use study::stats::max_t::max_t;
use study::stats::normality::{shapiro_wilk, shapiro_wilk_paired};
use study::stats::pairing::pairing_benefit;
use study::stats::permutation::{label_permutation, sign_flip};
use study::stats::resample::Resampling;
use study::stats::spending::{Sides, boundaries};
use study::stats::spread::brown_forsythe;
use study::stats::superiority::prob_superiority_paired;
use study::stats::t_test::{pooled_t, welch_t};
use study::stats::wilcoxon::signed_rank;

const FEW: Resampling = Resampling {
    resamples: 2000,
    seed: 1,
};

/// Accuracies as files have them, in steps of 10⁻⁴.
fn accuracy() -> impl Strategy<Value = f64> {
    (9000_i32..10_000).prop_map(|steps| f64::from(steps) / 1e4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Both are equally far from their median, so nothing is left to test.
    #[test]
    fn two_values_a_group_have_no_test_of_spread(groups in prop::collection::vec([accuracy(), accuracy()], 2..5)) {
        let groups: Vec<&[f64]> = groups.iter().map(|g| &g[..]).collect();
        let reason = brown_forsythe(&groups).unwrap_err();
        prop_assert!(matches!(reason, Undefined::Infinite | Undefined::NoVariation), "{reason}");
    }

    #[test]
    fn three_evenly_spaced_values_are_as_normal_as_can_be(middle in accuracy(), steps in 1_i32..50) {
        let step = f64::from(steps) / 1e4;
        let test = shapiro_wilk(&[middle - step, middle, middle + step]).unwrap();
        prop_assert!(test.statistic <= 1.0 && test.statistic > 1.0 - 1e-9, "{test:?}");
        prop_assert!(test.p > 1.0 - 1e-4, "{test:?}");
    }

    #[test]
    fn differences_that_are_all_alike_are_not_tested_for_normality(
        values in prop::collection::vec(accuracy(), 4..12), steps in 1_i32..20,
    ) {
        let shifted: Vec<f64> = values.iter().map(|v| ((v * 1e4).round() + f64::from(steps)) / 1e4).collect();
        prop_assert_eq!(shapiro_wilk_paired(&values, &shifted), Err(Undefined::SameDifferences));
        if let Ok(benefit) = pairing_benefit(&values, &shifted, 0.95) {
            prop_assert_eq!(benefit.interval, None);
        }
    }

    /// One group at chance: of 252 ways to part ten values the observed one and its mirror image are the extreme ones.
    #[test]
    fn labels_of_groups_far_apart_are_counted_with_their_mirror_image(
        a in prop::collection::vec(0.0..1.0, 5), b in prop::collection::vec(0.0..1.0, 5), digits in 1_i32..9,
    ) {
        let sd = 0.1_f64.powi(digits);
        let a: Vec<f64> = a.iter().map(|v| 0.98 + sd * v).collect();
        let b: Vec<f64> = b.iter().map(|v| 0.098 + sd * v).collect();
        let permutation = label_permutation(&a, &b, FEW).unwrap();
        prop_assert!(permutation.exact);
        prop_assert_eq!(permutation.test.p, 2.0 / 252.0);
        prop_assert_eq!(permutation.smallest_p, 2.0 / 252.0);
    }

    #[test]
    fn max_t_of_groups_far_apart_is_no_less_than_it_can_be(
        columns in prop::collection::vec(prop::collection::vec(0.0..1.0, 4), 3), digits in 1_i32..7,
    ) {
        let sd = 0.1_f64.powi(digits);
        let columns: Vec<Vec<f64>> = columns
            .iter()
            .zip([0.98, 0.9805, 0.098])
            .map(|(column, centre)| column.iter().map(|v| centre + sd * v).collect())
            .collect();
        let groups: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for pair in max_t(&groups, FEW).unwrap() {
            let Ok(outcome) = pair.outcome else { continue };
            // 3! of the 6⁴ arrangements tie for certain; the 2,000 draws hold some of them.
            prop_assert!(outcome.p_step_down > 0.2 * outcome.smallest_p, "{outcome:?}");
            prop_assert!(outcome.p_step_down > 2.0 / 2001.0, "{outcome:?}");
        }
    }
}

/// The extreme of few against many, which the normal approximation would put at 0.083, 0.014, 0.0027 and 0.00011.
#[test]
fn rank_sums_of_few_against_many_are_exact() {
    for (few, many, choices) in [
        (1, 4000, 4001.0),
        (2, 2500, 2502.0 * 2501.0 / 2.0),
        (3, 2000, 2003.0 * 2002.0 * 2001.0 / 6.0),
        (5, 1000, 1005.0 * 1004.0 * 1003.0 * 1002.0 * 1001.0 / 120.0),
    ] {
        let above: Vec<f64> = (0..few).map(|i| f64::from(i) + 1e6).collect();
        let below: Vec<f64> = (0..many).map(f64::from).collect();
        for (a, b) in [(&above, &below), (&below, &above)] {
            let test = rank_sum(a, b).unwrap();
            assert!(test.exact, "{few} against {many}");
            for p in [test.test.p, test.smallest_p] {
                assert!(
                    (p * choices / 2.0 - 1.0).abs() < 1e-9,
                    "{few} against {many}: {p}"
                );
            }
        }
    }
}

#[test]
fn the_smallest_p_of_an_approximation_is_its_own() {
    for (few, many) in [(5, 60_000), (50, 50)] {
        let above: Vec<f64> = (0..few).map(|i| f64::from(i) + 1e6).collect();
        let below: Vec<f64> = (0..many).map(f64::from).collect();
        let test = rank_sum(&above, &below).unwrap();
        assert!(!test.exact);
        assert_eq!(test.smallest_p, test.test.p, "{few} against {many}");
        let test = rank_sum(&below, &above).unwrap();
        assert_eq!(test.smallest_p, test.test.p, "{many} against {few}");
    }
}

/// `scipy.stats.wilcoxon` gives 2/2¹³ whatever the size of the last pair, and so does counting the signs.
#[test]
fn one_pair_far_off_leaves_the_others_their_differences() {
    let signs = 2.0 / f64::from(1 << 13);
    for (exponent, by_signs) in [(0, true), (6, true), (10, true), (12, false), (15, false)] {
        let far = 10_f64.powi(exponent);
        let mut a: Vec<f64> = (1..=12).map(|i| 0.97 + f64::from(i) * 1e-4).collect();
        let mut b = vec![0.97; 12];
        a.push(far);
        b.push(far / 2.0);
        assert_eq!(signed_rank(&a, &b).unwrap().test.p, signs, "{far:e}");
        assert_eq!(prob_superiority_paired(&a, &b), Ok(1.0), "{far:e}");
        // Beyond that a sum of all differences cannot hold the small ones, and p may only be too large.
        let p = sign_flip(&a, &b, FEW).unwrap().test.p;
        assert!(
            if by_signs { p == signs } else { p >= signs },
            "{far:e}: {p}"
        );
    }
}

#[test]
fn a_common_offset_changes_no_t() {
    let step = 2_f64.powi(-20);
    let near = |offset: f64, steps: &[f64]| -> Vec<f64> {
        steps.iter().map(|s| offset + s * step).collect()
    };
    let (a, b) = (
        [3.0, 14.0, 15.0, 92.0, 65.0, 35.0],
        [89.0, 79.0, 32.0, 38.0, 46.0],
    );
    for test in [welch_t, pooled_t] {
        let expected = test(&near(0.0, &a), &near(0.0, &b), 0.95).unwrap();
        // Each value is exact beside 2³⁰.
        let got = test(&near(2_f64.powi(30), &a), &near(2_f64.powi(30), &b), 0.95).unwrap();
        let off = got.test.statistic / expected.test.statistic - 1.0;
        assert!(off.abs() < 1e-12, "{off:e}");
        let off = got.test.df.unwrap() / expected.test.df.unwrap() - 1.0;
        assert!(off.abs() < 1e-12, "{off:e}");
    }
}

#[test]
fn bca_has_its_ends_in_order_or_gives_way() {
    let skewed: Vec<f64> = (0..31).map(|i| 1.2_f64.powi(i)).collect();
    let mut rare = vec![0.0; 99];
    rare.push(1.0);
    let mut gave_way = 0;
    for values in [skewed, rare] {
        for exponent in 1..12 {
            let level = 1.0 - 10_f64.powi(-exponent);
            let bootstrap = bootstrap_mean(&values, Method::Bca, level, FEW).unwrap();
            let interval = bootstrap.interval;
            assert!(interval.low < interval.high, "{level}: {bootstrap:?}");
            assert_eq!(
                bootstrap.method == Method::Bca,
                bootstrap.fallback.is_none()
            );
            gave_way +=
                usize::from(bootstrap.fallback == Some("the correction has no end at this level"));
        }
    }
    assert!(gave_way > 0);
}

/// By O'Brien and Fleming the first of these looks may spend less than 10⁻³⁰⁸.
#[test]
fn a_look_too_early_to_spend_anything_never_rejects() {
    for (first, last) in [(10.0, 3000.0), (10.0, 10_000.0)] {
        let looks = boundaries(&[first / last, 0.5, 1.0], 0.005, Sides::Two).unwrap();
        assert!(looks[0].p < 1e-300 && looks[0].z > 30.0, "{looks:?}");
        let later = boundaries(&[0.5, 1.0], 0.005, Sides::Two).unwrap();
        for (look, expected) in looks[1..].iter().zip(later) {
            assert!(
                (look.z - expected.z).abs() < 1e-9,
                "{look:?} and {expected:?}"
            );
        }
    }
}
