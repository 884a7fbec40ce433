//! Expressions that somebody wrote: the specification's tests, the policies that ship, and edges by hand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value as Json, json};
use tests::conformance::{self, Test};
use tests::machine::Lacking;
use tests::oracle::Request;
use tests::pod_security::{CHECKS, Check};
use tests::{value, yaml};

use crate::differential::judge::Case;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/cel");
const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
const BY_HAND: &str = include_str!("by_hand.cel");

/// The specification's tests that a request can hold, whatever they expect.
pub(crate) fn specification() -> Result<Vec<Case>> {
    let folder = Path::new(SUITE);
    if !folder.is_dir() {
        return Err(Lacking::new(format!("there is no suite at {SUITE}")).into());
    }
    let files = conformance::read(folder)?;
    Ok(files.iter().flat_map(|file| &file.tests).filter_map(case_of_test).collect())
}

fn case_of_test(test: &Test) -> Option<Case> {
    let mut input = Map::new();
    for (name, binding) in test.bindings() {
        input.insert(name.clone(), binding.get("value")?.clone());
    }
    let mut variables = test.variable_types()?;
    for name in input.keys().filter(|name| !variables.contains_key(*name)).cloned().collect::<Vec<_>>() {
        variables.insert(name, "dyn".into());
    }
    let request = Request {
        environment: "standard",
        container: test.container().to_owned(),
        variables,
        expr: test.source().to_owned(),
        check: test.is_checked(),
        input,
        ..Request::default()
    };
    Some(Case::alike(request))
}

/// The expressions of the policies that ship, each over the inputs of its policy's tests.
pub(crate) fn policies() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for pack in folders(Path::new(POLICIES))? {
        for policy in folders(&pack)? {
            let (mut expressions, mut inputs) = (Vec::new(), Vec::new());
            yaml::read(&policy.join("policy.yaml"))?
                .iter()
                .for_each(|it| expressions_in(it, &mut expressions));
            for document in yaml::read(&policy.join("tests.yaml"))? {
                inputs.extend(document["cases"].as_array().into_iter().flatten().cloned());
            }
            let pairs = expressions.iter().flat_map(|expr| inputs.iter().map(move |input| (expr, input)));
            cases.extend(pairs.map(|(expr, input)| case_of_policy(expr, input)));
        }
    }
    Ok(cases)
}

/// The Pod Security Standards, about a Pod that keeps few of them.
pub(crate) fn pod_security() -> Vec<Case> {
    let object = json!({
        "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}},
        "spec": {
            "hostNetwork": true,
            "securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}], "runAsUser": 0},
            "containers": [{
                "name": "web", "image": "web:1", "ports": [{"containerPort": 80, "hostPort": 80}],
                "securityContext": {
                    "privileged": true, "capabilities": {"add": ["SYS_ADMIN"]},
                    "seLinuxOptions": {"type": "spc_t"}, "seccompProfile": {"type": "Unconfined"},
                },
                "livenessProbe": {"httpGet": {"host": "example.org", "path": "/", "port": 80}},
            }],
            "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
        },
    });
    let case = |check: &Check| {
        Case::alike(Request {
            environment: "standard",
            expr: check.expression.to_owned(),
            check: true,
            variables: [("object".to_owned(), "dyn".into())].into_iter().collect(),
            input: [("object".to_owned(), value::of_json(&object))].into_iter().collect(),
            ..Request::default()
        })
    };
    CHECKS.iter().map(case).collect()
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        folders.push(entry?.path());
    }
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

/// The texts of all fields that hold an expression.
fn expressions_in(json: &Json, expressions: &mut Vec<String>) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|it| expressions_in(it, expressions)),
        Json::Object(fields) => {
            let named = |name: &str| fields.get(name).and_then(Json::as_str).map(str::to_owned);
            expressions.extend(["expression", "messageExpression"].into_iter().filter_map(named));
            fields.values().for_each(|it| expressions_in(it, expressions));
        }
        _ => {}
    }
}

/// What a policy may name; what a test of it leaves out is unknown.
fn case_of_policy(expr: &str, test: &Json) -> Case {
    let mut request =
        Request { environment: "standard", expr: expr.to_owned(), check: true, ..Request::default() };
    for name in
        ["event", "container", "pod", "node", "object", "oldObject", "request", "params", "namespaceObject"]
    {
        request.variables.insert(name.to_owned(), "dyn".into());
        match test.get(name) {
            Some(json) => request.input.insert(name.to_owned(), value::of_json(json)),
            None => {
                request.unknowns.push(vec![name.into()]);
                None
            }
        };
    }
    Case::alike(request)
}

/// The expressions by hand: each line one, checked and not, over the variables that [`object`] has.
pub(crate) fn by_hand() -> Vec<Case> {
    let lines = BY_HAND.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    let variables: Map<_, _> = object().keys().map(|name| (name.clone(), Json::from("dyn"))).collect();
    let request = |line: &str, check: bool| Request {
        check,
        environment: "standard",
        variables: variables.clone(),
        expr: line.replace("\\n", "\n"),
        input: object(),
        ..Request::default()
    };
    lines.flat_map(|line| [false, true].map(|check| Case::alike(request(line, check)))).collect()
}

fn object() -> Map<String, Json> {
    let fields = json!({
        "a": {"int64_value": "1"},
        "list": {"list_value": {"values": [{"int64_value": "1"}, {"string_value": "a"}, {"null_value": null}]}},
        "null": {"null_value": null},
    });
    let entries = fields.as_object().into_iter().flatten();
    let entries: Vec<_> =
        entries.map(|(name, value)| json!({"key": {"string_value": name}, "value": value})).collect();
    let variables = json!({
        "x": {"map_value": {"entries": entries}},
        "a.b": {"int64_value": "2"},
        "a.b.c": {"string_value": "three names"},
        "a": {"map_value": {"entries": [{"key": {"string_value": "b"}, "value": {"string_value": "field"}}]}},
        "i": {"int64_value": "7"},
    });
    variables.as_object().cloned().unwrap_or_default()
}
