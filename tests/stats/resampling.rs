//! Resampling methods: within Monte-Carlo error of SciPy or of full enumeration, and a function
//! of data and seed alone.

use crate::fixtures::{close, fixture, groups, numbers, rows, slices};
use study::stats::bootstrap::{
    Bootstrap, Method, bootstrap, bootstrap_mean, bootstrap_mean_difference,
};
use study::stats::crossed::{Correctness, crossed_bootstrap};
use study::stats::describe::{mean, quantile_sorted, sorted, variance};
use study::stats::max_t::max_t;
use study::stats::resample::Resampling;
use study::stats::{Interval, Undefined};

const MANY: Resampling = Resampling {
    resamples: 40_000,
    seed: 12,
};

/// For comparison with SciPy, which made its values from as many.
const MOST: Resampling = Resampling {
    resamples: 400_000,
    seed: 12,
};

/// Ends within 0.03 standard errors (the quantiles of 400,000 draws wander by 0.006, and SciPy's
/// do so too), the standard error within 1 %.
fn agrees(ours: &Bootstrap, theirs: &[f64], what: &str) {
    let error = theirs[2];
    for (ours, theirs) in [
        (ours.interval.low, theirs[0]),
        (ours.interval.high, theirs[1]),
    ] {
        assert!(
            (ours - theirs).abs() < 0.03 * error,
            "{what}: {ours} is not {theirs} ± {error}"
        );
    }
    close(ours.standard_error, error, 0.01, what);
}

