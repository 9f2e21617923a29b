//! Power, sample sizes and sequential boundaries against statsmodels, 30-digit integrals and
//! published tables.

use crate::fixtures::{close, fixture, number, numbers, rows};
use study::stats::Undefined;
use study::stats::power::Design;
use study::stats::sequential::{SequentialRule, Verdict};
use study::stats::spending::{Sides, boundaries};

const PLAN: Design = Design {
    difference: 0.001,
    sd_a: 0.002,
    sd_b: 0.002,
    correlation: None,
    margin: None,
    alpha: 0.05,
};

#[test]
fn power_keeps_eight_digits() {
    for row in rows(&fixture("power")["rows"]) {
        let plan = Design {
            difference: number(&row["difference"]),
            sd_a: number(&row["sd_a"]),
            sd_b: number(&row["sd_b"]),
            correlation: row.get("correlation").map(number),
            margin: row["margin"].as_f64(),
            alpha: number(&row["alpha"]),
        };
        let n = row["n"].as_u64().unwrap() as usize;
        close(
            plan.power(n).unwrap(),
            number(&row["power"]),
            1e-9,
            &format!("{plan:?}, n = {n}"),
        );
    }
}

#[test]
fn sample_sizes_agree_with_statsmodels() {
    for row in rows(&fixture("power")["sizes"]) {
        let (d, power) = (number(&row["difference"]), number(&row["power"]));
        let welch = Design {
            difference: d,
            sd_a: 1.0,
            sd_b: 1.0,
            ..PLAN
        };
        // Differences of unit standard deviation: 2 (1 − r) = 1.
        let paired = Design {
            correlation: Some(0.5),
            ..welch
        };
        for (plan, key) in [(welch, "welch"), (paired, "paired")] {
            let n = plan.sample_size(power).unwrap();
            if let Some(theirs) = row[key].as_u64() {
                assert_eq!(n as u64, theirs, "{key}, d = {d}, power = {power}");
            }
            assert!(plan.power(n).unwrap() >= power);
            assert!(n == 2 || plan.power(n - 1).unwrap() < power);
        }
    }
}

#[test]
fn impossible_plans_are_refused() {
    let refusal = |plan: Design| plan.sample_size(0.9).unwrap_err().to_string();
    let none = "no size up to 1000000000 suffices";
    assert_eq!(
        refusal(Design {
            difference: 0.0,
            ..PLAN
        }),
        none
    );
    assert_eq!(
        refusal(Design {
            difference: 1e-9,
            ..PLAN
        }),
        none
    );
    assert_eq!(
        refusal(Design {
            margin: Some(0.001),
            ..PLAN
        }),
        none
    );
    assert!(refusal(Design { sd_a: 0.0, ..PLAN }).contains("standard deviation"));
    assert!(
        refusal(Design {
            correlation: Some(1.0),
            ..PLAN
        })
        .contains("correlation")
    );
    assert!(refusal(Design { alpha: 5.0, ..PLAN }).contains("alpha"));
    assert!(
        PLAN.sample_size(1.0)
            .unwrap_err()
            .to_string()
            .contains("power")
    );
    assert_eq!(PLAN.power(1), Err(Undefined::TooFew { needed: 2, got: 1 }));
    let paired = Design {
        correlation: Some(0.1),
        ..PLAN
    };
    assert_eq!(
        paired.unequal_power(5, 6),
        Err(Undefined::Unpaired { a: 5, b: 6 })
    );
}

#[test]
fn pairing_saves_seeds() {
    let alone = PLAN.sample_size(0.9).unwrap();
    let paired = Design {
        correlation: Some(0.4),
        ..PLAN
    }
    .sample_size(0.9)
    .unwrap();
    assert!(paired < alone);
}

#[test]
fn boundaries_agree_with_the_published_tables() {
    for case in rows(&fixture("spending")["published"]) {
        let z = numbers(&case["z"]);
        let fractions: Vec<f64> = (1..=z.len()).map(|i| i as f64 / z.len() as f64).collect();
        let ours = boundaries(&fractions, 0.05, Sides::Two).unwrap();
        for (ours, theirs) in ours.iter().zip(z) {
            assert!((ours.z - theirs).abs() < 2e-4, "{} is not {theirs}", ours.z);
        }
    }
}

#[test]
fn boundaries_agree_with_fine_integration() {
    for case in rows(&fixture("spending")["computed"]) {
        let sides = if case["two_sided"] == true {
            Sides::Two
        } else {
            Sides::One
        };
        let alpha = number(&case["alpha"]);
        let ours = boundaries(&numbers(&case["fractions"]), alpha, sides).unwrap();
        for (ours, theirs) in ours.iter().zip(numbers(&case["z"])) {
            close(ours.z, theirs, 1e-6, &case.to_string());
        }
        assert!((ours.last().unwrap().spent - alpha).abs() < 1e-12);
    }
}

#[test]
fn one_look_is_the_ordinary_test() {
    for sides in [Sides::One, Sides::Two] {
        let look = boundaries(&[1.0], 0.05, sides).unwrap()[0];
        close(look.p, 0.05, 1e-12, "one look");
    }
}

#[test]
fn looks_out_of_order_are_refused() {
    for looks in [&[0.5, 0.5][..], &[0.0, 1.0], &[0.5, 1.1], &[]] {
        let refused = boundaries(looks, 0.05, Sides::Two).unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("the information fractions must")
        );
    }
}

#[test]
fn a_sequential_rule_knows_three_verdicts() {
    let rule = SequentialRule::new(&[10, 20], 0.001, 0.05).unwrap();
    let noise = |scale: f64| -> Vec<f64> {
        (0..20)
            .map(|i| 0.97 + scale * (f64::from(i * 7 % 20) - 9.5))
            .collect()
    };
    let base = [0.97; 20];
    let different: Vec<f64> = noise(1e-4).iter().map(|v| v + 0.01).collect();
    assert_eq!(rule.verdict(1, &different, &base), Ok(Verdict::Different));
    assert_eq!(
        rule.verdict(1, &noise(1e-5), &base),
        Ok(Verdict::Equivalent)
    );
    assert_eq!(rule.verdict(1, &noise(1e-2), &base), Ok(Verdict::Undecided));
    assert_eq!(rule.verdict(1, &base, &base), Ok(Verdict::Undecided));
    assert!(rule.verdict(2, &base, &base).is_err());
}
