//! Which security modules label processes on this node.

use std::fs;
use std::path::Path;

use policy::Known;

#[cfg(test)]
mod tests;

/// Unknown where securityfs cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Modules {
    pub(super) apparmor: Known<bool>,
    pub(super) selinux: Known<bool>,
}

impl Modules {
    /// From `/sys/kernel/security/lsm`. SELinux labels nothing before a policy is loaded; whoever loads one mounts
    /// selinuxfs for it, so that without that it is not known.
    pub(super) fn read(sys: &Path) -> Self {
        let Ok(modules) = fs::read_to_string(sys.join("kernel/security/lsm")) else { return Self::default() };
        let is_on = |name: &str| modules.trim().split(',').any(|module| module == name);
        let selinux = match (is_on("selinux"), sys.join("fs/selinux/enforce").exists()) {
            (true, false) => Known::Unknown,
            (is_on, _) => Known::Known(is_on),
        };
        Self { apparmor: is_on("apparmor").into(), selinux }
    }
}
