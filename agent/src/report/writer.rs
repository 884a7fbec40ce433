//! The state of one output: writing, or waiting for it to become writable again.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

#[cfg(test)]
mod tests;

/// Where bytes go.
pub(super) trait Target: Send {
    /// Opens it, again after a failure.
    fn open(&mut self) -> io::Result<Box<dyn Write + Send>>;

    /// Takes back the last `bytes` bytes; says whether it could.
    fn take_back(&mut self, bytes: u64) -> bool;
}

/// Standard output: what was written to it is gone.
#[derive(Debug)]
pub(super) struct Stdout;

impl Target for Stdout {
    fn open(&mut self) -> io::Result<Box<dyn Write + Send>> {
        // Not through the standard library's buffer, which would keep part of a line.
        use std::os::fd::AsFd;
        Ok(Box::new(File::from(io::stdout().as_fd().try_clone_to_owned()?)))
    }

    fn take_back(&mut self, _bytes: u64) -> bool {
        false
    }
}

/// A file that is added to.
#[derive(Debug)]
pub(super) struct Appended {
    pub(super) path: PathBuf,
}

impl Target for Appended {
    fn open(&mut self) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(OpenOptions::new().append(true).create(true).open(&self.path)?))
    }

    fn take_back(&mut self, bytes: u64) -> bool {
        let shorten = || {
            let file = OpenOptions::new().write(true).open(&self.path)?;
            let metadata = file.metadata()?;
            let length = metadata.len().checked_sub(bytes).filter(|_| metadata.is_file());
            file.set_len(length.ok_or(io::ErrorKind::InvalidInput)?)
        };
        shorten().is_ok()
    }
}

/// Writes whole records, so that after a failure the output goes on at the beginning of a line.
pub(super) struct Writer<T> {
    target: T,
    open: Option<Box<dyn Write + Send>>,
    /// Whether a part of a record stands at the end and could not be taken back.
    torn: bool,
}

impl<T: Target> Writer<T> {
    /// # Errors
    /// If the target cannot be opened.
    pub(super) fn new(mut target: T) -> io::Result<Self> {
        let open = Some(target.open()?);
        Ok(Self { target, open, torn: false })
    }

    /// Writes all of `record`, or as good as nothing of it. After an error the next call opens the target again.
    pub(super) fn write(&mut self, record: &[u8]) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.target.open()?,
        };
        if self.torn {
            open.write_all(b"\n")?;
            self.torn = false;
        }
        let mut written = 0;
        match write_counted(&mut open, record, &mut written) {
            Ok(()) => {
                self.open = Some(open);
                Ok(())
            }
            Err(error) => {
                self.torn = written > 0 && !self.target.take_back(written as u64);
                Err(error)
            }
        }
    }
}

/// `write_all` that says how far it came.
fn write_counted(to: &mut dyn Write, bytes: &[u8], written: &mut usize) -> io::Result<()> {
    while *written < bytes.len() {
        match to.write(&bytes[*written..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => *written += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
