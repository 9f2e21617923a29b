//! `initstudy bench` as a person and a program meet it. What it measures is not judged here: a
//! test cannot know how fast the machine should be.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
    process::Output,
    sync::LazyLock,
};

use crate::sweeps::{initstudy, read_csv, stderr, stdout};
use serde_json::Value;

/// One run of everything, as short as it can be, with all that it writes.
struct Whole {
    json: Value,
    csv: Vec<HashMap<String, String>>,
    svg: String,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let out = bench(home.path(), &["--json", "--csv", "b.csv", "--svg", "b.svg"]);
    assert!(out.status.success(), "{}", stderr(&out));
    Whole {
        json: serde_json::from_slice(&out.stdout).unwrap(),
        csv: read_csv(&home.path().join("b.csv")),
        svg: fs::read_to_string(home.path().join("b.svg")).unwrap(),
    }
});

pub(crate) fn bench(home: &Path, args: &[&str]) -> Output {
    let mut command = initstudy(home);
    command.args(["bench", "--seconds", "0"]).args(args);
    command.output().unwrap()
}

fn figures(json: &Value) -> &Vec<Value> {
    json["figures"].as_array().unwrap()
}

fn names(json: &Value) -> BTreeSet<String> {
    figures(json)
        .iter()
        .map(|figure| {
            let text = |key: &str| figure[key].as_str().unwrap();
            format!("{} {}", text("kernel"), text("shape"))
        })
        .collect()
}

#[test]
fn every_shape_of_the_study_and_every_kernel_is_there_warm_and_cold() {
    let names = names(&WHOLE.json);
    for name in [
        "gemm 32x128x784",
        "gemm 32x10x128",
        "gemm_tn 128x10x32",
        "gemm_nt 32x128x10",
        "gemm_tn 784x128x32",
        "gemm 1000x128x784",
        "gemm 64x64x64",
        "gemm 1024x1024x1024",
        "gemm 97x101x103",
        "gemm 2048x16x2048",
        "gemm 1x1024x1024",
        "gemm_packed 32x128x784",
        "gemm_adam 784x128x32",
        "sparse_gemm 32x128x784",
        "sparse_tn_gemm 784x128x32",
        "sparse_tn_adam 784x128x32",
        "sparse_tn_adam_deferred 784x128x32",
        "dense_gemm 32x128x784",
        "dense_tn_adam_deferred 784x128x32",
        "softmax_cross_entropy 32x10",
        "relu 32x128",
        "relu_backward 32x128",
        "column_sums 32x128",
        "exp 4096",
        "adam 100352",
    ] {
        assert!(names.contains(name), "{name} is missing of {names:?}");
    }
    assert_eq!(figures(&WHOLE.json).len(), 2 * names.len());
    for cache in ["warm", "cold"] {
        let count = figures(&WHOLE.json)
            .iter()
            .filter(|f| f["cache"] == cache)
            .count();
        assert_eq!(count, names.len(), "{cache}");
    }
}

#[test]
fn csv_and_json_hold_the_same_figures() {
    assert_eq!(WHOLE.csv.len(), figures(&WHOLE.json).len());
    for (row, figure) in WHOLE.csv.iter().zip(figures(&WHOLE.json)) {
        let figure = figure.as_object().unwrap();
        assert_eq!(row.len(), figure.len());
        for (column, cell) in row {
            match &figure[column] {
                Value::Null => assert_eq!(cell, "", "{column}"),
                Value::String(text) => assert_eq!(cell, text, "{column}"),
                Value::Bool(flag) => assert_eq!(cell, &flag.to_string(), "{column}"),
                // serde_json reads a number's last digit wrong now and then.
                number => {
                    let (cell, number) = (cell.parse::<f64>().unwrap(), number.as_f64().unwrap());
                    assert!((cell - number).abs() <= 1e-15 * number.abs(), "{column}");
                }
            }
        }
    }
}

#[test]
fn rates_shares_and_ratios_follow_from_the_times() {
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    for figure in figures(&WHOLE.json) {
        let number = |key: &str| figure[key].as_f64();
        let (min, median) = (
            number("min_seconds").unwrap(),
            number("median_seconds").unwrap(),
        );
        assert!(min > 0.0 && min <= median, "{figure}");
        let flops = number("flops").unwrap();
        let bytes = number("bytes_read").unwrap() + number("bytes_written").unwrap();
        assert!(flops == 0.0 || close(number("gflops").unwrap(), flops / min / 1e9));
        assert!(close(
            number("gbytes_per_second").unwrap(),
            bytes / min / 1e9
        ));
        for rival in ["portable", "matrixmultiply"] {
            let ratio = number(&format!("ratio_to_{rival}"));
            let seconds = number(&format!("{rival}_seconds"));
            assert_eq!(ratio.is_some(), seconds.is_some(), "{figure}");
            if let (Some(ratio), Some(seconds)) = (ratio, seconds) {
                assert!(close(ratio, seconds / min), "{figure}");
            }
        }
        assert_eq!(
            figure["noisy"],
            number("spread").unwrap() > 0.05,
            "{figure}"
        );
    }
}

