//! Shards of a sweep, and the scripts of a Slurm cluster.

mod slurming;
#[path = "../common/sweeps.rs"]
mod sweeps;

mod shard;
mod slurm;
mod slurm_refusals;
