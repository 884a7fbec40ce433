//! Whether a run left anything behind: looked for by the names that only this run had.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::cgroups::hierarchies;

const PINS: &str = "/sys/fs/bpf";
const RUNC_STATE: &str = "/run/runc";
/// kubepods, class, pod, container; runtimes go a few deeper.
const CGROUP_DEPTH: usize = 8;
/// A container's first process is a child of init, which may look after its children once a second only.
const COLLECTED_WITHIN: Duration = Duration::from_secs(5);

/// The names of a run: its folder, its Pods' uids, its containers' ids.
#[derive(Debug)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl Names {
    fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|name| text.contains(name.as_str()))
    }
}

/// What is still there once init had time to collect the dead.
pub(crate) fn after_a_while(names: &Names, pins_before: &[PathBuf]) -> Result<Vec<String>> {
    let end = Instant::now() + COLLECTED_WITHIN;
    loop {
        let left = find(names, pins_before)?;
        if left.is_empty() || Instant::now() > end {
            return Ok(left);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Everything on this machine that still bears one of `names`, and pins that were not there before.
fn find(names: &Names, pins_before: &[PathBuf]) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for root in hierarchies()? {
        let folders =
            below(&root, CGROUP_DEPTH).into_iter().filter(|path| names.are_in(&path.to_string_lossy()));
        left.extend(folders.map(|path| format!("control group {}", path.display())));
    }
    left.extend(lines("/proc/self/mountinfo", names).map(|line| format!("mount {line}")));
    left.extend(processes(names));
    left.extend(
        pins()
            .into_iter()
            .filter(|pin| !pins_before.contains(pin))
            .map(|pin| format!("pin {}", pin.display())),
    );
    let states =
        below(Path::new(RUNC_STATE), 1).into_iter().filter(|path| names.are_in(&path.to_string_lossy()));
    left.extend(states.map(|path| format!("container {}", path.display())));
    let folders = names.0.iter().map(Path::new).filter(|name| name.is_absolute() && name.exists());
    left.extend(folders.map(|path| format!("folder {}", path.display())));
    Ok(left)
}

/// What the agent has pinned, or another run of it.
pub(crate) fn pins() -> Vec<PathBuf> {
    let pins = below(Path::new(PINS), CGROUP_DEPTH);
    pins.into_iter().filter(|pin| pin.to_string_lossy().contains("plumb")).collect()
}

/// Processes that are in one of the control groups, or were started with one of the names.
fn processes(names: &Names) -> Vec<String> {
    let own = std::process::id().to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let others = pids.filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()) && *pid != own);
    let ours = others.filter(|pid| {
        let file = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        names.are_in(&String::from_utf8_lossy(&file("cgroup")))
            || names.are_in(&String::from_utf8_lossy(&file("cmdline")))
    });
    ours.map(|pid| format!("process {pid}")).collect()
}

fn lines(file: &str, names: &Names) -> impl Iterator<Item = String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<_> = text.lines().filter(|line| names.are_in(line)).map(str::to_owned).collect();
    lines.into_iter()
}

/// Files and folders below `root`, to a depth. What goes away meanwhile is not left behind.
fn below(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        if depth > 1 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(below(&path, depth - 1));
        }
        found.push(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_running_process_and_a_folder_are_found_and_their_end_is_seen() {
        let folder = std::env::temp_dir().join(format!("plumbline-leftovers-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let mut child = Command::new("sleep").arg0(&folder).arg("60").spawn().unwrap();
        // The kernel closes what tells of the exec a moment before it shows the new command line.
        while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
            thread::yield_now();
        }
        let names = Names(vec![folder.display().to_string()]);

        let left = find(&names, &pins()).unwrap();
        assert!(left.contains(&format!("process {}", child.id())), "{left:?}");
        assert!(left.contains(&format!("folder {}", folder.display())), "{left:?}");

        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_dir(&folder).unwrap();
        assert_eq!(find(&names, &pins()).unwrap(), Vec::<String>::new());
    }
}
