//! The figures for people: the machine, its limits, a line for each kernel and shape.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{
    Report,
    figure::{Figure, Kind},
    timing::NOISY,
};
use crate::report::content::counted;

/// What a figure that is not to be trusted is marked with.
const MARK: &str = "~";

/// The report as text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = format!("{}{}\n", report.machine, limits(report));
    for line in table(&report.figures).lines() {
        text += line.trim_end();
        text += "\n";
    }
    text += &format!("\n{}\n", explanation());
    text + &trust(report)
}

fn limits(report: &Report) -> String {
    let roofs = &report.roofs;
    let levels: Vec<String> = roofs
        .levels
        .iter()
        .map(|level| format!("{} {:.0} / {:.0}", level.name, level.read, level.update))
        .collect();
    let mark = if roofs.noisy { " ~" } else { "" };
    format!(
        "Peak     {:.1} GFLOP/s of one core's multiply-adds{mark}\n\
         GB/s     {} (reading / reading and writing){mark}\n\
         Kernels  {}; first layer's on batches of {}\n",
        roofs.fma_gflops,
        levels.join(", "),
        report.isa,
        report.dataset,
    )
}

fn table(figures: &[Figure]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "kernel",
        "shape",
        "min",
        "median",
        "",
        "rate",
        "",
        "share",
        "of",
        "×mm",
        "×portable",
        "cold min",
        "median",
        "share",
        "",
        "shape of",
    ]);
    for pair in figures.chunks_exact(2) {
        let [warm, cold] = pair else { continue };
        let (rate, unit) = rate(warm);
        table.add_row([
            warm.kernel.to_owned(),
            warm.shape.clone(),
            time(warm.min_seconds),
            time(warm.median_seconds),
            mark(warm),
            rate,
            unit.to_owned(),
            share(warm),
            warm.bound.clone().unwrap_or_default(),
            ratio(warm.ratio_to_matrixmultiply),
            ratio(warm.ratio_to_portable),
            time(cold.min_seconds),
            time(cold.median_seconds),
            share(cold),
            mark(cold),
            warm.role.to_owned(),
        ]);
    }
    let left = [0, 1, 4, 6, 8, 14, 15];
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if !left.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// GFLOP/s where the arithmetic counts, GB/s where the bytes do.
fn rate(figure: &Figure) -> (String, &'static str) {
    match figure.kind() {
        Kind::DenseProduct | Kind::SparseProduct => (format!("{:.1}", figure.gflops), "GFLOP/s"),
        Kind::Elementwise => (format!("{:.1}", figure.gbytes_per_second), "GB/s"),
    }
}

fn mark(figure: &Figure) -> String {
    if figure.noisy { MARK } else { "" }.to_owned()
}

fn share(figure: &Figure) -> String {
    figure
        .share_of_bound
        .map_or(String::new(), |share| format!("{:.0} %", 100.0 * share))
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"))
}

/// Three digits in the unit that suits.
fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let digits = match value {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

fn explanation() -> &'static str {
    "min, median: a call's time over the rounds, warm; cold: after the caches were emptied.\n\
     share: of what bounds the kernel, the multiply-adds or the bytes of the cache that holds its operands; cold, of memory.\n\
     ×mm: how many times faster than matrixmultiply on the same factors, dense (which is the portable twin of gemm).\n\
     ×portable: how many times faster than the portable twin."
}

fn trust(report: &Report) -> String {
    let all = report.figures.len();
    let noisy = report.figures.iter().filter(|figure| figure.noisy).count();
    let mut text = format!(
        "{}, the best of {} rounds each, in {:.0} s.\n",
        counted(all, "figure"),
        report.rounds,
        report.seconds
    );
    let per_cent = NOISY * 100.0;
    if noisy > 0 {
        let are = if noisy == 1 { "is" } else { "are" };
        text += &format!(
            "{noisy} of them {are} marked {MARK}: the machine was too noisy to trust them, as the best of the first half of the rounds and of the second differ by more than {per_cent} %.\n"
        );
    }
    if report.debug_build {
        text += "This program was built with debug assertions, which slow the kernels several times: build it with --release.\n";
    }
    if report.roofs.noisy {
        text += &format!(
            "So are the limits above, and with them every share: they differ by more than {per_cent} % as well.\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_their_unit() {
        let texts = [8.04e-9, 4.56e-5, 0.1234, 2.0].map(time);
        assert_eq!(texts, ["8.04 ns", "45.6 µs", "123 ms", "2.00 s"]);
    }
}
