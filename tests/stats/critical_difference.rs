//! Mean ranks, critical difference and cliques against Demšar (2006), SciPy and scikit-posthocs.

use crate::fixtures::{close, groups, number, numbers, rows};
use serde_json::Value;
use study::{
    comparison::{Best, CriticalDifference, critical_difference},
    stats::Undefined,
};

fn labels(k: usize) -> Vec<String> {
    (0..k).map(|i| format!("g{i}")).collect()
}

/// Ranks on 14 data sets of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf, as printed in Demšar's table 6.
const DEMSAR: [[f64; 4]; 14] = [
    [4.0, 3.0, 2.0, 1.0],
    [1.0, 2.0, 3.0, 4.0],
    [4.0, 1.0, 2.0, 3.0],
    [4.0, 1.0, 3.0, 2.0],
    [4.0, 2.0, 3.0, 1.0],
    [1.0, 2.5, 4.0, 2.5],
    [3.0, 2.0, 4.0, 1.0],
    [2.5, 2.5, 4.0, 1.0],
    [4.0, 3.0, 2.0, 1.0],
    [2.5, 2.5, 2.5, 2.5],
    [4.0, 2.5, 1.0, 2.5],
    [3.0, 2.0, 4.0, 1.0],
    [4.0, 1.0, 2.0, 3.0],
    [3.0, 1.0, 4.0, 2.0],
];

fn demsar(alpha: f64) -> CriticalDifference {
    let labels = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"].map(str::to_owned);
    let blocks: Vec<Vec<f64>> = DEMSAR.iter().map(|ranks| ranks.to_vec()).collect();
    critical_difference(&labels, &blocks, Best::Smallest, alpha).unwrap()
}

#[test]
fn demsar_s_example_comes_out_as_printed() {
    let at_5 = demsar(0.05);
    let ranked: Vec<(&str, String)> = at_5
        .groups
        .iter()
        .map(|group| (group.label.as_str(), format!("{:.3}", group.mean_rank)))
        .collect();
    let printed = [
        ("C4.5+m+cf", "1.964"),
        ("C4.5+m", "2.000"),
        ("C4.5+cf", "2.893"),
        ("C4.5", "3.143"),
    ];
    assert_eq!(
        ranked,
        printed.map(|(label, rank)| (label, rank.to_owned()))
    );
    assert_eq!(at_5.blocks, 14);
    assert_eq!(format!("{:.2}", at_5.difference), "1.25");
    // Even the best and the worst are closer than that.
    assert_eq!(at_5.cliques, [(0, 3)]);
    // C4.5 is worse than C4.5+m and C4.5+m+cf; of C4.5+cf nothing can be said.
    let at_10 = demsar(0.10);
    assert_eq!(format!("{:.2}", at_10.difference), "1.12");
    assert_eq!(at_10.cliques, [(0, 2), (2, 3)]);
}

#[test]
fn critical_values_are_those_of_demsar_s_table_5() {
    let table = [
        (
            0.05,
            [
                1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164,
            ],
        ),
        (
            0.10,
            [
                1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920,
            ],
        ),
    ];
    for (alpha, printed) in table {
        for (k, q) in (2..=10).zip(printed) {
            let block: Vec<f64> = (0..k).map(f64::from).collect();
            let of = critical_difference(&labels(block.len()), &[block], Best::Largest, alpha);
            let k = f64::from(k);
            let ours = of.unwrap().difference / (k * (k + 1.0) / 6.0).sqrt();
            // The table's last digit is not everywhere rounded to nearest.
            assert!(
                (ours - q).abs() < 1.01e-3,
                "k {k}, α {alpha}: {ours} is not {q}"
            );
        }
    }
}

fn cases() -> Vec<Value> {
    let text = include_str!("../fixtures/critical_difference/nemenyi.json");
    let fixture: Value = serde_json::from_str(text).unwrap();
    rows(&fixture["cases"]).to_vec()
}

#[test]
fn ranks_and_differences_are_scipy_s() {
    for case in cases() {
        let blocks = groups(&case["blocks"]);
        let labels = labels(blocks[0].len());
        for expected in rows(&case["critical_differences"]) {
            let alpha = number(&expected["alpha"]);
            let of = critical_difference(&labels, &blocks, Best::Smallest, alpha).unwrap();
            close(of.difference, number(&expected["difference"]), 1e-6, "CD");
            let friedman = &case["friedman"];
            close(
                of.friedman.statistic,
                number(&friedman["statistic"]),
                1e-10,
                "χ²",
            );
            close(of.friedman.p, number(&friedman["p"]), 1e-8, "p");
            for (label, rank) in labels.iter().zip(numbers(&case["mean_ranks"])) {
                let ours = of.groups.iter().find(|group| group.label == *label);
                close(ours.unwrap().mean_rank, rank, 1e-12, label);
            }
        }
    }
}

#[test]
fn two_groups_share_a_clique_just_where_scikit_posthocs_p_exceeds_alpha() {
    for case in cases() {
        let blocks = groups(&case["blocks"]);
        let labels = labels(blocks[0].len());
        let p = groups(&case["p"]);
        for alpha in [0.05, 0.10] {
            let of = critical_difference(&labels, &blocks, Best::Smallest, alpha).unwrap();
            let index = |place: usize| {
                let label = &of.groups[place].label;
                labels.iter().position(|other| other == label).unwrap()
            };
            for i in 0..labels.len() {
                for j in i + 1..labels.len() {
                    let joined = of.cliques.iter().any(|(a, b)| *a <= i && j <= *b);
                    let p = p[index(i)][index(j)];
                    assert_eq!(joined, p > alpha, "{i} and {j}: p {p}, α {alpha}");
                }
            }
        }
    }
}

#[test]
fn the_largest_ranks_first_where_that_is_best() {
    let blocks = vec![vec![0.9, 0.8, 0.7], vec![0.9, 0.7, 0.8]];
    let best = |best| {
        critical_difference(&labels(3), &blocks, best, 0.05)
            .unwrap()
            .groups
    };
    assert_eq!(best(Best::Largest)[0].label, "g0");
    assert_eq!(best(Best::Smallest)[2].label, "g0");
}

#[test]
fn what_cannot_be_ranked_says_why() {
    let of = |k: usize, blocks: &[Vec<f64>], alpha| {
        critical_difference(&labels(k), blocks, Best::Largest, alpha).unwrap_err()
    };
    let few = Undefined::TooFewGroups { needed: 2, got: 1 };
    assert_eq!(of(1, &[vec![1.0]], 0.05), few);
    assert_eq!(of(2, &[], 0.05), Undefined::TooFew { needed: 1, got: 0 });
    assert_eq!(
        of(2, &[vec![1.0]], 0.05),
        Undefined::Unpaired { a: 2, b: 1 }
    );
    assert_eq!(of(2, &[vec![1.0, f64::NAN]], 0.05), Undefined::NotFinite);
    assert_eq!(of(2, &[vec![1.0, 1.0]], 0.05), Undefined::NoDifferences);
    assert!(matches!(
        of(2, &[vec![1.0, 2.0]], 0.0),
        Undefined::OutOfRange { .. }
    ));
}
