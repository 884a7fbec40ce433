//! Compiles the eBPF programs and leaves the object where `src/load.rs` includes it from.
//!
//! They need a compiler of their own: `build-std` for a target without a prebuilt `core`, and bpf-linker, whose
//! LLVM must be the compiler's. `cargo xtask toolchain` sets one up under the name `bpf`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const PACKAGE: &str = "plumbline-agent-ebpf";

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            for line in sentence.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    for watched in ["agent-ebpf", "agent-common", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-env-changed=PLUMBLINE_BPF_TOOLCHAIN");
    let target = format!("bpf{}-unknown-none", endianness()?);
    // One folder for every build of the workspace: `core` is compiled once. Diagnostics make another object.
    let log = env::var_os("CARGO_FEATURE_EBPF_LOG").is_some();
    let folder = root.join(if log { "target/ebpf-log" } else { "target/ebpf" });
    compile(&root, &folder, &target, log)?;
    let object = folder.join(target).join("release").join(PACKAGE);
    let out = Path::new(&variable("OUT_DIR")?).join("programs");
    fs::copy(&object, &out).map_err(|error| format!("cannot copy {}: {error}", object.display()))?;
    Ok(())
}

fn compile(root: &Path, folder: &Path, target: &str, log: bool) -> Result<(), String> {
    let toolchain = env::var("PLUMBLINE_BPF_TOOLCHAIN").unwrap_or_else(|_| "bpf".to_owned());
    let mut cargo = Command::new("rustup");
    cargo.args(["run", &toolchain, "cargo", "build", "--release", "-Z", "build-std=core"]);
    cargo.args(["--target", target, "--package", PACKAGE]).arg("--target-dir").arg(folder);
    if log {
        cargo.args(["--features", "log"]);
    }
    // What cargo sets for this script is meant for the host's compiler.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO") && name != "CARGO_HOME") {
            cargo.env_remove(name);
        }
    }
    for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-C debuginfo=2 -C link-arg=--btf");
    let output = cargo.current_dir(root).output().map_err(|error| {
        format!("cannot start rustup, which finds the compiler for the eBPF programs: {error}")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "the eBPF programs did not compile with toolchain `{toolchain}`; `cargo xtask toolchain` sets it up\n{said}"
    ))
}

fn endianness() -> Result<&'static str, String> {
    match variable("CARGO_CFG_TARGET_ENDIAN")?.as_str() {
        "little" => Ok("el"),
        "big" => Ok("eb"),
        other => Err(format!("no eBPF target has the endianness `{other}`")),
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("cargo did not set {name}: {error}"))
}
