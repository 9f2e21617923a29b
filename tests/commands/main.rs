//! Commands without a folder of their own, and hostile input to any of them.

#[path = "../common/reference.rs"]
mod reference;
#[path = "../common/sweeps.rs"]
mod sweeps;
#[path = "../common/tiny_dataset.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod tiny_dataset;

mod analyze;
mod bench;
mod bench_refusals;
mod command_line;
mod components;
mod hostile_input;
mod own_files;
mod plan;
mod replay;
