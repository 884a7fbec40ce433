//! Names that no earlier run had.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

/// A container's id as runtimes make them: 64 hexadecimal digits.
pub(crate) fn container_id() -> Result<String> {
    Ok(hex(&random::<32>()?))
}

/// A Pod's uid as the API server makes them: a random UUID.
pub(crate) fn pod_uid() -> Result<String> {
    let mut bytes = random::<16>()?;
    // RFC 9562: version 4, variant 10.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.context("cannot read /dev/urandom")?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_has_the_form_of_a_random_uuid() {
        let uid = pod_uid().unwrap();
        let lengths: Vec<_> = uid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{uid}");
        assert_eq!(uid.as_bytes()[14], b'4', "{uid}");
        assert_ne!(uid, pod_uid().unwrap());
    }
}
