//! Containers made by runc, so that there is an OCI specification beside the Pod and the kernel.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cgroup::{self, ContainerGroup, Hierarchies};
use crate::machine;
use crate::overlay::Overlay;
use crate::scene::Scene;

/// containerd's default set.
const DEFAULTS: [&str; 14] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FSETID",
    "CAP_FOWNER",
    "CAP_MKNOD",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETFCAP",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_KILL",
    "CAP_AUDIT_WRITE",
];
const NAMESPACES: [&str; 5] = ["pid", "ipc", "uts", "mount", "network"];

/// What containers of the tests begin with: a Pod that forbids what can be forbidden, and the specification that a
/// runtime makes of it. A test changes either.
#[derive(Debug)]
pub struct Plan {
    pub pod: Value,
    pub spec: Value,
    pub group: ContainerGroup,
    overlay: Overlay,
    folder: TempDir,
    runc: PathBuf,
}

/// A container that runs. Dropping it deletes it, with its groups in every hierarchy.
#[derive(Debug)]
pub struct Container {
    plan: Plan,
}

impl Plan {
    /// Of a container that runs `command`.
    pub fn new(scene: &Scene, command: &[&str]) -> Result<Self> {
        let runc = machine::program("runc")?;
        let group = scene.subtree.container()?;
        let folder = TempDir::with_prefix("plumbline-bundle-")?;
        let overlay = Overlay::mount(&scene.programs.sample, &["setuid"])?;
        let mut plan = Self { pod: pod(&group), spec: Value::Null, group, overlay, folder, runc };
        fs::create_dir_all(plan.volume()).context("make the volume")?;
        let unified = Hierarchies::mounted()?.unified;
        let below = plan.group.path().strip_prefix(unified).context("a group outside the hierarchy")?;
        plan.spec = spec(command, &plan, &Path::new("/").join(below));
        Ok(plan)
    }

    /// Its emptyDir on the node, which it has at `/data`.
    pub fn volume(&self) -> PathBuf {
        let pods = self.folder.path().join("var/lib/kubelet/pods");
        pods.join(&self.group.pod_uid).join("volumes/kubernetes.io~empty-dir/scratch")
    }

    /// Its root, as the node has it.
    pub fn root(&self) -> PathBuf {
        self.overlay.root()
    }

    /// As a Pod that declares nothing gets it from containerd.
    pub fn undeclared(mut self) -> Self {
        self.declared()["securityContext"] = Value::Null;
        self.spec["process"]["user"] = json!({"uid": 0, "gid": 0});
        self.spec["process"]["noNewPrivileges"] = json!(false);
        self.spec["root"]["readonly"] = json!(false);
        self.spec["linux"]["seccomp"] = Value::Null;
        self.allow(&DEFAULTS);
        self
    }

    /// Gives it a user namespace in which its ids are those of the node from `first` on.
    pub fn with_own_users(&mut self, first: u32) -> Result<()> {
        let namespaces = self.spec["linux"]["namespaces"].as_array_mut().context("no namespaces")?;
        namespaces.push(json!({"type": "user"}));
        for map in ["uidMappings", "gidMappings"] {
            self.spec["linux"][map] = json!([{"containerID": 0, "hostID": first, "size": 65536}]);
        }
        // Its root is nobody on the node, and has to find its own files.
        for folder in ["dev", "sys"] {
            fs::create_dir(self.root().join(folder)).context("make what runc cannot make as nobody")?;
        }
        let temporary = std::env::temp_dir();
        for path in [self.overlay.root(), self.volume()] {
            for folder in path.ancestors().take_while(|folder| **folder != temporary) {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
            }
        }
        Ok(())
    }

    /// Gives it these capabilities.
    pub fn allow(&mut self, capabilities: &[&str]) {
        for set in ["bounding", "effective", "permitted"] {
            self.spec["process"]["capabilities"][set] = json!(capabilities);
        }
    }

    /// The container's own fields in the Pod.
    pub fn declared(&mut self) -> &mut Value {
        &mut self.pod["spec"]["containers"][0]
    }

    /// Declares the Pod, makes the container and starts it.
    pub fn start(self, scene: &Scene) -> Result<Container> {
        let file = scene.declarations.path().join(format!("{}.json", self.group.container_id));
        fs::write(file, self.pod.to_string()).context("write the declaration")?;
        self.start_undeclared()
    }

