//! What `report` and `paper` write: tables, prose, pages, figures.

#[path = "../common/sweeps.rs"]
mod sweeps;

mod blocks;
mod content;
mod edges;
mod figure_golden;
mod figure_layout;
mod figure_support;
mod figures;
mod folder;
mod formats;
mod golden;
mod out;
mod paper_command;
mod paper_report;
mod printed;
mod reports;
mod required;
mod stored;
