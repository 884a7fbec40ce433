//! A file over 500 lines is a folder waiting to be made.

use anyhow::{Context, Result, bail};

use super::files;
use crate::workspace::Workspace;

const MOST_LINES: usize = 500;

pub(super) fn lint(workspace: &Workspace) -> Result<()> {
    let mut too_long = Vec::new();
    for name in files(workspace, ".rs")? {
        let path = workspace.root.join(&name);
        // A file that was deleted and not yet committed is still listed.
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        too_long.extend(complaint(&name, &text));
    }
    if too_long.is_empty() {
        return Ok(());
    }
    bail!("files over {MOST_LINES} lines, to be parted:\n  {}", too_long.join("\n  "))
}

fn complaint(name: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES).then(|| format!("{name}: {lines} lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_501st_line_is_one_too_many() {
        assert_eq!(complaint("a.rs", &"x\n".repeat(500)), None);
        assert_eq!(complaint("a.rs", &"x\n".repeat(501)).as_deref(), Some("a.rs: 501 lines"));
    }
}
