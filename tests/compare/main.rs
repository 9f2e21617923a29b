//! `initstudy compare`: the statistics on tables of any origin.

#[path = "../common/sweeps.rs"]
mod sweeps;

mod command;
mod comparing;
mod degenerate;
mod numbers;
mod tables;
