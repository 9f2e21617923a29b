//! `initstudy merge`: the stores of shards become one, or a sentence says why not and nothing is lost.

mod stores;
#[path = "../common/sweeps.rs"]
mod sweeps;

mod command;
mod damage;
mod failures;
mod interrupted;
mod refusals;
mod salvage;
mod sessions;
