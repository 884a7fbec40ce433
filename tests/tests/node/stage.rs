//! The stage on which the other tests play.

use std::fs;

use anyhow::{Result, ensure};
use tests::cgroup::{self, Hierarchies, Subtree};
use tests::container::Container;
use tests::lock::Lock;
use tests::machine;
use tests::overlay::Overlay;

crate::theme![container_runs_in_its_group_and_leaves_nothing];

fn container_runs_in_its_group_and_leaves_nothing() -> Result<()> {
    let programs = machine::ready_for_agent()?;
    let lock = Lock::take()?;
    let before = traces()?;
    {
        let subtree = Subtree::create(&Hierarchies::mounted()?.unified)?;
        let overlay = Overlay::mount(&programs.sample, &["victim"])?;
        let container = Container::start(&subtree, overlay)?;
        ensure!(cgroup::processes(container.group.path())? == [container.init()], "the init alone");
        container.sample(&["drop", "/tmp/dropped"])?;
        container.sample(&["overwrite", "/bin/victim"])?;
        container.sample(&["chmod", "/bin/sample"])?;
        let output = container.exec(&["/bin/sample", "hello"])?;
        ensure!(output.stdout == b"hello\n", "{output:?}");
        container.stop()?;
    }
    ensure!(traces()? == before, "something is left: {:?} was {before:?}", traces()?);
    drop(lock);
    Ok(())
}

/// Mounts of the node and groups in its unified hierarchy that tests make.
fn traces() -> Result<Vec<String>> {
    let mounts = fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter(|line| line.contains("plumbline-")).map(str::to_owned);
    let groups = fs::read_dir(Hierarchies::mounted()?.unified)?.flatten();
    let groups = groups.map(|group| group.file_name().to_string_lossy().into_owned());
    Ok(mounts.chain(groups.filter(|name| name.starts_with("plumbline-test-"))).collect())
}
