//! YAML files as JSON, read as policies are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use policy::yaml;
use serde_json::Value as Json;

/// Every document of a file.
pub fn read(path: &Path) -> Result<Vec<Json>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let document = |document: Result<yaml::Node, yaml::Error>| {
        let node = document.with_context(|| path.display().to_string())?;
        yaml::decode(&node).map_err(|mistakes| anyhow!("{}: {mistakes:?}", path.display()))
    };
    yaml::documents(&text).map(document).collect()
}
