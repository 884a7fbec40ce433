//! Pods that a real containerd makes, as a kubelet has it make them, held against their declarations: what containerd
//! writes is nobody's invention here, so that nothing of it may be taken for a contradiction.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::agent::Agent;
use tests::containerd::Containerd;
use tests::containerd::kubelet::{Requests, Running};
use tests::records::{container_id, is_failure, text};
use tests::scene::Scene;

crate::theme![
    pods_as_containerd_makes_them_drift_in_nothing,
    container_that_is_given_more_than_its_pod_says_is_a_drift,
    container_of_an_image_that_was_never_pulled_drifts_in_nothing,
];

/// Tells Pods apart.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A drift where there is none would be any reading of what containerd writes that takes its defaults, its own mounts or
/// its way to share namespaces for a contradiction. That each of these Pods can drift is the next test's.
fn pods_as_containerd_makes_them_drift_in_nothing() -> Result<()> {
    let scene = scene()?;
    let containerd = Containerd::start(&scene)?;
    let agent = scene.agent(&[])?;
    let folder = tempfile::tempdir()?;
    let mut expected = 0;
    for pod in ordinary(&containerd, folder.path().to_str().context("a folder without a name")?)? {
        let running = run(&scene, &containerd, &pod, |_| {})?;
        for (name, id) in running.containers.iter().filter(|(name, _)| name != "init") {
            for _ in 0..3 {
                containerd.probe(id, &["/bin/sample", "hello"]).with_context(|| name.clone())?;
            }
            // One whose image is pinned is looked at again once its digests are known.
            expected += if pod["metadata"]["name"] == "restricted" { 2 } else { 1 };
        }
    }
    agent.wait_until("looking at every container", |agent| Ok(looks(agent)? >= expected))?;
    agent.settled("exec")?;
    let metrics = agent.metrics()?;
    ensure!(metrics.sum("plumbline_agent_judgements_total", &[("verdict", "Pass")])? > expected, "judged");
    let records = agent.stop()?;
    let told: Vec<_> = records.iter().filter(|record| is_failure(record) || is_drift(record)).collect();
    ensure!(told.is_empty(), "{told:#?}\n{}", containerd.complaints()?);
    Ok(())
}

/// What a Pod of the first test would have to be given to drift, and what is told of it then.
struct Fault {
    pod: &'static str,
    container: &'static str,
    give: fn(&mut Requests),
    /// What changes, below the Pod's specification.
    paths: &'static [&'static str],
    step: Value,
}

/// Guards against facts that nobody reads where containerd keeps what runc alone kept in other tests, and against a digest
/// that nobody asks for.
fn container_that_is_given_more_than_its_pod_says_is_a_drift() -> Result<()> {
    let scene = scene()?;
    let containerd = Containerd::start(&scene)?;
    containerd.call("ImageService/PullImage", &json!({"image": {"image": "registry.test/app:2"}}))?;
    let agent = scene.agent(&[])?;
    let folder = tempfile::tempdir()?;
    for Fault { pod: name, container, give, paths, step } in faults() {
        let pods = ordinary(&containerd, folder.path().to_str().context("a folder without a name")?)?;
        let pod = pods.into_iter().find(|known| known["metadata"]["name"] == name).context("no such Pod")?;
        let running = run(&scene, &containerd, &pod, give)?;
        let id = running.id(container)?;
        let record = agent.record(&format!("telling of {paths:?} of {name}"), |record| {
            is_drift(record) && container_id(record) == Some(id)
        })?;
        let changes = record.pointer("/evidence/changes").and_then(Value::as_array).context("no changes")?;
        let found: Vec<_> = changes.iter().map(|change| text(change, "/path").unwrap_or_default()).collect();
        ensure!(found == paths, "{paths:?}: {changes:#?}");
        ensure!(changes.iter().all(|change| change["step"] == step), "{step}: {changes:#?}");
        let others = agent.records()?.into_iter().filter(|other| is_drift(other) && other != &record);
        let others: Vec<_> = others.filter(|other| container_id(other) == Some(id)).collect();
        ensure!(others.is_empty(), "it is told once: {others:#?}");
    }
    agent.stop().map(drop)
}

fn faults() -> Vec<Fault> {
    let told = || json!("PodToOci");
    let fault = |pod, container, give, paths, step| Fault { pod, container, give, paths, step };
    vec![
        fault(
            "restricted",
            "main",
            |requests| security(requests, 0)["capabilities"]["addCapabilities"] = json!(["NET_ADMIN"]),
            &["/spec/containers/0/securityContext/capabilities/add"],
            told(),
        ),
        fault(
            "restricted",
            "main",
            |requests| security(requests, 0)["seccomp"] = json!({"profileType": "Unconfined"}),
            &["/spec/containers/0/securityContext/seccompProfile"],
            told(),
        ),
        fault(
            "restricted",
            "main",
            |requests| security(requests, 0)["readonlyRootfs"] = json!(false),
            &["/spec/containers/0/securityContext/readOnlyRootFilesystem"],
            told(),
        ),
        fault(
            "restricted",
            "main",
            // The runtime is told of a folder, and not of an image.
            |requests| requests.containers[0]["image"]["image"] = json!("registry.test/app:2"),
            &["/spec/containers/0/image"],
            Value::Null,
        ),
        fault("volumes", "main", |requests| give_mount(requests, 0), &HOST_PATH, told()),
        fault(
            "plain",
            "main",
            |requests| {
                requests.sandbox["linux"]["securityContext"]["privileged"] = json!(true);
                security(requests, 0)["privileged"] = json!(true);
            },
            &[
                "/spec/containers/0/securityContext/privileged",
                "/spec/containers/0/securityContext/procMount",
            ],
            told(),
        ),
        // Its containers join the namespace of its sandbox by a path that does not say whose it is.
        fault(
            "privileged",
            "main",
            |requests| {
                requests.sandbox["hostname"] = json!("");
                requests.sandbox["linux"]["securityContext"]["namespaceOptions"]["network"] = json!("NODE");
                security(requests, 0)["namespaceOptions"]["network"] = json!("NODE");
            },
            &["/spec/hostNetwork"],
            told(),
        ),
        fault("host", "main", |requests| give_mount(requests, 0), &HOST_PATH, told()),
        fault(
            "in-order",
            "sidecar",
            |requests| give_mount(requests, 1),
            &["/spec/volumes/-", "/spec/initContainers/1/volumeMounts/-"],
            told(),
        ),
    ]
}

