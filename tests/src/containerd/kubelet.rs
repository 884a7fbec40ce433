//! What a kubelet asks a runtime of CRI to make of a Pod: kubernetes, pkg/kubelet/kuberuntime and
//! pkg/securitycontext.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Containerd, PATIENCE};
use crate::scene::Scene;

/// `defaultMaskedPaths` and `defaultReadonlyPaths` of pkg/securitycontext/util.go.
const MASKED: [&str; 11] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
];
const READONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Everything that is asked for one Pod. A test changes it to have something else made than was declared.
#[derive(Debug, Clone)]
pub struct Requests {
    /// `PodSandboxConfig`.
    pub sandbox: Value,
    /// Each container's `ContainerConfig`, in the order in which they start.
    pub containers: Vec<Value>,
    /// Containers that end before the next one starts.
    init: Vec<Value>,
}

/// A Pod that runs, for as long as its [`Containerd`].
#[derive(Debug)]
pub struct Running {
    /// Names and ids, in the order in which they started.
    pub containers: Vec<(String, String)>,
}

impl Running {
    /// The id of a container.
    pub fn id(&self, name: &str) -> Result<&str> {
        let container = self.containers.iter().find(|(known, _)| known == name);
        container.map(|(_, id)| id.as_str()).with_context(|| format!("no container {name}"))
    }
}

impl Containerd {
    /// What is asked for a Pod whose groups are below the scene's. Its images are pulled, and its folders made.
    pub fn requests(&self, scene: &Scene, pod: &Value) -> Result<Requests> {
        let folder = self.folder.path().join("kubelet/pods").join(text(&pod["metadata"]["uid"])?);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("etc-hosts"), "127.0.0.1 localhost\n")?;
        let lists = ["initContainers", "containers"].map(|list| pod["spec"][list].as_array());
        let declared = lists.into_iter().flatten().flatten();
        let containers = declared.clone().map(|container| self.container(pod, container, &folder));
        let ends = |container: &&Value| {
            let is_init =
                pod["spec"]["initContainers"].as_array().is_some_and(|list| list.contains(container));
            is_init && container["restartPolicy"] != "Always"
        };
        Ok(Requests {
            sandbox: sandbox(scene, pod, &folder)?,
            init: declared.filter(ends).map(|container| container["name"].clone()).collect(),
            containers: containers.collect::<Result<_>>()?,
        })
    }

    /// Makes and starts a Pod's sandbox and containers.
    pub fn run(&self, requests: &Requests) -> Result<Running> {
        let Requests { sandbox, containers, init } = requests;
        let made = self.call("RuntimeService/RunPodSandbox", &json!({"config": sandbox}))?;
        let mut running = Running { containers: Vec::new() };
        for config in containers {
            let request =
                json!({"podSandboxId": made["podSandboxId"], "config": config, "sandboxConfig": sandbox});
            let container = self.call("RuntimeService/CreateContainer", &request)?;
            let id = text(&container["containerId"])?.to_owned();
            self.call("RuntimeService/StartContainer", &container)?;
            let name = &config["metadata"]["name"];
            if init.contains(name) {
                self.wait_for_end(&id)?;
            }
            running.containers.push((text(name)?.to_owned(), id));
        }
        Ok(running)
    }

    /// Runs a command in a container as a probe does.
    pub fn probe(&self, id: &str, command: &[&str]) -> Result<()> {
        let request = json!({"containerId": id, "cmd": command, "timeout": 10});
        let answer = self.call("RuntimeService/ExecSync", &request)?;
        // A number that is nought is left out.
        ensure!(answer.get("exitCode").is_none(), "{command:?}: {answer}");
        Ok(())
    }

    fn wait_for_end(&self, id: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.call("RuntimeService/ContainerStatus", &json!({"containerId": id}))?;
            if answer["status"]["state"] == "CONTAINER_EXITED" {
                ensure!(answer["status"].get("exitCode").is_none(), "an init container failed: {answer}");
                return Ok(());
            }
            ensure!(Instant::now() < end, "an init container does not end: {answer}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn container(&self, pod: &Value, container: &Value, folder: &Path) -> Result<Value> {
        let name = text(&container["name"])?;
        let image = &container["image"];
        let wanted = json!({"image": {"image": image}});
        // As with the policy IfNotPresent.
        let mut id = self.call("ImageService/ImageStatus", &wanted)?["image"]["id"].take();
        if id.is_null() {
            id = self.call("ImageService/PullImage", &wanted)?["imageRef"].take();
        }
        Ok(json!({
            "metadata": {"name": name},
            "image": {"image": id, "userSpecifiedImage": image},
            "command": container.get("command").unwrap_or(&json!([])),
            "args": container.get("args").unwrap_or(&json!([])),
            "mounts": mounts(pod, container, folder)?,
            "labels": {"io.kubernetes.container.name": name, "io.kubernetes.pod.uid": pod["metadata"]["uid"]},
            "logPath": format!("{name}.log"),
            "linux": {"resources": {"oomScoreAdj": 1000}, "securityContext": security(pod, container)},
        }))
    }
}

