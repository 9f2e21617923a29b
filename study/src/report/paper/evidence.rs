//! What a verdict rests on, in a sentence or two.

use super::words::{count_words, level, order_words, percent, points, share_words};
use crate::{
    comparison::Analysis,
    metric::Metric,
    publication::{
        claims::{CONVERGENCE, Claim, Grounds, Pair, Standing, pairs_of},
        single_run::{Share, SingleRun},
        table::{GLOROT, HE, METRICS, RANKING, TABLE},
    },
    report::content::{
        counted, fixed, listed, omnibus_words, p_is, p_value, signed, statistic_words,
    },
    stats::Interval,
};

/// What the verdict on a claim rests on; empty where nothing could be computed.
pub(super) fn of(claim: Claim, grounds: &Grounds<'_>) -> String {
    match claim {
        Claim::GlorotHighest => highest(grounds),
        Claim::Ranking => ranking(grounds),
        Claim::HeNearlyAsGood => {
            let pair = grounds.pair(Metric::TestAccuracy, HE, GLOROT);
            pair.map_or(String::new(), |pair| equivalence(grounds, &pair))
        }
        Claim::Sensitive => together(grounds, Metric::TestAccuracy),
        Claim::Convergence => {
            let (verdicts, p) = (grounds.convergence_by_metric(), grounds.convergence_p());
            let each = [0, 1].map(|i| {
                let alone = verdicts[i].as_ref().ok().zip(p[i].as_ref().ok());
                let alone = alone.map_or(String::new(), |(verdict, p)| {
                    format!(
                        " By this alone {}, with {} after adjustment for the two.",
                        verdict.name(),
                        p_is(*p)
                    )
                });
                together(grounds, CONVERGENCE[i]) + &alone
            });
            each.join(" ").trim().to_owned()
        }
        Claim::OneRunEnough => grounds.single_run.map_or(String::new(), single_run),
    }
}

/// Glorot uniform against each other initializer.
fn highest(grounds: &Grounds<'_>) -> String {
    let Some(analysis) = grounds.analysis(Metric::TestAccuracy) else {
        return String::new();
    };
    let ranked = ranked(analysis);
    let glorot = TABLE[GLOROT].initializer;
    let place = ranked.iter().position(|(name, _)| *name == glorot);
    let mean = place.map_or(String::new(), |place| {
        format!(
            "Its mean, {} %, is number {} of {}. ",
            percent(ranked[place].1),
            place + 1,
            ranked.len()
        )
    });
    let others = (0..TABLE.len()).filter(|&row| row != GLOROT);
    let pairs = grounds.pairs(others.map(|other| (GLOROT, other)));
    let known: Vec<&Pair> = pairs.iter().filter_map(|pair| pair.as_ref().ok()).collect();
    if known.is_empty() {
        return mean.trim_end().to_owned();
    }
    let each: Vec<String> = known
        .iter()
        .map(|pair| {
            format!(
                "{} over {} ({}; published {})",
                points(pair.difference),
                TABLE[pair.b].initializer,
                p_words(pair),
                published(pair, Metric::TestAccuracy)
            )
        })
        .collect();
    format!("{mean}Its lead in points: {}.", listed(&each))
}

/// The means in order, and how the pairs of the stated ranking stand.
fn ranking(grounds: &Grounds<'_>) -> String {
    let Some(analysis) = grounds.analysis(Metric::TestAccuracy) else {
        return String::new();
    };
    let means: Vec<String> = ranked(analysis)
        .iter()
        .map(|(name, mean)| format!("{name} {}", percent(*mean)))
        .collect();
    let pairs = grounds.pairs(pairs_of(&RANKING));
    let standings: Vec<Standing> = pairs
        .iter()
        .filter_map(|pair| Some(grounds.standing(pair.as_ref().ok()?)))
        .collect();
    let count = |wanted| standings.iter().filter(|s| **s == wanted).count();
    let higher = count(Standing::Higher);
    let are = if higher == 1 { "is" } else { "are" };
    format!(
        "Our means rank, in percent: {}. Of the {} that the stated ranking orders, {higher} {are} significantly higher as stated, {} significantly lower, {} equivalent within {} and {} open.",
        means.join(" > "),
        counted(standings.len(), "pair"),
        count(Standing::Lower),
        count(Standing::Alike),
        Metric::TestAccuracy.margin_words(grounds.margin),
        count(Standing::Open)
    )
}

/// Two initializers and the margin.
fn equivalence(grounds: &Grounds<'_>, pair: &Pair) -> String {
    format!(
        "{} less {} is {}, where {} was published; adjusted p of equivalence within {}: {}.",
        TABLE[pair.a].initializer,
        TABLE[pair.b].initializer,
        difference(pair),
        published(pair, Metric::TestAccuracy),
        Metric::TestAccuracy.margin_words(grounds.margin),
        p_value(pair.p_equivalence)
    )
}

