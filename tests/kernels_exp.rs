//! e^x against the exponential in double precision, over all of the floats.

#[path = "common/guard.rs"]
mod guard;
#[path = "common/kernel_inputs.rs"]
mod kernel_inputs;
#[path = "common/sizes.rs"]
mod sizes;

use guard::Guarded;
use kernel_inputs::{all_kernels, bits, ulps, worst};
use sizes::{amount, small_sizes};

/// What the documentation of `Kernels::exp` promises.
const BOUND: u32 = 1;

#[test]
fn exp_is_within_its_bound_on_every_hundredth_float() {
    let worst = worst(
        amount(101, 4_000_037),
        |kernels, x| kernels.exp(x),
        f64::exp,
    );
    for (kernels, distance, x) in worst {
        assert!(distance <= BOUND, "{kernels:?}: {distance} ULP at {x:e}");
    }
}

/// A minute: `cargo test -p kernels --features long-tests --test exp`.
#[cfg(feature = "long-tests")]
#[test]
fn exp_is_within_its_bound_on_every_float() {
    for (kernels, distance, x) in worst(1, |kernels, x| kernels.exp(x), f64::exp) {
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
        for len in small_sizes() {
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