const HOST_PATH: [&str; 2] = ["/spec/volumes/-", "/spec/containers/0/volumeMounts/-"];

fn give_mount(requests: &mut Requests, container: usize) {
    let mount = json!({"containerPath": "/host", "hostPath": "/usr", "readonly": true});
    if let Some(mounts) = requests.containers[container]["mounts"].as_array_mut() {
        mounts.push(mount);
    }
}

fn security(requests: &mut Requests, container: usize) -> &mut Value {
    &mut requests.containers[container]["linux"]["securityContext"]
}

/// Guards against an image without digests that is taken for another one.
fn container_of_an_image_that_was_never_pulled_drifts_in_nothing() -> Result<()> {
    let scene = scene()?;
    let containerd = Containerd::start(&scene)?;
    let agent = scene.agent(&[])?;
    let pod = pod("pinned", json!({"containers": [{"name": "main", "image": containerd.pinned("app:1")?}]}));
    let running = run(&scene, &containerd, &pod, |requests| {
        requests.containers[0]["image"]["image"] = json!("registry.test/imported:1");
    })?;
    agent.wait_until("looking twice", |agent| Ok(looks(agent)? > 1))?;
    agent.settled("exec")?;
    let records = agent.stop()?;
    let of_it: Vec<_> =
        records.iter().filter(|record| container_id(record) == running.id("main").ok()).collect();
    ensure!(of_it.is_empty(), "{of_it:#?}");
    Ok(())
}

/// With every policy that ships.
fn scene() -> Result<Scene> {
    let scene = Scene::with_shipped_policies()?;
    scene.ship("pod-security-baseline")?;
    Ok(scene)
}

/// Pods of kinds that every cluster has, each time as new ones.
fn ordinary(containerd: &Containerd, folder: &str) -> Result<Vec<Value>> {
    let pinned = containerd.pinned("app:1")?;
    let main = |rest: Value| {
        let mut container = json!({"name": "main", "image": "registry.test/app:1"});
        if let (Some(container), Value::Object(rest)) = (container.as_object_mut(), rest) {
            container.extend(rest);
        }
        container
    };
    let restricted = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": true,
    });
    let mounts = json!([
        {"name": "scratch", "mountPath": "/scratch"},
        {"name": "host", "mountPath": "/declared", "readOnly": true},
    ]);
    let own = json!([{"name": "scratch", "emptyDir": {}}, {"name": "host", "hostPath": {"path": folder}}]);
    Ok(vec![
        pod(
            "restricted",
            json!({
                "securityContext": {
                    "runAsNonRoot": true,
                    "runAsUser": 1000,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [main(json!({"image": pinned, "securityContext": restricted}))],
            }),
        ),
        pod("plain", json!({"containers": [main(json!({}))]})),
        pod(
            "host",
            json!({"hostNetwork": true, "hostPID": true, "hostIPC": true, "containers": [main(json!({}))]}),
        ),
        pod("volumes", json!({"containers": [main(json!({"volumeMounts": mounts}))], "volumes": own})),
        pod("privileged", json!({"containers": [main(json!({"securityContext": {"privileged": true}}))]})),
        pod(
            "in-order",
            json!({
                "initContainers": [
                    {"name": "init", "image": "registry.test/app:1", "args": ["hello"]},
                    {"name": "sidecar", "image": "registry.test/app:1", "restartPolicy": "Always"},
                ],
                "containers": [main(json!({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}))],
            }),
        ),
    ])
}

/// A Pod as the API server has it, with the token that every Pod gets.
fn pod(name: &str, mut spec: Value) -> Value {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let token = json!({"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true});
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            push(&mut container["volumeMounts"], token.clone());
        }
    }
    push(&mut spec["volumes"], json!({"name": "kube-api-access", "projected": {"sources": []}}));
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "tests",
            "uid": format!("{:08x}-0000-4000-9000-{number:012x}", std::process::id()),
        },
        "spec": spec,
    })
}

fn push(list: &mut Value, element: Value) {
    match list {
        Value::Array(list) => list.push(element),
        _ => *list = json!([element]),
    }
}

/// Declares a Pod and has it made, with something else than it declares.
fn run(scene: &Scene, containerd: &Containerd, pod: &Value, give: impl Fn(&mut Requests)) -> Result<Running> {
    let uid = text(pod, "/metadata/uid").context("a Pod without a uid")?;
    fs::write(scene.declarations.path().join(format!("{uid}.json")), pod.to_string())?;
    let mut requests = containerd.requests(scene, pod)?;
    give(&mut requests);
    containerd.run(&requests).with_context(|| {
        format!("{}: {}", pod["metadata"]["name"], containerd.complaints().unwrap_or_default())
    })
}

fn looks(agent: &Agent) -> Result<u64> {
    agent.metrics()?.sum("plumbline_agent_looks_total", &[])
}

fn is_drift(record: &Value) -> bool {
    text(record, "/kind") == Some("Drift")
}
