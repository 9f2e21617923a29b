//! The figures of a report show what the analysis says.

use crate::drawing::{analysis, diverged, drawn, named, run, runs, settings, texts};
use study::{
    comparison::settling,
    metric::Metric,
    record::RunRecord,
    report::figures::{self, Anchor, Drawn, Figure, Mark, Shape},
};

#[test]
fn what_is_shown_is_what_the_analysis_says() {
    let mut runs = runs(4, 20);
    runs[3] = diverged(runs[3].clone());
    let settings = settings();
    let (figures, _) = drawn(&runs, &settings);
    let of_test = analysis(&runs, &settings, Metric::TestAccuracy);
    let shown = |value: f64, label: &str, interval| Drawn {
        panel: String::new(),
        label: label.to_owned(),
        x: None,
        value,
        interval,
    };
    let bare = |name: &str| -> Vec<Drawn> {
        let drawn = named(&figures, name).drawn.iter().cloned();
        let bare = drawn.map(|drawn| Drawn {
            panel: String::new(),
            ..drawn
        });
        bare.collect()
    };
    let means: Vec<Drawn> = of_test
        .summaries
        .iter()
        .map(|s| shown(s.values.as_ref().unwrap().mean, &s.group, s.interval.ok()))
        .collect();
    assert_eq!(bare("distribution"), means);
    let differences: Vec<Drawn> = of_test
        .comparisons
        .iter()
        .map(|c| {
            let label = format!("{} − {}", c.a, c.b);
            shown(c.difference.unwrap(), &label, c.interval.ok())
        })
        .collect();
    assert_eq!(bare("forest"), differences);
    // The curves' ends are metrics of their own.
    let ends = [
        ("training accuracy", 1.0, Metric::TrainAccuracyFirst),
        ("training accuracy", 5.0, Metric::TrainAccuracyLast),
        ("validation accuracy", 1.0, Metric::ValAccuracyFirst),
        ("validation accuracy", 5.0, Metric::ValAccuracyLast),
    ];
    for (panel, epoch, metric) in ends {
        let there: Vec<&Drawn> = named(&figures, "learning_curves")
            .drawn
            .iter()
            .filter(|drawn| drawn.panel == panel && drawn.x == Some(epoch))
            .collect();
        let analysis = analysis(&runs, &settings, metric);
        assert_eq!(there.len(), analysis.summaries.len());
        for (drawn, summary) in there.into_iter().zip(&analysis.summaries) {
            assert_eq!(drawn.label, summary.group);
            assert_eq!(drawn.value, summary.values.as_ref().unwrap().mean);
            assert_eq!(drawn.interval, summary.interval.ok());
        }
    }
}

#[test]
fn p_settles_at_what_the_analysis_of_as_many_seeds_says() {
    let (all, settings) = (runs(3, 30), settings());
    let metric = Metric::TestAccuracy;
    let settling = settling(&metric.groups(&all), &settings);
    assert_eq!(settling.seeds.last(), Some(&30));
    for (place, n) in settling.seeds.iter().enumerate() {
        let analysis = analysis(&runs(3, *n as u64), &settings, metric);
        for (pair, comparison) in settling.pairs.iter().zip(&analysis.comparisons) {
            assert_eq!((&pair.a, &pair.b), (&comparison.a, &comparison.b));
            assert_eq!(pair.p_adjusted[place], comparison.p_adjusted, "n = {n}");
        }
    }
    let (figures, _) = drawn(&all, &settings);
    let of_first = &settling.pairs[0];
    let curve: Vec<(Option<f64>, Option<f64>)> = named(&figures, "settling")
        .drawn
        .iter()
        .filter(|drawn| drawn.panel == "difference")
        .filter(|drawn| drawn.label == format!("{} − {}", of_first.a, of_first.b))
        .map(|drawn| (drawn.x, Some(drawn.value)))
        .collect();
    let seeds = settling.seeds.iter().map(|n| Some(*n as f64));
    let expected: Vec<_> = seeds.zip(of_first.p_adjusted.clone()).collect();
    assert_eq!(curve, expected);
}

/// Where values of the horizontal axis stand, in the unit of its labels, from two of these: value of
/// x.
fn axis(figure: &Figure) -> impl Fn(f64) -> f64 {
    let labels: Vec<(f64, f64)> = figure
        .scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text {
                at,
                anchor: Anchor::Middle,
                text,
                ..
            } => Some((text.replace('−', "-").parse().ok()?, at.x)),
            _ => None,
        })
        .collect();
    let ((v0, x0), (v1, x1)) = (labels[0], labels[labels.len() - 1]);
    move |x| v0 + (x - x0) * (v1 - v0) / (x1 - x0)
}

