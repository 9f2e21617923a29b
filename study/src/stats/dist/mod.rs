//! Distributions: upper tails computed directly, accurate in relative terms down to underflow.
//!
//! Chi-square rests on statrs' incomplete gamma function. The normal tail takes `erfc` from libm:
//! that of statrs 0.19 is wrong in the eleventh digit near −0.7. Student's t and F are here
//! because their tails must hold at extreme arguments and degrees of freedom; the studentized
//! range, noncentral t and Dunnett's distribution because nothing provides them.

pub mod beta;
pub mod chi_square;
pub mod dunnett;
pub mod fisher;
pub mod noncentral_t;
pub mod normal;
pub mod student;
pub mod studentized_range;

mod chebyshev;
pub(crate) mod quadrature;
