//! The smallest programs that tests can run: their cost is the kernel's, not a C library's, and it is known what their
//! first instructions do.

/// Where the file is mapped; any page above `vm.mmap_min_addr` would do.
const BASE: u64 = 0x40_0000;
/// Sizes of `Elf64_Ehdr` and `Elf64_Phdr`.
const FILE_HEADER: u16 = 64;
const PROGRAM_HEADER: u16 = 56;

/// `xor edi, edi; mov eax, 60; syscall`: `exit(0)`.
#[cfg(target_arch = "x86_64")]
const EXIT: &[u8] = &[0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
/// `mov edi, 1; mov esi, BASE; mov edx, 1; mov eax, 1; syscall`: `write(1, BASE, 1)`.
#[cfg(target_arch = "x86_64")]
const WRITE: &[u8] = &[0xbf, 1, 0, 0, 0, 0xbe, 0, 0, 0x40, 0, 0xba, 1, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05];
#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;

/// `mov x0, 0; mov x8, 93; svc 0`: `exit(0)`.
#[cfg(target_arch = "aarch64")]
const EXIT: &[u8] = &[0x00, 0x00, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4];
/// `mov x0, 1; movz x1, BASE >> 16, lsl 16; mov x2, 1; mov x8, 64; svc 0`: `write(1, BASE, 1)`.
#[cfg(target_arch = "aarch64")]
const WRITE: &[u8] = &[
    0x20, 0x00, 0x80, 0xd2, 0x01, 0x08, 0xa0, 0xd2, 0x22, 0x00, 0x80, 0xd2, 0x08, 0x08, 0x80, 0xd2, 0x01,
    0x00, 0x00, 0xd4,
];
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

/// An ELF file of one segment that exits with 0.
pub fn exit_zero() -> Vec<u8> {
    of(EXIT)
}

/// One that writes a byte to its standard output before all else, and exits with 0.
pub fn write_one_byte() -> Vec<u8> {
    of(&[WRITE, EXIT].concat())
}

fn of(instructions: &[u8]) -> Vec<u8> {
    let code = u64::from(FILE_HEADER + PROGRAM_HEADER);
    let size = code + instructions.len() as u64;
    let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    halves(&mut elf, &[2, MACHINE]);
    elf.extend_from_slice(&1u32.to_le_bytes());
    words(&mut elf, &[BASE + code, u64::from(FILE_HEADER), 0]);
    elf.extend_from_slice(&0u32.to_le_bytes());
    halves(&mut elf, &[FILE_HEADER, PROGRAM_HEADER, 1, 0, 0, 0]);
    // PT_LOAD, readable and executable.
    elf.extend_from_slice(&1u32.to_le_bytes());
    elf.extend_from_slice(&5u32.to_le_bytes());
    words(&mut elf, &[0, BASE, BASE, size, size, 0x1000]);
    elf.extend_from_slice(instructions);
    elf
}

fn halves(elf: &mut Vec<u8>, values: &[u16]) {
    elf.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn words(elf: &mut Vec<u8>, values: &[u64]) {
    elf.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    #[test]
    fn byte_is_written_and_the_program_ends_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        fs::write(&program, super::write_one_byte()).expect("it can be written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let output = Command::new(&program).output().expect("it runs");
        assert!(output.status.success() && output.stdout == [0x7f], "{output:?}");
    }
}
