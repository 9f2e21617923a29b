//! What this core can do at most: multiply-adds that wait for nothing, and bytes from each cache
//! and from memory.
//!
//! Measured with the best instruction set of the CPU, whatever a pin says: the roofs are the
//! machine's, not the program's.

use std::hint::black_box;

use kernels::{Buffer, Isa, IsaError, Kernels};
use serde::Serialize;

use super::{
    case::Work,
    timing::{NOISY, Samples, calls_of_a_batch, once, warm},
};
use crate::machine::Machine;

/// Steps of one call of the peak's probe.
const FMA_STEPS: usize = 4_000;

/// The least that stands for memory, and that is read to empty the caches.
const LEAST_MEMORY: usize = 64 << 20;

/// Floats of memory that are timed together, 2 MB of them: so short a time is seldom interrupted.
const MEMORY_PIECE: usize = 1 << 19;

/// The measured limits.
#[derive(Clone, Debug, Serialize)]
pub struct Roofs {
    /// Floating-point operations a second, in 10⁹; a fused multiply-add is two.
    pub fma_gflops: f64,
    /// The caches, the nearest first, then memory.
    pub levels: Vec<Level>,
    /// Whether a repetition might differ by more than [`NOISY`] in any of them.
    pub noisy: bool,
}

/// What a cache or memory delivers.
#[derive(Clone, Debug, Serialize)]
pub struct Level {
    /// `L1`, `L2`, … or `memory`.
    pub name: String,
    /// Bytes that it holds; memory has none here.
    pub capacity: Option<usize>,
    /// 10⁹ bytes a second, only reading.
    pub read: f64,
    /// 10⁹ bytes a second, reading and writing as much.
    pub update: f64,
}

/// What bounds a call, and how long it must take at least.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// `FMA` or a level's name.
    pub name: String,
    /// Seconds.
    pub seconds: f64,
}

impl Level {
    /// The highest of the two bandwidths.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.read.max(self.update)
    }

    /// Seconds that reading and writing must take. A core reads and writes at once, each at its
    /// own rate; but memory has one bus for both.
    fn seconds(&self, work: &Work) -> f64 {
        let seconds = (work.read / self.read).max(2.0 * work.written / self.update);
        let on_the_bus = if self.capacity.is_none() {
            work.bytes() / self.bandwidth()
        } else {
            0.0
        };
        seconds.max(on_the_bus) / 1e9
    }
}

impl Roofs {
    /// What bounds the work when its operands stay in the smallest cache that holds them. `None`
    /// where the caches are unknown and it is not the arithmetic alone.
    #[must_use]
    pub fn warm_bound(&self, work: &Work) -> Option<Bound> {
        let caches_known = self.levels.len() > 1;
        let fits = |level: &&Level| {
            let capacity = level.capacity.map_or(f64::INFINITY, |bytes| bytes as f64);
            work.resident <= capacity
        };
        let level = self.levels.iter().find(fits).filter(|_| caches_known)?;
        Some(self.bound(work, level))
    }

    /// What bounds the work when its operands are in memory.
    #[must_use]
    pub fn cold_bound(&self, work: &Work) -> Option<Bound> {
        Some(self.bound(work, self.levels.last()?))
    }

    fn bound(&self, work: &Work, level: &Level) -> Bound {
        let (arithmetic, movement) = (work.flops / self.fma_gflops / 1e9, level.seconds(work));
        if arithmetic >= movement {
            Bound {
                name: "FMA".to_owned(),
                seconds: arithmetic,
            }
        } else {
            Bound {
                name: level.name.clone(),
                seconds: movement,
            }
        }
    }
}

/// Takes the limits' times, round by round.
#[derive(Debug)]
pub struct Probes {
    kernels: Kernels,
    fma: Samples,
    levels: Vec<LevelProbe>,
}

#[derive(Debug)]
struct LevelProbe {
    name: String,
    capacity: Option<usize>,
    floats: Buffer,
    /// Floats that one call is made on.
    piece: usize,
    calls: usize,
    read: Samples,
    update: Samples,
}

impl Probes {
    /// Probes for the caches that are known, and for memory.
    ///
    /// # Errors
    /// Never, in truth: what was detected can be had.
    pub fn new(machine: &Machine) -> Result<Self, IsaError> {
        let kernels = Kernels::get(Isa::detect())?;
        let mut levels = Vec::new();
        let mut nearer = None;
        for cache in &machine.caches {
            // Well beyond the cache before, and well within itself: the outer ones are shared.
            let bytes = nearer.map_or(cache.bytes / 2, |nearer: usize| {
                (nearer as f64 * cache.bytes as f64).sqrt() as usize
            });
            let name = format!("L{}", cache.level);
            levels.push(LevelProbe::new(kernels, name, Some(cache.bytes), bytes));
            nearer = Some(cache.bytes);
        }
        let memory = machine
            .largest_cache()
            .map_or(LEAST_MEMORY, |bytes| LEAST_MEMORY.max(2 * bytes));
        levels.push(LevelProbe::new(kernels, "memory".to_owned(), None, memory));
        Ok(Self {
            kernels,
            fma: Samples::default(),
            levels,
        })
    }