fn sandbox(scene: &Scene, pod: &Value, folder: &Path) -> Result<Value> {
    let metadata = &pod["metadata"];
    let (name, uid) = (text(&metadata["name"])?, text(&metadata["uid"])?);
    let subtree = scene.subtree.path().file_name().context("a subtree without a name")?;
    let containers = ["initContainers", "containers"].map(|list| pod["spec"][list].as_array());
    let is_privileged = |container: &Value| container["securityContext"]["privileged"] == true;
    Ok(json!({
        "metadata": {"name": name, "uid": uid, "namespace": metadata["namespace"]},
        "hostname": if pod["spec"]["hostNetwork"] == true { "" } else { name },
        "logDirectory": folder.join("logs"),
        "linux": {
            "cgroupParent": Path::new("/").join(subtree).join(format!("kubepods/burstable/pod{uid}")),
            "securityContext": {
                "namespaceOptions": namespaces(pod),
                "privileged": containers.into_iter().flatten().flatten().any(is_privileged),
                "seccomp": {"profileType": "RuntimeDefault"},
            },
        },
    }))
}

fn namespaces(pod: &Value) -> Value {
    let of = |field: &str, own: &'static str| if pod["spec"][field] == true { "NODE" } else { own };
    json!({"network": of("hostNetwork", "POD"), "ipc": of("hostIPC", "POD"), "pid": of("hostPID", "CONTAINER")})
}

/// `convertToRuntimeSecurityContext`.
fn security(pod: &Value, container: &Value) -> Value {
    let own = &container["securityContext"];
    // What a container does not say, its Pod may.
    let merged = |field: &str| match &own[field] {
        Value::Null => pod["spec"]["securityContext"][field].clone(),
        said => said.clone(),
    };
    let number = |value: Value| if value.is_null() { value } else { json!({"value": value}) };
    let user = match merged("runAsUser") {
        // As an image without a user has it.
        Value::Null => json!(0),
        user => user,
    };
    let is_default = merged("seccompProfile")["type"] == "RuntimeDefault";
    json!({
        "capabilities": {
            "addCapabilities": own["capabilities"]["add"],
            "dropCapabilities": own["capabilities"]["drop"],
        },
        "privileged": own["privileged"] == true,
        "namespaceOptions": namespaces(pod),
        "runAsUser": number(user),
        "runAsGroup": number(merged("runAsGroup")),
        "readonlyRootfs": own["readOnlyRootFilesystem"] == true,
        "noNewPrivs": own["allowPrivilegeEscalation"] == false,
        "maskedPaths": MASKED,
        "readonlyPaths": READONLY,
        "seccomp": {"profileType": if is_default { "RuntimeDefault" } else { "Unconfined" }},
    })
}

/// What the Pod declares, and the two files that every container gets.
fn mounts(pod: &Value, container: &Value, folder: &Path) -> Result<Vec<Value>> {
    let mount = |target: &str, source: PathBuf| json!({"containerPath": target, "hostPath": source});
    let name = text(&container["name"])?;
    let log = folder.join("containers").join(name).join("0123abcd");
    fs::create_dir_all(log.parent().context("a file without a folder")?)?;
    fs::write(&log, "")?;
    let mut mounts = vec![mount("/etc/hosts", folder.join("etc-hosts")), mount("/dev/termination-log", log)];
    for declared in container["volumeMounts"].as_array().into_iter().flatten() {
        let mut made = mount(text(&declared["mountPath"])?, volume(pod, &declared["name"], folder)?);
        made["readonly"] = json!(declared["readOnly"] == true);
        mounts.push(made);
    }
    Ok(mounts)
}

/// Where a volume is on the node.
fn volume(pod: &Value, name: &Value, folder: &Path) -> Result<PathBuf> {
    let volumes = pod["spec"]["volumes"].as_array();
    let volume = volumes.into_iter().flatten().find(|volume| volume["name"] == *name);
    let volume = volume.with_context(|| format!("no volume {name}"))?;
    if let Some(path) = volume["hostPath"]["path"].as_str() {
        return Ok(path.into());
    }
    let plugin = if volume.get("projected").is_some() { "projected" } else { "empty-dir" };
    let made = folder.join("volumes").join(format!("kubernetes.io~{plugin}")).join(text(name)?);
    fs::create_dir_all(&made)?;
    Ok(made)
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("{value} is no text"))
}
