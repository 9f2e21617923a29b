//! Coverage of the intervals and size of the tests, by simulation from fixed seeds.
//!
//! Values are accuracies on the 1e-4 grid with a standard deviation of ten grid steps, so that
//! ties are common, and equal means: every rejection is an error, every interval should hold 0
//! (or the mean). A rate is accepted within its 99.9 % binomial interval.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use study::stats::bootstrap::{Method, bootstrap_mean};
use study::stats::dunnett::dunnett;
use study::stats::effect::hedges_g_interval;
use study::stats::equivalence::{tost_paired, tost_welch};
use study::stats::mann_whitney::rank_sum;
use study::stats::max_t::max_t;
use study::stats::mean::t_interval;
use study::stats::normality::shapiro_wilk;
use study::stats::pairing::pairing_benefit;
use study::stats::pairwise::Pairwise;
use study::stats::permutation::{label_permutation, sign_flip};
use study::stats::rank_tests::{friedman, iman_davenport, kruskal_wallis};
use study::stats::resample::Resampling;
use study::stats::sequential::{SequentialRule, Verdict};
use study::stats::spending::Spending;
use study::stats::spread::{brown_forsythe, levene};
use study::stats::superiority::{dominance, prob_superiority_paired_interval};
use study::stats::t_test::{paired_t, pooled_t, welch_t};
use study::stats::tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd};
use study::stats::wilcoxon::{Zeros, signed_rank};
use study::stats::{Interval, TestResult, Undefined, adjust, anova, repeated};

/// Grid step of an accuracy on 10,000 images.
const GRID: f64 = 1e-4;

/// Normal draws by Box and Muller, put on the grid.
struct Simulator(Pcg64);

impl Simulator {
    fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    fn accuracy(&mut self, mean: f64, sd: f64) -> f64 {
        ((mean + sd * self.normal()) / GRID).round() * GRID
    }

    fn group(&mut self, n: usize, mean: f64, sd: f64) -> Vec<f64> {
        (0..n).map(|_| self.accuracy(mean, sd)).collect()
    }

    /// k groups that share a seed effect as large as their own noise: correlation 1/2.
    fn blocks(&mut self, k: usize, n: usize) -> Vec<Vec<f64>> {
        let seeds: Vec<f64> = (0..n).map(|_| 0.97 + 0.001 * self.normal()).collect();
        (0..k)
            .map(|_| seeds.iter().map(|&m| self.accuracy(m, 0.001)).collect())
            .collect()
    }
}

fn slices(groups: &[Vec<f64>]) -> Vec<&[f64]> {
    groups.iter().map(Vec::as_slice).collect()
}

/// Panics unless `hits` of `trials` is what probability `rate` gives in 99.9 % of all studies.
#[track_caller]
fn expect(what: &str, hits: usize, trials: usize, rate: f64) {
    let share = hits as f64 / trials as f64;
    let slack = 3.29 * (rate * (1.0 - rate) / trials as f64).sqrt();
    assert!(
        (share - rate).abs() <= slack,
        "{what}: {share} is not {rate} ± {slack:.4}"
    );
}

/// Panics unless `hits` of `trials` is at most what probability `rate` gives, and not so few that
/// the method is asleep.
#[track_caller]
fn expect_at_most(what: &str, hits: usize, trials: usize, rate: f64) {
    let share = hits as f64 / trials as f64;
    let slack = 3.29 * (rate * (1.0 - rate) / trials as f64).sqrt();
    let wanted = 0.2 * rate..=rate + slack;
    assert!(
        wanted.contains(&share),
        "{what}: {share} is not within {wanted:?}"
    );
}

/// How many of `trials` simulations satisfy `hit`.
fn count(trials: usize, seed: u64, mut hit: impl FnMut(&mut Simulator) -> bool) -> usize {
    let mut simulator = Simulator::new(seed);
    (0..trials).filter(|_| hit(&mut simulator)).count()
}

fn coverage(
    what: &str,
    trials: usize,
    truth: f64,
    mut interval: impl FnMut(&mut Simulator) -> Interval,
) {
    let held = count(trials, 95, |s| interval(s).contains(truth));
    let share = held as f64 / trials as f64;
    eprintln!("{what}: {share}");
    assert!((0.94..=0.96).contains(&share), "{what} covers {share}");
}

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
fn t_intervals_cover_95_percent() {
    coverage("t", 20_000, 0.97, |s| {
        t_interval(&s.group(10, 0.97, 0.001), 0.95).unwrap()
    });
    coverage("paired t", 20_000, 0.0, |s| {
        let g = s.blocks(2, 10);
        paired_t(&g[0], &g[1], 0.95).unwrap().interval
    });
    coverage("Welch t", 20_000, 0.0, |s| {
        let (a, b) = (s.group(10, 0.97, 0.001), s.group(15, 0.97, 0.003));
        welch_t(&a, &b, 0.95).unwrap().interval
    });
    coverage("pooled t", 20_000, 0.0, |s| {
        let (a, b) = (s.group(10, 0.97, 0.001), s.group(15, 0.97, 0.001));
        pooled_t(&a, &b, 0.95).unwrap().interval
    });
}

