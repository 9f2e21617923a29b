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
    optim::Adam,
    rng::Streams,
    synthetic,
    workspace::{InputPath, Workspace},
};
use kernels::{Isa, Kernels};

/// FNV-1a over the bits of every weight and bias after 300 steps.
fn bits_after_training(
    kernels: Kernels,
    dataset: &Dataset,
    activation: Activation,
    input: InputPath,
) -> u64 {
    let mut workspace = Workspace::new(kernels, dataset, &[48, 20], activation, 32, input);
    workspace.initialize(Initializer::HeNormal, InitScope::Hidden, Streams::new(7));
    let mut order = vec![0; dataset.train().rows.len()];
    let mut t = 0;
    for epoch in 0..3 {
        Streams::new(7).batch_order(epoch, &mut order);
        for rows in order.chunks(32).take(100) {
            t += 1;
            workspace.train_batch(dataset.train().examples, rows, Adam::default().step(t));
        }
    }
    let layers = workspace.mlp().layers().iter();
    let parameters = layers.flat_map(|layer| layer.weights().iter().chain(layer.bias()));
    let bytes = parameters.flat_map(|w| w.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_bits_of_a_run_are_those_of_its_numerics_version() {
    let dataset = Dataset::from_raw(synthetic::generate_sized(4000, 100)).unwrap();
    let frozen = [
        [17_487_812_393_692_671_618, 6_251_170_529_700_533_620],
        [11_833_953_871_681_712_258, 7_379_304_075_172_772_373],
        [14_879_800_684_714_348_135, 9_373_305_942_197_205_483],
    ];
    for isa in [Isa::Avx2, Isa::Avx512] {
        let Ok(kernels) = Kernels::get(isa) else {
            eprintln!("this CPU has no {isa}: its bits were NOT checked");
            continue;
        };
        let bits = Activation::ALL.map(|activation| {
            [InputPath::Sparse, InputPath::Dense]
                .map(|input| bits_after_training(kernels, &dataset, activation, input))
        });
        assert_eq!(
            (NUMERICS_VERSION, bits),
            (2, frozen),
            "the results of training by {isa} have changed: raise NUMERICS_VERSION, then freeze these bits"
        );
    }
}
