//! Kernel bytes are bytes: names that are not UTF-8, and arguments of a megabyte.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;
use tests::records::{container_id, path, policy};
use tests::scene::Scene;
use tests::storm::Execs;

crate::theme![path_that_is_not_utf8_keeps_its_bytes, arguments_of_a_megabyte_are_bounded];

fn path_that_is_not_utf8_keeps_its_bytes() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let container = scene.container()?;
    let name = b"/tmp/caf\xe9\xff";
    let command = [OsStr::new("/bin/sample"), OsStr::new("drop"), OsStr::from_bytes(name)];
    let output = container.exec(&command)?;
    ensure!(output.status.success(), "{output:?}");
    let record = agent.record("telling of the file", |record| {
        path(record) == Some("/tmp/caf\u{fffd}\u{fffd}") && policy(record) != Some("every-exec")
    })?;
    let encoded = record.pointer("/evidence/executable/pathBytes").and_then(Value::as_str);
    let bytes = STANDARD.decode(encoded.context("no pathBytes")?)?;
    ensure!(bytes == name, "{bytes:?}");
    agent.stop().map(drop)
}

fn arguments_of_a_megabyte_are_bounded() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    let storm = Execs::new(group.path(), folder.path(), 200);
    let caused = Execs { distinct: true, args_bytes: 1_000_000, ..storm }.run()?;
    let account = agent.settled("exec")?;
    account.check()?;
    ensure!(account.submitted == caused.execs && account.lost == 0, "{account:?}");
    let records = agent.stop()?;
    let mut execs = records
        .iter()
        .filter(|record| container_id(record) == Some(&group.container_id))
        .filter(|record| policy(record) == Some("every-exec"))
        .peekable();
    ensure!(execs.peek().is_some(), "no record of the storm");
    for record in execs {
        let length = record.to_string().len();
        ensure!(length < 64 * 1024, "a record of {length} bytes");
        let last = record.pointer("/evidence/args").and_then(Value::as_array).and_then(|args| args.last());
        ensure!(last == Some(&Value::Null), "what was left out is not said to be unknown: {last:?}");
    }
    Ok(())
}
