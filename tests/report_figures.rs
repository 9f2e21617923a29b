//! The figures of a report: what they show is what the analysis says, and it can be read.

use std::collections::BTreeSet;

use study::{
    comparison::{Analysis, Best, Settings, analyze, critical_difference, settling},
    metric::Metric,
    record::{EpochRecord, RunRecord, Status},
    report::figures::{self, Anchor, Drawn, Figure, Mark, Rect, Shape, WIDTH},
};

const INITIALIZERS: [&str; 15] = [
    "random_normal",
    "glorot_uniform",
    "he_normal",
    "random_uniform",
    "glorot_normal",
    "he_uniform",
    "random_normal(stddev=0.0123456789012345)",
    "random_normal(stddev=0.1)",
    "random_normal(stddev=0.2)",
    "random_normal(stddev=0.3)",
    "random_uniform(limit=0.0000012345678901234)",
    "random_uniform(limit=0.1)",
    "random_uniform(limit=0.2)",
    "random_uniform(limit=0.3)",
    "random_uniform(limit=0.4)",
];

/// A number in [0, 1) that looks random, the same each time.
fn noise(seed: u64, salt: u64) -> f64 {
    let mut x = (seed << 32 | salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

fn run(group: usize, seed: u64) -> RunRecord {
    let salt = group as u64 * 100;
    let epochs = (0..5).map(|epoch| EpochRecord {
        train_loss: 0.5 / f64::from(epoch + 1) + 0.01 * noise(seed, salt + 1),
        train_accuracy: 0.98 - 0.06 / f64::from(epoch + 1) + 0.002 * noise(seed, salt + 2),
        val_loss: 0.4 / f64::from(epoch + 1) + 0.02 * noise(seed, salt + 3),
        val_accuracy: 0.97 - 0.04 / f64::from(epoch + 1) + 0.004 * noise(seed, salt + 4),
        seconds: 1.0,
    });
    // Accuracies of 10000 images: many are equal.
    let test = 0.974 + 0.0003 * group as f64 + 0.003 * noise(seed, salt + 5);
    RunRecord {
        run_id: format!("{group}-{seed}"),
        dataset: "made up".to_owned(),
        initializer: INITIALIZERS[group].parse().unwrap(),
        init_scope: "all".to_owned(),
        seed,
        status: Status::Ok,
        hidden: "16".to_owned(),
        activation: "relu".to_owned(),
        epochs_planned: 5,
        batch_size: 32,
        learning_rate: 0.001,
        test_accuracy: Some((test * 1e4).round() / 1e4),
        test_loss: Some(0.09 + 0.01 * noise(seed, salt + 6)),
        seconds: 5.0,
        isa: "avx2".to_owned(),
        epochs: epochs.collect(),
    }
}

fn runs(groups: usize, seeds: u64) -> Vec<RunRecord> {
    (0..groups)
        .flat_map(|group| (0..seeds).map(move |seed| run(group, seed)))
        .collect()
}

fn diverged(mut run: RunRecord) -> RunRecord {
    run.status = Status::Diverged { epoch: 2 };
    run.epochs.truncate(1);
    run.epochs[0].val_accuracy = 0.1;
    (run.test_accuracy, run.test_loss) = (None, None);
    run
}

/// Fewer resamples: no figure shows a bootstrap interval.
fn settings() -> Settings {
    let mut settings = Settings::paired();
    settings.resampling.resamples = 100;
    settings
}

fn analysis(runs: &[RunRecord], settings: &Settings, metric: Metric) -> Analysis {
    analyze(metric.name(), &metric.groups(runs), settings)
}

fn drawn(runs: &[RunRecord], settings: &Settings) -> (Vec<Figure>, Vec<String>) {
    let metric = Metric::TestAccuracy;
    figures::of_sweep(runs, &analysis(runs, settings, metric), settings, metric)
}

fn named<'a>(figures: &'a [Figure], name: &str) -> &'a Figure {
    let found = figures.iter().find(|figure| figure.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn diagram(labels: &[String]) -> Figure {
    let of = |block: u64| (0..labels.len()).map(move |i| noise(block, i as u64) + 0.05 * i as f64);
    let blocks: Vec<Vec<f64>> = (0..10).map(|block| of(block).collect()).collect();
    let diagram = critical_difference(labels, &blocks, Best::Largest, 0.05).unwrap();
    figures::critical_difference(&diagram)
}

fn texts(figure: &Figure) -> Vec<String> {
    let boxes = figure.scene.label_boxes();
    boxes.iter().map(|(text, _)| (*text).to_owned()).collect()
}

/// Every figure of sweeps of few and many groups, with and without a margin and a control.
fn various() -> Vec<Figure> {
    let mut all = Vec::new();
    for groups in [1, 2, 4, 7, 8, 15] {
        for (margin, control) in [(None, None), (Some(0.0005), None), (None, Some(0))] {
            let settings = Settings {
                margin,
                control,
                ..settings()
            };
            let (figures, _) = drawn(&runs(groups, 12), &settings);
            assert_eq!(figures.len(), if groups > 1 { 4 } else { 2 });
            all.extend(figures);
        }
    }
    let mut failed = runs(4, 12);
    for run in &mut failed[..12] {
        run.test_accuracy = Some(0.1135);
    }
    all.extend(drawn(&failed, &settings()).0);
    for k in [2, 3, 15, 20] {
        let long = |i| format!("random_normal(stddev=0.0{i}), hidden 128,64, learning_rate 0.01");
        all.push(diagram(&(0..k).map(long).collect::<Vec<_>>()));
        all.push(diagram(
            &(0..k).map(|i| format!("m{i}")).collect::<Vec<_>>(),
        ));
    }
    all
}

#[test]
fn no_label_overlaps_another_or_leaves_the_page() {
    for figure in various() {
        let boxes = figure.scene.label_boxes();
        assert!(!boxes.is_empty());
        for (i, (text, place)) in boxes.iter().enumerate() {
            let page = Rect {
                x: 0.0,
                y: 0.0,
                width: WIDTH,
                height: figure.scene.height,
            };
            let inside = place.x >= page.x
                && place.y >= page.y
                && place.right() <= page.right()
                && place.bottom() <= page.bottom();
            assert!(inside, "{} {text:?} {place:?}", figure.name);
            for (other, there) in &boxes[i + 1..] {
                assert!(
                    !place.overlaps(there),
                    "{}: {text:?} {place:?} on {other:?} {there:?}",
                    figure.name
                );
            }
        }
    }
}

#[test]
fn svgs_are_xml_with_their_title_and_every_text() {
    for figure in various() {
        let svg = figure.svg();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("width"), Some("7.000in"));
        let of = |tag: &'static str| {
            let found = root
                .descendants()
                .filter(move |node| node.has_tag_name(tag));
            found.map(|node| node.text().unwrap_or_default().trim().to_owned())
        };
        assert_eq!(of("title").collect::<Vec<_>>(), [figure.title.as_str()]);
        assert_eq!(of("desc").collect::<Vec<_>>(), [figure.caption.as_str()]);
        assert_eq!(of("text").collect::<Vec<_>>(), texts(&figure));
        for node in root.descendants().filter(|node| node.has_tag_name("text")) {
            let family = node.attribute("font-family").unwrap();
            assert!(family.ends_with(", sans-serif"), "{family}");
        }
    }
}

