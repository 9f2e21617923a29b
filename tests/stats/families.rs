//! Size of the tests of many groups, and of families of tests, by simulation from fixed seeds: all means
//! are equal, every rejection is an error.

use crate::fixtures::slices;
use crate::simulation::{Simulator, count, expect, expect_at_most};
use study::stats::{
    dunnett::dunnett,
    max_t::max_t,
    pairwise::Pairwise,
    rank_tests::{friedman, iman_davenport, kruskal_wallis},
    resample::Resampling,
    spread::brown_forsythe,
    t_test::paired_t,
    tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd},
    {TestResult, Undefined, adjust, anova, repeated},
};

/// The smallest adjusted p of a family.
fn smallest(pairs: Result<Vec<Pairwise>, Undefined>) -> f64 {
    pairs
        .unwrap()
        .iter()
        .map(|p| p.outcome.as_ref().unwrap().p)
        .fold(1.0, f64::min)
}

#[test]
fn tests_of_many_independent_groups_err_as_often_as_they_say() {
    type Test = fn(&[&[f64]]) -> Result<TestResult, Undefined>;
    let equal: [(&str, Test); 3] = [
        ("ANOVA", anova::one_way_anova),
        ("Kruskal-Wallis", kruskal_wallis),
        ("Welch ANOVA", anova::welch_anova),
    ];
    let trials = 10_000;
    for (what, test) in equal {
        let rejected = count(trials, 10, |s| {
            let groups: Vec<Vec<f64>> = (0..4).map(|_| s.group(40, 0.97, 0.001)).collect();
            test(&slices(&groups)).unwrap().p <= 0.05
        });
        expect(what, rejected, trials, 0.05);
    }
    let rejected = count(trials, 11, |s| {
        let groups: Vec<Vec<f64>> = (0..4).map(|_| s.group(15, 0.97, 0.001)).collect();
        brown_forsythe(&slices(&groups)).unwrap().p <= 0.05
    });
    expect_at_most("Brown-Forsythe", rejected, trials, 0.05);
}

#[test]
fn tests_of_blocks_err_as_often_as_they_say() {
    type Test = fn(&[&[f64]]) -> f64;
    let tests: [(&str, Test); 4] = [
        ("repeated ANOVA", |g| {
            repeated::repeated_anova(g).unwrap().uncorrected.p
        }),
        ("Greenhouse-Geisser", |g| {
            repeated::repeated_anova(g).unwrap().corrected.p
        }),
        ("Friedman", |g| friedman(g).unwrap().test.p),
        ("Iman-Davenport", |g| iman_davenport(g).unwrap().p),
    ];
    let trials = 10_000;
    for (what, test) in tests {
        let rejected = count(trials, 12, |s| test(&slices(&s.blocks(4, 50))) <= 0.05);
        // The correction costs a little where it is not needed.
        let check = if what == "Greenhouse-Geisser" {
            expect_at_most
        } else {
            expect
        };
        check(what, rejected, trials, 0.05);
    }
}

#[test]
fn simultaneous_comparisons_err_once_in_twenty_families() {
    let trials = 1000;
    let independent = |s: &mut Simulator| -> Vec<Vec<f64>> {
        [12, 20, 15, 15].map(|n| s.group(n, 0.97, 0.001)).to_vec()
    };
    let rejected = count(trials, 13, |s| {
        smallest(tukey_hsd(&slices(&independent(s)), 0.95)) <= 0.05
    });
    expect("Tukey", rejected, trials, 0.05);
    let rejected = count(trials, 14, |s| {
        let groups = [0.001, 0.003, 0.001, 0.002].map(|sd| s.group(20, 0.97, sd));
        smallest(games_howell(&slices(&groups), 0.95)) <= 0.05
    });
    expect("Games-Howell", rejected, trials, 0.05);
    let fewer = 500; // A double integral each.
    let rejected = count(fewer, 15, |s| {
        smallest(dunnett(&slices(&independent(s)), 1, 0.95)) <= 0.05
    });
    expect("Dunnett", rejected, fewer, 0.05);
    let rejected = count(trials, 16, |s| {
        smallest(tukey_blocks(&slices(&s.blocks(4, 20)), 0.95)) <= 0.05
    });
    expect("block Tukey", rejected, trials, 0.05);
    let rejected = count(trials, 17, |s| {
        smallest(nemenyi(&slices(&s.blocks(4, 40)), 0.95)) <= 0.05
    });
    expect_at_most("Nemenyi", rejected, trials, 0.05);
}

#[test]
fn max_t_errs_once_in_twenty_families() {
    let trials = 2000;
    let mut seed = 0;
    let rejected = count(trials, 18, |s| {
        seed += 1;
        let draws = Resampling {
            resamples: 199,
            seed,
        };
        let family = max_t(&slices(&s.blocks(4, 15)), draws).unwrap();
        family
            .iter()
            .any(|p| p.outcome.as_ref().unwrap().p_step_down <= 0.05)
    });
    expect("max-T", rejected, trials, 0.05);
}

#[test]
fn adjusted_families_err_at_most_once_in_twenty() {
    let trials = 4000;
    for adjustment in [adjust::Adjustment::Bonferroni, adjust::Adjustment::Holm] {
        let rejected = count(trials, 19, |s| {
            let g = s.blocks(4, 15);
            let p: Vec<f64> = (0..4)
                .flat_map(|i| (i + 1..4).map(move |j| (i, j)))
                .map(|(i, j)| paired_t(&g[i], &g[j], 0.95).unwrap().test.p)
                .collect();
            adjustment.adjust(&p).iter().any(|&p| p <= 0.05)
        });
        expect_at_most(adjustment.name(), rejected, trials, 0.05);
    }
}
