//! What is measured.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};
use tests::yaml;

const POD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/conformance/pod-security/restricted/v1.37/pass/base_linux.yaml"
);

/// An expression over the variable `object`.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) name: String,
    pub(crate) source: String,
    /// `{"object": ...}`
    pub(crate) input: Json,
}

impl Expression {
    pub(crate) fn of(name: &str, source: &str, object: &Json) -> Self {
        Self { name: name.to_owned(), source: source.to_owned(), input: json!({"object": object}) }
    }
}

/// A Pod that keeps the restricted standard: Kubernetes' own where it is there, with a bit more of what real ones have.
pub(crate) fn pod() -> Result<Json> {
    let path = Path::new(POD);
    let mut pod = if path.is_file() { yaml::read(path)?.remove(0) } else { smallest() };
    let spec = pod["spec"].as_object_mut().context("a Pod without a spec")?;
    let container = spec["containers"][0].clone();
    spec.insert(
        "volumes".to_owned(),
        json!([{"name": "data", "emptyDir": {}}, {"name": "c", "configMap": {"name": "c"}}]),
    );
    if let Some(containers) = spec["containers"].as_array_mut() {
        let mut second = container;
        second["name"] = json!("second");
        second["ports"] = json!([{"containerPort": 8080}, {"containerPort": 9090, "protocol": "TCP"}]);
        second["livenessProbe"] = json!({"httpGet": {"path": "/healthz", "port": 8080}});
        containers.push(second);
    }
    Ok(pod)
}

fn smallest() -> Json {
    let security = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
    let container = json!({"name": "first", "image": "registry.k8s.io/pause", "securityContext": security});
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "base"},
        "spec": {
            "containers": [container],
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        },
    })
}

/// Expressions that work hard.
pub(crate) fn heavy() -> Vec<Expression> {
    let numbers: Vec<_> = (0..1_000).collect();
    let names: Vec<_> = (0..200)
        .map(|number| format!("registry.example/team-{}/app-{number}:v1.{number}", number % 7))
        .collect();
    let labels: serde_json::Map<_, _> =
        (0..100).map(|number| (format!("label-{number}"), json!(format!("value-{number}")))).collect();
    let object = json!({"numbers": numbers, "names": names, "labels": labels});
    let heavy = [
        (
            "nested comprehensions",
            "object.numbers.filter(n, n < 60).all(a, object.numbers.filter(n, n < 60).exists(b, a == b))",
        ),
        (
            "a list of 1,000 summed by parts",
            "object.numbers.map(n, n * 2 + 1).filter(n, n % 3 == 0).size() == 333",
        ),
        ("a list of 1,000 searched", "object.numbers.all(n, n in object.numbers)"),
        ("a list of 1,000 in order", "object.numbers.all(i, n, i == n)"),
        (
            "text of 200 images",
            "object.names.all(name, name.startsWith('registry.example/') && name.split(':').size() == 2 && name.contains('/app-'))",
        ),
        (
            "text joined and replaced",
            "object.names.map(name, name.replace('registry.example', 'mirror.example').upperAscii()).join(',').size() > 1000",
        ),
        (
            "a regex over 200 images",
            "object.names.all(name, name.matches('^[a-z.]+/team-[0-6]/app-[0-9]+:v[0-9]+[.][0-9]+$'))",
        ),
        (
            "a map of 100 labels",
            "object.labels.all(k, object.labels[k].startsWith('value-') && k.endsWith(object.labels[k].substring(6)))",
        ),
        (
            "arithmetic of constants and a few numbers",
            "(object.numbers[1] + 2 * 3 - 4) * (5 + 6) / 7 > 1.5 || object.numbers[2] == 9u",
        ),
    ];
    heavy.into_iter().map(|(name, source)| Expression::of(name, source, &object)).collect()
}
