//! The command line, and commands that have no folder of their own.

#[path = "../common/reference.rs"]
mod reference;
#[path = "../common/sweeps.rs"]
mod sweeps;
#[path = "../common/tiny_dataset.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod tiny_dataset;

mod analyze_command;
mod bench_command;
mod command_line;
mod components_command;
mod hostile_input;
mod plan_command;
mod publication;
mod replay_command;
