//! One new run against a sample: against SciPy, and against draws from the posterior.

use crate::fixtures::{close, groups, number, numbers, rows, slices};
use serde_json::Value;
use study::stats::{
    multivariate::Prediction,
    predictive::{mid_rank_share, predictive_t},
};

fn cases() -> Vec<Value> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/publication/predictive.json"
    );
    let fixture: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    rows(&fixture["cases"]).to_vec()
}

fn prediction(runs: &[Vec<f64>]) -> Prediction {
    Prediction::new(&slices(runs), runs[0].len()).unwrap()
}

#[test]
fn the_density_of_a_new_run_is_scipys_multivariate_t() {
    for case in cases() {
        let prediction = prediction(&groups(&case["runs"]));
        for new in rows(&case["new"]) {
            let x = numbers(&new["x"]);
            let density = prediction.log_density(&x);
            let expected = number(&new["log_density"]);
            assert!(
                (density - expected).abs() < 1e-8,
                "{density} is not {expected}"
            );
            let test = prediction.test(&x);
            // At the mean itself the distance is rounding.
            if number(&new["f"]) > 1e-20 {
                close(test.statistic, number(&new["f"]), 1e-8, "F");
            }
            close(test.p, number(&new["p"]), 1e-8, "p");
        }
    }
}

#[test]
fn the_density_is_the_posterior_mean_of_normal_densities() {
    let mut checked = 0;
    for case in cases() {
        let Some(expected) = case["averaged_density"].as_f64() else {
            continue;
        };
        let x = numbers(&case["new"][1]["x"]);
        let density = prediction(&groups(&case["runs"])).log_density(&x).exp();
        let error = number(&case["averaged_density_error"]);
        assert!(
            (density - expected).abs() < 4.0 * error,
            "{density} is not {expected}"
        );
        assert!(error < 0.01 * expected, "the draws say too little");
        checked += 1;
    }
    assert_eq!(checked, 3);
}

#[test]
fn a_single_number_has_its_t_and_its_percentile() {
    for case in cases() {
        let runs: Vec<f64> = groups(&case["runs"])
            .into_iter()
            .map(|run| run[0])
            .collect();
        for new in rows(&case["new"]) {
            let Some(expected) = new["t"].as_f64() else {
                continue;
            };
            let x = number(&new["x"][0]);
            let test = predictive_t(&runs, x).unwrap();
            assert!((test.statistic - expected).abs() < 1e-9 * (1.0 + expected.abs()));
            close(test.p, number(&new["t_p"]), 1e-8, "p");
            let share = mid_rank_share(&runs, x).unwrap();
            close(share, number(&new["percentile"]), 1e-12, "percentile");
        }
    }
}
