//! A program of somebody else's on a cgroup, put there by bpftool as a network plugin's or systemd's is.

use std::path::{Path, PathBuf};
use std::process::{self, Command};

use anyhow::{Context, Result, ensure};
use object::write::{Object, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SectionKind, SymbolFlags, SymbolKind, SymbolScope};
use tempfile::TempDir;

use crate::machine;

/// Whether it lets others be beside it (include/uapi/linux/bpf.h, `BPF_F_ALLOW_MULTI`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    Nobody,
    Others,
}

/// What it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    No,
    Yes,
}

/// On `connect4` of a cgroup. Dropping it takes it away again.
#[derive(Debug)]
pub struct Foreign {
    cgroup: PathBuf,
    pin: PathBuf,
}

/// The hook, by bpftool's name for it.
const HOOK: &str = "connect4";

impl Foreign {
    pub fn attach(cgroup: &Path, beside: Beside, says: Says) -> Result<Self> {
        let folder = TempDir::with_prefix("plumbline-foreign-")?;
        let object = folder.path().join("foreign.o");
        std::fs::write(&object, elf(says)?)?;
        let pin = Path::new("/sys/fs/bpf").join(format!("plumbline-test-foreign-{}", process::id()));
        let foreign = Self { cgroup: cgroup.to_owned(), pin };
        bpftool(|it| {
            it.args(["prog", "load"]).args([&object, &foreign.pin]).args(["type", "cgroup/connect4"])
        })?;
        bpftool(|it| {
            let it = foreign.on_cgroup(it, "attach");
            if beside == Beside::Others { it.arg("multi") } else { it }
        })?;
        Ok(foreign)
    }

    /// Whether it is still there.
    pub fn is_attached(&self) -> Result<bool> {
        let told = bpftool(|it| it.args(["cgroup", "show"]).arg(&self.cgroup))?;
        Ok(told.contains(NAME))
    }

    fn on_cgroup<'a>(&self, command: &'a mut Command, what: &str) -> &'a mut Command {
        command.args(["cgroup", what]).arg(&self.cgroup).args([HOOK, "pinned"]).arg(&self.pin)
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // One that was not attached says so.
        drop(bpftool(|it| self.on_cgroup(it, "detach")));
        if let Err(cause) = std::fs::remove_file(&self.pin) {
            eprintln!("left behind: {}: {cause}", self.pin.display());
        }
    }
}

const NAME: &str = "foreign";

/// `r0 = 0` or `r0 = 1`, and the end (Documentation/bpf/standardization/instruction-set.rst), in a file as libbpf reads it.
fn elf(says: Says) -> Result<Vec<u8>> {
    let answer = u8::from(says == Says::Yes);
    let code = [0xb7, 0, 0, 0, answer, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    let mut object = Object::new(BinaryFormat::Elf, Architecture::Bpf, Endianness::Little);
    let section = object.add_section(Vec::new(), b"cgroup/connect4".to_vec(), SectionKind::Text);
    object.append_section_data(section, &code, 8);
    object.add_symbol(Symbol {
        name: NAME.into(),
        value: 0,
        size: code.len() as u64,
        kind: SymbolKind::Text,
        scope: SymbolScope::Linkage,
        weak: false,
        section: SymbolSection::Section(section),
        flags: SymbolFlags::None,
    });
    object.write().context("write an object for bpftool")
}

fn bpftool(arguments: impl FnOnce(&mut Command) -> &mut Command) -> Result<String> {
    let mut command = Command::new(machine::program("bpftool")?);
    let output = arguments(&mut command).output()?;
    ensure!(output.status.success(), "{command:?}: {output:?}");
    Ok(String::from_utf8(output.stdout)?)
}
