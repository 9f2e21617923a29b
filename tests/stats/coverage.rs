//! Coverage of the intervals, by simulation from fixed seeds.

use crate::simulation::{Simulator, contains, count};
use study::stats::{
    Interval,
    bootstrap::{Method, bootstrap_mean},
    effect::hedges_g_interval,
    mean::t_interval,
    pairing::pairing_benefit,
    resample::Resampling,
    superiority::{dominance, prob_superiority_paired_interval},
    t_test::{paired_t, pooled_t, welch_t},
};

fn coverage(
    what: &str,
    trials: usize,
    truth: f64,
    mut interval: impl FnMut(&mut Simulator) -> Interval,
) {
    let held = count(trials, 95, |s| contains(interval(s), truth));
    let share = held as f64 / trials as f64;
    eprintln!("{what}: {share}");
    assert!((0.94..=0.96).contains(&share), "{what} covers {share}");
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
        contains(
            prob_superiority_paired_interval(&g[0], &g[1], 0.95).unwrap(),
            0.5,
        )
    });
    assert!(held >= 9400, "{held}");
}
