//! The probes do all that they are timed for: what they left out would look like speed.

#[path = "common/sizes.rs"]
mod sizes;

use kernels::{Isa, Kernels};
use sizes::{amount, sizes, small_sizes};

fn everywhere(claim: impl Fn(Kernels)) {
    for isa in Isa::ALL {
        match Kernels::get(isa) {
            Ok(kernels) => claim(kernels),
            Err(error) => eprintln!("not tested: {error}"),
        }
    }
}

#[test]
fn reading_reads_every_float_once() {
    everywhere(|kernels| {
        for len in sizes(0..200, [0, 1, 7, 8, 9, 64, 77]) {
            let mut x = vec![0.0; len];
            for i in 0..len {
                x[i] = 3.0;
                assert_eq!(kernels.read_probe(&x), 3.0, "{kernels:?}, {i} of {len}");
                x[i] = 0.0;
            }
        }
    });
}

#[test]
fn updating_leaves_every_bit() {
    everywhere(|kernels| {
        for len in small_sizes() {
            let x: Vec<f32> = (0..len)
                .map(|i| [1.5, -0.0, f32::MIN_POSITIVE / 3.0, f32::INFINITY][i % 4])
                .collect();
            let mut updated = x.clone();
            kernels.update_probe(&mut updated);
            let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&updated), bits(&x), "{kernels:?}, {len}");
        }
    });
}

#[test]
fn the_multiply_adds_are_in_proportion_to_the_steps() {
    everywhere(|kernels| {
        let one = kernels.fma_probe(1);
        assert!(one > 0);
        let steps = amount(1000, 50);
        assert_eq!(kernels.fma_probe(steps), steps as u64 * one);
    });
}
