//! The paragraph on the statistics, by the test, the adjustment and the margin that were used.

use super::Prose;
use crate::{
    comparison::{Comparison, Design, Summary, Test},
    metric::Metric,
    report::{
        content::{
            DESCRIPTIVE, DEVIATION, Scale, Spread, Study, counted, effect_words, is_adjusted,
            omnibus_words, percent,
        },
        references::{self as works, Reference},
    },
    stats::{adjust::Adjustment, two_groups::TwoGroupTest},
};

pub(super) fn paragraph(study: &Study<'_>) -> Prose {
    let settings = study.settings;
    let level = percent(settings.level());
    let pairs = study.main().map_or(0, |a| a.comparisons.len());
    let mut prose = Prose::default();
    if study.looks.is_some() {
        prose.say(DESCRIPTIVE).say(" ");
    }
    let means = study.main().map_or(&[][..], |a| &a.summaries);
    let has_interval = means.iter().any(|s| s.interval.is_ok());
    let has_deviation = study.spread == Spread::Deviation
        && means
            .iter()
            .any(|s| s.values.as_ref().is_ok_and(|v| v.sd.is_some()));
    if has_interval {
        prose.say(&format!("Means are given with {level}\u{a0}% t intervals"));
        prose.cite(&[works::STUDENT]);
        prose.say(if has_deviation {
            " or with the standard deviation over seeds. "
        } else {
            ". "
        });
    } else if has_deviation {
        prose.say("Means are given with the standard deviation over seeds. ");
    } else {
        prose.say("No mean has an interval. ");
    }
    if pairs > 0 {
        tests(&mut prose, study, pairs);
        equivalence(&mut prose, study);
        effects(&mut prose, study);
    }
    omnibus(&mut prose, study);
    if study.metric == Metric::TestAccuracy
        && study
            .crossed
            .is_ok_and(|c| c.iter().any(|c| c.result.is_ok()))
    {
        prose.say("What another test set might say was asked by resampling seeds and test images together");
        prose.cite(&[works::OWEN]);
        prose.say(&format!(
            ", percentile intervals of {} resamples from seed {}, runs paired by seed. ",
            settings.resampling.resamples, settings.resampling.seed
        ));
    }
    if let Some(ranks) = study.ranks {
        prose.say(&format!("Over {} sweeps, each a block, the {}s were ranked by their means and compared by Nemenyi’s test", ranks.blocks, study.noun()));
        prose.cite(&[works::NEMENYI, works::DEMSAR]).say(". ");
        if !study.block_cautions.is_empty() {
            prose.say("These blocks are not all independent samples of data sets under one protocol; the report says which are not. ");
        }
    }
    registration(&mut prose, study);
    prose
}

fn registration(prose: &mut Prose, study: &Study<'_>) {
    let deviations = study.registration.iter();
    let deviations: Vec<&str> = deviations
        .filter_map(|sentence| sentence.strip_prefix(DEVIATION))
        .map(|deviation| deviation.trim_end_matches('.'))
        .collect();
    let Some(head) = study.registration.first() else {
        prose.say("The comparison was not registered with the runs.");
        return;
    };
    prose.say(&head.replacen(
        "Registered",
        "A comparison was registered with the runs,",
        1,
    ));
    if deviations.is_empty() {
        prose.say(" It is the one reported here.");
    } else {
        prose.say(&format!(
            " It is not the one reported here: {}.",
            deviations.join("; ")
        ));
    }
}

