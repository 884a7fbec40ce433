//! The image of the sample's containers: a shell, and the program that acts.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};

use crate::sh::which;

const APPLETS: [&str; 8] = ["cat", "chmod", "cp", "id", "ls", "sh", "sleep", "true"];

/// Copies of the acting program: one to be overwritten, one whose mode is changed.
pub(crate) const VICTIM: &str = "/bin/victim";
pub(crate) const CHANGED: &str = "/bin/changed";

/// Fills the empty folder `image`.
pub(crate) fn make(image: &Path, sample: &Path) -> Result<()> {
    for folder in ["bin", "data", "dev", "proc", "sys", "tmp"] {
        let folder = image.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let busybox = which("busybox").context("no busybox here: install busybox-static")?;
    copy(&busybox, image, "/bin/busybox")?;
    for applet in APPLETS {
        symlink("busybox", image.join("bin").join(applet))
            .with_context(|| format!("cannot link {applet}"))?;
    }
    ["/bin/sample", VICTIM, CHANGED].into_iter().try_for_each(|path| copy(sample, image, path))
}

fn copy(program: &Path, image: &Path, path: &str) -> Result<()> {
    let target = image.join(path.trim_start_matches('/'));
    fs::copy(program, &target)
        .with_context(|| format!("cannot copy {} to {}", program.display(), target.display()))?;
    Ok(())
}
