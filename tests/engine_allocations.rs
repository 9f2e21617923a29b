//! A training step and an evaluation allocate nothing once the workspace has seen one of each,
//! whatever batches come after; and where what is allocated before begins.

use engine::dataset::{Dataset, Part};
use engine::{
    activation::Activation,
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::Adam,
    rng::Streams,
    synthetic,
    train::batches,
    workspace::Workspace,
};
use kernels::Kernels;

#[test]
fn training_and_evaluating_allocate_nothing() {
    let dataset = Dataset::from_raw(synthetic::generate_sized(1000, 300)).unwrap();
    let mut order = vec![0; dataset.train().rows.len()];
    Streams::new(0).batch_order(0, &mut order);
    let mut predictions = vec![0; dataset.test().rows.len()];
    let inputs = [InputPath::Sparse, InputPath::Dense];
    let cases = inputs.map(|input| Activation::ALL.map(|activation| (input, activation)));
    for (input, activation) in cases.concat() {
        let kernels = Kernels::active().unwrap();
        let mut workspace = Workspace::new(kernels, &dataset, &[64, 32], activation, 32, input);
        workspace.initialize(Initializer::HeNormal, InitScope::Hidden, Streams::new(0));
        let mut run = |order: &[u32], evaluated: usize| {
            for (t, [rows, next]) in (1..).zip(batches(order, 32)) {
                let step = Adam::default().step(t);
                workspace.train_batch(dataset.train().examples, rows, next, step);
            }
            let part = Part {
                rows: 0..evaluated,
                ..dataset.test()
            };
            workspace.evaluate(&part, &mut predictions[..evaluated]);
        };
        // The kernels' packing buffers are made once for each thread; by images that touch few pixels.
        run(&order[..2], 2);
        let allocations = allocation_counter::measure(|| run(&order[2..], 300)).count_total;
        assert_eq!(allocations, 0, "{input:?}, {activation:?}");
    }
}

#[test]
fn weights_and_moments_begin_a_quarter_of_a_page_apart() {
    let dataset = Dataset::from_raw(synthetic::generate_sized(40, 10)).unwrap();
    let kernels = Kernels::active().unwrap();
    let input = InputPath::Sparse;
    let mut workspace = Workspace::new(kernels, &dataset, &[20, 7], Activation::Relu, 32, input);
    for layer in 0..3 {
        let (m, m_bias) = workspace.mean_gradient(layer);
        let moments = [m.data(), m_bias].map(|x| x.as_ptr().addr() % 4096);
        let weights = &workspace.mlp().layers()[layer];
        let weights = [weights.weights().data(), weights.bias()].map(|x| x.as_ptr().addr() % 4096);
        assert_eq!((weights, moments), ([0; 2], [1024; 2]), "layer {layer}");
    }
}

#[test]
#[should_panic(expected = "a batch of 9 in a workspace for 8")]
fn a_batch_larger_than_its_workspace_is_refused() {
    let dataset = Dataset::from_raw(synthetic::generate_sized(40, 10)).unwrap();
    let kernels = Kernels::active().unwrap();
    // Without a hidden layer nothing else would notice.
    let input = InputPath::Dense;
    let mut workspace = Workspace::new(kernels, &dataset, &[], Activation::Relu, 8, input);
    let rows = [0; 9];
    workspace.train_batch(
        dataset.train().examples,
        &rows,
        &[],
        Adam::default().step(1),
    );
}
