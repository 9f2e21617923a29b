//! The generated digits: always the same bytes, and statistics near MNIST's.

use engine::raw::{LabelledImages, RawDataset};
use engine::synthetic::generate_sized;

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn hashes(part: &LabelledImages) -> [u64; 2] {
    [fnv1a(part.images.pixels()), fnv1a(&part.labels)]
}

#[test]
fn fnv1a_gives_its_published_values() {
    assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn the_bytes_are_frozen() {
    let data = generate_sized(600, 300);
    assert_eq!(
        hashes(&data.train),
        [0x847d_aad7_e561_330b, 0x88c3_839f_a5b6_d9b9]
    );
    assert_eq!(
        hashes(&data.test),
        [0xc504_d567_9a28_3d00, 0xd176_427b_6001_7343]
    );
}

#[test]
fn a_smaller_set_is_the_beginning_of_a_larger_one() {
    let (small, large) = (generate_sized(7, 3), generate_sized(50, 20));
    assert_eq!(
        large.train.images.pixels()[..7 * 784],
        *small.train.images.pixels()
    );
    assert_eq!(large.train.labels[..7], *small.train.labels);
    assert_eq!(
        large.test.images.pixels()[..3 * 784],
        *small.test.images.pixels()
    );
    assert_eq!(large.test.labels[..3], *small.test.labels);
}

#[test]
fn no_image_occurs_twice_in_training_or_in_both_parts() {
    let data = generate_sized(2000, 1000);
    let mut images: Vec<&[u8]> = [&data.train, &data.test]
        .into_iter()
        .flat_map(|part| part.images.pixels().chunks_exact(784))
        .collect();
    images.sort_unstable();
    images.dedup();
    assert_eq!(images.len(), 3000);
}

#[test]
fn the_share_of_background_and_the_mean_are_near_those_of_mnist() {
    let data = generate_sized(3000, 1);
    let pixels = data.train.images.pixels();
    let zeros = pixels.iter().filter(|&&pixel| pixel == 0).count() as f64 / pixels.len() as f64;
    let mean = pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64;
    // MNIST's training images: 0.8088 and 33.32 of 255.
    assert!((zeros - 0.8088).abs() < 0.015, "{zeros}");
    assert!((mean - 33.32).abs() < 1.5, "{mean}");
}

#[test]
fn every_digit_is_about_as_frequent_and_no_image_is_blank() {
    let data = generate_sized(3000, 1);
    for digit in 0..10 {
        let count = data
            .train
            .labels
            .iter()
            .filter(|&&label| label == digit)
            .count();
        // 300 ± 4.5 standard deviations of a binomial count.
        assert!((225..=375).contains(&count), "{digit}: {count}");
    }
    assert!(
        data.train
            .images
            .pixels()
            .chunks_exact(784)
            .all(|image| { image.iter().filter(|&&pixel| pixel > 127).count() >= 10 }),
        "an image is nearly blank"
    );
}

#[test]
fn the_generated_parts_pass_the_check_of_every_data_set() {
    let data = generate_sized(200, 100);
    let checked = RawDataset::new(data.name.clone(), data.train.clone(), data.test.clone());
    assert_eq!(checked.as_ref(), Ok(&data));
    assert_eq!(data.classes(), 10);
}

#[test]
fn nothing_is_made_when_nothing_is_asked_for() {
    let data = generate_sized(0, 0);
    assert_eq!(data.train.images.count(), 0);
    assert!(data.test.labels.is_empty());
}
