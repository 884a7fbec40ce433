//! user_namespaces(7), `/proc/PID/uid_map`: which ids of the node the ids inside are.

use policy::observed::{IdMap, IdRange};

#[cfg(test)]
mod tests;

/// The kernel takes no more lines (kernel/user_namespace.c, `UID_GID_MAP_MAX_EXTENTS`).
const LINES_MAX: usize = 340;

/// The text of `uid_map` or `gid_map` as the node reads it. None where it is no such map.
pub(super) fn parse(text: &[u8]) -> Option<IdMap> {
    let ranges: Vec<_> = std::str::from_utf8(text).ok()?.lines().map(range).collect::<Option<_>>()?;
    (ranges.len() <= LINES_MAX).then_some(IdMap(ranges))
}

/// `inside outside length`.
fn range(line: &str) -> Option<IdRange> {
    let mut numbers = line.split_ascii_whitespace().map(str::parse);
    let mut next = || numbers.next()?.ok();
    let range = IdRange { inside: next()?, outside: next()?, length: next()? };
    numbers.next().is_none().then_some(range)
}
