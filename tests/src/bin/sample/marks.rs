//! A program that leaves a mark before all else, run again and again: what is killed in time leaves none.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use nix::libc::SIGKILL;
use tests::program;

use super::{Failure, because, write_new};

pub(super) fn run(path: &Path, arguments: &[OsString]) -> Result<(), Failure> {
    let [marks, times] = arguments else { return Err("a file for marks and a number are needed".to_owned()) };
    let times: u32 = times.to_str().and_then(|times| times.parse().ok()).ok_or("that is no number")?;
    if !path.exists() {
        write_new(path, &program::write_one_byte(), 0o755)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(marks);
    let file = file.map_err(because("open the file for marks"))?;
    let (mut killed, mut ran) = (0, 0);
    for _ in 0..times {
        match once(path, &file)? {
            true => ran += 1,
            false => killed += 1,
        }
    }
    writeln!(io::stdout(), "{killed} {ran}").map_err(because("write to standard output"))
}

/// Whether the program ran to its end; else it was killed.
fn once(path: &Path, file: &File) -> Result<bool, Failure> {
    let output = file.try_clone().map_err(because("duplicate a descriptor"))?;
    let status =
        Command::new(path).stdout(output).status().map_err(because(format!("run {}", path.display())))?;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(true),
        (_, Some(SIGKILL)) => Ok(false),
        _ => Err(format!("{} ended with {status}", path.display())),
    }
}
