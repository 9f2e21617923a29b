//! The embedded data set: handwritten-looking digits made by a program.
//!
//! It stands in where there is no network and no MNIST: the same layout, much
//! the same share of background, and about as hard for a small network. It is
//! NOT MNIST, and results on it say nothing about results on MNIST; hence its
//! name goes with everything.
//!
//! Image `i` of a part depends on the part and on `i` alone, and arithmetic is
//! limited to what IEEE 754 fixes, so every machine and every number of threads
//! makes the same bytes.

#[rustfmt::skip] // Points read better in rows than one a line.
mod glyphs;
mod handwriting;
mod noise;
mod pen;

use std::thread;

use crate::idx::Images;
use crate::raw::{LabelledImages, RawDataset};

use glyphs::GLYPHS;
use noise::Noise;

/// Width and height of an image in pixels.
const SIDE: usize = 28;

const TRAIN_IMAGES: usize = 60_000;
const TEST_IMAGES: usize = 10_000;

/// The whole data set `synthetic`: 60,000 images to train on and 10,000 to test
/// on, 28 × 28 pixels, ten classes.
pub fn generate() -> RawDataset {
    generate_sized(TRAIN_IMAGES, TEST_IMAGES)
}

/// The first `train` and `test` images of [`generate`]. Few images need not show
/// every digit, and none make no data set; [`RawDataset::new`] checks that.
pub fn generate_sized(train: usize, test: usize) -> RawDataset {
    RawDataset {
        name: "synthetic".to_owned(),
        train: part(0, train),
        test: part(1, test),
    }
}

/// The first `count` images of one part, made by as many threads as there are
/// processors.
fn part(part: u64, count: usize) -> LabelledImages {
    let size = SIDE * SIDE;
    let mut pixels = vec![0; count * size];
    let mut labels = vec![0; count];
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    let share = count.div_ceil(threads).max(1);
    thread::scope(|scope| {
        for (worker, (pixels, labels)) in pixels
            .chunks_mut(share * size)
            .zip(labels.chunks_mut(share))
            .enumerate()
        {
            scope.spawn(move || {
                for (offset, (image, label)) in
                    pixels.chunks_exact_mut(size).zip(labels).enumerate()
                {
                    *label = draw(part, worker * share + offset, image);
                }
            });
        }
    });
    LabelledImages {
        images: Images::new(SIDE, SIDE, pixels).expect("whole images were allocated"),
        labels,
    }
}

/// Draws image `index` of a part and returns its digit.
fn draw(part: u64, index: usize, image: &mut [u8]) -> u8 {
    let mut noise = Noise::new(part, index as u64);
    let digit = noise.below(GLYPHS.len());
    let glyph = GLYPHS[digit][noise.below(GLYPHS[digit].len())];

    let mut coverage = [0.0; SIDE * SIDE];
    for path in handwriting::write(glyph, &mut noise) {
        pen::draw(&path, &mut coverage);
    }
    // A light hand leaves grey ink.
    let blackness = noise.uniform(0.95, 1.40);
    for (pixel, ink) in image.iter_mut().zip(coverage) {
        *pixel = (255.0 * (ink * blackness).min(1.0) + 0.5) as u8;
    }
    digit as u8
}
