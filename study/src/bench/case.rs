//! What one line of the benchmark is: a call, the work it does, and whom to compare it with.

use kernels::{AdamArray, Buffer, Kernels};

/// One call by the given kernels. The second argument counts the calls, so that a case with
/// several inputs can go through them.
pub type Call = Box<dyn FnMut(Kernels, usize)>;

/// A kernel on one shape.
pub struct Case {
    /// The method of [`Kernels`], or what it stands for.
    pub kernel: &'static str,
    /// The sizes, as in `32x128x784`: of products m, n and k, of others rows and columns.
    pub shape: String,
    /// What of a study on MNIST has this shape; empty for other sizes. Training does it by a kernel of
    /// its own where one takes several steps together, as `gemm_adam` does.
    pub role: &'static str,
    /// What one call does.
    pub work: Work,
    /// How many calls go once through all inputs.
    pub period: usize,
    /// Makes the call.
    pub call: Call,
    /// What else is timed.
    pub against: Against,
}

/// Whom a case is compared with.
pub enum Against {
    /// The portable twin.
    Twin,
    /// The portable twin, which for dense products is `matrixmultiply`.
    TwinIsMatrixmultiply,
    /// The portable twin, and `matrixmultiply` on the same factors as dense matrices.
    TwinAndDense(Call),
}

/// Operations and bytes of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Floating-point operations; a fused multiply-add is two.
    pub flops: f64,
    /// Bytes read, each operand once.
    pub read: f64,
    /// Bytes written, each result once.
    pub written: f64,
    /// Bytes of all operands and results, which decide in which cache they stay.
    pub resident: f64,
}

/// The operations of one element, counted in the AVX2 kernels.
pub mod flops {
    /// A range reduction (5), a polynomial (14), a clamp (2), a scaling by 2^n (4).
    pub const EXP: f64 = 25.0;
    /// The largest, the difference to it, e^x without clamp and with a simple scaling (22), the
    /// sum, the quotient.
    pub const SOFTMAX: f64 = 26.0;
    /// As softmax without the quotient.
    pub const EVALUATE: f64 = 25.0;
    /// m: 3, v: 4, √v, + ε, α·m, the quotient, the difference.
    pub const ADAM: f64 = 12.0;
}

impl Case {
    /// How people and `--filter` call it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.kernel, self.shape)
    }
}

impl Work {
    /// Bytes read and written.
    #[must_use]
    pub fn bytes(&self) -> f64 {
        self.read + self.written
    }

    /// Operations for each byte moved.
    #[must_use]
    pub fn intensity(&self) -> f64 {
        self.flops / self.bytes()
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Case({})", self.name())
    }
}

/// Floats between −1 and 1, the same for the same length.
pub(super) fn floats(len: usize) -> Buffer {
    let mut buffer = Buffer::zeros(len);
    let mut state = len as u32;
    for x in buffer.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
    }
    buffer
}

/// Weights and their moments where training has them: the weights of [`floats`], moments of 0.
pub(super) fn weights_and_moments(len: usize) -> [Buffer; 3] {
    use AdamArray::{FirstMoment, SecondMoment, Weights};
    let arrays = [Weights, FirstMoment, SecondMoment];
    let mut state = arrays.map(|array| Buffer::adam_zeros(array, len));
    state[0].copy_from_slice(&floats(len));
    state
}

/// `a` floats in bytes.
pub(super) fn bytes(floats: usize) -> f64 {
    (floats * size_of::<f32>()) as f64
}
