//! The IDX reader against files that lie, break off, or never end.

use std::io::{self, Read};

use engine::idx::{IdxFault, Images, MAX_BODY_BYTES, read_images, read_labels};
use engine::raw::{LabelledImages, RawDataset, RawDatasetError};
use proptest::prelude::*;

fn idx(kind: [u8; 4], dimensions: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    for dimension in dimensions {
        bytes.extend_from_slice(&dimension.to_be_bytes());
    }
    bytes.extend_from_slice(body);
    bytes
}

fn images_file(dimensions: [u32; 3], body: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 3], &dimensions, body)
}

fn labels_file(count: u32, body: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[count], body)
}

fn images_fault(bytes: &[u8]) -> IdxFault {
    read_images(bytes, "f")
        .expect_err("the file is faulty")
        .fault
}

fn part(rows: usize, cols: usize, pixels: &[u8], labels: &[u8]) -> LabelledImages {
    LabelledImages {
        images: Images::new(rows, cols, pixels.to_vec()).expect("whole images"),
        labels: labels.to_vec(),
    }
}

/// Yields `head` and then zeros for ever, and counts what was taken.
struct Endless<'a> {
    head: &'a [u8],
    taken: u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut got = self.head.read(buffer)?;
        if got == 0 {
            buffer.fill(0);
            got = buffer.len();
        }
        self.taken += got as u64;
        Ok(got)
    }
}

#[test]
fn a_sound_file_is_read_as_it_is() {
    let file = images_file([2, 1, 3], &[1, 2, 3, 4, 5, 6]);
    let images = read_images(file.as_slice(), "f").expect("sound");
    assert_eq!((images.count(), images.rows(), images.cols()), (2, 1, 3));
    assert_eq!(images.image(1), Some([4, 5, 6].as_slice()));
    assert_eq!(images.image(2), None);
    assert_eq!(
        read_labels(labels_file(3, &[7, 8, 9]).as_slice(), "f").expect("sound"),
        [7, 8, 9]
    );
}

#[test]
fn a_header_that_claims_gigabytes_over_a_few_bytes_is_truncated_not_allocated() {
    // 4 GiB exactly: the most that is believed at all. Reserving it at once
    // would abort on many machines.
    let file = images_file([1 << 22, 32, 32], &[0; 10]);
    assert!(matches!(
        images_fault(&file),
        IdxFault::Truncated {
            claimed: MAX_BODY_BYTES,
            got: 10
        }
    ));
}

#[test]
fn a_header_of_largest_dimensions_is_refused_before_the_body_is_touched() {
    let head = images_file([u32::MAX; 3], &[]);
    let mut stream = Endless {
        head: &head,
        taken: 0,
    };
    let fault = read_images(&mut stream, "f").expect_err("too large").fault;
    let claimed = u128::from(u32::MAX).pow(3);
    assert!(matches!(fault, IdxFault::TooLarge { claimed: c } if c == claimed));
    assert_eq!(stream.taken, 16);
}

#[test]
fn a_stream_without_end_is_left_after_one_byte_too_many() {
    let head = images_file([3, 2, 2], &[]);
    let mut stream = Endless {
        head: &head,
        taken: 0,
    };
    let fault = read_images(&mut stream, "f").expect_err("endless").fault;
    assert!(matches!(fault, IdxFault::TrailingBytes { claimed: 12 }));
    assert_eq!(stream.taken, 16 + 12 + 1);
}

#[test]
fn every_truncation_of_a_sound_file_is_an_error() {
    let file = images_file([2, 2, 2], &[9; 8]);
    for length in 0..file.len() {
        match images_fault(&file[..length]) {
            IdxFault::ShortHeader {
                kind: "images",
                need: 16,
                got,
            } => {
                assert_eq!(got, length);
                assert!(length < 16);
            }
            IdxFault::Truncated { claimed: 8, got } => assert_eq!(got, length as u64 - 16),
            other => panic!("{length} bytes: {other}"),
        }
    }
}

#[test]
fn one_byte_too_many_is_an_error() {
    let file = labels_file(2, &[1, 2, 3]);
    let fault = read_labels(file.as_slice(), "f")
        .expect_err("too long")
        .fault;
    assert!(matches!(fault, IdxFault::TrailingBytes { claimed: 2 }));
}

#[test]
fn labels_where_images_are_due_are_told_apart_by_the_magic_number() {
    let fault = images_fault(&labels_file(1, &[0]));
    assert!(matches!(
        fault,
        IdxFault::Magic {
            want: 0x0803,
            got: 0x0801,
            ..
        }
    ));
}

#[test]
fn floats_where_bytes_are_due_are_refused() {
    let fault = images_fault(&idx([0, 0, 0x0d, 3], &[1, 1, 1], &[0; 4]));
    assert!(matches!(fault, IdxFault::Magic { got: 0x0d03, .. }));
}

#[test]
fn images_without_pixels_are_refused() {
    let fault = images_fault(&images_file([5, 0, 3], &[]));
    assert!(matches!(fault, IdxFault::NoPixels { rows: 0, cols: 3 }));
}

