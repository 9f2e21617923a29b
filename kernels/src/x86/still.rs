//! When idle steps leave each weight where it is, so that only its moments have to take them.
//!
//! A step takes α·m/(√v + ε) from a weight. Without a gradient m shrinks by a tenth in each step (with Keras's β1) and
//! √v by next to nothing, so that after some 150 steps what is taken is less than half of what lies between the weight
//! and the float beside it. From then on to the next gradient the weight stays, to the bit.
//!
//! It is certain where |m| times [`reach`] is less than |w|·(√v + ε), of an ε of [`MIN_EPSILON`], a root that is off by
//! 2⁻¹⁰ at most or 0 where it is nothing beside ε, and the largest float for an infinite weight. That is never so where
//! anything is NaN. Where w is 0 it is not so either, but such a weight stays where m is 0, too, as with what fills up
//! rows; −0 need not, for a step of a negative α turns it to 0.
//!
//! [`MIN_EPSILON`]: super::root::MIN_EPSILON

use crate::AdamStep;

/// 2²⁶. Half of the gap below a power of two is 2⁻²⁵ of it, and no float has less beside it; what is taken is at most
/// half of that in the first of `STEPS_OF_ESTIMATE` steps, and 0.57 in the last: |m| does not grow, and √v + ε shrinks
/// to no less than (1 − 2⁻⁶)⁸ of it, by the β2 that [`growth`](super::idle_roots::growth) asks for. A quotient that is
/// subnormal may be rounded up by 2⁻¹⁵⁰; with an α of [`LARGEST_ALPHA`] that is another quarter of the least half gap.
const MARGIN: f32 = f32::from_bits((127 + 26) << 23);
const LARGEST_ALPHA: f32 = 0.25;

