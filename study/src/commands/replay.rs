//! `initstudy replay`: one run's first steps as NumPy arrays.

use std::io::{Cursor, Write};

use engine::{
    init::{Initializer, InitializerError},
    mlp::Mlp,
    replay::{Replay, replay},
    rng::Streams,
};
use ndarray::{Array1, Array2, ArrayView1};
use ndarray_npy::{NpzWriter, WriteNpzError};

use super::{own_files::check_replaceable, prepare, settings};
use crate::{
    cli::ReplayArgs,
    failure::Failure,
    output::{print, write_whole},
    plan::did_you_mean,
};

/// Runs the command.
pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let initializer: Initializer =
        args.initializer
            .parse()
            .map_err(|error: InitializerError| {
                Failure::usage(format!("--initializer: {error}{}", did_you_mean(&error)))
            })?;
    check_replaceable("--out", &args.out, "file of arrays", is_own)?;
    let ground = prepare(&args.data, &settings(&args.train, vec![initializer])?)?;
    let replayed = replay(
        ground.kernels,
        &ground.dataset,
        &ground.protocol.config(&ground.variants[0]),
        initializer,
        Streams::new(args.seed),
        args.steps as usize,
    );
    let bytes = npz(&replayed).map_err(Failure::internal)?;
    write_whole(&args.out, |file| file.write_all(&bytes))
        .map_err(|error| Failure::unwritable("--out", &args.out, &error))?;
    let (first, last) = (replayed.losses.first(), replayed.losses.last());
    print(&format!(
        "{} steps, loss {:.4} to {:.4}, written to {}\n",
        args.steps,
        first.copied().unwrap_or(f64::NAN),
        last.copied().unwrap_or(f64::NAN),
        args.out.display()
    ))
}

/// Whether a file that begins so is one of these: a zip archive whose first member is the first array.
fn is_own(start: &[u8]) -> bool {
    const HEADER: usize = 30;
    start.starts_with(b"PK\x03\x04")
        && start
            .get(HEADER..)
            .is_some_and(|name| name.starts_with(b"initial_w0.npy"))
}

/// `initial_w0`, `initial_b0`, …: the network before (weights inputs×outputs); `order` and
/// `batch_sizes`: the examples of each step; `loss`: its mean cross-entropy before the step;
/// `w0`, `b0`, …: the network after.
fn npz(replayed: &Replay) -> Result<Vec<u8>, WriteNpzError> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    add_network(&mut npz, "initial_", &replayed.initial)?;
    npz.add_array("order", &ArrayView1::from(&replayed.order))?;
    let batch_sizes: Array1<u64> = replayed.batch_sizes.iter().map(|&n| n as u64).collect();
    npz.add_array("batch_sizes", &batch_sizes)?;
    npz.add_array("loss", &ArrayView1::from(&replayed.losses))?;
    add_network(&mut npz, "", &replayed.trained)?;
    Ok(npz.finish()?.into_inner())
}

fn add_network(
    npz: &mut NpzWriter<Cursor<Vec<u8>>>,
    prefix: &str,
    mlp: &Mlp,
) -> Result<(), WriteNpzError> {
    for (index, layer) in mlp.layers().iter().enumerate() {
        let shape = (layer.inputs(), layer.outputs());
        let weights = layer.weights();
        let weights = Array2::from_shape_fn(shape, |(i, j)| weights.at(i, j));
        npz.add_array(format!("{prefix}w{index}"), &weights)?;
        npz.add_array(format!("{prefix}b{index}"), &ArrayView1::from(layer.bias()))?;
    }
    Ok(())
}
