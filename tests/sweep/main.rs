//! `sweep`, `status`, `register`, and the stores that they fill.

#[path = "../common/sweeps.rs"]
mod sweeps;
#[path = "../common/tiny_dataset.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod tiny_dataset;

mod command;
mod disk;
mod failed_runs;
mod grid;
mod interrupted;
mod killed;
mod registration;
mod sequential;
mod shared;
mod status;
mod store_damage;
mod store_repair;
mod study_file;
