//! Programs from the distribution. What counts is the program, not the package: a machine that has runc from
//! elsewhere keeps it.

use anyhow::{Result, bail};

use super::Done;
use crate::sh::{Cmd, which};

/// A file that is there when the Debian package is: a program on PATH, or an absolute path.
type Wanted = (&'static str, &'static str);

/// What the tests, the sample and the benches run.
pub(super) const TESTS: &[Wanted] = &[
    ("runc", "runc"),
    ("busybox", "busybox-static"),
    ("bpftool", "bpftool"),
    ("redis-server", "redis-server"),
    ("redis-benchmark", "redis-tools"),
];

pub(super) fn ensure(wanted: &[Wanted]) -> Result<Done> {
    let missing: Vec<_> = wanted.iter().filter(|(file, _)| which(file).is_none()).collect();
    if missing.is_empty() {
        let files: Vec<_> = wanted.iter().map(|(file, _)| *file).collect();
        return Ok(Done::Already(files.join(" ")));
    }
    let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    if !has_apt() {
        let files: Vec<_> = missing.iter().map(|(file, _)| *file).collect();
        bail!(
            "not on this machine: {}; there is no apt here to install {}",
            files.join(", "),
            packages.join(", ")
        );
    }
    install(&packages)?;
    Ok(Done::Made(packages.join(" ")))
}

pub(super) fn has_apt() -> bool {
    which("apt-get").is_some()
}

/// Installs packages; the package lists are fetched only when the ones that are there do not do.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let apt = |args: &[&str]| -> Result<Cmd> {
        let apt = Cmd::root("env")?.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]);
        Ok(apt.args(args).hint("install these packages yourself, then run this again"))
    };
    // A package that would push out another one (runc, where containerd.io brings its own) is for a person to decide.
    let install =
        || apt(&["install", "--no-install-recommends", "--no-remove"]).map(|cmd| cmd.args(packages));
    let first = install()?;
    first.announce();
    if first.succeeds() {
        return Ok(());
    }
    let update = apt(&["update"])?;
    update.announce();
    update.run_quietly()?;
    let second = install()?;
    second.announce();
    second.run_quietly()
}
