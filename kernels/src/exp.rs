//! The numbers of e^x and of what is made of it, which both twins share.
//!
//! x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2^n·e^r, and e^r is the polynomial of Cephes' `expf`
//! (Moshier 1989): r by Cody and Waite's two constants, the first of which has so few bits that
//! n times it is exact.

/// ln 2 = `LN2_HIGH` + `LN2_LOW`.
pub(crate) const LN2_HIGH: f32 = 0.693_359_4;
pub(crate) const LN2_LOW: f32 = -2.121_944_4e-4;

/// 1.5·2²³: a float of this size has no bits after the point, so adding it rounds to an integer,
/// which then stands in its lowest bits.
pub(crate) const ROUND: f32 = 12_582_912.0;

/// e^r ≈ 1 + r + r²·P(r): the coefficients of P, the highest first.
pub(crate) const POLYNOMIAL: [f32; 6] = [
    1.987_569_1e-4,
    1.398_199_9e-3,
    8.333_452e-3,
    4.166_579_6e-2,
    1.666_666_6e-1,
    0.5,
];

/// Below this e^x is 0 to the last bit, above [`HIGHEST`] it is ∞.
pub(crate) const LOWEST: f32 = -104.0;
pub(crate) const HIGHEST: f32 = 89.0;

/// ln 2⁻¹²⁶: below it e^x is subnormal.
pub(crate) const LN_SMALLEST_NORMAL: f32 = -87.336_54;

/// From 9.011, where 1 − tanh x falls under half of the spacing of floats below 1, tanh x is
/// 1 to the last bit. At 10 t/(t + 2) is 1 too, for t = e^2x − 1 is so large that adding 2 to it
/// changes nothing, and well below where it would overflow.
pub(crate) const TANH_IS_ONE: f32 = 10.0;
