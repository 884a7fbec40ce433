//! What a `createContainer` hook of OCI does that runs its work by a copy of itself: it goes into the root that the
//! container is to have, where none of the node's files has a path any more.

use std::fs;
use std::io::Read;
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, pivot_root};
use serde_json::Value;

use super::{Failure, because, in_memory, run, run_descriptor};

/// The state of the container, which says where its bundle is, comes by standard input.
pub(super) fn act() -> Result<(), Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(because("read the container's state"))?;
    let bundle = field(&text, "bundle")?;
    let config = fs::read_to_string(Path::new(&bundle).join("config.json"));
    let root = serde_json::from_str::<Value>(&config.map_err(because("read the bundle"))?)
        .map_err(because("read the bundle"))?["root"]["path"]
        .as_str()
        .map(str::to_owned)
        .ok_or("the bundle names no root")?;
    let copy = in_memory()?;
    enter(Path::new(&root))?;
    run_descriptor(&copy)?;
    run(Path::new("/bin/setuid"))
}

fn field(text: &str, name: &str) -> Result<String, Failure> {
    let state: Value = serde_json::from_str(text).map_err(because("read the container's state"))?;
    state[name].as_str().map(str::to_owned).ok_or_else(|| format!("the state has no {name}"))
}

fn enter(root: &Path) -> Result<(), Failure> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(because("unshare the mount namespace"))?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).map_err(because("make mounts private"))?;
    chdir(root).map_err(because("change to the root"))?;
    pivot_root(".", ".").map_err(because("pivot_root"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(because("unmount the old root"))?;
    chdir("/").map_err(because("change to /"))
}
