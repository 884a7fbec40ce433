//! Which mounts a path leads to. mountinfo lists those that lie below others, too: a fresh /proc over the one that the
//! runtime masked leaves every mask listed.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::{Mount, is_below};

/// The mounts that are seen at their target.
pub(super) fn shown(mounts: Vec<Mount>) -> Vec<Mount> {
    let reached = reached(&mounts);
    let at: HashMap<u32, &[u8]> = mounts.iter().map(|mount| (mount.id, &*mount.target)).collect();
    // One that another is mounted upon, at the same place.
    let under: HashSet<u32> = mounts
        .iter()
        .filter(|mount| at.get(&mount.parent) == Some(&&*mount.target) && mount.parent != mount.id)
        .map(|mount| mount.parent)
        .collect();
    mounts.into_iter().filter(|mount| reached.contains(&mount.id) && !under.contains(&mount.id)).collect()
}

/// Those that paths reach, or would if nothing were mounted upon them: nothing that is mounted beside one of them, or
/// beside what it is mounted on, lies over it.
fn reached(mounts: &[Mount]) -> HashSet<u32> {
    let mut of_parent: HashMap<u32, Vec<&Mount>> = HashMap::new();
    for mount in mounts {
        of_parent.entry(mount.parent).or_default().push(mount);
    }
    let ids: HashSet<u32> = mounts.iter().map(|mount| mount.id).collect();
    // The process's root is mounted on what it cannot see.
    let mut parents: Vec<u32> = of_parent.keys().copied().filter(|parent| !ids.contains(parent)).collect();
    let mut reached = HashSet::new();
    while let Some(parent) = parents.pop() {
        for mount in uncovered(of_parent.remove(&parent).unwrap_or_default()) {
            reached.insert(mount.id);
            parents.push(mount.id);
        }
    }
    reached
}

/// Of mounts on one parent those that no other lies over. What is below a path follows it directly in this order.
fn uncovered(mut siblings: Vec<&Mount>) -> Vec<&Mount> {
    siblings.sort_by(|one, other| by_component(&one.target, &other.target));
    let mut uncovered: Vec<&Mount> = Vec::new();
    for mount in siblings {
        let covers = |above: &&Mount| above.target != mount.target && is_below(&mount.target, &above.target);
        if !uncovered.last().is_some_and(covers) {
            uncovered.push(mount);
        }
    }
    uncovered
}

fn by_component(one: &[u8], other: &[u8]) -> Ordering {
    // No path has a zero byte, so that a slash comes before all else.
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    one.iter().map(key).cmp(other.iter().map(key))
}
