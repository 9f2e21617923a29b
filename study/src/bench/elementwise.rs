//! What goes over each element once: activations, losses, sums, Adam.
//!
//! These work in place, and a call finds what the call before left. No kernel's time depends on
//! the values, but for subnormal ones, which do not come up.

use engine::optim::Adam;
use kernels::{Kernels, MatMut, MatRef, Moments};

use super::case::{Against, Case, Work, bytes, floats, flops, weights_and_moments};

/// Floats of `exp`: an L1 cache's half.
const EXP_FLOATS: usize = 4096;

/// Rows × columns, and what the study has of that size.
type Sized = ([usize; 2], &'static str);

/// Every element-wise case, for images of `features` values.
pub(super) fn cases(features: usize) -> Vec<Case> {
    let hidden = ([32, 128], "hidden layer");
    let evaluated = ([1000, 128], "");
    let logits: [Sized; 4] = [
        ([32, 10], "logits of a batch"),
        ([32, 128], ""),
        ([1000, 128], ""),
        ([64, 1000], ""),
    ];
    let mut cases = Vec::new();
    cases.extend(logits.map(cross_entropy));
    cases.extend([([32, 10], ""), ([64, 1000], "")].map(softmax));
    cases.push(evaluate(([64, 10], "evaluation")));
    cases.extend([hidden, evaluated].map(relu));
    cases.extend([hidden, evaluated].map(relu_backward));
    let biases = [([32, 128], "bias gradient"), ([32, 10], "bias gradient")];
    cases.extend(biases.map(column_sums));
    cases.push(argmax(([1000, 10], "")));
    cases.push(exp());
    cases.push(adam(features * 128, "layer 1 step"));
    cases.push(adam(1280, "layer 2 step"));
    cases
}

/// A case on rows×cols floats that reads and writes each `read` and `written` times.
fn case(
    kernel: &'static str,
    ([rows, cols], role): Sized,
    [flops, read, written]: [f64; 3],
    mut call: impl FnMut(Kernels) + 'static,
) -> Case {
    let all = bytes(rows * cols);
    Case {
        kernel,
        shape: format!("{rows}x{cols}"),
        role,
        work: Work {
            flops: flops * (rows * cols) as f64,
            read: read * all,
            written: written * all,
            resident: read.max(written) * all,
        },
        period: 1,
        call: Box::new(move |kernels, _| call(kernels)),
        against: Against::Twin,
    }
}

fn labels(rows: usize, classes: usize) -> Vec<u8> {
    (0..rows)
        .map(|row| (row * 7 % classes.min(256)) as u8)
        .collect()
}

fn cross_entropy(sized: Sized) -> Case {
    let [rows, cols] = sized.0;
    let mut x = floats(rows * cols);
    let labels = labels(rows, cols);
    let scale = 1.0 / rows as f32;
    let work = [flops::SOFTMAX + 1.0, 1.0, 1.0];
    case("softmax_cross_entropy", sized, work, move |kernels| {
        let logits = MatMut::new(&mut x, rows, cols);
        std::hint::black_box(kernels.softmax_cross_entropy(logits, &labels, scale));
    })
}

fn softmax(sized: Sized) -> Case {
    let [rows, cols] = sized.0;
    let mut x = floats(rows * cols);
    case(
        "softmax_rows",
        sized,
        [flops::SOFTMAX, 1.0, 1.0],
        move |kernels| {
            kernels.softmax_rows(MatMut::new(&mut x, rows, cols));
        },
    )
}

fn evaluate(sized: Sized) -> Case {
    let [rows, cols] = sized.0;
    let x = floats(rows * cols);
    let labels = labels(rows, cols);
    let mut predictions = vec![0; rows];
    case(
        "evaluate_logits",
        sized,
        [flops::EVALUATE, 1.0, 0.0],
        move |kernels| {
            let logits = MatRef::new(&x, rows, cols);
            std::hint::black_box(kernels.evaluate_logits(logits, &labels, &mut predictions));
        },
    )
}

fn relu(sized: Sized) -> Case {
    let mut x = floats(sized.0[0] * sized.0[1]);
    case("relu", sized, [1.0, 1.0, 1.0], move |kernels| {
        kernels.relu(&mut x);
    })
}

fn relu_backward(sized: Sized) -> Case {
    let activation = floats(sized.0[0] * sized.0[1]);
    let mut gradient = activation.clone();
    case("relu_backward", sized, [1.0, 2.0, 1.0], move |kernels| {
        kernels.relu_backward(&activation, &mut gradient);
    })
}

fn column_sums(sized: Sized) -> Case {
    let [rows, cols] = sized.0;
    let x = floats(rows * cols);
    let mut sums = vec![0.0; cols];
    case("column_sums", sized, [1.0, 1.0, 0.0], move |kernels| {
        kernels.column_sums(MatRef::new(&x, rows, cols), &mut sums);
    })
}

fn argmax(sized: Sized) -> Case {
    let [rows, cols] = sized.0;
    let x = floats(rows * cols);
    let mut indices = vec![0; rows];
    case("argmax_rows", sized, [1.0, 1.0, 0.0], move |kernels| {
        kernels.argmax_rows(MatRef::new(&x, rows, cols), &mut indices);
    })
}

fn exp() -> Case {
    let pristine = floats(EXP_FLOATS);
    let mut x = pristine.clone();
    let work = [flops::EXP, 1.0, 1.0];
    let mut case = case("exp", ([1, EXP_FLOATS], ""), work, move |kernels| {
        // Else it would soon be the exponential of infinities; the copy counts against the kernel.
        x.copy_from_slice(&pristine);
        kernels.exp(&mut x);
    });
    case.shape = EXP_FLOATS.to_string();
    case
}

fn adam(len: usize, role: &'static str) -> Case {
    let gradient = floats(len);
    let [mut w, mut m, mut v] = weights_and_moments(len);
    let step = Adam::default().step(1000);
    let mut case = case(
        "adam",
        ([1, len], role),
        [flops::ADAM, 4.0, 3.0],
        move |kernels| {
            let moments = Moments {
                m: &mut m,
                v: &mut v,
            };
            kernels.adam(step, &mut w, moments, &gradient);
        },
    );
    case.shape = len.to_string();
    case
}
