//! `initstudy merge`.

#[path = "../common/sweeps.rs"]
mod sweeps;

mod command;
mod damage;
mod failures;
mod interrupted;
mod refusals;
mod sessions;
mod stores;
