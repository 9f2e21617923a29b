//! What `report` and `paper` write: tables, prose, pages, figures, and the verdicts on the paper.

mod drawing;
mod golden;
mod printed;
mod reporting;
mod required;
mod stored;
#[path = "../common/sweeps.rs"]
mod sweeps;

mod asked;
mod blocks;
mod content;
mod edges;
mod figure_golden;
mod figure_layout;
mod figures;
mod folder;
mod formats;
mod out;
mod paper;
mod paper_report;
mod paper_verdicts;
mod sequential;
mod wording;
