//! What idle steps make their roots from, the same for either width, and who makes them.

use super::{cpu::is_intel, root::MIN_EPSILON};
use crate::AdamStep;

/// Steps after which an estimate is made anew.
pub(super) const STEPS_OF_ESTIMATE: usize = 16;

/// Whether the divider makes every other vector's root, beside all quotients. On Zen 4 that is the quickest: a step of
/// sixteen weights takes 3.0 ns with AVX-512, and 3.8 where multiply-adds make all roots, one a cycle, or 4.5 where the
/// divider does. On Emerald Rapids, which makes two a cycle, its quotients alone keep the divider busy. The maker stands
/// for the CPU, as these steps were measured on these two only; no result tells.
pub(super) fn divides_half() -> bool {
    !is_intel()
}

/// By what 1/√v grows in each of these steps, if they are of the kind whose roots can be made from an
/// estimate that is kept: with the same β2 and close to 1, and an ε beside which small roots are nothing.
///
/// Of the series of 1/√(1−x) three terms: for an x of at most 2⁻⁶ that is off by less than 2⁻¹⁹, and 16 such
/// factors, each product and each v rounded, are off by less than 2⁻¹⁵: with the estimate's 2⁻¹⁴ less than the
/// 2⁻¹³ that a root may be given.
pub(super) fn growth(steps: &[AdamStep]) -> Option<f32> {
    const LARGEST: f32 = 1.0 / 64.0;
    let x = steps.first()?.one_minus_beta2;
    let all_alike = steps
        .iter()
        .all(|step| step.one_minus_beta2 == x && step.epsilon >= MIN_EPSILON);
    (all_alike && (0.0..=LARGEST).contains(&x)).then_some(1.0 + x * (0.5 + 0.375 * x))
}

#[cfg(test)]
pub(super) mod tests {
    use std::array;

    use super::*;

    fn step(one_minus_beta2: f32, epsilon: f32) -> AdamStep {
        AdamStep {
            one_minus_beta2,
            epsilon,
            ..AdamStep::KERAS
        }
    }

    #[test]
    fn estimates_are_within_what_a_root_wants_until_they_are_made_anew() {
        let bound = 2_f64.powi(-13);
        for x in [0.0, 1e-7, 1e-3, (1.0 / 64.0_f32).next_down(), 1.0 / 64.0] {
            let growth = growth(&[step(x, 1e-7)]).unwrap();
            for significand in (0..1 << 23).step_by(4099) {
                // The poorest estimate is that of AVX-512, off by 2⁻¹⁴.
                for off in [-1.0, 1.0] {
                    let mut v = f32::from_bits(1_f32.to_bits() + significand);
                    let exact = 1.0 / f64::from(v).sqrt();
                    let mut y = (exact * (1.0 + off * 2_f64.powi(-14))) as f32;
                    for _ in 0..STEPS_OF_ESTIMATE {
                        v = (-x).mul_add(v, v);
                        y *= growth;
                        let off = f64::from(y) * f64::from(v).sqrt() - 1.0;
                        assert!(off.abs() <= bound, "{v:e}, {x:e}: {off:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_steps_that_are_alike_and_of_the_right_kind_have_their_roots_by_multiply_adds() {
        let good = step(1e-3, 1e-7);
        let largest = 1.0 / 64.0_f32;
        assert!(growth(&[good, good, step(1e-3, MIN_EPSILON)]).is_some());
        assert!(growth(&[step(largest, 1e-7)]).is_some());
        for bad in [
            step(1e-3_f32.next_up(), 1e-7),
            step(1e-3, MIN_EPSILON.next_down()),
            step(1e-3, f32::NAN),
        ] {
            assert_eq!(growth(&[good, good, bad]), None);
        }
        for x in [largest.next_up(), -1e-3, f32::NAN] {
            assert_eq!(growth(&[step(x, 1e-7)]), None);
        }
        assert_eq!(growth(&[]), None);
    }

    /// That two ways to take steps give the same bits, from moments of every size and special ones.
    pub(in crate::x86) fn check_same_bits(ways: [impl Fn(&[AdamStep], [&mut [f32]; 3]); 2]) {
        let mut steps = [AdamStep::KERAS; 40];
        steps[15].flush_subnormals = true;
        let special = [0.0, 1e-45, 1e-40, 1e-31, 3e38, f32::INFINITY, f32::NAN];
        let number = |i: usize| ((i * 7919) as f32).sin() * 10_f32.powi(-(i as i32 % 12));
        // 64 of them, whole groups of either width, stand still from the first step on.
        let is_still = |i| (64..128).contains(&i);
        let start: [[f32; 160]; 3] = [
            array::from_fn(|i| match special.get(i % 37) {
                _ if is_still(i) => 1.0 + i as f32,
                Some(&w) => w,
                None => number(i + 1),
            }),
            array::from_fn(|i| number(i + 2) * if is_still(i) { 1e-9 } else { 1.0 }),
            array::from_fn(|i| match special.get(i % 23) {
                _ if is_still(i) => 1e-6,
                Some(&v) => v,
                None => number(i).powi(2),
            }),
        ];
        // Whole groups of vectors of either width, a single one and some lanes.
        for len in [160, 156] {
            let [expected, got] = ways.each_ref().map(|take| {
                let mut state = start;
                take(&steps, state.each_mut().map(|x| &mut x[..len]));
                state
            });
            assert_ne!(expected[0], start[0]);
            assert_eq!(expected[0][64..128], start[0][64..128]);
            for (i, (a, b)) in expected
                .iter()
                .flatten()
                .zip(got.iter().flatten())
                .enumerate()
            {
                assert!(
                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                    "{len} weights, {i}: {a:e} and {b:e}"
                );
            }
        }
    }
}
