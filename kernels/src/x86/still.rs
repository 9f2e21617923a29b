//! When idle steps leave each weight where it is, so that only its moments have to take them.
//!
//! A step takes α·m/(√v + ε) from a weight. Without a gradient m shrinks by a tenth in each step (with Keras's β1) and
//! √v by next to nothing, so that after some 150 steps what is taken is less than half of what lies between the weight
//! and the float beside it. From then on to the next gradient the weight stays, to the bit.

use std::arch::x86_64::*;

use super::root::MIN_EPSILON;
use crate::AdamStep;

/// 2²⁶: how many times what is taken from a weight, by its moments before the first of `STEPS_OF_ESTIMATE` steps, a
/// weight must be to stay through all of them.
///
/// A power of two is the float that has another nearest, 2⁻²⁴ of it away and below it, so that 2²⁵ times is enough for
/// a single step. |m| does not grow. √v + ε shrinks in 16 steps to no less than (1 − 2⁻⁶)⁸ or 0.88 of it, by the β2
/// that [`growth`](super::idle::growth) asks for. What remains is far more than is lost by rounding here.
const MARGIN: f32 = f32::from_bits((127 + 26) << 23);

/// 2⁻¹⁰⁰. A weight whose product with √v + ε is no more counts as one that moves; beside more, what of a product here is
/// lost to subnormal numbers is nothing. So a weight of 0 counts as one that moves, as it must: a step may turn −0 to 0.
pub(super) const TINY: f32 = f32::from_bits((127 - 100) << 23);

/// What |m| is multiplied by, to be compared with |w|·(√v + ε): [`MARGIN`] and the largest |α| of these steps, of which
/// there are at most `STEPS_OF_ESTIMATE` and whose β2 and ε are as [`growth`](super::idle::growth) wants them. Infinite
/// or NaN, so that no weight is still, where an α is, or where |m| may grow.
pub(super) fn reach(steps: &[AdamStep]) -> f32 {
    // As integers, the bits of floats without a sign are in the order of the floats, NaN above all.
    let (mut alpha, mut one_minus_beta1) = (0, 0);
    for step in steps {
        alpha = step.alpha.abs().to_bits().max(alpha);
        one_minus_beta1 = step.one_minus_beta1.to_bits().max(one_minus_beta1);
    }
    if one_minus_beta1 > 1_f32.to_bits() {
        return f32::INFINITY;
    }
    MARGIN * f32::from_bits(alpha)
}

/// Whether steps of that reach move no weight of a vector. `root` is √v, which may be off by 2⁻¹⁰ of it, or 0 if √v is
/// nothing beside ε.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn is_still(reach: f32, w: __m256, m: __m256, root: __m256) -> bool {
    let sign = _mm256_set1_ps(-0.0);
    let [reach, tiny, epsilon] = [reach, TINY, MIN_EPSILON].map(|x| _mm256_set1_ps(x));
    let taken = _mm256_fmadd_ps(reach, _mm256_andnot_ps(sign, m), tiny);
    let weight = _mm256_mul_ps(_mm256_andnot_ps(sign, w), _mm256_add_ps(root, epsilon));
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(taken, weight)) == 0xff
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        Isa,
        x86::{idle::STEPS_OF_ESTIMATE, lanes::load},
    };

    /// A weight and its moments, of which a step of α takes so large a share of it.
    pub(in crate::x86) fn state(share: f32, alpha: f32, w: f32, v: f32) -> [f32; 3] {
        let m = share * w.abs() / alpha * (v.sqrt() + MIN_EPSILON);
        [w, m, v]
    }

    #[target_feature(enable = "avx2,fma")]
    fn lanes_are_still(steps: &[AdamStep], [w, m, v]: [f32; 3]) -> bool {
        // The other lanes are still in any case.
        let lane = |x, others| {
            let mut lanes = [others; 8];
            lanes[5] = x;
            load(&lanes)
        };
        let (w, m, v) = (lane(w, 1.0), lane(m, 0.0), lane(v, 1.0));
        is_still(reach(steps), w, m, _mm256_sqrt_ps(v))
    }

    fn steps(change: impl Fn(usize, &mut AdamStep)) -> Vec<AdamStep> {
        let mut steps = vec![AdamStep::KERAS; STEPS_OF_ESTIMATE];
        for (i, step) in steps.iter_mut().enumerate() {
            change(i, step);
        }
        steps
    }

    fn takes_anything(steps: &[AdamStep], [mut w, mut m, mut v]: [f32; 3]) -> bool {
        let before = w;
        for step in steps {
            m = (-step.one_minus_beta1).mul_add(m, m);
            v = (-step.one_minus_beta2).mul_add(v, v);
            w = (-step.alpha).mul_add(m / (v.sqrt() + step.epsilon), w);
            if w.to_bits() != before.to_bits() {
                return true;
            }
        }
        false
    }

    #[test]
    fn what_is_still_is_not_moved_and_what_is_a_little_further_is_still() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: whether weights are still was NOT checked");
            return;
        }
        let steps = steps(|_, step| {
            step.one_minus_beta1 = 0.0;
            step.one_minus_beta2 = 1.0 / 64.0;
            step.epsilon = MIN_EPSILON;
        });
        for exponent in [-60, -30, -1, 0, 5, 60] {
            for w in [
                2_f32.powi(exponent),
                -2_f32.powi(exponent),
                1.2345 * 2_f32.powi(exponent),
            ] {
                for v in [0.0, 1e-30, 1e-9, 1.0, 1e9] {
                    for share in (1..400).map(|i| 2_f32.powi(-23) * 0.99_f32.powi(i)) {
                        let state = state(share, steps[0].alpha, w, v);
                        // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for.
                        let still = unsafe { lanes_are_still(&steps, state) };
                        let what = format!("{w:e}, {v:e}, a share of {share:e}");
                        assert!(!(still && takes_anything(&steps, state)), "{what}");
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

    #[test]
    fn what_cannot_be_foretold_is_not_still() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: whether weights are still was NOT checked");
            return;
        }
        // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for.
        let are_still = |steps: &[AdamStep], state| unsafe { lanes_are_still(steps, state) };
        let good = [1.0, 1e-9, 1e-3];
        assert!(are_still(&steps(|_, _| ()), good));
        for (at, alpha) in [(0, 1e3), (7, -1e3), (15, f32::INFINITY), (3, f32::NAN)] {
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
            [0.0, 0.0, 0.0],
            [-0.0, 0.0, 1.0],
            [0.0, 1e-45, 1e9],
            [1e-40, 0.0, 1.0],
            [f32::NAN, 0.0, 1.0],
            [1.0, f32::NAN, 1.0],
            [1.0, f32::INFINITY, 1.0],
            [f32::INFINITY, f32::INFINITY, 1.0],
            [1.0, 0.0, f32::NAN],
        ] {
            assert!(!are_still(&steps, [w, m, v]), "{w}, {m}, {v}");
        }
    }
}
