//! What is loaded in the kernel, as bpftool shows it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::machine;

/// Programs, maps and links, each by its kind and its id.
pub fn objects() -> Result<BTreeSet<(&'static str, u64)>> {
    let mut objects = BTreeSet::new();
    for kind in ["prog", "map", "link"] {
        objects.extend(show(kind)?.iter().filter_map(|object| Some((kind, object["id"].as_u64()?))));
    }
    Ok(objects)
}

/// How long the kernel may take to free programs after their last reference is gone.
const FREED: Duration = Duration::from_secs(5);

/// Waits until nothing is there that was not among `before`. What others had loaded may go away meanwhile.
pub fn wait_until_freed(before: &BTreeSet<(&'static str, u64)>) -> Result<()> {
    let deadline = Instant::now() + FREED;
    loop {
        let left = &objects()? - before;
        if left.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "left in the kernel: {left:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// What is there of `kind` and was not among `before`.
pub fn since(before: &BTreeSet<(&'static str, u64)>, kind: &'static str) -> Result<Vec<Value>> {
    let mut listed = show(kind)?;
    listed.retain(|object| object["id"].as_u64().is_some_and(|id| !before.contains(&(kind, id))));
    Ok(listed)
}

/// How many entries the hash map `id` has now. Of one that changes meanwhile it is about that.
pub fn entries(id: u64) -> Result<usize> {
    Ok(list(&["map", "dump", "id", &id.to_string()])?.len())
}

/// The keys of the hash map `id`.
pub fn keys(id: u64) -> Result<Vec<Vec<u8>>> {
    let entries = list(&["map", "dump", "id", &id.to_string()])?;
    entries.iter().map(|entry| bytes(&entry["key"])).collect()
}

/// The value of a key in the map `id`.
pub fn value(id: u64, key: &[u8]) -> Result<Vec<u8>> {
    let arguments = [&words(&["map", "lookup", "id", &id.to_string(), "key", "hex"])[..], &hex(key)].concat();
    let output = Command::new(machine::program("bpftool")?).arg("-j").args(&arguments).output()?;
    let entry: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read what bpftool {arguments:?} says"))?;
    bytes(&entry["value"])
}

/// Writes a value into the map `id`, as its agent would.
pub fn write(id: u64, key: &[u8], value: &[u8]) -> Result<()> {
    let update = words(&["map", "update", "id", &id.to_string(), "key", "hex"]);
    let arguments = [&update[..], &hex(key), &words(&["value", "hex"]), &hex(value)].concat();
    let output = Command::new(machine::program("bpftool")?).args(&arguments).output()?;
    ensure!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// bpftool writes a byte as `"0x1f"`.
fn bytes(list: &Value) -> Result<Vec<u8>> {
    let byte = |text: &Value| u8::from_str_radix(text.as_str()?.strip_prefix("0x")?, 16).ok();
    let bytes = list.as_array().and_then(|list| list.iter().map(byte).collect());
    bytes.with_context(|| format!("no bytes: {list}"))
}

fn show(kind: &str) -> Result<Vec<Value>> {
    list(&[kind, "show"])
}

fn list(arguments: &[&str]) -> Result<Vec<Value>> {
    let output = Command::new(machine::program("bpftool")?).arg("-j").args(arguments).output()?;
    let listed: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read what bpftool {arguments:?} says"))?;
    listed.as_array().cloned().with_context(|| format!("bpftool {arguments:?} gives no list"))
}

/// The kernel's clock on every program; it costs time itself, so it runs only while this lives.
#[derive(Debug)]
pub struct RunStatistics {
    before: String,
}

/// Turns the clock on.
const SWITCH: &str = "/proc/sys/kernel/bpf_stats_enabled";

impl RunStatistics {
    pub fn enable() -> Result<Self> {
        let before = fs::read_to_string(SWITCH).with_context(|| format!("read {SWITCH}"))?;
        fs::write(SWITCH, "1").with_context(|| format!("write {SWITCH}"))?;
        Ok(Self { before })
    }
}

impl Drop for RunStatistics {
    fn drop(&mut self) {
        if let Err(cause) = fs::write(SWITCH, self.before.trim()) {
            eprintln!("left on: {SWITCH}: {cause}");
        }
    }
}

const HIDING: &str = "/proc/sys/kernel/kptr_restrict";

/// While it lives the kernel tells nobody where its functions are (proc_sys_kernel(5), `kptr_restrict`). Taken under the
/// machine's lock; its end sets what was there before.
#[derive(Debug)]
pub struct HiddenFunctions {
    before: String,
}

impl HiddenFunctions {
    pub fn hide() -> Result<Self> {
        let before = fs::read_to_string(HIDING).with_context(|| format!("read {HIDING}"))?;
        fs::write(HIDING, "2").with_context(|| format!("write {HIDING}"))?;
        Ok(Self { before })
    }
}

impl Drop for HiddenFunctions {
    fn drop(&mut self) {
        if let Err(failure) = fs::write(HIDING, &self.before) {
            eprintln!("left behind: {HIDING} is 2: {failure}");
        }
    }
}