fn tests(prose: &mut Prose, study: &Study<'_>, pairs: usize) {
    let settings = study.settings;
    let noun = study.noun();
    let family = match settings
        .control
        .and_then(|i| study.labels().get(i).copied())
    {
        Some(control) => format!("Each of the other {noun}s was compared with {control}"),
        None => format!("Every pair of {noun}s was compared"),
    };
    let comparisons = study.main().map_or(&[][..], |a| &a.comparisons);
    let tested = comparisons
        .iter()
        .filter(|c| c.p_adjusted.is_some())
        .count();
    let (family, count) = match tested {
        0 => {
            prose.say(&format!("No pair of {noun}s could be tested. "));
            return;
        }
        n if n < pairs => (
            family,
            format!(
                "{pairs} comparisons, of which {} could not be tested",
                pairs - n
            ),
        ),
        _ => (family, counted(pairs, "comparison")),
    };
    let (words, cited) = test(settings.test);
    prose.say(&format!("{family} ({count}) by {words}"));
    prose.cite(cited);
    let (resamples, seed) = (settings.resampling.resamples, settings.resampling.seed);
    match settings.test {
        Test::TwoGroups(TwoGroupTest::SignFlip | TwoGroupTest::Permutation) => {
            prose.say(&format!(
                ", {resamples} permutations from seed {seed} where not all could be counted"
            ));
        }
        Test::MaxT => {
            prose.say(&format!(
                ", {resamples} random permutations from seed {seed}"
            ));
        }
        _ => {}
    }
    if !settings.test.is_simultaneous() {
        let (words, cited) = adjustment(settings.adjustment);
        prose.say(&format!(", {words}"));
        prose.cite(cited);
    }
    prose.say(&format!(
        ", within each metric and not across metrics, at α\u{a0}=\u{a0}{}. ",
        settings.alpha
    ));
    let intervals = if settings.test.has_simultaneous_intervals() {
        "cover all differences together".to_owned()
    } else {
        let method = match settings.design() {
            Design::Paired => "paired t",
            Design::Independent => "two-sample t",
        };
        format!("are those of the {method}, each for itself, adjusted for nothing")
    };
    if comparisons.iter().any(|c| c.interval.is_ok()) {
        prose.say(&format!("Intervals of differences {intervals}. "));
    }
    let lettered = |s: &Summary| matches!(s.letters, Ok(Some(_)));
    let analyses = study.analyses.iter();
    if analyses.flat_map(|a| &a.summaries).any(lettered) {
        prose.say(&format!("Letters mark {noun}s that were not told apart"));
        prose.cite(&[works::PIEPHO]).say(". ");
    }
}

fn equivalence(prose: &mut Prose, study: &Study<'_>) {
    let Some(margin) = study.settings.margin else {
        let comparisons = study.main().map_or(&[][..], |a| &a.comparisons);
        if !comparisons.iter().any(|c| c.verdict.is_some()) {
            return;
        }
        if study.looks.is_some() {
            prose.say("Equivalence was tested by the looks alone, so that a fixed-sample comparison is either different or undecided; undecided is not equal. ");
            return;
        }
        prose.say(&format!(
            "No margin of equivalence was stated for {}, so that a pair is either different or undecided; undecided is not equal. ",
            study.metric.label()
        ));
        return;
    };
    let margin = study.main().map_or(margin.to_string(), |analysis| {
        Scale::of(study.metric, analysis, study.spread).margin(margin)
    });
    let comparisons = study.main().map_or(&[][..], |a| &a.comparisons);
    let made = |c: &Comparison| matches!(c.equivalence, Some(Ok(_)));
    if !comparisons.iter().any(made) {
        prose.say("No pair could be tested for equivalence. ");
        return;
    }
    prose.say(&format!(
        "Two {}s count as equivalent where two one-sided t tests",
        study.noun()
    ));
    prose.cite(&[works::SCHUIRMANN]);
    let (adjusted, p) = if study.settings.test.is_simultaneous() {
        (", adjusted by Holm’s method,", "adjusted p")
    } else if is_adjusted(study.settings) {
        (", adjusted likewise,", "adjusted p")
    } else {
        ("", "p")
    };
    prose.say(&format!("{adjusted} reject that their means in {} differ by {margin} or more, whether or not the test of no difference rejects, too: equivalence takes precedence. A pair counts as different where the {p} of that test is at most {} and equivalence was not shown; all others are undecided. ", study.metric.label(), study.settings.alpha));
}

fn effects(prose: &mut Prose, study: &Study<'_>) {
    let comparisons = study.main().map_or(&[][..], |a| &a.comparisons);
    let has_g = comparisons.iter().any(|c| c.effect_size.is_ok());
    let has_share = comparisons.iter().any(|c| c.prob_superiority.is_ok());
    if has_g {
        prose.say("Effect sizes are Hedges’ g");
        prose.cite(&[works::HEDGES]);
        prose.say(&format!(", {}", effect_words(study.settings)));
    }
    if has_share {
        let over = match study.settings.design() {
            Design::Paired => "over the pairs",
            Design::Independent => "over all pairs of runs",
        };
        let before = if has_g { ", and" } else { "Effect sizes are" };
        prose.say(&format!("{before} P(a > b), ties half, {over}"));
        prose.cite(&[works::VARGHA_DELANEY]);
    }
    if has_g || has_share {
        prose.say(". ");
    }
}

