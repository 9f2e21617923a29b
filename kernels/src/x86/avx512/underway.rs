//! Steps of Adam of 64 weights at a time, where roots are made by multiply-adds, in a software pipeline: while
//! four vectors get their moments and roots, the divider makes the quotients of the four before.
//!
//! One vector after the other, or even all quotients of four after their roots, fills the core's scheduler
//! with what waits, and what comes after it does not get in (benches/tried.md has the gain).

use std::arch::x86_64::*;

use super::{
    adam::{AdamLanes, moved},
    lanes::{load, store},
};
use crate::{AdamStep, Moments, x86::root::MIN_EPSILON};

/// Weights that are taken together, four vectors.
pub(super) const GROUP: usize = 64;

/// That many of a tensor.
pub(super) type Four = [[f32; 16]; 4];

/// A step of a tensor with an ε of at least [`MIN_EPSILON`], all of its groups so far done but for the weights of
/// the last one, which the next `step` moves, or `finish`: dropped without it, it leaves them as they were.
#[must_use]
pub(super) struct Underway<'a, const BY_MULTIPLY_ADDS: usize> {
    lanes: AdamLanes,
    w: &'a mut [f32],
    moments: Moments<'a>,
    /// Where those weights begin, and their √v + ε.
    last: Option<(usize, [__m512; 4])>,
}

impl<'a, const BY_MULTIPLY_ADDS: usize> Underway<'a, BY_MULTIPLY_ADDS> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn new(step: &AdamStep, w: &'a mut [f32], moments: Moments<'a>) -> Self {
        debug_assert!(step.epsilon >= MIN_EPSILON, "{step:?}");
        Self {
            lanes: AdamLanes::new(step),
            w,
            moments,
            last: None,
        }
    }

    /// The step of the weights from `at` on, with their gradient.
    ///
    /// # Panics
    /// If there are not so many.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn step(&mut self, at: usize, gradient: [__m512; 4]) {
        let directions = self.directions();
        let (m, v) = (four(self.moments.m, at), four(self.moments.v, at));
        let denominators =
            (self.lanes).moments_and_denominators::<BY_MULTIPLY_ADDS>(m, v, gradient);
        if let Some((at, directions)) = directions {
            self.move_weights(at, directions);
        }
        self.last = Some((at, denominators));
    }

    /// The rest of the step.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn finish(mut self) {
        if let Some((at, directions)) = self.directions() {
            self.move_weights(at, directions);
        }
    }

    /// Where the weights begin that are still to be moved, and m / (√v + ε).
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn directions(&mut self) -> Option<(usize, [__m512; 4])> {
        let (at, mut directions) = self.last?;
        for (direction, m) in directions.iter_mut().zip(four(self.moments.m, at)) {
            *direction = _mm512_div_ps(load(m), *direction);
        }
        Some((at, directions))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn move_weights(&mut self, at: usize, directions: [__m512; 4]) {
        for (w, direction) in four(self.w, at).iter_mut().zip(directions) {
            let moved = moved(load(w), self.lanes.alpha, direction);
            store(w, moved);
        }
    }
}

#[inline]
fn four(x: &mut [f32], at: usize) -> &mut Four {
    let (vectors, _) = x[at..at + GROUP].as_chunks_mut();
    vectors.first_chunk_mut().expect("64 are four vectors")
}
