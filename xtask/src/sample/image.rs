//! The image of the sample's containers: a shell, and the program that acts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::sh::which;

const FOLDERS: [&str; 9] = ["bin", "data", "dev", "etc", "opt", "proc", "sys", "tmp", "var"];
const APPLETS: [&str; 23] = [
    "cat", "chmod", "chown", "cp", "gzip", "hostname", "id", "ls", "mkdir", "mount", "mv", "nsenter",
    "nslookup", "ps", "rm", "sh", "sleep", "su", "tail", "tar", "true", "unshare", "wc",
];
const USERS: &str = "root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n";
const GROUPS: &str = "root:x:0:\napp:x:1000:\n";

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
    for (name, text) in [("passwd", USERS), ("group", GROUPS)] {
        fs::write(image.join("etc").join(name), text).with_context(|| format!("cannot write {name}"))?;
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
