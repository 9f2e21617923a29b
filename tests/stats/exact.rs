//! Exact rank and permutation tests against full enumeration, their approximations against SciPy.

use crate::fixtures::{close, fixture, number, numbers, rows};
use study::stats::Undefined;
use study::stats::mann_whitney::rank_sum;
use study::stats::permutation::{label_permutation, sign_flip};
use study::stats::resample::Resampling;
use study::stats::wilcoxon::signed_rank;

const SEED: Resampling = Resampling {
    resamples: 4000,
    seed: 1,
};

/// Calls `check` with every case's samples, cut to pairs on request.
fn for_each_case(paired: bool, check: impl Fn(&serde_json::Value, &[f64], &[f64])) {
    for case in rows(&fixture("exact")["cases"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let k = a.len().min(b.len());
        if paired {
            check(case, &a[..k], &b[..k]);
        } else {
            check(case, &a, &b);
        }
    }
}

#[test]
fn signed_rank_is_exact_with_ties_and_zeros() {
    for_each_case(true, |case, a, b| {
        let ours = signed_rank(a, b).unwrap();
        assert!(ours.exact);
        close(ours.test.statistic, number(&case["pratt"][0]), 1e-12, "W");
        close(
            ours.test.p,
            number(&case["pratt"][1]),
            1e-12,
            "signed rank p",
        );
    });
}

#[test]
fn rank_sum_is_exact_with_ties() {
    for_each_case(false, |case, a, b| {
        let ours = rank_sum(a, b).unwrap();
        assert!(ours.exact);
        close(
            ours.test.statistic,
            number(&case["rank_sum"][0]),
            1e-12,
            "U",
        );
        close(
            ours.test.p,
            number(&case["rank_sum"][1]),
            1e-12,
            "rank sum p",
        );
        let turned = rank_sum(b, a).unwrap();
        close(
            turned.test.p,
            ours.test.p,
            1e-12,
            "rank sum p, samples swapped",
        );
    });
}

#[test]
fn sign_flips_are_counted_exactly() {
    for_each_case(true, |case, a, b| {
        let ours = sign_flip(a, b, SEED).unwrap();
        assert!(ours.exact);
        close(
            ours.test.p,
            number(&case["sign_flip"]),
            1e-12,
            "sign flip p",
        );
    });
}

#[test]
fn labels_are_counted_exactly() {
    for_each_case(false, |case, a, b| {
        let ours = label_permutation(a, b, SEED).unwrap();
        assert!(ours.exact);
        close(
            ours.test.statistic,
            number(&case["label"][0]),
            1e-10,
            "Welch t",
        );
        close(ours.test.p, number(&case["label"][1]), 1e-12, "label p");
    });
    for case in rows(&fixture("exact")["halves"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        for (x, y, sign) in [(&a, &b, 1.0), (&b, &a, -1.0)] {
            let ours = label_permutation(x, y, SEED).unwrap();
            assert!(ours.exact);
            close(ours.test.statistic, sign * number(&case["t"]), 1e-10, "t");
            close(ours.test.p, number(&case["p"]), 1e-12, "p of halves");
        }
    }
}

#[test]
fn normal_approximations_agree_with_scipy() {
    for case in rows(&fixture("exact")["normal"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let paired = signed_rank(&a, &b).unwrap();
        let independent = rank_sum(&a, &b).unwrap();
        assert!(!paired.exact && !independent.exact);
        for (ours, key) in [
            (&paired.test, "signed_rank"),
            (&independent.test, "rank_sum"),
        ] {
            close(ours.statistic, number(&case[key][0]), 1e-12, key);
            close(ours.p, number(&case[key][1]), 1e-10, key);
        }
    }
}

#[test]
fn signed_rank_agrees_with_the_textbook() {
    // Published two-sided critical values of W at 0.05: n = 8, W = 3 gives 0.0390625 (Wilcoxon's
    // table); five pairs cannot go below 0.0625.
    let signed = |n: i32, negative: &[i32]| -> Vec<f64> {
        (1..=n)
            .map(|r| f64::from(if negative.contains(&r) { -r } else { r }))
            .collect()
    };
    let zeros = [0.0; 8];
    let p = |d: &[f64]| signed_rank(d, &zeros[..d.len()]).unwrap();
    assert_eq!(p(&signed(8, &[1, 2])).test.p, 0.0390625);
    let five = p(&signed(5, &[]));
    assert_eq!((five.test.p, five.smallest_p), (0.0625, 0.0625));
}

#[test]
fn samples_that_do_not_overlap_reach_the_smallest_p_of_their_sizes() {
    let (low, high) = ([1.0, 2.0, 4.0], [11.0, 12.0, 15.0, 19.0]);
    for (b, expected) in [(&high[..3], 2.0 / 20.0), (&high[..], 1.0 / 35.0)] {
        let found = label_permutation(&low, b, Resampling::new(0)).unwrap();
        assert!((found.test.p - expected).abs() < 1e-15, "{}", found.test.p);
        assert_eq!(found.test.p, found.smallest_p);
    }
}

#[test]
fn random_permutations_agree_with_exact_ones_and_repeat_exactly() {
    let a: Vec<f64> = (0..33)
        .map(|i| 0.97 + 1e-4 * f64::from(i * 7 % 11))
        .collect();
    let b: Vec<f64> = (0..33)
        .map(|i| 0.9698 + 1e-4 * f64::from(i * 5 % 13))
        .collect();
    let many = Resampling {
        resamples: 40_000,
        seed: 9,
    };
    let all = sign_flip(&a[..32], &b[..32], many).unwrap();
    let some = sign_flip(&a, &b, many).unwrap();
    assert!(all.exact && !some.exact);
    assert_eq!(some, sign_flip(&a, &b, many).unwrap());
    // One pair more changes little; five standard errors of 40,000 draws allow the rest.
    let p = all.test.p;
    assert!((some.test.p - p).abs() < 0.02 + 5.0 * (p * (1.0 - p) / 4e4).sqrt());
    let all = label_permutation(&a[..16], &b[..16], many).unwrap();
    let some = label_permutation(&a[..17], &b[..17], many).unwrap();
    assert!(all.exact && !some.exact);
    let p = all.test.p;
    assert!((some.test.p - p).abs() < 0.04 + 5.0 * (p * (1.0 - p) / 4e4).sqrt());
    let labels = label_permutation(&a, &b, many).unwrap();
    assert_eq!(labels, label_permutation(&a, &b, many).unwrap());
    assert_ne!(
        labels,
        label_permutation(&a, &b, Resampling { seed: 10, ..many }).unwrap()
    );
}

#[test]
fn no_permutation_p_value_is_zero() {
    let a: Vec<f64> = (0..60).map(f64::from).collect();
    let b: Vec<f64> = a.iter().map(|v| v + 1e6).collect();
    let few = Resampling {
        resamples: 999,
        seed: 2,
    };
    assert_eq!(sign_flip(&a, &b, few).unwrap().test.p, 0.001);
    assert_eq!(label_permutation(&a, &b, few).unwrap().test.p, 0.001);
}

#[test]
fn rank_tests_of_nothing_but_ties_are_undefined() {
    let same = [0.5; 6];
    assert_eq!(signed_rank(&same, &same), Err(Undefined::NoDifferences));
    assert_eq!(rank_sum(&same, &same), Err(Undefined::NoVariation));
    assert_eq!(sign_flip(&same, &same, SEED), Err(Undefined::NoDifferences));
    assert_eq!(
        label_permutation(&same, &same, SEED),
        Err(Undefined::NoVariation)
    );
}