/// All four together, and the largest difference.
fn together(grounds: &Grounds<'_>, metric: Metric) -> String {
    let mut sentences = Vec::new();
    let Some(analysis) = grounds.analysis(metric) else {
        return String::new();
    };
    let mut tests = Vec::new();
    for omnibus in analysis.omnibus.iter().take(2) {
        if let Ok(result) = &omnibus.result {
            tests.push(format!(
                "{} {}",
                omnibus_words(omnibus.name),
                statistic_words(result)
            ));
        }
    }
    let head = capital(metric.label());
    if !tests.is_empty() {
        let blocks = analysis.omnibus.first().map_or(0, |o| o.n);
        let seeds = counted(blocks, "seed");
        sentences.push(format!(
            "{head}, all four over {seeds}: {}.",
            tests.join("; ")
        ));
    }
    let rows: Vec<usize> = (0..TABLE.len()).collect();
    let pairs: Vec<Pair> = pairs_of(&rows)
        .filter_map(|(a, b)| grounds.pair(metric, a, b).ok())
        .collect();
    let size = |pair: &&Pair| pair.difference.abs();
    if let Some(largest) = pairs.iter().max_by(|a, b| size(a).total_cmp(&size(b))) {
        let largest = upward(*largest);
        let alpha = grounds.settings.alpha;
        let alike = pairs
            .iter()
            .filter(|pair| pair.p_equivalence <= alpha)
            .count();
        sentences.push(format!(
            "The largest difference is {} less {}, {}; {alike} of {} equivalent within {}.",
            TABLE[largest.a].initializer,
            TABLE[largest.b].initializer,
            difference(&largest),
            counted(pairs.len(), "pair"),
            Metric::TestAccuracy.margin_words(grounds.margin)
        ));
    }
    sentences.join(" ")
}

/// How often single runs print what the paper does.
fn single_run(single: &SingleRun) -> String {
    format!(
        "Of {} combinations of one run of each, {} print the published ranking, and {} the most frequent one, {} (by chance, were all alike: {}); {} have glorot_uniform on top (by chance: {}). In {} two or more print alike, which counts as no ranking.",
        count_words(single.combinations),
        share(&single.ranking),
        share(&single.frequent),
        order_words(&single.rankings[0].0),
        share_words(single.ranking_by_chance),
        share(&single.top),
        share_words(single.top_by_chance),
        share_words(single.tied)
    )
}

/// A share with its interval: `2.1 % (95 % interval 1.6 to 2.7)`.
fn share(share: &Share) -> String {
    let interval = share.interval.as_ref().map_or(String::new(), |i| {
        let (low, high) = (fixed(100.0 * i.low, 1), fixed(100.0 * i.high, 1));
        format!(" ({} interval {low} to {high})", level(*i))
    });
    format!("{}{interval}", share_words(share.share))
}

/// The groups with a mean, highest first.
fn ranked(analysis: &Analysis) -> Vec<(&str, f64)> {
    let means = analysis.summaries.iter().filter_map(|summary| {
        let values = summary.values.as_ref().ok()?;
        Some((summary.group.as_str(), values.mean))
    });
    let mut means: Vec<(&str, f64)> = means.collect();
    means.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    means
}

/// The pair with the higher mean first.
fn upward(pair: Pair) -> Pair {
    if pair.difference >= 0.0 {
        return pair;
    }
    Pair {
        a: pair.b,
        b: pair.a,
        difference: -pair.difference,
        interval: Interval {
            low: -pair.interval.high,
            high: -pair.interval.low,
            level: pair.interval.level,
        },
        ..pair
    }
}

fn difference(pair: &Pair) -> String {
    format!(
        "{} points ({} interval {} to {}, adjusted {})",
        points(pair.difference),
        level(pair.interval),
        points(pair.interval.low),
        points(pair.interval.high),
        p_is(pair.p)
    )
}

fn p_words(pair: &Pair) -> String {
    format!(
        "adjusted {}, of equivalence {}",
        p_is(pair.p),
        p_value(pair.p_equivalence)
    )
}

/// The published difference of a pair, in points of two places.
fn published(pair: &Pair, metric: Metric) -> String {
    let place = METRICS
        .iter()
        .position(|m| *m == metric)
        .unwrap_or_default();
    let printed = |row: usize| f64::from(TABLE[row].printed[place]);
    signed((printed(pair.a) - printed(pair.b)) / 100.0, 2)
}

/// A phrase that begins a sentence.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
