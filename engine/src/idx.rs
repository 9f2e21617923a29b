//! Reads the IDX format of the MNIST files and trusts nothing in it.
//!
//! An IDX file is a big-endian header and then the bytes themselves: two zero
//! bytes, the type of the elements (8 is `u8`), the number of dimensions, and
//! each dimension as a `u32` (LeCun, Cortes, Burges, "The MNIST database of
//! handwritten digits", section "File formats"). Only the two kinds a data set
//! is made of are read: images (`u8`, three dimensions) and labels (`u8`, one).
//!
//! A header is a claim. Memory grows with what the stream really gives, never
//! with what its header says, and reading stops one byte after the claimed end.
//! Where the stream comes from (file, gzip, network) is not this file's concern.

use std::io::{self, ErrorKind, Read};

use thiserror::Error;

/// The most bytes one file may hold after its header: 4 GiB. A stream that
/// claims more is refused before anything of it is read.
pub const MAX_BODY_BYTES: u64 = 1 << 32;

const U8_TYPE: u8 = 0x08;

/// Grey images of one size, as stored: `count` × `rows` × `cols` bytes, row by
/// row, 0 the background and 255 full ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    rows: usize,
    cols: usize,
    pixels: Vec<u8>,
}

impl Images {
    /// Images of `rows` × `cols` pixels each, from their bytes one after the other.
    ///
    /// Returns `None` when an image has no pixels, or `pixels` is not a whole
    /// number of images.
    pub fn new(rows: usize, cols: usize, pixels: Vec<u8>) -> Option<Self> {
        let size = rows.checked_mul(cols)?;
        (size > 0 && pixels.len().is_multiple_of(size)).then_some(Self { rows, cols, pixels })
    }

    /// Number of images.
    pub fn count(&self) -> usize {
        self.pixels.len() / self.image_size()
    }

    /// Height of an image in pixels.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Width of an image in pixels.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Pixels in one image: `rows` × `cols`, never 0.
    pub fn image_size(&self) -> usize {
        self.rows * self.cols
    }

    /// All pixels, `count` × `rows` × `cols`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels of image `index`, or `None` past the last one.
    pub fn image(&self, index: usize) -> Option<&[u8]> {
        self.pixels.chunks_exact(self.image_size()).nth(index)
    }

    /// Gives the pixels away without copying them.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}

/// An IDX file that cannot be used: which one, and why.
#[derive(Debug, Error)]
#[error("{file} {fault}")]
pub struct IdxError {
    /// The name given to the reading function.
    pub file: String,
    /// What is wrong with it.
    #[source]
    pub fault: IdxFault,
}

/// What can be wrong with an IDX file. Each reads on after the name of the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdxFault {
    /// The stream failed: a disk fault, or a compressed file that is damaged.
    #[error("cannot be read to its end ({0}); replace it by a sound copy")]
    Read(#[source] io::Error),
    /// There is no memory for what the header claims, and so far the stream has it.
    #[error(
        "claims to hold {claimed} bytes, for which there is not enough memory; use a smaller data set, or check that its header is right"
    )]
    Memory {
        /// Bytes the header claims to follow it.
        claimed: u64,
    },
    /// The stream ended inside the header.
    #[error(
        "is too short to be an IDX file of {kind}: it ends after {got} of the {need} bytes of the header; replace it by a complete copy"
    )]
    ShortHeader {
        /// "images" or "labels".
        kind: &'static str,
        /// Bytes the header has.
        need: usize,
        /// Bytes there were.
        got: usize,
    },
    /// The first four bytes are not those of the kind asked for.
    #[error(
        "is not an IDX file of {kind}: it starts with {got:#010x} where {want:#010x} is due; check that the right file has this name"
    )]
    Magic {
        /// "images" or "labels".
        kind: &'static str,
        /// The four bytes due, big-endian.
        want: u32,
        /// The four bytes found, big-endian.
        got: u32,
    },
    /// The header claims images without pixels.
    #[error("claims images of {rows}x{cols} pixels, which is nothing; replace it by a sound copy")]
    NoPixels {
        /// Claimed height in pixels.
        rows: u32,
        /// Claimed width in pixels.
        cols: u32,
    },
    /// The header claims more than [`MAX_BODY_BYTES`].
    #[error(
        "claims to hold {claimed} bytes, above the limit of {MAX_BODY_BYTES}; its header is damaged or the data set is too large for this program"
    )]
    TooLarge {
        /// Bytes the header claims to follow it.
        claimed: u128,
    },
    /// Fewer bytes than the header claims.
    #[error(
        "is truncated: its header claims {claimed} bytes and {got} follow; replace it by a complete copy"
    )]
    Truncated {
        /// Bytes the header claims to follow it.
        claimed: u64,
        /// Bytes that did.
        got: u64,
    },
    /// More bytes than the header claims.
    #[error(
        "goes on after the {claimed} bytes its header claims; replace it by a sound copy, or check that its header is right"
    )]
    TrailingBytes {
        /// Bytes the header claims to follow it.
        claimed: u64,
    },
}

