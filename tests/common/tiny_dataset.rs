//! A data set of a few bytes, as files on disk: what tests use in MNIST's stead.

use std::fs;
use std::io::Write;
use std::path::Path;

use engine::idx::Images;
use engine::raw::{LabelledImages, RawDataset};
use flate2::Compression;
use flate2::write::GzEncoder;
use study::data::{KnownDataset, KnownFile, LoadedDataset};

/// Three classes, 4 × 5 pixels, 12 images to train on and 6 to test on.
pub fn tiny() -> RawDataset {
    let part = |count: u8, seed: u8| LabelledImages {
        images: Images::new(
            4,
            5,
            (0..u32::from(count) * 20)
                .map(|i| (i * 37 + u32::from(seed)) as u8)
                .collect(),
        )
        .expect("whole images"),
        labels: (0..count).map(|i| i % 3).collect(),
    };
    RawDataset::new("tiny", part(12, 1), part(6, 2)).expect("the parts fit")
}

/// The tiny data set as one known by its checksums.
pub fn known_tiny() -> KnownDataset {
    let data = tiny();
    let bytes = data
        .idx_files()
        .map(|file| (file.header.len() + file.body.len()) as u64);
    let mut sums = LoadedDataset::identify(data)
        .files
        .map(|file| file.sha256)
        .into_iter();
    KnownDataset {
        name: "tiny".to_owned(),
        files: bytes.map(|bytes| KnownFile {
            bytes,
            sha256: sums.next().expect("four sums"),
        }),
    }
}

/// The standard names and decompressed bytes of the four files.
pub fn tiny_files() -> [(&'static str, Vec<u8>); 4] {
    tiny()
        .idx_files()
        .map(|file| (file.name, [file.header.as_slice(), file.body].concat()))
}

/// Writes the four files, uncompressed, into `folder`.
pub fn write_tiny(folder: &Path) {
    fs::create_dir_all(folder).expect("a new folder");
    for (name, bytes) in tiny_files() {
        fs::write(folder.join(name), bytes).expect("a new file");
    }
}

/// `bytes` as a gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to memory")
}
