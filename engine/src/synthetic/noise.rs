//! The random numbers of one image: cheap, and the same on every machine.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// Draws for one image. Uses only operations whose result IEEE 754 fixes.
pub(super) struct Noise(Pcg64);

impl Noise {
    /// The numbers of image `index` in the part of the data set called `part`.
    pub(super) fn new(part: u64, index: u64) -> Self {
        Self(Pcg64::new(u128::from(mix(index)), u128::from(mix(!part))))
    }

    /// Uniform in [low, high), on a grid of 2²⁴ steps.
    pub(super) fn uniform(&mut self, low: f32, high: f32) -> f32 {
        let unit = (self.0.next_u64() >> 40) as f32 * (1.0 / (1u32 << 24) as f32);
        low + (high - low) * unit
    }

    /// Mean 0, standard deviation 1, nearly normal, never beyond 3.47: the sum
    /// of four uniforms. One 64-bit draw gives all four.
    pub(super) fn normal(&mut self) -> f32 {
        const SQRT_3: f32 = 1.732_050_8;
        let draw = self.0.next_u64();
        let sum: u64 = (0..4).map(|part| (draw >> (16 * part)) & 0xffff).sum();
        (sum as f32 * (1.0 / 65536.0) - 2.0) * SQRT_3
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.uniform(0.0, 1.0) < probability
    }

    /// Uniform among 0, …, `count` − 1.
    pub(super) fn below(&mut self, count: usize) -> usize {
        // 32 random bits times a small count: the bias is below 2⁻²⁸.
        (((self.0.next_u64() >> 32) * count as u64) >> 32) as usize
    }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014), so that neighbouring
/// images start far apart.
fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
