//! SHA-256 of data sets. Always of the decompressed files: the same images can
//! be compressed in many ways.

use std::io::{self, Read};

use engine::raw::RawDataset;
use sha2::{Digest, Sha256};

use crate::hex;

/// The SHA-256 of one of the four files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChecksum {
    /// Its standard name, one of [`engine::raw::FILE_NAMES`].
    pub file: &'static str,
    /// The SHA-256 of its decompressed bytes, 64 hexadecimal digits.
    pub sha256: String,
}

/// The checksums of the four files that `data` is, or was read from.
pub(super) fn of_files(data: &RawDataset) -> [FileChecksum; 4] {
    data.idx_files().map(|file| {
        let digest = Sha256::new()
            .chain_update(&file.header)
            .chain_update(file.body)
            .finalize();
        FileChecksum {
            file: file.name,
            sha256: hex::encode(&digest),
        }
    })
}

/// One checksum for four: of the lines `sha256sum` prints for them.
pub(super) fn combined(files: &[FileChecksum; 4]) -> String {
    let lines: String = files
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.file))
        .collect();
    hex::encode(&Sha256::digest(lines))
}

/// The checksum of at most `limit` bytes of a stream.
pub(super) fn of_stream(reader: impl Read, limit: u64) -> io::Result<String> {
    let mut reader = reader.take(limit);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hex::encode(&digest.finalize())),
            Ok(got) => digest.update(&buffer[..got]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