#[test]
fn bootstrap_intervals_agree_with_scipy() {
    for case in rows(&fixture("bootstrap")["cases"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        for (method, key) in [(Method::Percentile, "percentile"), (Method::Bca, "bca")] {
            let one = bootstrap_mean(&a, method, 0.95, MOST).unwrap();
            agrees(&one, &numbers(&case[key]), key);
            let two = bootstrap_mean_difference(&a, &b, method, 0.95, MOST).unwrap();
            agrees(&two, &numbers(&case[&format!("{key}_difference")]), key);
        }
    }
}

#[test]
fn bca_of_the_interquartile_range_agrees_with_scipy() {
    let iqr = |g: &[&[f64]]| {
        let sorted = sorted(g[0]);
        quantile_sorted(&sorted, 0.75) - quantile_sorted(&sorted, 0.25)
    };
    // Its bootstrap distribution is lumpy: an end may jump to the next lump.
    for case in rows(&fixture("bootstrap")["cases"]) {
        let ours = bootstrap(&[&numbers(&case["a"])], iqr, Method::Bca, 0.95, MANY).unwrap();
        let theirs = numbers(&case["iqr"]);
        assert!((ours.interval.low - theirs[0]).abs() < 0.15 * theirs[2]);
        assert!((ours.interval.high - theirs[1]).abs() < 0.15 * theirs[2]);
    }
}

#[test]
fn the_same_seed_gives_the_same_interval_to_the_last_bit() {
    let values = [0.9712, 0.9731, 0.9698, 0.9755, 0.9720, 0.9741];
    let run = |seed| bootstrap_mean(&values, Method::Bca, 0.95, Resampling::new(seed)).unwrap();
    assert_eq!(run(3), run(3));
    assert_ne!(run(3).interval, run(4).interval);
    // Frozen: a change of the generator or of the drawing would show here.
    assert_eq!(
        run(3).interval,
        Interval {
            low: 0.9711333333333333,
            high: 0.97415,
            level: 0.95
        }
    );
}

#[test]
fn bca_falls_back_by_name_where_it_is_undefined() {
    let values: Vec<f64> = (0..25).map(f64::from).collect();
    let draws = Resampling::new(1);
    let constant = bootstrap(&[&values], |_| 1.0, Method::Bca, 0.95, draws).unwrap();
    assert_eq!(constant.method, Method::Percentile);
    assert!(constant.fallback.unwrap().contains("left out"));
    // No resample has as many distinct values as the sample.
    let distinct = |g: &[&[f64]]| {
        let mut values = g[0].to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values.len() as f64
    };
    let one_sided = bootstrap(&[&values], distinct, Method::Bca, 0.95, draws).unwrap();
    assert!(one_sided.fallback.unwrap().contains("one side"));
    let flat = bootstrap_mean(&[0.5; 9], Method::Bca, 0.95, draws);
    assert_eq!(flat.unwrap_err(), Undefined::NoVariation);
}

#[test]
fn max_t_agrees_with_all_permutations() {
    let fixture = fixture("max_t");
    let groups = groups(&fixture["groups"]);
    let ours = max_t(&slices(&groups), MANY).unwrap();
    let down = numbers(&fixture["step_down"]);
    for (i, pair) in ours.iter().enumerate() {
        let outcome = pair.outcome.as_ref().unwrap();
        close(
            outcome.statistic.abs(),
            numbers(&fixture["t"])[i],
            1e-10,
            "t",
        );
        let (ours, theirs) = (outcome.p_step_down, down[i]);
        let error = (theirs * (1.0 - theirs) / 4e4).sqrt() + 1.0 / 4e4;
        assert!(
            (ours - theirs).abs() < 4.0 * error,
            "{ours} is not {theirs} ± {error}"
        );
    }
}

#[test]
fn max_t_names_the_pair_that_has_no_t() {
    let (a, b) = ([1.0, 2.0, 4.0, 3.0], [2.5, 1.0, 3.0, 3.5]);
    let ours = max_t(&[&a, &b, &a], Resampling::new(5)).unwrap();
    assert_eq!((ours[1].a, ours[1].b), (0, 2));
    assert_eq!(ours[1].outcome, Err(Undefined::NoDifferences));
    assert!(ours[0].outcome.is_ok() && ours[2].outcome.is_ok());
}

/// Runs whose chance of being right depends on the run and on the image.
fn simulated_runs(runs: usize, images: usize, skill: f64) -> Vec<Vec<bool>> {
    let hash = |x: usize| {
        (x as f64 * 12.9898 + skill * 78.233)
            .sin()
            .mul_add(43758.5453, 0.0)
    };
    let unit = |x: usize| hash(x) - hash(x).floor();
    (0..runs)
        .map(|r| {
            let level = skill + 0.04 * (unit(r) - 0.5);
            (0..images)
                .map(|i| unit(1000 + r * images + i) < level + 0.1 * unit(i))
                .collect()
        })
        .collect()
}

#[test]
fn crossed_bootstrap_agrees_with_the_textbook_errors_of_one_way_resampling() {
    let (runs_a, runs_b) = (simulated_runs(30, 700, 0.80), simulated_runs(30, 700, 0.78));
    let of = |runs: &[Vec<bool>]| {
        Correctness::new(&runs.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
    };
    let draws = Resampling {
        resamples: 6000,
        seed: 2,
    };
    let ours = crossed_bootstrap(&of(&runs_a), &of(&runs_b), 0.95, draws).unwrap();
    let gap = |r: usize, i: usize| f64::from(runs_a[r][i]) - f64::from(runs_b[r][i]);
    let by_seed: Vec<f64> = (0..30)
        .map(|r| (0..700).map(|i| gap(r, i)).sum::<f64>() / 700.0)
        .collect();
    let by_image: Vec<f64> = (0..700)
        .map(|i| (0..30).map(|r| gap(r, i)).sum::<f64>() / 30.0)
        .collect();
    // The plug-in error of a mean of n: s/√n with divisor n.
    let plug_in = |v: &[f64]| {
        let n = v.len() as f64;
        (variance(v) * (n - 1.0) / n / n).sqrt()
    };
    close(ours.difference, mean(&by_seed), 1e-10, "difference");
    close(
        ours.seeds.standard_error,
        plug_in(&by_seed),
        0.04,
        "over seeds",
    );
    close(
        ours.images.standard_error,
        plug_in(&by_image),
        0.04,
        "over images",
    );
    assert!(ours.both.standard_error > ours.seeds.standard_error);
    assert!(ours.both.standard_error > ours.images.standard_error);
    let again = crossed_bootstrap(&of(&runs_a), &of(&runs_b), 0.95, draws).unwrap();
    assert_eq!(ours, again);
}

#[test]
fn crossed_bootstrap_of_identical_perfect_runs_is_undefined() {
    let perfect = Correctness::new(&[&[true; 70], &[true; 70]]).unwrap();
    let result = crossed_bootstrap(&perfect, &perfect, 0.95, Resampling::new(1));
    assert_eq!(result.unwrap_err(), Undefined::NoDifferences);
    let ragged = Correctness::new(&[&[true, false], &[true]]);
    assert_eq!(ragged.unwrap_err(), Undefined::Unpaired { a: 2, b: 1 });
}