#[test]
fn the_message_names_the_file_and_what_to_do() {
    let file = images_file([2, 2, 2], &[0; 3]);
    let error = read_images(file.as_slice(), "data/train-images").expect_err("truncated");
    assert_eq!(
        error.to_string(),
        "data/train-images is truncated: its header claims 8 bytes and 3 follow; \
         replace it by a complete copy"
    );
}

#[test]
fn images_and_labels_of_different_number_are_refused() {
    let sound = part(1, 1, &[1, 2], &[0, 1]);
    let error = RawDataset::new("d", sound.clone(), part(1, 1, &[1, 2], &[0])).expect_err("short");
    assert_eq!(
        error.to_string(),
        "t10k-images-idx3-ubyte holds 2 images and t10k-labels-idx1-ubyte 1 labels; \
         take both from the same data set"
    );
    assert!(RawDataset::new("d", part(1, 1, &[1], &[0, 1]), sound).is_err());
}

#[test]
fn a_test_label_above_all_training_labels_is_refused_with_its_place() {
    let train = part(1, 1, &[1, 2], &[0, 2]);
    let test = part(1, 1, &[1, 2, 3], &[2, 0, 3]);
    let error = RawDataset::new("d", train, test).expect_err("label 3");
    assert_eq!(
        error,
        RawDatasetError::LabelOutOfRange {
            label: 3,
            index: 2,
            highest: 2
        }
    );
    assert!(
        error
            .to_string()
            .starts_with("t10k-labels-idx1-ubyte holds label 3 at index 2")
    );
}

#[test]
fn parts_of_different_image_size_or_without_images_are_refused() {
    let train = || part(1, 2, &[1, 2, 3, 4], &[0, 1]);
    let turned = part(2, 1, &[1, 2], &[0]);
    let empty = part(1, 2, &[], &[]);
    assert!(matches!(
        RawDataset::new("d", train(), turned),
        Err(RawDatasetError::ImageSizes {
            train: [1, 2],
            test: [2, 1]
        })
    ));
    assert!(matches!(
        RawDataset::new("d", train(), empty),
        Err(RawDatasetError::Empty {
            images_file: "t10k-images-idx3-ubyte"
        })
    ));
    for label in [0, 7] {
        let one_class = part(1, 2, &[1, 2, 3, 4], &[label; 2]);
        let error = RawDataset::new("d", one_class, train()).unwrap_err();
        assert_eq!(error, RawDatasetError::OneClass { label });
        let expected = format!(
            "every label of train-labels-idx1-ubyte is {label}, and one class leaves nothing to learn; check the file"
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_number_of_classes_is_the_highest_training_label_plus_one() {
    let train = part(1, 1, &[1, 2, 3], &[4, 0, 1]);
    let data = RawDataset::new("d", train, part(1, 1, &[1], &[3])).expect("fits");
    assert_eq!(data.classes(), 5);
}

#[test]
fn the_idx_files_of_a_data_set_read_back_as_its_parts() {
    let train = part(2, 2, &[1, 2, 3, 4, 5, 6, 7, 8], &[0, 1]);
    let test = part(2, 2, &[9, 8, 7, 6], &[1]);
    let data = RawDataset::new("d", train, test).expect("fits");
    let [a, b, c, d] = data
        .idx_files()
        .map(|file| [file.header.as_slice(), file.body].concat());
    assert_eq!(
        read_images(a.as_slice(), "a").expect("sound"),
        data.train.images
    );
    assert_eq!(
        read_labels(b.as_slice(), "b").expect("sound"),
        data.train.labels
    );
    assert_eq!(
        read_images(c.as_slice(), "c").expect("sound"),
        data.test.images
    );
    assert_eq!(
        read_labels(d.as_slice(), "d").expect("sound"),
        data.test.labels
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_images(bytes.as_slice(), "f");
        let _ = read_labels(bytes.as_slice(), "f");
    }

    #[test]
    fn a_right_magic_number_over_arbitrary_bytes_gives_back_exactly_those_or_an_error(
        dimensions in prop::array::uniform3(prop_oneof![0u32..6, any::<u32>()]),
        body in prop::collection::vec(any::<u8>(), 0..130),
    ) {
        let file = images_file(dimensions, &body);
        let claimed: u128 = dimensions.map(u128::from).iter().product();
        match read_images(file.as_slice(), "f") {
            Ok(images) => {
                prop_assert_eq!(claimed, body.len() as u128);
                prop_assert_eq!(images.pixels(), body.as_slice());
            }
            Err(_) => prop_assert!(
                claimed != body.len() as u128 || dimensions[1] == 0 || dimensions[2] == 0
            ),
        }
    }

    #[test]
    fn arbitrary_labels_give_a_data_set_or_an_error(
        train in prop::collection::vec(any::<u8>(), 0..5),
        test in prop::collection::vec(any::<u8>(), 0..5),
        images in 0usize..5,
    ) {
        let made = RawDataset::new(
            "d",
            part(1, 1, &vec![0; images], &train),
            part(1, 1, &vec![0; test.len()], &test),
        );
        if let Ok(data) = made {
            prop_assert!(data.train.labels.len() == images && images > 0);
            prop_assert!(test.iter().all(|&label| usize::from(label) < data.classes()));
        }
    }
}
