//! A compiler and a linker for crate agent-ebpf: found where they are, made where they are not.
//!
//! The crate needs the sources of core and unstable flags, so it needs a compiler with rust-src, and a bpf-linker
//! whose LLVM can read that compiler's bitcode. LLVM promises that of its own older versions only; whether it holds
//! here is not reckoned from version numbers but tried, with a program of one function.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::tools::BPF_LINKER;
use super::{Done, packages};
use crate::sh::{Cmd, which};
use crate::workspace::Workspace;

/// The name under which the distribution's compiler is linked into rustup, and agent/build.rs's default.
const LINKED: &str = "bpf";
const LINKED_SYSROOT: &str = "/usr";
const COMPILER_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];
const LLVM_PACKAGES: &[&str] = &["llvm-22-dev"];
const LLVM_PREFIX: &str = "/usr/lib/llvm-22";

const BY_HAND: &str = "no compiler for the eBPF programs. On a machine with rustup, run\n    \
     rustup toolchain install nightly-2026-05-20 --profile minimal --component rust-src --component clippy\n  \
     then, with LLVM 22 and its headers installed and LLVM_PREFIX its folder,\n    \
     cargo install bpf-linker --version 0.13.0 --no-default-features --features llvm-22";

const PROBE: &str = "#![no_std]
#[unsafe(no_mangle)]
pub extern \"C\" fn probe(x: u32) -> u32 { x.wrapping_add(1) }
";

/// A toolchain as rustup names it, and a linker that reads what it writes.
#[derive(Debug)]
pub(crate) struct Bpf {
    pub(crate) toolchain: String,
    linker: PathBuf,
}

impl Bpf {
    fn describe(&self) -> String {
        format!("toolchain {}, {}", self.toolchain, self.linker.display())
    }

    /// Tells cargo's children, and so agent/build.rs, which compiler and linker to take.
    pub(crate) fn apply(&self, cargo: Cmd) -> Cmd {
        let folder = self.linker.parent().map(Path::to_owned);
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let folders = folder.into_iter().chain(std::env::split_paths(&rest));
        let path = std::env::join_paths(folders).unwrap_or_else(|_| OsString::from(&rest));
        cargo.env("PLUMBLINE_BPF_TOOLCHAIN", &self.toolchain).env("PATH", path)
    }
}

pub(super) fn find_or_make(workspace: &Workspace) -> Result<(Bpf, Done)> {
    if let Some(bpf) = find(workspace)? {
        let what = bpf.describe();
        return Ok((bpf, Done::Already(what)));
    }
    let bpf = make(workspace)?;
    let what = bpf.describe();
    Ok((bpf, Done::Made(what)))
}

/// The first toolchain, in order, that one of the linkers understands.
fn find(workspace: &Workspace) -> Result<Option<Bpf>> {
    let linkers: Vec<_> =
        [Some(BPF_LINKER.program(workspace)), which("bpf-linker")].into_iter().flatten().collect();
    for toolchain in toolchains()? {
        for linker in linkers.iter().filter(|linker| linker.is_file()) {
            if reads_bitcode(workspace, &toolchain, linker)? {
                return Ok(Some(Bpf { toolchain, linker: linker.clone() }));
            }
        }
    }
    Ok(None)
}

/// Installed toolchains that have core's sources: nightlies, then the linked one.
fn toolchains() -> Result<Vec<String>> {
    let rustup = Cmd::new("rustup").args(["toolchain", "list", "-v"]);
    let list = rustup.hint("rustup must be installed: https://rustup.rs").read()?;
    Ok(with_sources(&list, |sysroot| sysroot.join("lib/rustlib/src/rust/library/core").is_dir()))
}

