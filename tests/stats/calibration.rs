//! Size of the tests of one group and of two, by simulation from fixed seeds: means are equal, or at the
//! margin, and every rejection is an error.

use crate::simulation::{Simulator, contains, count, expect, expect_at_most};
use study::stats::{
    equivalence::{tost_paired, tost_welch},
    mann_whitney::rank_sum,
    mean::t_interval,
    normality::shapiro_wilk,
    permutation::{label_permutation, sign_flip},
    resample::Resampling,
    sequential::{SequentialRule, Verdict},
    t_test::{paired_t, pooled_t, welch_t},
    wilcoxon::signed_rank,
    {TestResult, Undefined},
};

fn size_of_paired(
    what: &str,
    trials: usize,
    test: impl Fn(&[f64], &[f64]) -> Result<TestResult, Undefined>,
) {
    let rejected = count(trials, 5, |s| {
        let g = s.blocks(2, 20);
        test(&g[0], &g[1]).unwrap().p <= 0.05
    });
    expect(what, rejected, trials, 0.05);
}

fn size_of_independent(
    what: &str,
    trials: usize,
    (n_a, sd_a): (usize, f64),
    (n_b, sd_b): (usize, f64),
    test: impl Fn(&[f64], &[f64]) -> Result<TestResult, Undefined>,
) {
    let rejected = count(trials, 6, |s| {
        let (a, b) = (s.group(n_a, 0.97, sd_a), s.group(n_b, 0.97, sd_b));
        test(&a, &b).unwrap().p <= 0.05
    });
    expect(what, rejected, trials, 0.05);
}

#[test]
fn paired_tests_err_as_often_as_they_say() {
    size_of_paired("paired t", 20_000, |a, b| Ok(paired_t(a, b, 0.95)?.test));
    size_of_paired("Wilcoxon", 10_000, |a, b| Ok(signed_rank(a, b)?.test));
    let draws = Resampling {
        resamples: 100,
        seed: 1,
    };
    size_of_paired("sign flip", 5000, |a, b| Ok(sign_flip(a, b, draws)?.test));
}

#[test]
fn independent_tests_err_as_often_as_they_say() {
    let (small, large) = ((12, 0.001), (18, 0.001));
    let wide = (18, 0.003);
    size_of_independent("Welch t", 20_000, small, wide, |a, b| {
        Ok(welch_t(a, b, 0.95)?.test)
    });
    size_of_independent("pooled t", 20_000, small, large, |a, b| {
        Ok(pooled_t(a, b, 0.95)?.test)
    });
    size_of_independent("rank sum", 10_000, small, large, |a, b| {
        Ok(rank_sum(a, b)?.test)
    });
    let mut seed = 0;
    let rejected = count(4000, 7, |s| {
        seed += 1;
        let draws = Resampling {
            resamples: 399,
            seed,
        };
        let (a, b) = (s.group(12, 0.97, 0.001), s.group(18, 0.97, 0.001));
        label_permutation(&a, &b, draws).unwrap().test.p <= 0.05
    });
    expect("label permutation", rejected, 4000, 0.05);
}

#[test]
fn equivalence_is_claimed_in_error_as_often_as_alpha_at_the_margin() {
    let (margin, trials) = (0.003, 20_000);
    let paired = count(trials, 8, |s| {
        let mut g = s.blocks(2, 20);
        g[0].iter_mut().for_each(|v| *v += margin);
        tost_paired(&g[0], &g[1], margin, 0.05).unwrap().test.p <= 0.05
    });
    expect("TOST paired", paired, trials, 0.05);
    let welch = count(trials, 9, |s| {
        let (a, b) = (s.group(20, 0.97 + margin, 0.001), s.group(15, 0.97, 0.002));
        tost_welch(&a, &b, margin, 0.05).unwrap().test.p <= 0.05
    });
    expect("TOST Welch", welch, trials, 0.05);
}

#[test]
fn shapiro_wilk_errs_as_often_as_it_says() {
    let trials = 10_000;
    let rejected = count(trials, 20, |s| {
        shapiro_wilk(&s.group(30, 0.97, 0.002)).unwrap().p <= 0.05
    });
    expect("Shapiro-Wilk", rejected, trials, 0.05);
}

#[test]
fn sequential_looks_err_as_often_as_one_test_would() {
    let trials = 5000;
    let looks = [20, 40, 60, 80, 100];
    let rule = SequentialRule::new(&looks, 1e-6, 0.05).unwrap();
    let different = count(trials, 21, |s| {
        let g = s.blocks(2, 100);
        looks
            .iter()
            .enumerate()
            .any(|(look, &n)| rule.verdict(look, &g[0][..n], &g[1][..n]) == Ok(Verdict::Different))
    });
    expect("sequential difference", different, trials, 0.05);
    let margin = 0.0005;
    let rule = SequentialRule::new(&looks, margin, 0.05).unwrap();
    let equivalent = count(trials, 22, |s| {
        let mut g = s.blocks(2, 100);
        g[0].iter_mut().for_each(|v| *v += margin);
        looks
            .iter()
            .enumerate()
            .any(|(look, &n)| rule.verdict(look, &g[0][..n], &g[1][..n]) == Ok(Verdict::Equivalent))
    });
    expect_at_most("sequential equivalence", equivalent, trials, 0.05);
}

#[test]
fn heavy_ties_leave_the_exact_tests_below_their_level() {
    // A standard deviation of one grid step: most differences are −1, 0 or 1 steps.
    let trials = 10_000;
    let coarse = |s: &mut Simulator| (s.group(15, 0.97, 0.0001), s.group(15, 0.97, 0.0001));
    let draws = Resampling {
        resamples: 100,
        seed: 1,
    };
    type Test = fn(&[f64], &[f64], Resampling) -> Result<f64, Undefined>;
    let tests: [(&str, Test); 3] = [
        ("Wilcoxon", |a, b, _| Ok(signed_rank(a, b)?.test.p)),
        ("rank sum", |a, b, _| Ok(rank_sum(a, b)?.test.p)),
        ("sign flip", |a, b, d| Ok(sign_flip(a, b, d)?.test.p)),
    ];
    for (what, test) in tests {
        let rejected = count(trials, 23, |s| {
            let (a, b) = coarse(s);
            test(&a, &b, draws).is_ok_and(|p| p <= 0.05)
        });
        expect_at_most(what, rejected, trials, 0.05);
    }
    let held = count(trials, 24, |s| {
        let a = s.group(20, 0.97, 0.0001);
        contains(t_interval(&a, 0.95).unwrap(), 0.97)
    });
    let share = held as f64 / trials as f64;
    assert!((0.94..=0.96).contains(&share), "t on ties covers {share}");
}
