//! Random streams: one generator for each (seed, purpose, index), and none shared.
//!
//! The initializer is not part of the key. Under one seed every initializer therefore sees the
//! same batches in the same order and the same uniform draws, which it rescales: common random
//! numbers, which paired tests build on. The streams are frozen: `value_stability` below holds
//! literal values, and a change to them is a change of [`crate::NUMERICS_VERSION`].

use rand::{Rng, seq::SliceRandom};
use rand_pcg::Pcg64;

/// The random streams of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    weight_seed: u64,
    order_seed: u64,
}

#[derive(Clone, Copy)]
enum Purpose {
    Weights = 1,
    BatchOrder = 2,
}

impl Streams {
    /// The streams of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::crossed(seed, seed)
    }

    /// Initial weights of one seed, batch order of another: the two sources of noise, crossed.
    #[must_use]
    pub fn crossed(weight_seed: u64, order_seed: u64) -> Self {
        Self {
            weight_seed,
            order_seed,
        }
    }

    /// Uniform draws in the open interval (0, 1) for the weights of layer `layer`, from 0.
    pub fn weights(self, layer: usize) -> impl Iterator<Item = f64> {
        let mut rng = stream(self.weight_seed, Purpose::Weights, layer as u64);
        std::iter::repeat_with(move || open_unit(rng.next_u64()))
    }

    /// Makes `order` the examples 0, 1, … in the order in which epoch `epoch`, from 0, visits them.
    ///
    /// # Panics
    /// If there are more than `u32::MAX` examples.
    pub fn batch_order(self, epoch: usize, order: &mut [u32]) {
        for (i, slot) in order.iter_mut().enumerate() {
            *slot = u32::try_from(i).expect("examples are counted in 32 bits");
        }
        order.shuffle(&mut stream(
            self.order_seed,
            Purpose::BatchOrder,
            epoch as u64,
        ));
    }
}

/// The generator of one stream: PCG XSL RR 128/64 (O'Neill 2014), started from the key's hash so
/// that neighbouring seeds have nothing in common.
fn stream(seed: u64, purpose: Purpose, index: u64) -> Pcg64 {
    let key = mix(mix(mix(seed) ^ purpose as u64) ^ index);
    let word = |i: u64| u128::from(mix(key.wrapping_add(i.wrapping_mul(GOLDEN_GAMMA))));
    Pcg64::new(word(1) << 64 | word(2), word(3) << 64 | word(4))
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// One output of SplitMix64 (Steele, Lea & Flood 2014), a bijection that mixes every bit.
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(GOLDEN_GAMMA);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The middle of one of 2^52 equal cells of (0, 1): never 0 or 1, so that every quantile is finite.
fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_its_published_first_output() {
        // Seed 1234567, from the reference implementation by S. Vigna.
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn value_stability() {
        let draws: Vec<f64> = Streams::new(3).weights(1).take(3).collect();
        assert_eq!(
            draws,
            [
                0.216_542_638_987_240_8,
                0.374_319_580_351_112_46,
                0.178_067_131_028_821_66
            ]
        );
        let mut order = [0; 8];
        Streams::new(3).batch_order(2, &mut order);
        assert_eq!(order, [2, 7, 6, 0, 3, 4, 1, 5]);
    }

    #[test]
    fn an_order_visits_every_example_once() {
        let mut order = vec![0; 1000];
        Streams::new(1).batch_order(0, &mut order);
        assert!(!order.is_sorted());
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..1000));
    }

    #[test]
    fn seeds_layers_and_epochs_have_streams_of_their_own() {
        let first = |seed, layer| Streams::new(seed).weights(layer).next().unwrap();
        let order = |seed, epoch| {
            let mut order = [0; 16];
            Streams::new(seed).batch_order(epoch, &mut order);
            order
        };
        assert_ne!(first(0, 0), first(1, 0));
        assert_ne!(first(0, 0), first(0, 1));
        assert_ne!(order(0, 0), order(1, 0));
        assert_ne!(order(0, 0), order(0, 1));
    }

    #[test]
    fn crossed_streams_take_each_part_from_its_own_seed() {
        let crossed = Streams::crossed(5, 9);
        assert_eq!(crossed.weights(0).next(), Streams::new(5).weights(0).next());
        let (mut a, mut b) = ([0; 16], [0; 16]);
        crossed.batch_order(1, &mut a);
        Streams::new(9).batch_order(1, &mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn the_extreme_draws_are_inside_the_unit_interval() {
        assert!(open_unit(0) > 0.0 && open_unit(u64::MAX) < 1.0);
    }
}
