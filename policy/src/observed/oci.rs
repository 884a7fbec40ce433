//! An OCI runtime specification (`config.json`), as far as a container is compared with it. Other fields are ignored; one
//! that does not read makes the whole unreadable, since what it leaves out would be taken for what it does not give.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};

/// What a runtime was told about a container: opencontainers/runtime-spec, config.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OciSpec {
    /// Where CRI implementations say whose container it is.
    #[serde(deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    /// The first process.
    pub process: Option<OciProcess>,
    /// The root file system.
    pub root: Option<OciRoot>,
    /// What is mounted below it, in order.
    #[serde(deserialize_with = "or_default")]
    pub mounts: Vec<OciMount>,
    /// What only Linux has.
    pub linux: Option<OciLinux>,
    /// Programs of others that run while the container is made.
    pub hooks: Option<OciHooks>,
}

/// `process`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OciProcess {
    /// Ids inside the container's user namespace.
    pub user: OciUser,
    /// Absent where the process gets none.
    pub capabilities: Option<OciCapabilities>,
    /// Absent is false.
    pub no_new_privileges: bool,
    /// The AppArmor profile's name; absent or empty where none is set.
    pub apparmor_profile: Option<String>,
    /// `user:role:type:level`; absent or empty where none is set.
    pub selinux_label: Option<String>,
}

/// `process.user`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the specification's own words")]
pub struct OciUser {
    pub uid: u32,
    pub gid: u32,
}

/// `process.capabilities`: names with their prefix, `CAP_CHOWN`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the specification's own words")]
pub struct OciCapabilities {
    #[serde(deserialize_with = "or_default")]
    pub bounding: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub permitted: Vec<String>,
}

/// `root`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OciRoot {
    /// On the node, or below the bundle.
    pub path: String,
    /// Absent is false.
    pub readonly: bool,
}

/// One of `mounts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OciMount {
    /// Where in the container.
    pub destination: String,
    /// The file system's type, `bind` by custom for a bind mount.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// A path on the node for a bind mount; else a word without meaning.
    pub source: Option<String>,
    /// `bind` and `rbind` are what makes it a bind mount.
    #[serde(deserialize_with = "or_default")]
    pub options: Vec<String>,
}

/// `linux`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OciLinux {
    /// A path on the cgroupfs driver, `slice:prefix:name` on systemd's.
    pub cgroups_path: Option<String>,
    /// Those that the container gets; one that is not listed is the runtime's own.
    #[serde(deserialize_with = "or_default")]
    pub namespaces: Vec<OciNamespace>,
    /// Absent where no filter is installed.
    pub seccomp: Option<OciSeccomp>,
    /// What is hidden.
    #[serde(deserialize_with = "or_default")]
    pub masked_paths: Vec<String>,
}

/// One of `linux.namespaces`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OciNamespace {
    /// `pid`, `network`, `mount`, `ipc`, `uts`, `user`, `cgroup`, `time`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The one to join; absent or empty where a new one is made.
    pub path: Option<String>,
}

/// `linux.seccomp`, of which only matters that it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct OciSeccomp {}

/// `hooks`, of which only matters whether there are any that can mount something into the container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the specification's own words")]
pub struct OciHooks {
    #[serde(deserialize_with = "or_default")]
    pub prestart: Vec<OciHook>,
    #[serde(deserialize_with = "or_default")]
    pub create_runtime: Vec<OciHook>,
    #[serde(deserialize_with = "or_default")]
    pub create_container: Vec<OciHook>,
}

/// A hook, whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct OciHook {}

impl OciSpec {
    /// Whether a program of others may have mounted something before the container's first process ran: GPU runtimes
    /// bring drivers so.
    pub fn has_mounting_hooks(&self) -> bool {
        self.hooks.as_ref().is_some_and(|OciHooks { prestart, create_runtime, create_container }| {
            [prestart, create_runtime, create_container].into_iter().any(|hooks| !hooks.is_empty())
        })
    }

    /// The bounding set, with prefixes: empty where the process gets no capabilities, None where there is no process to
    /// say.
    pub fn bounding(&self) -> Option<&[String]> {
        let capabilities = self.process.as_ref()?.capabilities.as_ref();
        Some(capabilities.map_or(&[], |capabilities| &capabilities.bounding))
    }

    /// Every capability that the process gets in any set, without prefixes.
    pub fn capabilities(&self) -> BTreeSet<&str> {
        let capabilities = self.process.as_ref().and_then(|process| process.capabilities.as_ref());
        let sets = capabilities.into_iter().flat_map(|of| of.bounding.iter().chain(&of.permitted));
        sets.map(|name| name.strip_prefix("CAP_").unwrap_or(name)).collect()
    }

    /// The namespace of this kind, if the container gets one.
    pub fn namespace(&self, kind: &str) -> Option<&OciNamespace> {
        self.linux.as_ref()?.namespaces.iter().find(|namespace| namespace.kind == kind)
    }
}

impl OciMount {
    /// The path on the node, if it is a bind mount.
    pub fn bound(&self) -> Option<&str> {
        let binds = |option: &String| option == "bind" || option == "rbind";
        self.source.as_deref().filter(|_| self.options.iter().any(binds))
    }
}

/// Go writes a list or map that is nil as null where a struct's tag does not leave it out.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
