//! Verdicts on the paper's claims, by their rules, on runs whose truth is known; and which scope a
//! published row speaks for.

use study::{
    comparison::{Analysis, Group, Run, Settings, analyze},
    metric::Metric,
    publication::{
        claims::{Claim, Grounds, Verdict},
        likelihood::{Likelihood, RowFit},
        placement::{Placement, rounding_share},
        sample::Sample,
        single_run::SingleRun,
        table::{METRICS, TABLE},
    },
    stats::{
        Undefined, adjust::Adjustment, multivariate::Prediction, predictive::predictive_t,
        resample::Resampling,
    },
};

const MARGIN: f64 = 0.001;
/// Differences from seed to seed, and the noise of a run beside them.
const SPREAD: f64 = 0.002;
const NOISE: f64 = 0.0005;

/// A number between −1 and 1 that looks random.
fn noise(of: u64) -> f64 {
    let mixed = (of + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Samples whose true means are those of the table plus `shifts`, row by row.
fn samples(seeds: u64, base: [f64; METRICS.len()], shifts: [f64; 4]) -> Vec<Sample> {
    let sample = |row: usize| {
        let run = |seed: u64| {
            let value = |metric: usize| {
                let of_seed = SPREAD * noise(1000 * seed + metric as u64);
                let of_run = NOISE * noise(1000 * seed + 100 * (row as u64 + 1) + metric as u64);
                base[metric] + shifts[row] + of_seed + of_run
            };
            (seed, std::array::from_fn(value))
        };
        Sample {
            row: &TABLE[row],
            runs: (0..seeds).map(run).collect(),
            diverged: 0,
        }
    };
    (0..TABLE.len()).map(sample).collect()
}

const BASE: [f64; METRICS.len()] = [0.917, 0.984, 0.954, 0.972, 0.974];

fn settings() -> Settings {
    Settings {
        margin: Some(MARGIN),
        ..Settings::paired()
    }
}

fn verdicts(samples: &[Sample]) -> Vec<(Claim, Result<Verdict, String>)> {
    let settings = settings();
    let of_metric = |(place, metric): (usize, &Metric)| {
        let group = |sample: &Sample| {
            let runs = sample.runs.iter().map(|(seed, values)| Run {
                pair: Some(*seed),
                value: Some(values[place]),
            });
            Group::new(sample.row.initializer.to_owned(), runs.collect())
        };
        let groups: Vec<Group> = samples.iter().map(group).collect();
        analyze(metric.name(), &groups, &settings)
    };
    let analyses: Vec<Analysis> = METRICS.iter().enumerate().map(of_metric).collect();
    let single = SingleRun::new(samples, 0.95, Resampling::new(0));
    let grounds = Grounds {
        analyses: &analyses,
        single_run: single.as_ref().map_err(|why| *why),
        settings: &settings,
        margin: MARGIN,
    };
    let judged = grounds.judge().into_iter();
    judged.map(|j| (j.claim, j.verdict)).collect()
}

fn named(samples: &[Sample]) -> Vec<(Claim, &'static str)> {
    let name = |verdict: Result<Verdict, String>| verdict.map_or("none", Verdict::name);
    verdicts(samples)
        .into_iter()
        .map(|(claim, verdict)| (claim, name(verdict)))
        .collect()
}

#[test]
fn the_papers_world_supports_all_but_that_he_is_nearly_as_good() {
    // Steps of half a point and more, in the published order: five margins between Glorot and He.
    let shifts = [-0.015, -0.01, 0.0, -0.005];
    let expected = [
        (Claim::GlorotHighest, "supported"),
        (Claim::Ranking, "supported"),
        (Claim::HeNearlyAsGood, "contradicted"),
        (Claim::Sensitive, "supported"),
        (Claim::Convergence, "supported"),
        (Claim::OneRunEnough, "supported"),
    ];
    assert_eq!(named(&samples(40, BASE, shifts)), expected);
}

#[test]
fn initializers_that_are_alike_do_not_show_an_order_and_contradict_that_the_choice_matters() {
    let expected = [
        (Claim::GlorotHighest, "not supported"),
        (Claim::Ranking, "not supported"),
        (Claim::HeNearlyAsGood, "supported"),
        (Claim::Sensitive, "contradicted"),
        (Claim::Convergence, "contradicted"),
        (Claim::OneRunEnough, "contradicted"),
    ];
    assert_eq!(named(&samples(40, BASE, [0.0; 4])), expected);
}

#[test]
fn a_small_real_lead_counts_for_the_order_but_not_for_sensitivity() {
    // Half a margin, and far more than the error of the mean of 200 differences.
    let shifts = [0.0, 0.0, 0.0005, 0.0];
    let verdicts = named(&samples(200, BASE, shifts));
    assert_eq!(verdicts[0], (Claim::GlorotHighest, "supported"));
    assert_eq!(verdicts[1], (Claim::Ranking, "not supported"));
    assert_eq!(verdicts[3], (Claim::Sensitive, "contradicted"));
}

#[test]
fn an_order_is_contradicted_by_a_significant_difference_the_other_way_however_small() {
    // He normal leads Glorot by half a margin, the pairs of the stated order being alike else.
    let verdicts = named(&samples(200, BASE, [0.0, 0.0, 0.0, 0.0005]));
    assert_eq!(verdicts[0], (Claim::GlorotHighest, "contradicted"));
    assert_eq!(verdicts[1], (Claim::Ranking, "contradicted"));
    assert_eq!(verdicts[2], (Claim::HeNearlyAsGood, "supported"));
}

#[test]
fn one_run_is_enough_for_a_ranking_that_is_not_the_published_one_too() {
    // The published order reversed, by far more than two runs differ.
    let verdicts = named(&samples(40, BASE, [0.0, -0.01, -0.03, -0.02]));
    assert_eq!(verdicts[1], (Claim::Ranking, "contradicted"));
    assert_eq!(verdicts[5], (Claim::OneRunEnough, "supported"));
    // Two seeds that agree show no spread, which is no proof that there is none.
    for seeds in [2, 4] {
        let few = named(&samples(seeds, BASE, [0.0, -0.01, -0.03, -0.02]));
        assert_eq!(few[5], (Claim::OneRunEnough, "none"));
    }
}

#[test]
fn chance_shares_what_is_no_tie_among_the_rankings() {
    let single = SingleRun::new(&samples(40, BASE, [0.0; 4]), 0.95, Resampling::new(0)).unwrap();
    assert!(single.tied > 0.01, "{}", single.tied);
    let strict: f64 = single.rankings.iter().map(|(_, share)| share).sum();
    assert!((strict + single.tied - 1.0).abs() < 1e-12);
    assert!((single.ranking_by_chance - (1.0 - single.tied) / 24.0).abs() < 1e-12);
    // A tie below the top does not keep an initializer from standing there.
    assert!(single.top_by_chance < 0.25 && single.top_by_chance > 6.0 * single.ranking_by_chance);
    assert_eq!(single.frequent.share, single.rankings[0].1);
}

#[test]
fn a_few_seeds_leave_claims_open() {
    let mut noisy = samples(4, BASE, [0.0; 4]);
    for (_, values) in noisy.iter_mut().flat_map(|sample| &mut sample.runs) {
        for (value, base) in values.iter_mut().zip(BASE) {
            *value = base + 4.0 * (*value - base);
        }
    }
    let verdicts = named(&noisy);
    for claim in [0, 1, 2, 3] {
        assert_eq!(verdicts[claim].1, "not supported", "{:?}", verdicts[claim]);
    }
}

#[test]
fn what_cannot_be_judged_says_why() {
    let mut without_he = samples(20, BASE, [0.0, 0.0, 0.01, 0.0]);
    without_he[3].diverged = without_he[3].runs.len();
    without_he[3].runs.clear();
    let verdicts = verdicts(&without_he);
    let why = |claim: usize| verdicts[claim].1.clone().unwrap_err();
    assert!(why(2).contains("he_normal"), "{}", why(2));
    assert!(why(3).contains("no run"), "{}", why(3));
    assert!(why(5).contains("cannot be drawn"), "{}", why(5));
    assert!(why(1).contains("he_normal"), "{}", why(1));
    // Of the pairs that there are, one the other way contradicts a ranking all the same.
    let mut reversed = samples(20, BASE, [0.0, 0.0, -0.01, 0.0]);
    reversed[3].runs.clear();
    let ranking = self::verdicts(&reversed)[1].1.clone();
    assert_eq!(ranking, Ok(Verdict::Contradicted));
    let one = named(&samples(1, BASE, [0.0; 4]));
    assert!(one.iter().all(|(_, verdict)| *verdict == "none"), "{one:?}");
}

#[test]
fn each_number_is_placed_and_adjusted_over_the_twenty() {
    let samples = samples(30, BASE, [0.0; 4]);
    let placements = Placement::all(&samples, 0.95);
    assert_eq!(placements.len(), 20);
    let p: Vec<f64> = placements
        .iter()
        .map(|placement| {
            let metric = METRICS.iter().position(|m| *m == placement.metric).unwrap();
            let values = samples[placement.row].values(metric);
            predictive_t(&values, placement.published).unwrap().p
        })
        .collect();
    let holm: Vec<f64> = placements.iter().map(|p| p.p_holm.unwrap()).collect();
    assert_eq!(holm, Adjustment::Holm.adjust(&p));
    // Glorot's 97.78 is above 97.4 ± 0.25.
    let test = &placements[2 * METRICS.len() + 4];
    assert_eq!((test.percentile, test.outside), (Ok(1.0), Some(true)));
    let share = rounding_share(&placements).unwrap();
    assert!(share > 0.0 && share < 0.01, "{share}");
}

#[test]
fn one_run_has_a_place_but_no_prediction() {
    let placements = Placement::all(&samples(1, BASE, [0.0; 4]), 0.95);
    let too_few = Undefined::TooFew { needed: 2, got: 1 };
    for placement in placements {
        assert!(placement.percentile.is_ok());
        assert_eq!(placement.predictive, Err(too_few));
        assert_eq!(placement.p_holm, None);
    }
}

fn likelihood(samples: [&[Sample]; 2]) -> Likelihood {
    let [first, second] = samples.map(RowFit::all);
    Likelihood::new(samples, [&first, &second])
}

#[test]
fn the_ratio_is_the_sum_of_what_each_row_says_and_reverses_with_the_scopes() {
    let published_like = BASE.map(|value| value + 0.001);
    let near = samples(25, published_like, [0.0; 4]);
    let far = samples(25, published_like.map(|v| v - 0.01), [0.0; 4]);
    let of_both = likelihood([&near, &far]);
    let of = |scope: &[Sample]| -> f64 {
        let densities = scope.iter().map(|sample| {
            let runs: Vec<[f64; 5]> = sample
                .runs
                .iter()
                .map(|(_, v)| v.map(|x| 100.0 * x))
                .collect();
            let runs: Vec<&[f64]> = runs.iter().map(|run| run.as_slice()).collect();
            let published = sample.row.printed.map(|printed| f64::from(printed) / 100.0);
            Prediction::new(&runs, 5).unwrap().log_density(&published)
        });
        densities.sum()
    };
    let ratio = of_both.log_ratio.unwrap();
    assert!((ratio - (of(&near) - of(&far))).abs() < 1e-9);
    assert!(ratio > 20.0, "{ratio}");
    assert!(of_both.log_ratio_independent.unwrap() > 0.0);
    let [first, second] = of_both.check.unwrap();
    assert_eq!((first.seeds, first.right), (25, 25));
    assert_eq!((second.seeds, second.right), (25, 25));
    assert!(first.least > 0.0 && second.greatest < 0.0);
    let reversed = likelihood([&far, &near]).log_ratio.unwrap();
    assert!((ratio + reversed).abs() < 1e-9);
}

#[test]
fn scopes_with_the_same_runs_say_nothing() {
    let samples = samples(12, BASE, [0.0; 4]);
    let of_both = likelihood([&samples, &samples]);
    assert_eq!(of_both.log_ratio, Ok(0.0));
    assert_eq!(of_both.same, [0, 1, 2, 3]);
    let first_five = |sample: &Sample| Sample {
        runs: sample.runs[..5].to_vec(),
        ..sample.clone()
    };
    let few: Vec<Sample> = samples.iter().map(first_five).collect();
    let few = likelihood([&few, &few]);
    assert_eq!(few.log_ratio, Err(Undefined::TooFew { needed: 6, got: 5 }));
    assert_eq!(few.check, Err(Undefined::TooFew { needed: 7, got: 5 }));
}
