//! Reading what others wrote without letting it fill the memory.

use std::{
    cell::Cell,
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
    rc::Rc,
};

/// No file of settings is as long as this, in bytes.
const LONGEST_TEXT: u64 = 1 << 20;

/// The text of a file of settings.
///
/// # Errors
/// What the system says; or that the file is longer than a mebibyte, or not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST_TEXT + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_TEXT {
        let fault = format!("it is longer than {LONGEST_TEXT} bytes, as no such file is");
        return Err(io::Error::new(ErrorKind::FileTooLarge, fault));
    }
    Ok(text)
}

/// A reader that fails once `room` is used up; whoever shares it makes new room.
#[derive(Debug)]
pub struct Bounded<R> {
    inner: R,
    room: Rc<Cell<usize>>,
}

impl<R: Read> Bounded<R> {
    /// Reads from `inner` while there is room.
    pub fn new(inner: R, room: Rc<Cell<usize>>) -> Self {
        Self { inner, room }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.room.get();
        if room == 0 && !buffer.is_empty() {
            return Err(io::Error::other("it is too long"));
        }
        let most = buffer.len().min(room);
        let got = self.inner.read(&mut buffer[..most])?;
        self.room.set(room - got);
        Ok(got)
    }
}
