//! The image of the sample's containers: a shell, and the program that acts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::which;

const FOLDERS: [&str; 9] = ["bin", "data", "dev", "etc", "opt", "proc", "sys", "tmp", "var"];
const APPLETS: [&str; 20] = [
    "cat", "chmod", "chown", "cp", "gzip", "hostname", "id", "ls", "mkdir", "mount", "mv", "nslookup", "ps",
    "rm", "sh", "sleep", "tail", "tar", "true", "unshare",
];

/// Copies of the acting program: one to be overwritten, one whose mode is changed.
const COPIES: [&str; 3] = ["/bin/sample", "/bin/victim", "/bin/changed"];
/// Another, which whoever runs it runs as root.
const SETUID: &str = "/bin/setuid";

/// Fills the empty folder `image`.
pub(crate) fn make(image: &Path, sample: &Path) -> Result<()> {
    for folder in FOLDERS {
        let folder = image.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let busybox = which("busybox").context("no busybox here: install busybox-static")?;
    copy(&busybox, image, "/bin/busybox")?;
    for applet in APPLETS {
        symlink("busybox", image.join("bin").join(applet))
            .with_context(|| format!("cannot link {applet}"))?;
    }
    COPIES.into_iter().try_for_each(|path| copy(sample, image, path).map(drop))?;
    let setuid = copy(sample, image, SETUID)?;
    fs::set_permissions(&setuid, fs::Permissions::from_mode(0o4755)).context("cannot set a file's mode")
}

fn copy(program: &Path, image: &Path, path: &str) -> Result<PathBuf> {
    let target = image.join(path.trim_start_matches('/'));
    fs::copy(program, &target)
        .with_context(|| format!("cannot copy {} to {}", program.display(), target.display()))?;
    Ok(target)
}