#[test]
fn names_of_any_letters_are_escaped() {
    let names = ["a_b", "50 %", "<i>x</i>", "you & me", "\"q\" 'r'", "ε ± 1"];
    let figure = diagram(&names.map(str::to_owned));
    let svg = figure.svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let shown: BTreeSet<String> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect();
    for name in names {
        assert!(shown.contains(name), "{name} is not in {shown:?}");
    }
}

#[test]
fn a_sweep_of_100_seeds_by_4_is_under_200_kilobytes_a_figure() {
    let (figures, missing) = drawn(&runs(4, 100), &settings());
    assert!(missing.is_empty(), "{missing:?}");
    for figure in &figures {
        assert!(figure.svg().len() < 200_000, "{}", figure.name);
    }
}

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
            shown(c.difference().unwrap(), &label, c.interval.ok())
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
        .filter(|drawn| drawn.label == format!("{} − {}", of_first.a, of_first.b))
        .map(|drawn| (drawn.x, Some(drawn.value)))
        .collect();
    let seeds = settling.seeds.iter().map(|n| Some(*n as f64));
    let expected: Vec<_> = seeds.zip(of_first.p_adjusted.clone()).collect();
    assert_eq!(curve, expected);
}

/// Where values of the horizontal axis stand, from two of its labels: value of x.
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
    let value = axis(figure);
    let dots = symbols(figure, |shape, _| shape == Shape::Circle);
    assert_eq!(dots.len(), runs.len());
    for (x, run) in dots.iter().zip(&runs) {
        assert!((value(*x) - run.test_accuracy.unwrap()).abs() < 1e-9);
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
        assert!((value(*x) - drawn.value).abs() < 1e-9);
    }
}

#[test]
fn no_run_s_dot_stands_on_another_s() {
    let (figures, _) = drawn(&runs(15, 200), &settings());
    let mut dots = BTreeSet::new();
    let mut count = 0;
    for mark in &named(&figures, "distribution").scene.marks {
        if let Mark::Symbol {
            at,
            shape: Shape::Circle,
            ..
        } = mark
        {
            // As an SVG has them: tenths of a point.
            dots.insert(((at.x * 10.0).round() as i64, (at.y * 10.0).round() as i64));
            count += 1;
        }
    }
    assert_eq!((count, dots.len()), (3000, 3000));
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
        assert!(drawn.interval.unwrap().contains(drawn.value));
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
fn a_png_shows_ink_in_the_place_of_every_text() {
    let (figures, _) = drawn(&runs(4, 12), &settings());
    for figure in &figures {
        let file = figure.png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, 1512);
        let scale = f64::from(frame.width) / WIDTH;
        let dark = |x: f64, y: f64| {
            let (x, y) = ((x * scale) as usize, (y * scale) as usize);
            pixels[(y * frame.width as usize + x) * 3] < 160
        };
        for (text, place) in figure.scene.label_boxes() {
            let steps = |length: f64| (0..(length * scale) as usize).map(move |i| i as f64 / scale);
            let mut points = steps(place.width)
                .flat_map(|x| steps(place.height).map(move |y| (place.x + x, place.y + y)));
            assert!(points.any(|(x, y)| dark(x, y)), "{}: {text:?}", figure.name);
        }
    }
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
        assert!((value(*x) - run.test_accuracy.unwrap()).abs() < 1e-9);
    }
    let texts = texts(figure);
    for wanted in ["20 runs at 0.1000", "1 run at 0.2000"] {
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
        let number = format!("{:.4}", drawn.value).replace('-', "−");
        assert!(self::texts(forest).contains(&number), "{number}");
    }
}