    /// Times the multiply-adds once, which takes some tens of microseconds.
    pub fn peak(&mut self) {
        let mut operations = 0;
        let seconds = once(|| operations = self.kernels.fma_probe(FMA_STEPS));
        self.fma.push(seconds / operations as f64);
    }

    /// Times each level once.
    pub fn bandwidths(&mut self) {
        let kernels = self.kernels;
        for level in &mut self.levels {
            // Calls on what a cache holds find it there; of memory each piece is called on once,
            // and is gone when its turn comes again.
            let seconds = |calls: usize, call: &mut dyn FnMut(usize)| match level.capacity {
                Some(_) => warm(calls, call),
                None => (0..calls)
                    .map(|piece| once(|| call(piece)))
                    .fold(f64::INFINITY, f64::min),
            };
            let (calls, piece) = (level.calls, level.piece);
            let floats = &mut level.floats;
            let range = |call: usize| match level.capacity {
                Some(_) => 0..piece,
                None => call * piece..(call + 1) * piece,
            };
            level.read.push(seconds(calls, &mut |call| {
                black_box(kernels.read_probe(black_box(&floats[range(call)])));
            }));
            level.update.push(seconds(calls, &mut |call| {
                kernels.update_probe(black_box(&mut floats[range(call)]));
            }));
        }
    }

    /// Drives everything else out of the caches, by reading more than they hold.
    pub fn empty_caches(&self) {
        if let Some(memory) = self.levels.last() {
            black_box(self.kernels.read_probe(black_box(&memory.floats)));
        }
    }

    /// The best of the rounds.
    #[must_use]
    pub fn roofs(&self) -> Roofs {
        let spreads = self
            .levels
            .iter()
            .flat_map(|level| [&level.read, &level.update]);
        let noisy = spreads
            .chain([&self.fma])
            .any(|samples| samples.spread() > NOISY);
        Roofs {
            fma_gflops: 1e-9 / self.fma.min(),
            levels: self.levels.iter().map(LevelProbe::level).collect(),
            noisy,
        }
    }
}

impl LevelProbe {
    fn new(kernels: Kernels, name: String, capacity: Option<usize>, bytes: usize) -> Self {
        let mut floats = Buffer::zeros(bytes / size_of::<f32>());
        // Pages that were never written may all be one and the same.
        floats.fill(1.0);
        let (piece, calls) = if capacity.is_some() {
            let read = |_| {
                black_box(kernels.read_probe(black_box(&floats)));
            };
            (floats.len(), calls_of_a_batch(1, read))
        } else {
            (MEMORY_PIECE, floats.len() / MEMORY_PIECE)
        };
        Self {
            name,
            capacity,
            floats,
            piece,
            calls,
            read: Samples::default(),
            update: Samples::default(),
        }
    }

    fn level(&self) -> Level {
        let gigabytes = (self.piece * size_of::<f32>()) as f64 / 1e9;
        Level {
            name: self.name.clone(),
            capacity: self.capacity,
            read: gigabytes / self.read.min(),
            update: 2.0 * gigabytes / self.update.min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roofs() -> Roofs {
        let level = |name: &str, capacity, read, update| Level {
            name: name.to_owned(),
            capacity,
            read,
            update,
        };
        Roofs {
            fma_gflops: 100.0,
            levels: vec![
                level("L1", Some(1000), 200.0, 100.0),
                level("memory", None, 10.0, 8.0),
            ],
            noisy: false,
        }
    }

    fn work(flops: f64, read: f64, written: f64) -> Work {
        Work {
            flops,
            read,
            written,
            resident: read,
        }
    }

    #[test]
    fn little_arithmetic_is_bound_by_the_cache_and_much_of_it_by_the_multiply_adds() {
        let bound = roofs().warm_bound(&work(100.0, 800.0, 0.0)).unwrap();
        assert_eq!((bound.name.as_str(), bound.seconds), ("L1", 4e-9));
        let bound = roofs().warm_bound(&work(1000.0, 800.0, 0.0)).unwrap();
        assert_eq!((bound.name.as_str(), bound.seconds), ("FMA", 1e-8));
    }

    #[test]
    fn a_cache_is_read_and_written_at_once_and_memory_in_turn() {
        let bound = roofs().warm_bound(&work(0.0, 800.0, 400.0)).unwrap();
        assert_eq!(bound.seconds, 8e-9);
        let bound = roofs().cold_bound(&work(0.0, 800.0, 400.0)).unwrap();
        assert_eq!((bound.name.as_str(), bound.seconds), ("memory", 1.2e-7));
    }

    #[test]
    fn without_known_caches_a_warm_call_has_no_bound() {
        let mut roofs = roofs();
        roofs.levels.remove(0);
        assert_eq!(roofs.warm_bound(&work(1.0, 1.0, 1.0)), None);
        assert!(roofs.cold_bound(&work(1.0, 1.0, 1.0)).is_some());
    }
}