fn symbols(figure: &Figure, wanted: impl Fn(Shape, f64) -> bool) -> Vec<f64> {
    let of = |mark: &Mark| match mark {
        Mark::Symbol {
            at, shape, radius, ..
        } if wanted(*shape, *radius) => Some(at.x),
        _ => None,
    };
    figure.scene.marks.iter().filter_map(of).collect()
}

#[test]
fn dots_and_means_stand_where_the_axis_has_their_values() {
    let runs = runs(4, 30);
    let (figures, _) = drawn(&runs, &settings());
    let figure = named(&figures, "distribution");
    assert!(texts(figure).contains(&"test accuracy (%)".to_owned()));
    let value = axis(figure);
    let dots = symbols(figure, |shape, _| shape == Shape::Circle);
    assert_eq!(dots.len(), runs.len());
    for (x, run) in dots.iter().zip(&runs) {
        assert!((value(*x) - 100.0 * run.test_accuracy.unwrap()).abs() < 1e-7);
    }
    let svg = figure.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let circles = document.descendants().filter(|n| n.has_tag_name("circle"));
    let in_svg: Vec<f64> = circles
        .map(|node| node.attribute("cx").unwrap().parse::<f64>().unwrap() / 10.0)
        .collect();
    assert_eq!(in_svg.len(), dots.len());
    assert!(
        in_svg
            .iter()
            .zip(&dots)
            .all(|(a, b)| (a - b).abs() <= 0.051)
    );
    // Without the legend's and the white rims.
    let means = symbols(figure, |shape, radius| {
        shape == Shape::Diamond && radius < 2.5
    });
    assert_eq!(means.len(), 4);
    for (x, drawn) in means.iter().zip(&figure.drawn) {
        assert!((value(*x) - 100.0 * drawn.value).abs() < 1e-7);
    }
}

#[test]
fn the_forest_of_15_groups_is_of_differences_from_the_best() {
    let runs = runs(15, 10);
    let settings = settings();
    let (figures, _) = drawn(&runs, &settings);
    let figure = named(&figures, "forest");
    assert_eq!(figure.drawn.len(), 14);
    let of_test = analysis(&runs, &settings, Metric::TestAccuracy);
    let mean = |label: &str| {
        let found = of_test.summaries.iter().find(|s| s.group == label);
        found.unwrap().values.as_ref().unwrap().mean
    };
    let best = of_test.summaries.iter().map(|s| mean(&s.group));
    let best = best.fold(0.0, f64::max);
    for drawn in &figure.drawn {
        let (a, b) = drawn.label.split_once(" − ").unwrap();
        assert_eq!(mean(b), best);
        assert!((drawn.value - (mean(a) - best)).abs() < 1e-12, "{drawn:?}");
        let interval = drawn.interval.unwrap();
        assert!((interval.low..=interval.high).contains(&drawn.value));
    }
    assert!(
        figure.caption.contains("the best mean"),
        "{}",
        figure.caption
    );
    let lowest = figures::of_sweep(
        &runs,
        &analysis(&runs, &settings, Metric::TestLoss),
        &settings,
        Metric::TestLoss,
    );
    let losses = &named(&lowest.0, "forest").drawn;
    assert!(losses.iter().all(|drawn| drawn.value >= 0.0));
}

