//! The mount options that name an overlay's layers (fs/overlayfs/params.c).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::{Layers, kernel_device};
use crate::correlate::tree::unescape;

/// Lists longer than the kernel's own limit (`OVL_MAX_STACK`) are not from the kernel.
const MOST_LAYERS: usize = 500;

/// The layers of the mount at `/`, if it is an overlay with an upper layer.
pub(super) fn root_overlay(mountinfo: &[u8]) -> Option<Layers> {
    let root = last_root(mountinfo).filter(|root| root.kind == b"overlay" && root.is_whole)?;
    layers(root.device, root.options)
}

/// Whether the mount at `/` is a folder within an overlay.
pub(super) fn is_part_of_overlay(mountinfo: &[u8]) -> bool {
    last_root(mountinfo).is_some_and(|root| root.kind == b"overlay" && !root.is_whole)
}

/// Where several mounts lie over each other at `/`, the last one is what the container sees.
fn last_root(mountinfo: &[u8]) -> Option<Root<'_>> {
    mountinfo.split(|byte| *byte == b'\n').filter_map(root_mount).next_back()
}

/// What a line of mountinfo says of the mount at `/`.
struct Root<'a> {
    device: u32,
    /// Whether its root is the file system's.
    is_whole: bool,
    kind: &'a [u8],
    options: &'a [u8],
}

/// A line whose mount point is `/` (proc_pid_mountinfo(5)).
fn root_mount(line: &[u8]) -> Option<Root<'_>> {
    let mut fields = line.split(|byte| *byte == b' ');
    let device = device(fields.nth(2)?)?;
    let is_whole = fields.next()? == b"/";
    let target = fields.next()?;
    let mut after = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = after.next()?;
    let options = after.nth(1)?;
    (target == b"/").then_some(Root { device, is_whole, kind, options })
}

/// `major:minor`.
fn device(field: &[u8]) -> Option<u32> {
    let (major, minor) = std::str::from_utf8(field).ok()?.split_once(':')?;
    let major: u32 = major.parse().ok().filter(|major| *major < 1 << 12)?;
    let minor: u32 = minor.parse().ok().filter(|minor| *minor < 1 << 20)?;
    Some(kernel_device(major, minor))
}

fn layers(device: u32, options: &[u8]) -> Option<Layers> {
    let (mut upper, mut lower, mut user_attributes) = (None, Vec::new(), false);
    for option in options.split(|byte| *byte == b',') {
        // The kernel escapes commas in values, so each one separates.
        let mut parts = option.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?, unescape(parts.next().unwrap_or_default()));
        match name {
            b"upperdir" => upper = Some(path(value)),
            b"lowerdir" => lower = list(&value),
            b"lowerdir+" => lower.push(path(value)),
            b"userxattr" => user_attributes = true,
            _ => {}
        }
    }
    let upper = upper.filter(|upper| upper.is_absolute())?;
    (1..=MOST_LAYERS).contains(&lower.len()).then_some(Layers { device, upper, lower, user_attributes })
}

/// Splits at colons; a backslash before a colon or a backslash makes it part of the name. What follows a double
/// colon are data-only layers.
fn list(value: &[u8]) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut name = Vec::new();
    let mut bytes = value.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => name.extend(bytes.next_if(|next| matches!(next, b':' | b'\\')).or(Some(byte))),
            b':' if name.is_empty() => return paths,
            b':' => paths.push(path(std::mem::take(&mut name))),
            _ => name.push(byte),
        }
    }
    if !name.is_empty() {
        paths.push(path(name));
    }
    paths
}

fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
