//! What programs of others add to containers on this node. It stands in files that are the same for all containers, so
//! that one reading serves the looks of a moment.

use std::path::Path;

use policy::Known;

use super::{cdi, known, plugins};

#[cfg(test)]
mod tests;

/// A reading serves so long, in nanoseconds.
const KEPT: u64 = 1_000_000_000;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Additions {
    /// Where the node's CDI specifications mount something.
    pub(super) cdi_targets: Known<Vec<String>>,
    /// Whether plugins of the runtime may add mounts.
    pub(super) mount_plugins: Known<bool>,
}

/// The last reading, and its time.
#[derive(Debug, Default)]
pub(super) struct Kept(Option<(u64, Additions)>);

impl Kept {
    /// For a container that was made before `made`. An older reading than that may lack what was written for it.
    pub(super) fn of(&mut self, made: u64, now: u64, node_root: &Path, proc: &Path) -> Additions {
        let serves = |(read, _): &&(u64, Additions)| *read >= made && now.saturating_sub(*read) < KEPT;
        if let Some((_, additions)) = self.0.as_ref().filter(serves) {
            return additions.clone();
        }
        let additions = Additions {
            cdi_targets: known(cdi::targets(node_root)),
            mount_plugins: known(plugins::are_there(node_root, proc)),
        };
        self.0 = Some((now, additions.clone()));
        additions
    }
}