/// Picks from lines like `nightly-x86_64-unknown-linux-gnu (default) /home/x/.rustup/toolchains/nightly-...`.
fn with_sources(list: &str, has_sources: impl Fn(&Path) -> bool) -> Vec<String> {
    let named =
        list.lines().filter_map(|line| Some((line.split_whitespace().next()?, line.split_once('/')?.1)));
    let usable = named.filter(|(_, sysroot)| has_sources(&Path::new("/").join(sysroot)));
    let (nightlies, others): (Vec<_>, Vec<_>) =
        usable.map(|(name, _)| name.to_owned()).partition(|name| name.starts_with("nightly"));
    nightlies.into_iter().chain(others.into_iter().filter(|name| name == LINKED)).collect()
}

fn reads_bitcode(workspace: &Workspace, toolchain: &str, linker: &Path) -> Result<bool> {
    let folder = workspace.cache.join("probe");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let [source, bitcode, object] =
        ["rs", "bc", "o"].map(|kind| folder.join(format!("{}.{kind}", std::process::id())));
    std::fs::write(&source, PROBE).with_context(|| format!("cannot write {}", source.display()))?;
    let rustc = Cmd::new("rustc").arg(format!("+{toolchain}")).args(["--edition=2024", "--crate-type=lib"]);
    let rustc = rustc.args(["--emit=llvm-bc", "-Cpanic=abort", "-O", "-o"]).arg(&bitcode).arg(&source);
    let link = Cmd::new(linker).args(["--target=bpfel", "--export=probe", "-o"]).arg(&object).arg(&bitcode);
    let works = rustc.succeeds() && link.succeeds();
    for file in [source, bitcode, object] {
        // What was never made cannot be removed, and what stays is overwritten or in nobody's way.
        let _ = std::fs::remove_file(file);
    }
    Ok(works)
}

/// A linker for the compiler that is there, if that is all it lacks; else the distribution's compiler as well.
fn make(workspace: &Workspace) -> Result<Bpf> {
    if !toolchains()?.is_empty() {
        make_linker(workspace)?;
        if let Some(bpf) = find(workspace)? {
            return Ok(bpf);
        }
    }
    make_compiler()?;
    make_linker(workspace)?;
    find(workspace)?.context("installed, and yet bpf-linker does not read what the compiler writes")
}

fn make_compiler() -> Result<()> {
    if !packages::has_apt() {
        bail!(BY_HAND);
    }
    packages::install(COMPILER_PACKAGES).context(BY_HAND)?;
    if !toolchains()?.iter().any(|name| name == LINKED) {
        let link = Cmd::new("rustup").args(["toolchain", "link", LINKED, LINKED_SYSROOT]);
        link.announce();
        link.run_quietly()?;
    }
    Ok(())
}

fn make_linker(workspace: &Workspace) -> Result<()> {
    if BPF_LINKER.program(workspace).is_file() {
        return Ok(());
    }
    let prefix = std::env::var_os("LLVM_PREFIX").unwrap_or_else(|| LLVM_PREFIX.into());
    if !Path::new(&prefix).join("bin/llvm-config").is_file() {
        if !packages::has_apt() {
            bail!(BY_HAND);
        }
        packages::install(LLVM_PACKAGES).context(BY_HAND)?;
    }
    BPF_LINKER.install(workspace, |cargo| cargo.env("LLVM_PREFIX", prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
stable-x86_64-unknown-linux-gnu (default) /home/a/.rustup/toolchains/stable-x86_64-unknown-linux-gnu
bpf /usr
nightly-2026-05-20-x86_64-unknown-linux-gnu /home/a/.rustup/toolchains/nightly-2026-05-20-x86_64-unknown-linux-gnu
1.95.0-x86_64-unknown-linux-gnu (active) /home/a/.rustup/toolchains/1.95.0-x86_64-unknown-linux-gnu
";

    #[test]
    fn a_nightly_with_sources_comes_before_the_linked_compiler() {
        let found = with_sources(LIST, |_| true);
        assert_eq!(found, ["nightly-2026-05-20-x86_64-unknown-linux-gnu", "bpf"]);
    }

    #[test]
    fn a_toolchain_without_sources_is_left_out() {
        assert_eq!(with_sources(LIST, |sysroot| sysroot == Path::new("/usr")), ["bpf"]);
    }
}
