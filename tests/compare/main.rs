//! `initstudy compare`: the statistics on tables of any origin.

mod comparing;
#[path = "../common/sweeps.rs"]
mod sweeps;

mod command;
mod degenerate;
mod numbers;
mod tables;
