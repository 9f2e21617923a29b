//! e^x against the exponential in double precision, over all of the floats.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;

use guard::Guarded;
use kernel_inputs::{all_kernels, bits, ulps};
use kernels::Kernels;

/// What the documentation of `Kernels::exp` promises.
const BOUND: u32 = 1;

/// The worst distance from the correctly rounded exponential over every `stride`-th float.
fn worst(kernels: Kernels, stride: usize) -> (u32, f32) {
    let mut worst = (0, 0.0);
    let mut chunk = Vec::with_capacity(4096);
    let mut inputs = (0..=u32::MAX)
        .step_by(stride)
        .map(f32::from_bits)
        .filter(|x| !x.is_nan());
    loop {
        chunk.clear();
        chunk.extend(inputs.by_ref().take(4096));
        if chunk.is_empty() {
            return worst;
        }
        let mut got = chunk.clone();
        kernels.exp(&mut got);
        for (&x, &got) in chunk.iter().zip(&got) {
            let expected = f64::from(x).exp() as f32;
            let distance = ulps(got, expected);
            if distance > worst.0 {
                worst = (distance, x);
            }
        }
    }
}

#[test]
fn exp_is_within_its_bound_on_every_hundredth_float() {
    for kernels in all_kernels() {
        let (distance, x) = worst(kernels, 101);
        assert!(distance <= BOUND, "{kernels:?}: {distance} ULP at {x:e}");
    }
}

/// Minutes: `cargo test --release -p kernels --features long-tests --test exp`.
#[cfg(feature = "long-tests")]
#[test]
fn exp_is_within_its_bound_on_every_float() {
    for kernels in all_kernels() {
        let (distance, x) = worst(kernels, 1);
        println!("{kernels:?}: at most {distance} ULP, at {x:e}");
        assert!(distance <= BOUND, "{kernels:?}: {distance} ULP at {x:e}");
    }
}

#[test]
fn exp_of_what_is_special_is_exact() {
    let cases = [
        (f32::INFINITY, f32::INFINITY),
        (f32::MAX, f32::INFINITY),
        (89.0, f32::INFINITY),
        (f32::NEG_INFINITY, 0.0),
        (f32::MIN, 0.0),
        (-104.0, 0.0),
        (0.0, 1.0),
        (-0.0, 1.0),
        (f32::MIN_POSITIVE, 1.0),
        (f32::from_bits(1), 1.0),
        // The last that is no ∞, and the last that is not 0.
        (88.722_84, f64::from(88.722_84_f32).exp() as f32),
        (-103.972_07, f32::from_bits(1)),
    ];
    for kernels in all_kernels() {
        for (x, expected) in cases {
            let mut got = [x];
            kernels.exp(&mut got);
            assert!(ulps(got[0], expected) <= BOUND, "{kernels:?}: {x} {got:?}");
            if expected == 0.0 || expected == 1.0 || expected.is_infinite() {
                assert_eq!(got[0], expected, "{kernels:?}: {x}");
            }
        }
        let mut nan = [f32::NAN; 9];
        kernels.exp(&mut nan);
        assert!(nan.iter().all(|x| x.is_nan()), "{kernels:?}");
    }
}

#[test]
fn exp_of_a_value_does_not_depend_on_its_place() {
    for kernels in all_kernels() {
        for len in 0..=40 {
            let values: Vec<f32> = (0..len).map(|i| i as f32 * 0.37 - 7.0).collect();
            let mut together = Guarded::new(&values);
            kernels.exp(&mut together);
            for (&x, &got) in values.iter().zip(together.iter()) {
                let mut alone = [x];
                kernels.exp(&mut alone);
                assert_eq!(bits(&alone), bits(&[got]), "{kernels:?}: {x} of {len}");
            }
        }
    }
}