fn omnibus(prose: &mut Prose, study: &Study<'_>) {
    let made = study.main().map_or(&[][..], |a| &a.omnibus);
    // Of two groups the pair's own test says it.
    let made = made.iter().filter(|o| o.result.is_ok() && o.groups > 2);
    let made: Vec<_> = made.collect();
    if made.is_empty() {
        return;
    }
    prose.say(&format!("All {}s together were compared by ", study.noun()));
    for (index, omnibus) in made.iter().enumerate() {
        let before = match index {
            0 => "",
            _ if index + 1 == made.len() => " and ",
            _ => ", ",
        };
        prose.say(&format!("{before}{}", omnibus_words(omnibus.name)));
        let work = match omnibus.name {
            "Friedman" => Some(works::FRIEDMAN),
            "Iman-Davenport" => Some(works::IMAN_DAVENPORT),
            "Kruskal-Wallis" => Some(works::KRUSKAL_WALLIS),
            "Welch ANOVA" => Some(works::WELCH_ANOVA),
            "Brown-Forsythe" => Some(works::BROWN_FORSYTHE),
            name if name.contains("Greenhouse") => Some(works::GREENHOUSE_GEISSER),
            _ => None,
        };
        prose.cite(work.as_slice());
    }
    prose.say(". ");
}

/// What a test is called in methods, and who it is by.
fn test(test: Test) -> (&'static str, &'static [&'static Reference]) {
    match test {
        Test::TwoGroups(TwoGroupTest::PairedT) => ("the paired t test", &[works::STUDENT]),
        Test::TwoGroups(TwoGroupTest::Wilcoxon) => (
            "Wilcoxon’s signed rank test, zeros by Pratt’s rule",
            &[works::WILCOXON, works::PRATT],
        ),
        Test::TwoGroups(TwoGroupTest::SignFlip) => {
            ("the sign-flip test of the mean of pairs", &[works::FISHER])
        }
        Test::TwoGroups(TwoGroupTest::Welch) => ("Welch’s t test", &[works::WELCH_T]),
        Test::TwoGroups(TwoGroupTest::PooledT) => {
            ("Student’s t test with pooled variance", &[works::STUDENT])
        }
        Test::TwoGroups(TwoGroupTest::MannWhitney) => {
            ("Mann and Whitney’s rank sum test", &[works::MANN_WHITNEY])
        }
        Test::TwoGroups(TwoGroupTest::Permutation) => {
            ("the permutation test of Welch’s t", &[works::JANSSEN])
        }
        Test::Tukey => ("Tukey’s honestly significant difference", &[works::TUKEY]),
        Test::GamesHowell => ("Games and Howell’s test", &[works::GAMES_HOWELL]),
        Test::TukeyBlocks => ("Tukey’s test in blocks of seeds", &[works::TUKEY]),
        Test::Nemenyi => (
            "Nemenyi’s test of mean ranks in blocks of seeds",
            &[works::NEMENYI],
        ),
        Test::Dunnett => ("Dunnett’s test", &[works::DUNNETT]),
        Test::MaxT => (
            "the step-down permutation max-T test in blocks of seeds",
            &[works::WESTFALL_YOUNG],
        ),
    }
}

/// What an adjustment is called in methods, and who it is by.
fn adjustment(adjustment: Adjustment) -> (&'static str, &'static [&'static Reference]) {
    match adjustment {
        Adjustment::None => ("p-values not adjusted", &[]),
        Adjustment::Bonferroni => ("p-values adjusted by Bonferroni’s method", &[works::DUNN]),
        Adjustment::Holm => ("p-values adjusted by Holm’s method", &[works::HOLM]),
        Adjustment::Hochberg => ("p-values adjusted by Hochberg’s method", &[works::HOCHBERG]),
        Adjustment::BenjaminiHochberg => (
            "p-values adjusted by Benjamini and Hochberg’s method, for the false discovery rate",
            &[works::BENJAMINI_HOCHBERG],
        ),
        Adjustment::BenjaminiYekutieli => (
            "p-values adjusted by Benjamini and Yekutieli’s method, for the false discovery rate",
            &[works::BENJAMINI_YEKUTIELI],
        ),
    }
}
