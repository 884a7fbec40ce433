//! Where the kernel's functions are: /proc/kallsyms.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
};

use agent_common::capability::{SILENT, SILENT_FUNCTIONS};
use tracing::warn;

#[cfg(test)]
mod tests;

/// Where the functions begin and end from which the kernel asks for capabilities by itself, in pairs. All zeroes where
/// it does not tell, which then some uses of SYS_ADMIN cannot be told from.
pub(super) fn silent_checks() -> [u64; 2 * SILENT_FUNCTIONS] {
    let found = File::open("/proc/kallsyms").and_then(|file| ranges(BufReader::new(file)));
    match found {
        Ok(Some(ranges)) => ranges,
        Ok(None) => {
            warn!(
                "the kernel does not tell where its functions are (CAP_SYSLOG, kernel.kptr_restrict): uses of SYS_ADMIN cannot be attributed"
            );
            Default::default()
        }
        Err(error) => {
            warn!(%error, "cannot read /proc/kallsyms: uses of SYS_ADMIN cannot be attributed");
            Default::default()
        }
    }
}

/// A function ends where the next symbol begins. One that this kernel does not have asks for nothing; None where
/// memory accounting cannot be told, which matters most, or where addresses are hidden.
fn ranges(symbols: impl BufRead) -> io::Result<Option<[u64; 2 * SILENT_FUNCTIONS]>> {
    let mut starts = [0; SILENT_FUNCTIONS];
    let mut code = Vec::new();
    for line in symbols.lines() {
        let line = line?;
        let Some((address, name)) = function(&line) else { continue };
        code.push(address);
        if let Some(index) = SILENT.iter().position(|silent| *silent == name) {
            starts[index] = address;
        }
    }
    code.sort_unstable();
    if starts[0] == 0 {
        return Ok(None);
    }
    let mut ranges = [0; 2 * SILENT_FUNCTIONS];
    for (range, start) in ranges.chunks_exact_mut(2).zip(starts).filter(|(_, start)| *start != 0) {
        let next = code.partition_point(|address| *address <= start);
        range.copy_from_slice(&[start, code.get(next).copied().unwrap_or(start)]);
    }
    Ok(Some(ranges))
}

/// The address and the name of a function of the kernel itself: `ffffffff81000000 T _stext`.
fn function(line: &str) -> Option<(u64, &str)> {
    let mut fields = line.split_ascii_whitespace();
    let address = u64::from_str_radix(fields.next()?, 16).ok()?;
    let is_code = matches!(fields.next()?, "t" | "T" | "w" | "W");
    let name = fields.next()?;
    // A module's name would follow.
    (is_code && fields.next().is_none()).then_some((address, name))
}
