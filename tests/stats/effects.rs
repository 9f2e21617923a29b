//! Effect sizes with intervals, equivalence, the Bayesian comparison, pairing: against SciPy and
//! statsmodels.

use crate::fixtures::{close, fixture, number, numbers, rows};
use serde_json::Value;
use study::stats::aso::almost_stochastic_order;
use study::stats::bayes::paired_posterior;
use study::stats::effect::hedges_g_interval;
use study::stats::equivalence::{tost_paired, tost_welch};
use study::stats::pairing::pairing_benefit;
use study::stats::resample::Resampling;
use study::stats::superiority::{dominance, prob_superiority_paired_interval};
use study::stats::{Interval, Undefined};

/// Calls `check(value, a, b, margin)` for every case with a value under `key`.
fn for_each_case(key: &str, check: impl Fn(&Value, &[f64], &[f64], f64)) {
    let fixture = fixture("effects");
    let with_key: Vec<&Value> = rows(&fixture["cases"])
        .iter()
        .filter(|c| c.get(key).is_some_and(|v| !v.is_null()))
        .collect();
    assert!(!with_key.is_empty(), "no case has {key}");
    for case in with_key {
        check(
            &case[key],
            &numbers(&case["a"]),
            &numbers(&case["b"]),
            number(&case["margin"]),
        );
    }
}

fn all_close(ours: &[f64], theirs: &Value, relative: f64, what: &str) {
    for (ours, theirs) in ours.iter().zip(numbers(theirs)) {
        close(*ours, theirs, relative, what);
    }
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

#[test]
fn hedges_interval_inverts_the_noncentral_t() {
    for_each_case("g_interval", |c, a, b, _| {
        all_close(
            &ends(hedges_g_interval(a, b, 0.95).unwrap()),
            c,
            1e-8,
            "g interval",
        );
    });
}

#[test]
fn cliffs_interval_follows_its_definition() {
    for_each_case("cliff", |c, a, b, _| {
        let ours = dominance(a, b, 0.95).unwrap();
        let [low, high] = ends(ours.delta_interval);
        all_close(&[ours.cliffs_delta, low, high], c, 1e-10, "Cliff's delta");
    });
}

#[test]
fn complete_separation_has_delta_one_and_an_open_interval() {
    let ours = dominance(&[4.0, 5.0, 6.0, 7.0], &[1.0, 2.0, 3.0], 0.95).unwrap();
    assert_eq!((ours.cliffs_delta, ours.delta_interval.high), (1.0, 1.0));
    assert!(ours.delta_interval.low < 0.0); // (3 − 1.96²)/(3 + 1.96²)
}

#[test]
fn tost_agrees_with_statsmodels() {
    for_each_case("tost_welch", |c, a, b, margin| {
        let ours = tost_welch(a, b, margin, 0.05).unwrap();
        all_close(
            &[ours.test.p, ours.p_lower, ours.p_upper],
            c,
            1e-10,
            "TOST Welch",
        );
    });
    for_each_case("tost_paired", |c, a, b, margin| {
        let ours = tost_paired(a, b, margin, 0.05).unwrap();
        all_close(
            &[ours.test.p, ours.p_lower, ours.p_upper],
            c,
            1e-10,
            "TOST paired",
        );
    });
}

#[test]
fn tost_rejects_exactly_when_its_interval_lies_within_the_margin() {
    for_each_case("tost_welch", |_, a, b, margin| {
        for scale in [0.3, 0.8, 1.0, 1.5, 4.0] {
            let m = margin * scale;
            let ours = tost_welch(a, b, m, 0.05).unwrap();
            let inside = ours.interval.low > -m && ours.interval.high < m;
            assert_eq!(ours.test.p < 0.05, inside);
        }
    });
}

#[test]
fn posterior_of_the_mean_difference_agrees_with_scipy() {
    for_each_case("bayes", |c, a, b, margin| {
        let ours = paired_posterior(a, b, margin, 0.95).unwrap();
        let [low, high] = ends(ours.interval);
        let all = [ours.p_less, ours.p_equivalent, ours.p_greater, low, high];
        all_close(&all, c, 1e-9, "posterior");
    });
}

#[test]
fn wilson_interval_agrees_with_statsmodels() {
    for_each_case("wilson", |c, a, b, _| {
        let ours = prob_superiority_paired_interval(a, b, 0.95).unwrap();
        all_close(&ends(ours), c, 1e-10, "Wilson");
    });
}

#[test]
fn benefit_of_pairing_agrees_with_scipy() {
    for_each_case("pairing", |c, a, b, _| {
        let ours = pairing_benefit(a, b, 0.95).unwrap();
        let [low, high] = ends(ours.interval.unwrap());
        all_close(
            &[ours.correlation, low, high, ours.variance_ratio],
            c,
            1e-10,
            "pairing",
        );
        close(
            ours.equivalent_seeds.unwrap() * ours.variance_ratio,
            a.len() as f64,
            1e-12,
            "seeds",
        );
    });
}

#[test]
fn violation_of_stochastic_order_is_the_share_of_quantiles_lost() {
    let draws = Resampling {
        resamples: 500,
        seed: 4,
    };
    for_each_case("violation", |c, a, b, _| {
        let ours = almost_stochastic_order(a, b, 0.05, draws).unwrap();
        close(ours.violation, number(c), 1e-10, "violation");
        assert!(ours.eps_min >= ours.violation);
        let reverse = almost_stochastic_order(b, a, 0.05, draws).unwrap();
        close(
            ours.violation + reverse.violation,
            1.0,
            1e-12,
            "violations of both orders",
        );
    });
    let (low, high) = ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]);
    assert_eq!(
        almost_stochastic_order(&high, &low, 0.05, draws)
            .unwrap()
            .eps_min,
        0.0
    );
    assert_eq!(
        almost_stochastic_order(&low, &high, 0.05, draws)
            .unwrap()
            .eps_min,
        1.0
    );
    let same = almost_stochastic_order(&low, &low, 0.05, draws);
    assert_eq!(same.unwrap_err(), Undefined::NoVariation);
}

#[test]
fn eps_min_agrees_with_deepsig_within_its_bootstrap_error() {
    let fixture = fixture("aso");
    let (a, b) = (numbers(&fixture["a"]), numbers(&fixture["b"]));
    let ours = almost_stochastic_order(&a, &b, 0.05, Resampling::new(1)).unwrap();
    // Theirs: a standard deviation from 1,000 resamples, 2 % uncertain.
    let allowed = 0.08 * (ours.eps_min - ours.violation);
    let theirs = number(&fixture["eps_min"]);
    assert!(
        (ours.eps_min - theirs).abs() < allowed,
        "{ours:?} is not {theirs}"
    );
}
