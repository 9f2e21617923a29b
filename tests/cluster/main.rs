//! Shards of a sweep, and the scripts of a Slurm cluster.

#[path = "../common/sweeps.rs"]
mod sweeps;

mod shard_command;
mod slurm_command;
mod slurm_refusals;
mod slurming;
