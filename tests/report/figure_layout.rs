//! The figures of a report can be read: labels, files, dots.

use std::collections::BTreeSet;

use crate::drawing::{diagram, drawn, named, runs, settings, texts};
use study::{
    comparison::Settings,
    report::figures::{Figure, Mark, Rect, Shape, WIDTH},
};

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