/// Reads an IDX file of images: `u8`, dimensions count × rows × cols.
///
/// `name` is what errors call the file.
///
/// # Errors
/// [`IdxError`] for a stream that fails, is too short or too long, is no IDX
/// file of images, or claims more than [`MAX_BODY_BYTES`].
pub fn read_images(reader: impl Read, name: &str) -> Result<Images, IdxError> {
    images(reader).map_err(|fault| IdxError {
        file: name.to_owned(),
        fault,
    })
}

/// Reads an IDX file of labels: `u8`, one dimension.
///
/// `name` is what errors call the file.
///
/// # Errors
/// As [`read_images`].
pub fn read_labels(reader: impl Read, name: &str) -> Result<Vec<u8>, IdxError> {
    labels(reader).map_err(|fault| IdxError {
        file: name.to_owned(),
        fault,
    })
}

/// The header of an IDX file of these images: with their pixels behind it, the
/// whole file.
///
/// # Panics
/// If a dimension is not one of 32 bits, which no file's is.
pub fn images_header(images: &Images) -> Vec<u8> {
    header(&[images.count(), images.rows(), images.cols()])
}

/// The header of an IDX file of these labels: with the labels behind it, the
/// whole file.
///
/// # Panics
/// If their number is not one of 32 bits, which no file's is.
pub fn labels_header(labels: &[u8]) -> Vec<u8> {
    header(&[labels.len()])
}

fn header(dimensions: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0, 0, U8_TYPE, dimensions.len() as u8];
    for &dimension in dimensions {
        let dimension = u32::try_from(dimension).expect("an IDX file has dimensions of 32 bits");
        bytes.extend_from_slice(&dimension.to_be_bytes());
    }
    bytes
}

fn images(mut reader: impl Read) -> Result<Images, IdxFault> {
    let [count, rows, cols] = read_header::<3>(&mut reader, "images")?;
    if rows == 0 || cols == 0 {
        return Err(IdxFault::NoPixels { rows, cols });
    }
    let pixels = read_body(reader, [count, rows, cols].map(u128::from).iter().product())?;
    Images::new(rows as usize, cols as usize, pixels).ok_or(IdxFault::NoPixels { rows, cols })
}

fn labels(mut reader: impl Read) -> Result<Vec<u8>, IdxFault> {
    let [count] = read_header::<1>(&mut reader, "labels")?;
    read_body(reader, u128::from(count))
}

/// The `RANK` dimensions of a header, after its magic number.
fn read_header<const RANK: usize>(
    reader: &mut impl Read,
    kind: &'static str,
) -> Result<[u32; RANK], IdxFault> {
    let need = 4 + 4 * RANK;
    let mut bytes = Vec::with_capacity(need);
    reader
        .take(need as u64)
        .read_to_end(&mut bytes)
        .map_err(IdxFault::Read)?;
    let words: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
        .collect();

    // The magic number first: of a file that is short AND something else, what
    // it is tells more.
    let want = u32::from_be_bytes([0, 0, U8_TYPE, RANK as u8]);
    match words.first() {
        Some(&got) if got != want => return Err(IdxFault::Magic { kind, want, got }),
        _ => {}
    }
    words
        .get(1..)
        .and_then(|dimensions| dimensions.try_into().ok())
        .ok_or(IdxFault::ShortHeader {
            kind,
            need,
            got: bytes.len(),
        })
}

/// Exactly `claimed` bytes, and then the end of the stream.
fn read_body(mut reader: impl Read, claimed: u128) -> Result<Vec<u8>, IdxFault> {
    let claimed = u64::try_from(claimed)
        .ok()
        .filter(|&bytes| bytes <= MAX_BODY_BYTES)
        .ok_or(IdxFault::TooLarge { claimed })?;

    // read_to_end starts small and doubles: at most twice what was really read.
    let mut body = Vec::new();
    reader
        .by_ref()
        .take(claimed)
        .read_to_end(&mut body)
        .map_err(|error| match error.kind() {
            ErrorKind::OutOfMemory => IdxFault::Memory { claimed },
            _ => IdxFault::Read(error),
        })?;
    let got = body.len() as u64;
    if got < claimed {
        return Err(IdxFault::Truncated { claimed, got });
    }
    body.shrink_to_fit();

    // Asking for one byte more also makes a gzip reader check its own checksum.
    let mut probe = Vec::new();
    match reader
        .take(1)
        .read_to_end(&mut probe)
        .map_err(IdxFault::Read)?
    {
        0 => Ok(body),
        _ => Err(IdxFault::TrailingBytes { claimed }),
    }
}