#[test]
fn a_product_s_operations_are_two_for_each_multiply_add() {
    let of = |kernel: &str, shape: &str| {
        let found = figures(&WHOLE.json)
            .iter()
            .find(|f| f["kernel"] == kernel && f["shape"] == shape);
        found.unwrap()["flops"].as_f64().unwrap()
    };
    let dense = 2.0 * 32.0 * 128.0 * 784.0;
    assert_eq!(of("gemm", "32x128x784"), dense);
    // The generated digits are mostly background, as MNIST's are.
    let sparse = of("sparse_gemm", "32x128x784");
    assert!(sparse > 0.05 * dense && sparse < 0.5 * dense, "{sparse}");
    assert_eq!(of("sparse_tn_gemm", "784x128x32"), sparse);
    // Some of their pixels are background in a whole batch.
    let touched = of("dense_gemm", "32x128x784");
    assert!(touched > 2.0 * sparse && touched < dense, "{touched}");
}

#[test]
fn the_machine_and_its_limits_are_told() {
    let machine = &WHOLE.json["machine"];
    assert!(machine["logical_cores"].as_u64().unwrap() > 0);
    assert_eq!(machine["architecture"], std::env::consts::ARCH);
    assert!(WHOLE.json["roofs"]["fma_gflops"].as_f64().unwrap() > 0.0);
    let levels = WHOLE.json["roofs"]["levels"].as_array().unwrap();
    assert_eq!(levels.last().unwrap()["name"], "memory");
    for level in levels {
        assert!(level["read"].as_f64().unwrap() > 0.0 && level["update"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_picture_is_well_formed_and_has_a_dot_and_a_label_for_each_kernel() {
    let document = roxmltree::Document::parse(&WHOLE.svg).unwrap();
    let of_class = |class: &'static str| {
        document
            .descendants()
            .filter(move |node| node.attribute("class") == Some(class))
    };
    let labels: BTreeSet<String> = of_class("label")
        .map(|node| node.text().unwrap().to_owned())
        .collect();
    let calculating: BTreeSet<String> = names(&WHOLE.json)
        .into_iter()
        .filter(|name| {
            !["batch_columns", "dense_batch"]
                .iter()
                .any(|n| name.starts_with(n))
        })
        .collect();
    assert_eq!(labels, calculating);
    assert_eq!(of_class("dot").count(), labels.len());
    let levels = WHOLE.json["roofs"]["levels"].as_array().unwrap();
    assert_eq!(of_class("roof").count(), 1 + levels.len());
}

#[test]
fn the_pictures_labels_do_not_overlap_and_stay_inside() {
    let document = roxmltree::Document::parse(&WHOLE.svg).unwrap();
    let boxes: Vec<[f64; 4]> = document
        .descendants()
        .filter(|node| node.attribute("class") == Some("label"))
        .map(|node| {
            let number = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
            let (x, baseline) = (number("x"), number("y"));
            [x, baseline - 9.0, x + number("textLength"), baseline + 2.0]
        })
        .collect();
    for (i, a) in boxes.iter().enumerate() {
        assert!(
            a[0] > 0.0 && a[1] > 0.0 && a[2] < 1280.0 && a[3] < 880.0,
            "{a:?}"
        );
        for b in &boxes[i + 1..] {
            let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            assert!(apart, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn the_table_begins_with_the_machine_and_has_a_line_for_each_kernel_that_passes_the_filter() {
    let home = tempfile::tempdir().unwrap();
    let out = bench(home.path(), &["--filter", "relu"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.starts_with("CPU "), "{text}");
    assert!(text.contains("Peak ") && text.contains("GFLOP/s"), "{text}");
    let lines = text.lines().filter(|line| line.starts_with("relu"));
    assert_eq!(lines.count(), 4, "{text}");
    assert!(!text.contains("gemm 32x"), "{text}");
    let dense = stdout(&bench(home.path(), &["--filter", "dense_"]));
    for product in ["dense_gemm", "dense_tn_adam_deferred"] {
        let line = dense.lines().find(|line| line.starts_with(product));
        assert!(line.is_some_and(|l| l.contains("GFLOP/s")), "{dense}");
    }
    let warned = text.contains("build it with --release");
    assert_eq!(warned, cfg!(debug_assertions), "{text}");
    assert!(
        text.contains("8 figures, the best of 4 rounds each"),
        "{text}"
    );
}

#[test]
fn pinned_to_the_portable_twin_it_measures_that_and_compares_it_with_no_twin() {
    let home = tempfile::tempdir().unwrap();
    let mut command = initstudy(home.path());
    let args = ["bench", "--seconds", "0", "--json", "--filter", "32x128x"];
    let out = command
        .args(args)
        .env("INITSTUDY_ISA", "portable")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["isa"], "portable");
    for figure in figures(&json) {
        assert_eq!(figure["isa"], "portable");
        assert!(figure["ratio_to_portable"].is_null(), "{figure}");
        // A sparse product still has the dense one to be held against; a dense one is it.
        let is_it = figure["kernel"] == "gemm" || figure["kernel"] == "gemm_nt";
        assert_eq!(
            figure["ratio_to_matrixmultiply"].is_null(),
            is_it,
            "{figure}"
        );
    }
}