    /// The same without a declaration.
    pub fn start_undeclared(self) -> Result<Container> {
        fs::write(self.folder.path().join("config.json"), self.spec.to_string())
            .context("write config.json")?;
        // From here on, dropping it deletes what runc may have made halfway.
        let container = Container { plan: self };
        let bundle = container.plan.folder.path().to_owned();
        container.runc(&["create", "--bundle", &bundle.display().to_string()])?;
        container.runc(&["start"])?;
        Ok(container)
    }
}

impl Container {
    /// What its volume has on the node.
    pub fn volume(&self) -> PathBuf {
        self.plan.volume()
    }

    pub fn id(&self) -> &str {
        &self.plan.group.container_id
    }

    pub fn group(&self) -> &ContainerGroup {
        &self.plan.group
    }

    /// Its root, as the node has it.
    pub fn root(&self) -> PathBuf {
        self.plan.root()
    }

    /// Runs a command inside from outside, as the kubelet has it done.
    pub fn exec(&self, options: &[&str], command: &[&str]) -> Result<()> {
        self.runc_with(&[&["exec"], options].concat(), command)
    }

    fn runc(&self, arguments: &[&str]) -> Result<()> {
        self.runc_with(arguments, &[])
    }

    /// With the container's id between the two.
    fn runc_with(&self, arguments: &[&str], command: &[&str]) -> Result<()> {
        // A file, since what the container writes goes there too, for as long as it runs.
        let log = self.plan.folder.path().join("log");
        let output = fs::File::options().append(true).create(true).open(&log)?;
        let status = Command::new(&self.plan.runc)
            .args(arguments)
            .arg(self.id())
            .args(command)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()
            .context("run runc")?;
        ensure!(status.success(), "runc {arguments:?} {command:?}: {status}: {}", fs::read_to_string(&log)?);
        Ok(())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(failure) = self.runc(&["delete", "--force"]).and_then(|()| self.remove_groups()) {
            eprintln!("left behind: {failure:#}");
        }
    }
}

impl Container {
    /// runc makes the group in every hierarchy, with those above it, which the last container there takes along; the scene
    /// removes that of the unified one.
    fn remove_groups(&self) -> Result<()> {
        let all = Hierarchies::all()?;
        let unified = Hierarchies::mounted()?.unified;
        let below = self.plan.group.path().strip_prefix(&unified).context("a group outside the hierarchy")?;
        for root in all.iter().filter(|root| **root != unified) {
            if root.join(below).exists() {
                cgroup::remove(&root.join(below))?;
            }
            let above = below.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
            for folder in above.map(|folder| root.join(folder)) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn pod(group: &ContainerGroup) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "held", "namespace": "tests", "uid": group.pod_uid},
        "spec": {
            "containers": [{
                "name": "only",
                "image": "registry.test/sample:1",
                "securityContext": {
                    "runAsUser": 1000,
                    "runAsGroup": 1000,
                    "runAsNonRoot": true,
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]},
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "volumeMounts": [{"name": "scratch", "mountPath": "/data"}],
            }],
            "volumes": [{"name": "scratch", "emptyDir": {}}],
        },
    })
}

fn spec(command: &[&str], plan: &Plan, cgroup: &Path) -> Value {
    let mount = |target: &str, kind: &str, options: &[&str]| json!({"destination": target, "type": kind, "source": kind, "options": options});
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 1000, "gid": 1000},
            "args": command,
            "cwd": "/",
            "capabilities": {"bounding": [], "effective": [], "permitted": []},
            "noNewPrivileges": true,
        },
        "root": {"path": plan.root(), "readonly": true},
        "mounts": [
            mount("/proc", "proc", &["nosuid", "noexec", "nodev"]),
            mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
            {"destination": "/data", "type": "bind", "source": plan.volume(), "options": ["rbind", "rprivate", "rw"]},
        ],
        "annotations": {
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.container-name": "only",
            "io.kubernetes.cri.sandbox-uid": plan.group.pod_uid,
        },
        "linux": {
            "cgroupsPath": cgroup,
            "namespaces": NAMESPACES.map(|kind| json!({"type": kind})),
            "seccomp": {
                "defaultAction": "SCMP_ACT_ALLOW",
                "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}],
            },
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"],
        },
    })
}
