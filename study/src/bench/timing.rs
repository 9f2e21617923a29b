//! Taking times: many short rounds in which everything takes its turn, so that whatever else the
//! machine does hits all alike; the best round counts.

use std::time::{Duration, Instant};

/// No timed batch of calls is meant to be shorter.
const BATCH: Duration = Duration::from_micros(500);

/// A figure whose first and second half of rounds disagree by more is not to be trusted.
pub const NOISY: f64 = 0.05;

/// Seconds of one call, one value for each round.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Takes in one more round.
    pub fn push(&mut self, seconds: f64) {
        self.0.push(seconds);
    }

    /// The best round; infinite without any.
    #[must_use]
    pub fn min(&self) -> f64 {
        minimum(&self.0)
    }

    /// The middle round; NaN without any.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => sorted[middle],
            _ => sorted[middle - 1].midpoint(sorted[middle]),
        }
    }

    /// How far the best of the first half of the rounds and the best of the second are apart,
    /// relative to the better: what a repetition could change. Infinite with fewer than two.
    #[must_use]
    pub fn spread(&self) -> f64 {
        if self.0.len() < 2 {
            return f64::INFINITY;
        }
        let (first, second) = self.0.split_at(self.0.len() / 2);
        let (first, second) = (minimum(first), minimum(second));
        first.max(second) / first.min(second) - 1.0
    }
}

fn minimum(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Calls with operands where the call before left them: how many make a batch, by trying.
///
/// A multiple of `period`.
pub fn calls_of_a_batch(period: usize, mut call: impl FnMut(usize)) -> usize {
    let start = Instant::now();
    let mut calls = 0;
    while start.elapsed() < BATCH {
        (calls..calls + period).for_each(&mut call);
        calls += period;
    }
    calls
}

/// Seconds of one of `calls` calls, after one that is not timed.
pub fn warm(calls: usize, mut call: impl FnMut(usize)) -> f64 {
    call(0);
    let start = Instant::now();
    (0..calls).for_each(call);
    start.elapsed().as_secs_f64() / calls as f64
}

/// Seconds of a single call, the clock's own time included (some tens of nanoseconds).
pub fn once(call: impl FnOnce()) -> f64 {
    let start = Instant::now();
    call();
    start.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(seconds: &[f64]) -> Samples {
        Samples(seconds.to_vec())
    }

    #[test]
    fn the_best_and_the_middle_round_count() {
        let odd = samples(&[3.0, 1.0, 2.0]);
        assert_eq!((odd.min(), odd.median()), (1.0, 2.0));
        assert_eq!(samples(&[4.0, 1.0, 2.0, 3.0]).median(), 2.5);
    }

    #[test]
    fn the_spread_is_between_the_best_of_the_halves() {
        assert_eq!(samples(&[9.0, 1.0, 1.5, 9.0]).spread(), 0.5);
        assert_eq!(samples(&[2.0, 7.0, 8.0, 2.0]).spread(), 0.0);
    }

    #[test]
    fn one_round_says_nothing_of_the_next() {
        assert_eq!(samples(&[1.0]).spread(), f64::INFINITY);
    }

    #[test]
    fn a_batch_is_whole_periods() {
        let mut seen = 0;
        let calls = calls_of_a_batch(7, |i| seen = seen.max(i + 1));
        assert!(calls >= 7 && calls.is_multiple_of(7) && seen == calls);
    }
}