#[test]
fn bootstrap_intervals_cover_95_percent_from_100_values_on() {
    for (method, what) in [(Method::Percentile, "percentile"), (Method::Bca, "BCa")] {
        let mut seed = 0;
        coverage(what, 4000, 0.97, |s| {
            seed += 1;
            let draws = Resampling {
                resamples: 1000,
                seed,
            };
            bootstrap_mean(&s.group(100, 0.97, 0.001), method, 0.95, draws)
                .unwrap()
                .interval
        });
    }
}

#[test]
fn effect_size_intervals_cover_95_percent() {
    coverage("g", 5000, 0.5, |s| {
        let (a, b) = (s.group(12, 0.9705, 0.001), s.group(16, 0.97, 0.001));
        hedges_g_interval(&a, &b, 0.95).unwrap()
    });
    // P(A > B) of unit normals half a standard deviation apart.
    let superiority = 0.638_163_195_084_198_4;
    coverage("P(A > B)", 10_000, superiority, |s| {
        let (a, b) = (s.group(25, 0.9705, 0.001), s.group(25, 0.97, 0.001));
        dominance(&a, &b, 0.95).unwrap().probability_interval
    });
    coverage("correlation", 10_000, 0.5, |s| {
        let g = s.blocks(2, 25);
        pairing_benefit(&g[0], &g[1], 0.95)
            .unwrap()
            .interval
            .unwrap()
    });
}

#[test]
fn wilson_interval_of_paired_superiority_covers_at_least_94_percent() {
    let held = count(10_000, 95, |s| {
        let g = s.blocks(2, 50);
        prob_superiority_paired_interval(&g[0], &g[1], 0.95)
            .unwrap()
            .contains(0.5)
    });
    assert!(held >= 9400, "{held}");
}

#[test]
fn paired_tests_err_as_often_as_they_say() {
    size_of_paired("paired t", 20_000, |a, b| Ok(paired_t(a, b, 0.95)?.test));
    size_of_paired("Wilcoxon, zeros dropped", 10_000, |a, b| {
        Ok(signed_rank(a, b, Zeros::Drop)?.test)
    });
    size_of_paired("Wilcoxon, Pratt", 10_000, |a, b| {
        Ok(signed_rank(a, b, Zeros::Pratt)?.test)
    });
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
fn tests_of_many_independent_groups_err_as_often_as_they_say() {
    type Test = fn(&[&[f64]]) -> Result<TestResult, Undefined>;
    let equal: [(&str, Test); 4] = [
        ("ANOVA", anova::one_way_anova),
        ("Kruskal-Wallis", kruskal_wallis),
        ("Welch ANOVA", anova::welch_anova),
        ("Levene", levene),
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

/// The smallest adjusted p of a family.
fn smallest(pairs: Result<Vec<Pairwise>, Undefined>) -> f64 {
    pairs
        .unwrap()
        .iter()
        .map(|p| p.outcome.as_ref().unwrap().p)
        .fold(1.0, f64::min)
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
    for spending in [Spending::ObrienFleming, Spending::Pocock] {
        let rule = SequentialRule::new(&looks, 1e-6, 0.05, spending).unwrap();
        let different = count(trials, 21, |s| {
            let g = s.blocks(2, 100);
            looks.iter().enumerate().any(|(look, &n)| {
                rule.verdict(look, &g[0][..n], &g[1][..n]) == Ok(Verdict::Different)
            })
        });
        expect("sequential difference", different, trials, 0.05);
        let margin = 0.0005;
        let rule = SequentialRule::new(&looks, margin, 0.05, spending).unwrap();
        let equivalent = count(trials, 22, |s| {
            let mut g = s.blocks(2, 100);
            g[0].iter_mut().for_each(|v| *v += margin);
            looks.iter().enumerate().any(|(look, &n)| {
                rule.verdict(look, &g[0][..n], &g[1][..n]) == Ok(Verdict::Equivalent)
            })
        });
        expect_at_most("sequential equivalence", equivalent, trials, 0.05);
    }
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
    let tests: [(&str, Test); 4] = [
        ("Wilcoxon, zeros dropped", |a, b, _| {
            Ok(signed_rank(a, b, Zeros::Drop)?.test.p)
        }),
        ("Wilcoxon, Pratt", |a, b, _| {
            Ok(signed_rank(a, b, Zeros::Pratt)?.test.p)
        }),
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
        t_interval(&a, 0.95).unwrap().contains(0.97)
    });
    let share = held as f64 / trials as f64;
    assert!((0.94..=0.96).contains(&share), "t on ties covers {share}");
}
