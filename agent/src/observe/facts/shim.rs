//! Whether a container runs on this kernel: told by the shim that containerd runs for it, and the runtime below that.

use std::path::Path;

use policy::observed::OciSpec;

use super::spec;

#[cfg(test)]
mod tests;

/// Where containerd keeps bundles, below its state (core/runtime/v2, `task_manager.go`).
const BUNDLES: &str = "io.containerd.runtime.v2.task";
/// The name of runc's shim, before its version.
const RUNC: &str = "containerd-shim-runc-";
/// Runtimes that runc's shim may be told to use in its place and that have a kernel of their own.
const OTHER_KERNELS: [&str; 2] = ["runsc", "kata"];
/// A path.
const NAME_MAX: u64 = 4096;

/// Whether it does. None where it cannot be told.
pub(super) fn runs_here(node_root: &Path, bundle: &Path, spec: Option<&OciSpec>) -> Option<bool> {
    let name = |file: &Path| -> Option<String> {
        let path = String::from_utf8(spec::within(node_root, file, NAME_MAX)?).ok()?;
        Some(path.trim().rsplit('/').next()?.to_owned()).filter(|name| !name.is_empty())
    };
    if !bundle.components().any(|part| part.as_os_str() == BUNDLES) {
        // It was found through what runc or crun keep of it.
        return Some(true);
    }
    // A container that shares its sandbox's shim has no such file of its own.
    let shim = "shim-binary-path";
    let of_sandbox = || {
        let id =
            spec?.annotations.get("io.kubernetes.cri.sandbox-id").filter(|id| !id.contains(['/', '.']))?;
        name(&bundle.parent()?.join(id).join(shim))
    };
    if !name(&bundle.join(shim)).or_else(of_sandbox)?.starts_with(RUNC) {
        return Some(false);
    }
    let runtime = name(&bundle.join("runtime"));
    Some(!runtime.is_some_and(|runtime| OTHER_KERNELS.iter().any(|other| runtime.starts_with(other))))
}
