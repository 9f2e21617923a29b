//! Writing: a file whole or not at all, and standard output that may have nobody reading.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::Path,
};

use crate::failure::Failure;

use tempfile::Builder;

/// Gives `write` a new file and puts what it wrote at `path`. Until then a file that was there
/// stays as it is, and so it does when `write` fails.
///
/// # Errors
/// What `write` or the system says.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        // As any file a program makes, not for the owner alone as tempfile's are.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Prints to standard output. A reader who has left, as `head` does, has seen enough: no failure.
///
/// # Errors
/// Any other fault of standard output, such as a full disk behind it.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::internal(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}
