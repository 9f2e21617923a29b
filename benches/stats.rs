//! Times of the statistics that could be slow: `cargo bench -p study --bench stats`.
//! Prints the least of several repeats; benches/stats_scipy.py times the same in SciPy.

use std::hint::black_box;
use std::time::Instant;
use study::stats::adjust::Adjustment;
use study::stats::bootstrap::{Method, bootstrap_mean};
use study::stats::crossed::{Correctness, crossed_bootstrap};
use study::stats::dist::studentized_range::StudentizedRange;
use study::stats::effect::{hedges_g, hedges_g_interval};
use study::stats::mann_whitney::rank_sum;
use study::stats::max_t::max_t;
use study::stats::permutation::{label_permutation, sign_flip};
use study::stats::resample::Resampling;
use study::stats::superiority::dominance;
use study::stats::t_test::{paired_t, pooled_t, welch_t};
use study::stats::tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd};
use study::stats::wilcoxon::signed_rank;

fn main() {
    let draws = Resampling::new(1);
    let four = groups(4, 100);
    time(
        "BCa of the mean, 10,000 resamples, 4 groups x 100",
        7,
        || {
            for g in &four {
                black_box(bootstrap_mean(g, Method::Bca, 0.95, draws)).ok();
            }
        },
    );
    let twenty = groups(20, 1000);
    let slices: Vec<&[f64]> = twenty.iter().map(Vec::as_slice).collect();
    time(
        "t tests, rank tests, effect sizes: 190 pairs x 1000 rows",
        5,
        || {
            let mut p = Vec::new();
            for (i, a) in twenty.iter().enumerate() {
                for b in &twenty[i + 1..] {
                    p.push(welch_t(a, b, 0.95).unwrap().test.p);
                    black_box(pooled_t(a, b, 0.95)).ok();
                    black_box(paired_t(a, b, 0.95)).ok();
                    black_box(signed_rank(a, b)).ok();
                    black_box(rank_sum(a, b)).ok();
                    black_box(hedges_g(a, b)).ok();
                    black_box(dominance(a, b, 0.95)).ok();
                }
            }
            black_box(Adjustment::Holm.adjust(&p));
        },
    );
    time("the same groups: Tukey", 5, || {
        black_box(tukey_hsd(&slices, 0.95)).ok();
    });
    time("the same groups: Games-Howell", 3, || {
        black_box(games_howell(&slices, 0.95)).ok();
    });
    time("the same groups: block Tukey", 5, || {
        black_box(tukey_blocks(&slices, 0.95)).ok();
    });
    time("the same groups: Nemenyi", 5, || {
        black_box(nemenyi(&slices, 0.95)).ok();
    });
    time("the same groups: max-T, 10,000 permutations", 1, || {
        black_box(max_t(&slices, draws)).ok();
    });
    let (a, b) = (&four[0], &four[1]);
    let range = StudentizedRange::new(20);
    time("studentized range, table for k = 20", 5, || {
        black_box(StudentizedRange::new(black_box(20)));
    });
    time("studentized range tail, k = 20, df = 60", 50, || {
        black_box(range.sf(black_box(4.0), 60.0));
    });
    time("studentized range quantile, k = 20, df = 60", 20, || {
        black_box(range.upper_quantile(black_box(0.05), 60.0)).ok();
    });
    time("Hedges g interval", 20, || {
        black_box(hedges_g_interval(a, b, 0.95)).ok();
    });
    time("sign flips, 10,000 of 100 pairs", 5, || {
        black_box(sign_flip(a, b, draws)).ok();
    });
    time("label permutations, 10,000 of 100 + 100", 5, || {
        black_box(label_permutation(a, b, draws)).ok();
    });
    time("sign flips, all of 32 pairs", 5, || {
        black_box(sign_flip(&a[..32], &b[..32], draws)).ok();
    });
    time("rank sum, exact, 35 + 35", 5, || {
        black_box(rank_sum(&a[..35], &b[..35])).ok();
    });
    time("signed rank, exact, 100 pairs", 5, || {
        black_box(signed_rank(a, b)).ok();
    });
    let (x, y) = (runs(0), runs(1));
    time(
        "crossed bootstrap, 2,000 of 100 + 100 runs x 10,000 images",
        3,
        || {
            let few = Resampling {
                resamples: 2000,
                seed: 1,
            };
            black_box(crossed_bootstrap(&x, &y, 0.95, few)).ok();
        },
    );
}

/// Accuracies on the 1e-4 grid, from an additive recurrence: no generator needed.
fn groups(k: usize, n: usize) -> Vec<Vec<f64>> {
    let unit = |x: usize| (x as f64 * 0.618_033_988_749_894_9).fract();
    let value = |g: usize, i: usize| 0.97 + 2e-4 * g as f64 + 0.004 * unit(g * n + i * (g + 3));
    let on_grid = |v: f64| (v * 1e4).round() / 1e4;
    (0..k)
        .map(|g| (0..n).map(|i| on_grid(value(g, i))).collect())
        .collect()
}

/// 100 runs over 10,000 images, one image in ten of which is ever wrong.
fn runs(group: usize) -> Correctness {
    let all: Vec<Vec<bool>> = (0..100)
        .map(|r| {
            (0..10_000)
                .map(|i| i % 10 != 0 || (r * 7 + i / 10 * 13 + group * 5) % 11 > 3)
                .collect()
        })
        .collect();
    Correctness::new(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
}

fn time(what: &str, repeats: usize, mut work: impl FnMut()) {
    let seconds: Vec<f64> = (0..repeats)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    let least = seconds.into_iter().fold(f64::INFINITY, f64::min);
    println!("{:>10.3} ms  {what}", 1e3 * least);
}
