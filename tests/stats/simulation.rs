//! Simulated accuracies, and rates that are what they should be.
//!
//! Values are accuracies on the 1e-4 grid with a standard deviation of ten grid steps, so that
//! ties are common. A rate is accepted within its 99.9 % binomial interval.

use rand_pcg::{
    Pcg64,
    rand_core::{Rng, SeedableRng},
};
use study::stats::Interval;

/// Grid step of an accuracy on 10,000 images.
const GRID: f64 = 1e-4;

/// Normal draws by Box and Muller, put on the grid.
pub struct Simulator(Pcg64);

impl Simulator {
    pub fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub fn accuracy(&mut self, mean: f64, sd: f64) -> f64 {
        ((mean + sd * self.normal()) / GRID).round() * GRID
    }

    pub fn group(&mut self, n: usize, mean: f64, sd: f64) -> Vec<f64> {
        (0..n).map(|_| self.accuracy(mean, sd)).collect()
    }

    /// k groups that share a seed effect as large as their own noise: correlation 1/2.
    pub fn blocks(&mut self, k: usize, n: usize) -> Vec<Vec<f64>> {
        let seeds: Vec<f64> = (0..n).map(|_| 0.97 + 0.001 * self.normal()).collect();
        (0..k)
            .map(|_| seeds.iter().map(|&m| self.accuracy(m, 0.001)).collect())
            .collect()
    }
}

/// Whether an interval holds the truth, ends included.
pub fn contains(interval: Interval, truth: f64) -> bool {
    (interval.low..=interval.high).contains(&truth)
}

/// Panics unless `hits` of `trials` is what probability `rate` gives in 99.9 % of all studies.
#[track_caller]
pub fn expect(what: &str, hits: usize, trials: usize, rate: f64) {
    let share = hits as f64 / trials as f64;
    let slack = 3.29 * (rate * (1.0 - rate) / trials as f64).sqrt();
    assert!(
        (share - rate).abs() <= slack,
        "{what}: {share} is not {rate} ± {slack:.4}"
    );
}

/// Panics unless `hits` of `trials` is at most what probability `rate` gives, and not so few that
/// the method is asleep.
#[track_caller]
pub fn expect_at_most(what: &str, hits: usize, trials: usize, rate: f64) {
    let share = hits as f64 / trials as f64;
    let slack = 3.29 * (rate * (1.0 - rate) / trials as f64).sqrt();
    let wanted = 0.2 * rate..=rate + slack;
    assert!(
        wanted.contains(&share),
        "{what}: {share} is not within {wanted:?}"
    );
}

/// How many of `trials` simulations satisfy `hit`.
pub fn count(trials: usize, seed: u64, mut hit: impl FnMut(&mut Simulator) -> bool) -> usize {
    let mut simulator = Simulator::new(seed);
    (0..trials).filter(|_| hit(&mut simulator)).count()
}
