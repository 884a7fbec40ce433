//! A container's root on overlayfs, as a snapshotter mounts it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use tempfile::TempDir;

/// A mounted root over an image that holds copies of the sample. Dropping it unmounts and removes everything.
#[derive(Debug)]
pub struct Overlay {
    folder: TempDir,
}

impl Overlay {
    /// Makes an image with `/bin/sample`, equal copies of it by the names in `copies` below `/bin`, and the
    /// folders that a container needs, and mounts a writable layer over it.
    pub fn mount(sample: &Path, copies: &[&str]) -> Result<Self> {
        let overlay = Self { folder: TempDir::with_prefix("plumbline-root-")? };
        for part in ["lower/bin", "lower/proc", "lower/tmp", "lower/data", "upper", "work", "root"] {
            fs::create_dir_all(overlay.part(part))?;
        }
        for name in ["sample"].iter().chain(copies) {
            let program = overlay.part("lower/bin").join(name);
            fs::copy(sample, &program).with_context(|| format!("copy {}", sample.display()))?;
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        }
        symlink("sample", overlay.part("lower/bin/link"))?;
        overlay.mount_root()?;
        Ok(overlay)
    }

    fn mount_root(&self) -> Result<()> {
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            self.part("lower").display(),
            self.part("upper").display(),
            self.part("work").display()
        );
        mount(Some("overlay"), &self.root(), Some("overlay"), MsFlags::empty(), Some(options.as_str()))
            .with_context(|| format!("mount an overlay with {options}"))
    }

    fn part(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The merged root.
    pub fn root(&self) -> PathBuf {
        self.part("root")
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        if let Err(cause) = umount2(&self.root(), MntFlags::MNT_DETACH) {
            eprintln!("left behind: {} is mounted: {cause}", self.root().display());
        }
    }
}
