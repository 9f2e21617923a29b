//! What is known of this invocation of the program: what it was built from, the machine it runs on,
//! how it was called.

use std::{env, fs};

use kernels::Isa;

use crate::{
    machine::{self, Machine},
    slurm::quote,
};

/// Facts of this program and this machine by name, as each session of a store keeps them.
#[must_use]
pub fn facts(isa: Isa, jobs: usize) -> Vec<(&'static str, String)> {
    let machine = Machine::here();
    let caches = machine.caches.iter();
    let caches: Vec<String> = caches
        .map(|cache| format!("L{} {}", cache.level, cache.bytes))
        .collect();
    let unknown = || "unknown".to_owned();
    let arguments = env::args_os().map(|argument| quote(&argument.to_string_lossy()));
    let folder = env::current_dir().map(|folder| folder.to_string_lossy().into_owned());
    let mut facts = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("commit", env!("INITSTUDY_COMMIT").to_owned()),
        ("commit_dirty", env!("INITSTUDY_DIRTY").to_owned()),
        ("rustc", env!("INITSTUDY_RUSTC").to_owned()),
        ("target", env!("INITSTUDY_TARGET").to_owned()),
        ("cpu", machine.cpu.unwrap_or_else(unknown)),
        ("cpu_features", machine.features.join(" ")),
        ("isa", isa.numerics().to_owned()),
        ("instruction_set", isa.name().to_owned()),
        ("caches_bytes", caches.join(", ")),
        ("cores", machine.physical_cores.to_string()),
        ("threads", machine.logical_cores.to_string()),
        (
            "memory_bytes",
            machine
                .memory_bytes
                .map_or_else(unknown, |bytes| bytes.to_string()),
        ),
        ("os", machine.os),
        ("jobs", jobs.to_string()),
        ("command_line", arguments.collect::<Vec<_>>().join(" ")),
        ("host", machine::host().unwrap_or_else(unknown)),
        ("folder", folder.unwrap_or_else(|_| unknown())),
    ];
    facts.extend(slurm_job().map(|job| ("slurm_job", job)));
    facts
}

/// The Slurm job that this is a part of: as squeue and sacct write it, 41_3 for a task of an array.
fn slurm_job() -> Option<String> {
    let array = env::var("SLURM_ARRAY_JOB_ID").ok();
    let task = env::var("SLURM_ARRAY_TASK_ID").ok();
    match array.zip(task) {
        Some((array, task)) => Some(format!("{array}_{task}")),
        None => env::var("SLURM_JOB_ID").ok(),
    }
}

/// The most memory that this process has had, in bytes; Linux tells.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_used_was_at_its_peak() {
        if cfg!(target_os = "linux") {
            let bytes = vec![1_u8; 64 << 20];
            assert!(bytes.iter().all(|byte| *byte == 1));
            assert!(peak_memory().unwrap() >= 64 << 20);
        }
    }
}
