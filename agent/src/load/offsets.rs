//! Where this kernel's structures keep what the programs read, from its own description of itself (BTF).

use std::path::Path;

use agent_common::{for_each_offset, offset::ABSENT};
use btf_rs::{Backend, Btf, Struct, Type};
use thiserror::Error;

/// The folder where the kernel and its modules have their BTF.
const FOLDER: &str = "/sys/kernel/btf";
/// Overlayfs may be a module, whose structures are then in a BTF of its own.
const OVERLAY: &str = "overlay";
/// Anonymous structures and unions within each other: the kernel has two, rarely three.
const NESTING_MAX: usize = 8;

/// One global of the eBPF programs, and what its value is.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    global: &'static str,
    presence: &'static str,
    structure: &'static str,
    members: &'static [&'static str],
}

macro_rules! wanted {
    ($($presence:ident $global:ident: $structure:ident $($member:ident)+;)+) => {
        &[$(Wanted {
            global: stringify!($global),
            presence: stringify!($presence),
            structure: stringify!($structure),
            members: &[$(stringify!($member)),+],
        }),+]
    };
}

const WANTED: &[Wanted] = for_each_offset!(wanted);

/// A global's name with the value to give it.
pub type Offset = (&'static str, u32);

/// Why the offsets could not be had.
#[derive(Debug, Error)]
pub enum OffsetError {
    #[error("this kernel does not describe its structures: cannot read {path} (CONFIG_DEBUG_INFO_BTF)")]
    Unreadable { path: String, source: btf_rs::Error },
    #[error("this kernel's `struct {structure}` has no member `{member}`, which the programs need")]
    Missing { structure: &'static str, member: &'static str },
}

/// All offsets, in bytes.
///
/// # Errors
/// There is no BTF, or it lacks a structure or member that every supported kernel has.
pub fn resolve() -> Result<Vec<Offset>, OffsetError> {
    let kernel = open(&Path::new(FOLDER).join("vmlinux"))?;
    // Split BTF needs the cached form of its base; where the kernel has overlayfs built in there is none.
    let module = Path::new(FOLDER).join(OVERLAY);
    let overlay = if module.exists() { Btf::from_split_file(&module, &kernel).ok() } else { None };
    WANTED.iter().map(|wanted| Ok((wanted.global, value(&kernel, overlay.as_ref(), wanted)?))).collect()
}

/// Mapped where the kernel lets its BTF be mapped (6.16): a tenth of the memory of the parsed form.
fn open(path: &Path) -> Result<Btf, OffsetError> {
    Btf::from_file_with_backend(path, Backend::Mmap)
        .or_else(|_| Btf::from_file(path))
        .map_err(|source| OffsetError::Unreadable { path: path.display().to_string(), source })
}

fn value(kernel: &Btf, overlay: Option<&Btf>, wanted: &Wanted) -> Result<u32, OffsetError> {
    let found = [Some(kernel), overlay]
        .into_iter()
        .flatten()
        .find_map(|btf| wanted.members.iter().find_map(|member| offset(btf, wanted.structure, member)));
    match found {
        Some(offset) => Ok(offset),
        None if wanted.presence == "may" => Ok(ABSENT),
        None => Err(OffsetError::Missing { structure: wanted.structure, member: wanted.members[0] }),
    }
}

/// The offset of a structure's member, in bytes.
fn offset(btf: &Btf, structure: &str, member: &str) -> Option<u32> {
    btf.resolve_types_by_name(structure).ok()?.into_iter().find_map(|found| match found {
        Type::Struct(found) => within(btf, &found, member, NESTING_MAX),
        _ => None,
    })
}

/// Looks through unnamed structures and unions too: `f_path` and `i_nlink` stand in such.
fn within(btf: &Btf, structure: &Struct, wanted: &str, nesting: usize) -> Option<u32> {
    let nesting = nesting.checked_sub(1)?;
    structure.members.iter().find_map(|member| {
        let name = btf.resolve_name(member).unwrap_or_default();
        if name == wanted {
            return Some(member.bit_offset() / 8);
        }
        if !name.is_empty() {
            return None;
        }
        match btf.resolve_chained_type(member).ok()? {
            Type::Struct(inner) | Type::Union(inner) => {
                within(btf, &inner, wanted, nesting).map(|offset| offset + member.bit_offset() / 8)
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests;