#[test]
fn what_cannot_be_drawn_is_left_out_with_its_reason() {
    let names = |runs: &[RunRecord]| {
        let (figures, missing) = drawn(runs, &settings());
        for figure in &figures {
            roxmltree::Document::parse(&figure.svg()).unwrap();
        }
        let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
        (names.join(" "), missing.join(" "))
    };
    let all = "learning_curves distribution forest settling";
    let (drawn, missing) = names(&runs(1, 10));
    assert_eq!(drawn, "learning_curves distribution");
    assert!(missing.contains("no pair of groups"), "{missing}");
    // Two seeds test once, which settles nothing; one seed tests nothing.
    for (seeds, why) in [(2, "at two numbers of seeds"), (1, "no pair has a test")] {
        let (drawn, missing) = names(&runs(3, seeds));
        assert_eq!(drawn, "learning_curves distribution forest");
        assert!(missing.contains(why), "{missing}");
    }
    let mut some = runs(3, 10);
    for run in &mut some[..10] {
        *run = diverged(run.clone());
    }
    let (drawn, missing) = names(&some);
    assert_eq!(drawn, all);
    assert!(
        missing.contains("leaves out random_normal − glorot_uniform"),
        "{missing}"
    );
    let none: Vec<RunRecord> = runs(3, 10).into_iter().map(diverged).collect();
    let (drawn, missing) = names(&none);
    assert_eq!(drawn, "");
    assert_eq!(missing.matches("not drawn").count(), 4, "{missing}");
    let mut constant = runs(3, 10);
    for run in &mut constant {
        run.test_accuracy = Some(0.1);
    }
    let (drawn, missing) = names(&constant);
    assert_eq!(drawn, "learning_curves distribution forest");
    assert!(missing.contains("no pair has a test"), "{missing}");
    assert_eq!(names(&[]).0, "");
}

#[test]
fn runs_far_off_stand_beside_the_axis_and_the_rest_can_be_read() {
    let mut runs = runs(4, 20);
    for (i, run) in runs.iter_mut().enumerate().take(21) {
        run.test_accuracy = Some(if i < 20 { 0.1 } else { 0.2 });
    }
    let (figures, _) = drawn(&runs, &settings());
    let figure = named(&figures, "distribution");
    let dots = symbols(figure, |shape, _| shape == Shape::Circle);
    assert_eq!(dots.len(), 80 - 21);
    let value = axis(figure);
    for (x, run) in dots.iter().zip(&runs[21..]) {
        assert!((value(*x) - 100.0 * run.test_accuracy.unwrap()).abs() < 1e-7);
    }
    let texts = texts(figure);
    for wanted in ["20 runs at 10.00", "1 run at 20.00"] {
        assert!(texts.iter().any(|text| text == wanted), "{texts:?}");
    }
    assert!(
        figure.caption.contains("beside the axis"),
        "{}",
        figure.caption
    );
    runs[20] = run(1, 0);
    let (figures, _) = drawn(&runs, &settings());
    let forest = named(&figures, "forest");
    let arrows = |shape| symbols(forest, move |s, _| s == shape).len();
    assert_eq!((arrows(Shape::Left), arrows(Shape::Right)), (3, 0));
    for drawn in &forest.drawn[..3] {
        let number = format!("{:.2}", 100.0 * drawn.value).replace('-', "−");
        assert!(self::texts(forest).contains(&number), "{number}");
    }
}

#[test]
fn below_the_curves_are_differences_within_seeds() {
    // What all groups of a seed share must not widen the bands.
    let mut runs = runs(3, 10);
    for run in &mut runs {
        for epoch in &mut run.epochs {
            epoch.val_accuracy += 0.01 * run.seed as f64;
        }
    }
    // A seed that one group lacks is left out.
    runs.remove(9);
    let settings = settings();
    let (figures, _) = drawn(&runs, &settings);
    let figure = named(&figures, "learning_curves");
    let value = |group: u64, seed: u64| {
        let run = &runs[if group == 0 {
            seed
        } else {
            10 * group - 1 + seed
        } as usize];
        assert_eq!(run.seed, seed);
        run.epochs[2].val_accuracy
    };
    for group in 0..3 {
        let deviations: Vec<f64> = (0..9)
            .map(|seed| value(group, seed) - (0..3).map(|g| value(g, seed)).sum::<f64>() / 3.0)
            .collect();
        let n = deviations.len() as f64;
        let mean = deviations.iter().sum::<f64>() / n;
        let squares = deviations.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
        // scipy.stats.t.ppf(0.975, 8)
        let half = 2.306_004_135_204_166 * (squares / (n - 1.0) / n).sqrt();
        let shown: Vec<&Drawn> = figure
            .drawn
            .iter()
            .filter(|d| d.panel == "validation accuracy, less the mean of all" && d.x == Some(3.0))
            .collect();
        let shown = shown[group as usize];
        assert!(
            (shown.value - mean).abs() < 1e-12,
            "{shown:?} is not {mean}"
        );
        let interval = shown.interval.unwrap();
        assert!((interval.high - interval.low - 2.0 * half).abs() < 1e-12);
    }
    assert!(
        figure
            .caption
            .contains("over the 9 seeds that all groups have"),
        "{}",
        figure.caption
    );
}
