//! Writing: a file whole or not at all, and standard output that may have nobody reading.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::Path,
};

use crate::failure::Failure;

use tempfile::Builder;

/// Gives `write` a new file and puts what it wrote at `path`. Until then a file that was there
/// stays as it is, and so it does when `write` fails. A link is followed; what is no file, such as
/// `/dev/stdout`, is written to as it is.
///
/// # Errors
/// What `write` or the system says.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        return write(&mut File::options().write(true).open(path)?);
    }
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        // As any file a program makes, not for the owner alone as tempfile's are.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(of_system)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// Whether [`write_whole`] will find a place to write: better asked before an hour's work.
///
/// # Errors
/// What the system says.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if path.exists() {
        File::options().append(true).open(path).map(drop)
    } else {
        let folder = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        Builder::new()
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map(drop)
            .map_err(of_system)
    }
}

/// Whether the place itself is at fault, and another would do; else a disk or the like failed, which
/// nobody asked for.
pub(crate) fn is_wrong_place(error: &io::Error) -> bool {
    let kinds = [
        ErrorKind::PermissionDenied,
        ErrorKind::NotADirectory,
        ErrorKind::IsADirectory,
        ErrorKind::AlreadyExists,
        ErrorKind::NotFound,
        ErrorKind::ReadOnlyFilesystem,
        ErrorKind::InvalidFilename,
        ErrorKind::InvalidInput,
    ];
    kinds.contains(&error.kind())
}

/// The fault without the temporary file's name, which tempfile adds and means nothing to anybody.
fn of_system(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((fault, _)) => io::Error::new(error.kind(), fault),
        None => error,
    }
}

/// Makes a rename in `folder` durable, where the system knows how.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Prints to standard error what nobody need be there to read. Names in it may be anybody's: see
/// [`print()`].
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", without_controls(text));
}

/// Prints to standard output. Control characters but tabs and ends of lines become blanks: no name
/// may steer a terminal. A reader who has left, as `head` does, has seen enough: no failure.
///
/// # Errors
/// Any other fault of standard output, such as a full disk behind it.
pub fn print(text: &str) -> Result<(), Failure> {
    print_as_it_is(&without_controls(text))
}

fn without_controls(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), " ")
}

fn print_as_it_is(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::internal(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints styled text, whose names must be without control characters: with its colours where
/// standard output is a terminal that has them and `NO_COLOR` is unset, plain otherwise.
///
/// # Errors
/// As [`print()`].
pub fn print_styled(text: &str) -> Result<(), Failure> {
    use anstream::{AutoStream, ColorChoice, adapter::strip_str};
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => print(&strip_str(text).to_string()),
        _ => print_as_it_is(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_becomes_blank_and_lines_stay() {
        let text = "a\u{1b}[31mb\rc\u{9b}d\te\n";
        assert_eq!(without_controls(text), "a [31mb c d\te\n");
    }
}