/// What |m| is multiplied by: [`MARGIN`] times the largest |α| of these steps, of which
/// there are at most `STEPS_OF_ESTIMATE` and whose β2 and ε are as [`growth`](super::idle_roots::growth) wants them. Infinite,
/// so that no weight is still, where an α is too large or NaN, or 1 − β1 is not 0 to 1.
///
/// No less than 2, so that |m| is less than 2¹²⁷·(√v + ε) where a finite weight is still, and no quotient is infinite.
pub(super) fn reach(steps: &[AdamStep]) -> f32 {
    // As integers the bits of floats are in the order of the floats, above them NaN, and above all what has a sign.
    let (mut alpha, mut one_minus_beta1) = (0, 0);
    for step in steps {
        alpha = step.alpha.abs().to_bits().max(alpha);
        one_minus_beta1 = step.one_minus_beta1.to_bits().max(one_minus_beta1);
    }
    if alpha > LARGEST_ALPHA.to_bits() || one_minus_beta1 > 1_f32.to_bits() {
        return f32::INFINITY;
    }
    (MARGIN * f32::from_bits(alpha)).max(2.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::x86::{idle_roots::STEPS_OF_ESTIMATE, root::MIN_EPSILON};

    /// The lanes of a vector: one of interest, not the first, and others.
    pub(in crate::x86) fn beside<const LANES: usize>(x: f32, others: f32) -> [f32; LANES] {
        let mut lanes = [others; LANES];
        lanes[LANES - 3] = x;
        lanes
    }

    fn steps(change: impl Fn(usize, &mut AdamStep)) -> Vec<AdamStep> {
        let mut steps = vec![AdamStep::KERAS; STEPS_OF_ESTIMATE];
        for (i, step) in steps.iter_mut().enumerate() {
            change(i, step);
        }
        steps
    }

    /// Whether steps one by one move a weight.
    fn move_it(steps: &[AdamStep], [mut w, mut m, mut v]: [f32; 3]) -> bool {
        let before = w;
        steps.iter().any(|step| {
            m = (-step.one_minus_beta1).mul_add(m, m);
            v = (-step.one_minus_beta2).mul_add(v, v);
            w = (-step.alpha).mul_add(m / (v.sqrt() + step.epsilon), w);
            w.to_bits() != before.to_bits()
        })
    }

    /// Holds what tells whether a weight is still, by its w, m and v, to what steps do to it.
    pub(in crate::x86) fn check(are_still: impl Fn(&[AdamStep], [f32; 3]) -> bool) {
        what_is_still_is_not_moved_and_what_is_a_little_further_is_still(&are_still);
        zero_without_a_moment_is_still(&are_still);
        what_cannot_be_foretold_is_not_still(&are_still);
    }

    fn what_is_still_is_not_moved_and_what_is_a_little_further_is_still(
        are_still: &impl Fn(&[AdamStep], [f32; 3]) -> bool,
    ) {
        let steps = steps(|_, step| {
            step.one_minus_beta1 = 0.0;
            step.one_minus_beta2 = 1.0 / 64.0;
            step.epsilon = MIN_EPSILON;
        });
        for exponent in [-75, -30, -1, 0, 5, 60] {
            let power = 2_f32.powi(exponent);
            for w in [power, -power, 0.7654 * power] {
                for v in [0.0_f32, 1e-30, 1e-9, 1.0, 1e9] {
                    for share in (1..400).map(|i| 2_f32.powi(-23) * 0.99_f32.powi(i)) {
                        let m = share * w.abs() / steps[0].alpha * (v.sqrt() + MIN_EPSILON);
                        let still = are_still(&steps, [w, m, v]);
                        let what = format!("{w:e}, {v:e}, a share of {share:e}");
                        assert!(!still || !move_it(&steps, [w, m, v]), "{what}");
                        if share > 1.01 * 2_f32.powi(-26) {
                            assert!(!still, "{what}");
                        } else if share < 0.99 * 2_f32.powi(-26) {
                            assert!(still, "{what}");
                        }
                    }
                }
            }
        }
    }

    fn zero_without_a_moment_is_still(are_still: &impl Fn(&[AdamStep], [f32; 3]) -> bool) {
        for alpha in [0.2, -0.2] {
            let steps = steps(|_, step| step.alpha = alpha);
            for m in [0.0, -0.0] {
                for v in [0.0, 1e-45, 1e-3, f32::MAX] {
                    assert!(are_still(&steps, [0.0, m, v]), "{m}, {v:e}");
                    assert!(!move_it(&steps, [0.0, m, v]), "{m}, {v:e}");
                }
            }
            assert_eq!(move_it(&steps, [-0.0, 0.0, 1.0]), alpha < 0.0);
        }
    }

    fn what_cannot_be_foretold_is_not_still(are_still: &impl Fn(&[AdamStep], [f32; 3]) -> bool) {
        let good = [1.0, 1e-8, 1e-3];
        assert!(are_still(&steps(|_, _| ()), good));
        let all_alphas = |alpha| steps(move |_, step| step.alpha = alpha);
        assert!(are_still(&all_alphas(0.25), [1.0, 1e-12, 1.0]));
        assert!(!are_still(
            &all_alphas(0.25_f32.next_up()),
            [1.0, 1e-12, 1.0]
        ));
        for (at, alpha) in [(0, 0.2), (7, -0.2), (15, f32::INFINITY), (3, f32::NAN)] {
            let steps = steps(|i, step| {
                if i == at {
                    step.alpha = alpha;
                }
            });
            assert!(!are_still(&steps, good), "{alpha}");
        }
        for one_minus_beta1 in [1_f32.next_up(), -1e-3, f32::NAN] {
            let steps = steps(|i, step| {
                if i == 9 {
                    step.one_minus_beta1 = one_minus_beta1;
                }
            });
            assert!(!are_still(&steps, good), "{one_minus_beta1}");
        }
        let steps = steps(|_, _| ());
        for [w, m, v] in [
            [-0.0, 0.0, 1.0],
            [-0.0, -0.0, 1.0],
            [0.0, 1e-45, 1e9],
            [0.0, 0.0, f32::NAN],
            [0.0, 0.0, f32::INFINITY],
            [0.0, f32::NAN, 1.0],
            [f32::NAN, 0.0, 1.0],
            [1.0, f32::NAN, 1.0],
            [1.0, f32::INFINITY, 1.0],
            [f32::INFINITY, f32::INFINITY, 1.0],
            [f32::INFINITY, 1e33, 0.0],
            [1.0, 0.0, f32::NAN],
            [1.0, 0.0, f32::INFINITY],
        ] {
            assert!(!are_still(&steps, [w, m, v]), "{w}, {m}, {v}");
        }
        assert!(!are_still(&all_alphas(0.0), [1.0, 1e32, 0.0]));
        assert!(!are_still(&all_alphas(0.0), [f32::MAX, 3.39e38, 1.0]));
    }
}
