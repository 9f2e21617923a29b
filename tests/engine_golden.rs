//! The bits of a run, frozen: a change of them is a change of `NUMERICS_VERSION`, so that a store
//! never mixes results of two numerics under one identity.
//!
//! Only for AVX2, whose every operation is fixed, and for AVX-512, which has its bits. The portable
//! twin goes through matrixmultiply,
//! which picks its own instructions on each CPU.

use engine::{
    NUMERICS_VERSION,
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    mlp::Layer,
    optim::Adam,
    rng::Streams,
    synthetic,
    train::batches,
    workspace::Workspace,
};
use kernels::{Isa, Kernels};

/// FNV-1a over the bits of every weight and bias after 300 steps, and of the loss on the test images.
fn bits_after_training(
    kernels: Kernels,
    dataset: &Dataset,
    hidden: &[usize],
    activation: Activation,
    input: InputPath,
) -> u64 {
    let mut workspace = Workspace::new(kernels, dataset, hidden, activation, 32, input);
    workspace.initialize(Initializer::HeNormal, InitScope::Hidden, Streams::new(7));
    let mut order = vec![0; dataset.train().rows.len()];
    let mut t = 0;
    for epoch in 0..3 {
        Streams::new(7).batch_order(epoch, &mut order);
        for [rows, next] in batches(&order, 32).take(100) {
            t += 1;
            let step = Adam::default().step(t);
            workspace.train_batch(dataset.train().examples, rows, next, step);
        }
    }
    let layers = workspace.mlp().layers().iter();
    let parameters = layers.flat_map(Layer::parameters);
    let mut bytes: Vec<u8> = parameters.flat_map(|w| w.to_bits().to_le_bytes()).collect();
    let mut predictions = vec![0; dataset.test().rows.len()];
    let loss = workspace.evaluate(&dataset.test(), &mut predictions).loss;
    bytes.extend(loss.to_bits().to_le_bytes());
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_bits_of_a_run_are_those_of_its_numerics_version() {
    let dataset = Dataset::from_raw(synthetic::generate_sized(4000, 100)).unwrap();
    let [relu, tanh, sigmoid] = Activation::ALL;
    // Those of one hidden layer are older than the padding of its rows.
    let frozen: [(&[usize], Activation, [u64; 2]); 6] = [
        (
            &[48, 20],
            relu,
            [8_628_606_450_258_476_213, 3_130_591_100_793_444_450],
        ),
        (
            &[48, 20],
            tanh,
            [12_079_013_348_677_761_992, 17_855_666_201_533_182_681],
        ),
        (
            &[48, 20],
            sigmoid,
            [15_064_091_577_140_184_952, 12_057_886_062_671_721_914],
        ),
        (
            &[50],
            relu,
            [7_417_945_505_384_257_916, 18_021_192_484_523_257_579],
        ),
        (
            &[50],
            sigmoid,
            [11_125_143_790_551_180_830, 7_258_351_697_823_124_521],
        ),
        (
            &[512],
            relu,
            [5_953_268_066_323_214_932, 18_303_032_303_919_736_104],
        ),
    ];
    for isa in [Isa::Avx2, Isa::Avx512] {
        let Ok(kernels) = Kernels::get(isa) else {
            eprintln!("this CPU has no {isa}: its bits were NOT checked");
            continue;
        };
        let bits = frozen.map(|(hidden, activation, _)| {
            let bits = [InputPath::Sparse, InputPath::Dense]
                .map(|input| bits_after_training(kernels, &dataset, hidden, activation, input));
            (hidden, activation, bits)
        });
        assert_eq!(
            (NUMERICS_VERSION, bits),
            (2, frozen),
            "the results of training by {isa} have changed: raise NUMERICS_VERSION, then freeze these bits"
        );
    }
}
