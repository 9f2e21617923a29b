//! Eight floats at a time on `wide`, and what is left of a slice after its whole eights.

use wide::f32x8;

/// The floats of `x`, fewer than eight, then `fill`.
pub(super) fn rest(x: &[f32], fill: f32) -> f32x8 {
    let mut lanes = [fill; 8];
    lanes[..x.len()].copy_from_slice(x);
    f32x8::new(lanes)
}

/// The first lanes of `value` into `x`, fewer than eight floats.
pub(super) fn set_rest(x: &mut [f32], value: f32x8) {
    x.copy_from_slice(&value.to_array()[..x.len()]);
}

/// x ← f(x), eight at a time; f sees zeros in the lanes past the end.
pub(super) fn map(x: &mut [f32], f: impl Fn(f32x8) -> f32x8) {
    let (eights, last) = x.as_chunks_mut();
    for x in eights {
        *x = f(f32x8::new(*x)).to_array();
    }
    if !last.is_empty() {
        set_rest(last, f(rest(last, 0.0)));
    }
}

/// y ← f(x, y), eight at a time, for slices of one length; f sees zeros in the lanes past the end.
pub(super) fn zip(x: &[f32], y: &mut [f32], f: impl Fn(f32x8, f32x8) -> f32x8) {
    let (x, x_last) = x.as_chunks();
    let (y, y_last) = y.as_chunks_mut();
    for (x, y) in x.iter().zip(y) {
        *y = f(f32x8::new(*x), f32x8::new(*y)).to_array();
    }
    if !y_last.is_empty() {
        let value = f(rest(x_last, 0.0), rest(y_last, 0.0));
        set_rest(y_last, value);
    }
}
