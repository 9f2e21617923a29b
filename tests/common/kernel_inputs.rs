//! What the tests of the kernels share: the instruction sets, numbers, and distances.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::thread;

use kernels::{AdamArray, AdamStep, Buffer, Isa, Kernels};

/// The instruction sets to test: all that this CPU has, or the one that `INITSTUDY_ISA` pins.
pub fn all_kernels() -> Vec<Kernels> {
    if std::env::var_os(kernels::ISA_VARIABLE).is_some() {
        return vec![Kernels::active().expect("the pinned instruction set")];
    }
    Isa::ALL
        .into_iter()
        .filter_map(|isa| Kernels::get(isa).ok())
        .collect()
}

/// Numbers that are the same for the same seed (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [−1, 1).
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    pub fn many(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.unit()).collect()
    }
}

/// Step t ≥ 1 of Adam with the customary α = 10⁻³, β = (0.9, 0.999), ε = 10⁻⁷, of which one in
/// sixteen flushes subnormal moments.
pub fn adam_step(t: i32) -> AdamStep {
    let alpha = 1e-3 * (1.0 - 0.999_f64.powi(t)).sqrt() / (1.0 - 0.9_f64.powi(t));
    AdamStep {
        alpha: alpha as f32,
        one_minus_beta1: 0.1,
        one_minus_beta2: 0.001,
        epsilon: 1e-7,
        flush_subnormals: t % 16 == 0,
    }
}

/// These weights and moments of 0 where training has them.
pub fn weights_and_moments(weights: &[f32]) -> [Buffer; 3] {
    use AdamArray::{FirstMoment, SecondMoment, Weights};
    let arrays = [Weights, FirstMoment, SecondMoment];
    let mut state = arrays.map(|array| Buffer::adam_zeros(array, weights.len()));
    state[0].copy_from_slice(weights);
    state
}

/// The bits of floats, which tell −0 from 0 and one NaN from another.
pub fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// How many floats lie from a to b, for finite ones.
pub fn ulps(a: f32, b: f32) -> u32 {
    let rank = |x: f32| {
        let bits = x.to_bits() as i32;
        if bits < 0 { i32::MIN - bits } else { bits }
    };
    rank(a).abs_diff(rank(b))
}

/// Of all kernels the largest distance of `function` from the rounded `oracle` over every `stride`-th float that
/// is a number, in ULP, and where it is.
pub fn worst(
    stride: usize,
    function: impl Fn(Kernels, &mut [f32]) + Sync,
    oracle: impl Fn(f64) -> f64 + Sync,
) -> Vec<(Kernels, u32, f32)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let none: Vec<_> = all_kernels()
        .into_iter()
        .map(|kernels| (kernels, 0, 0.0))
        .collect();
    let share = |first: usize| {
        let mut worst = none.clone();
        let mut inputs = (first as u32 * stride as u32..=u32::MAX)
            .step_by(threads * stride)
            .map(f32::from_bits)
            .filter(|x| !x.is_nan());
        loop {
            let chunk: Vec<f32> = inputs.by_ref().take(4096).collect();
            if chunk.is_empty() {
                return worst;
            }
            // The slowest part by far, so for all kernels at once.
            let right: Vec<f32> = chunk.iter().map(|&x| oracle(f64::from(x)) as f32).collect();
            for (kernels, most, at) in &mut worst {
                let mut got = chunk.clone();
                function(*kernels, &mut got);
                for ((&x, &got), &right) in chunk.iter().zip(&got).zip(&right) {
                    let distance = ulps(got, right);
                    if distance > *most {
                        (*most, *at) = (distance, x);
                    }
                }
            }
        }
    };
    let shares: Vec<_> = thread::scope(|scope| {
        let share = &share;
        let running: Vec<_> = (0..threads)
            .map(|i| scope.spawn(move || share(i)))
            .collect();
        running
            .into_iter()
            .map(|running| running.join().unwrap())
            .collect()
    });
    let worse = |a: Vec<(Kernels, u32, f32)>, b: Vec<(Kernels, u32, f32)>| {
        let pairs = a.into_iter().zip(b);
        pairs.map(|(a, b)| if b.1 > a.1 { b } else { a }).collect()
    };
    shares.into_iter().fold(none, worse)
}
