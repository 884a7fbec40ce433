//! What is declared changes while containers are at work.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use policy::network::{Name, Verdict};
use serde_json::{Value, json};
use tests::caller::{Call, Caller, Way};
use tests::cgroup::ContainerGroup;
use tests::clusters::Declared;

use super::asked::verdict;
use super::stage::Stage;

/// The peer whom every step allows, and the one whom some do.
const DB: ([u8; 4], u16) = ([10, 1, 2, 9], 5432);
const CACHE: ([u8; 4], u16) = ([10, 1, 2, 10], 6379);
/// A Pod like `db` in every other step. In between nobody knows whose the address is, so that it is not denied either.
const LATE: ([u8; 4], u16) = ([10, 1, 2, 11], 5432);
/// Pods that come and go with it, so that a change takes its time.
const CROWD: usize = 1_000;

/// What is declared for a while of the Pod `web`.
struct Step {
    labels: Value,
    /// Specifications of NetworkPolicies, by their names.
    policies: Vec<(&'static str, Value)>,
    cache_is_denied: bool,
    has_late: bool,
}

fn policy(selected: &Value, rules: &Value) -> Value {
    json!({"podSelector": {"matchLabels": selected}, "policyTypes": ["Egress"], "egress": rules})
}

/// A rule about a Pod, over TCP and UDP.
fn rule(app: &str, port: u16) -> Value {
    let ports = ["TCP", "UDP"].map(|protocol| json!({"port": port, "protocol": protocol}));
    json!({"to": [{"podSelector": {"matchLabels": {"app": app}}}], "ports": ports})
}

/// Policies added, replaced and removed, another label, another kind of rule; the last is the first again.
fn steps() -> Vec<Step> {
    let (web, api) = (json!({"app": "web"}), json!({"app": "api"}));
    let (db, cache) = (rule("db", DB.1), rule("cache", CACHE.1));
    let only_db = ("a", policy(&web, &json!([db])));
    let block = json!({"cidr": "10.1.2.8/29", "except": ["10.1.2.10/32"]});
    let by_address = ("c", policy(&api, &json!([{"to": [{"ipBlock": block}]}])));
    let by_namespace = ("d", policy(&json!({}), &json!([{"to": [{"namespaceSelector": {}}]}])));
    let step = |labels: &Value, policies: &[&(&'static str, Value)], cache_is_denied| Step {
        labels: labels.clone(),
        policies: policies.iter().map(|policy| (*policy).clone()).collect(),
        cache_is_denied,
        has_late: false,
    };
    let mut steps = vec![
        step(&web, &[&only_db], true),
        step(&web, &[&only_db, &("b", policy(&web, &json!([cache])))], false),
        step(&web, &[&("b", policy(&json!({}), &json!([db])))], true),
        step(&web, &[], false),
        step(&web, &[&only_db, &by_address], true),
        step(&web, &[&only_db, &by_namespace], false),
        step(&api, &[&only_db, &by_address], true),
        step(&api, &[&only_db], false),
        step(&web, &[&only_db], true),
    ];
    steps.iter_mut().skip(1).step_by(2).for_each(|step| step.has_late = true);
    steps
}

fn documents(uid: &str, step: &Step) -> Vec<Value> {
    let pod = |name: &str, uid: &str, labels: &Value, node: &str, ip: &str| {
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"namespace": "a", "name": name, "uid": uid, "labels": labels},
            "spec": {"nodeName": node, "containers": [{"name": "only", "image": "registry.test/sample:1"}]},
            "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]}})
    };
    let node = |number: u8| {
        let address = format!("192.168.0.{number}");
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{number}")},
            "spec": {"podCIDRs": [format!("10.1.{number}.0/28")]},
            "status": {"addresses": [{"type": "InternalIP", "address": address}]}})
    };
    let mut documents = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
        node(1),
        node(2),
        pod("web", uid, &step.labels, "n1", "10.1.1.1"),
        pod("db", "db", &json!({"app": "db"}), "n2", "10.1.2.9"),
        pod("cache", "cache", &json!({"app": "cache"}), "n2", "10.1.2.10"),
    ];
    if step.has_late {
        documents.push(pod("late", "late", &json!({"app": "db"}), "n2", "10.1.2.11"));
        documents.extend((0..CROWD).map(|number| {
            let (name, ip) = (format!("crowd{number}"), format!("10.2.{}.{}", number / 256, number % 256));
            pod(&name, &name, &json!({"app": "crowd"}), "n3", &ip)
        }));
    }
    documents.extend(step.policies.iter().map(|(name, spec)| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"namespace": "a", "name": name}, "spec": spec})
    }));
    documents
}

/// What the policies say is what the test goes by.
fn is_meant(declared: &[Value], step: &Step) -> Result<()> {
    let web = Name::new("a", "web");
    let declared = Declared { documents: declared.to_vec(), own: vec![web.clone()] };
    let cluster = declared.cluster()?;
    let is_denied = |peer: ([u8; 4], u16)| {
        Way::ORDINARY.map(|way| verdict(&cluster, &web, way, peer.into()) == Verdict::Denied)
    };
    let meant = [DB, CACHE, LATE].map(is_denied);
    ensure!(meant == [[false; 3], [step.cache_is_denied; 3], [false; 3]], "{meant:?}: {:?}", step.policies);
    Ok(())
}

/// Two containers of one Pod.
fn two_of_one(stage: &Stage) -> Result<[ContainerGroup; 2]> {
    let first = stage.scene.subtree.container()?;
    let other = format!("f{}", &first.container_id[1..]);
    Ok([stage.scene.subtree.container_of(&first.pod_uid, &other)?, first])
}

/// What the kernel says of a peer is this.
fn is_said(stage: &Stage, caller: &mut Caller, peer: ([u8; 4], u16), is_denied: bool) -> Result<()> {
    let calls = Way::ORDINARY.map(|way| Call { way, peer: peer.into(), times: 1 });
    let said = stage.call(caller, &calls)?;
    ensure!(said.iter().all(|said| (said.denied > 0) == is_denied), "{calls:?}: {said:?}");
    Ok(())
}

/// Guards against tables that are taken away before the next are there, and against a Pod whose containers differ.
pub(super) fn peer_that_old_and_new_policies_allow_is_never_denied_while_they_change() -> Result<()> {
    let stage = Stage::set(&["--enforce"])?;
    let groups = two_of_one(&stage)?;
    let uid = &groups[0].pod_uid;
    let steps = steps();
    steps.iter().try_for_each(|step| is_meant(&documents(uid, step), step))?;
    stage.declare(&documents(uid, &steps[0]))?;
    let mut callers = stage.callers(&groups)?.into_iter();
    let (Some(mut steady), Some(mut asking)) = (callers.next(), callers.next()) else { bail!("no callers") };
    stage.knows(&groups)?;
    let is_over = AtomicBool::new(false);
    let to = |peer: ([u8; 4], u16)| Way::ORDINARY.map(|way| Call { way, peer: peer.into(), times: 10 });
    let calls = [to(DB), to(LATE)].concat();
    let (rounds, denied, mut steady) = thread::scope(|scope| -> Result<_> {
        let running = scope.spawn(|| -> Result<_> {
            let (mut rounds, mut denied) = (0, Vec::new());
            while !is_over.load(Relaxed) {
                let said = stage.call(&mut steady, &calls)?;
                denied.extend(calls.iter().zip(said).filter(|(_, said)| said.denied > 0));
                rounds += 1;
            }
            Ok((rounds, denied, steady))
        });
        let changed = steps.iter().try_for_each(|step| {
            stage.declare(&documents(uid, step))?;
            is_said(&stage, &mut asking, CACHE, step.cache_is_denied)?;
            is_said(&stage, &mut asking, DB, false)?;
            is_said(&stage, &mut asking, LATE, false)
        });
        is_over.store(true, Relaxed);
        let done = running.join().ok().context("the calling thread ended")?;
        changed.and(done)
    })?;
    let made: u64 = rounds * 60;
    println!(
        "{made} calls while {} declarations came after one another: {} denied",
        steps.len(),
        steady.denied()
    );
    ensure!(denied.is_empty(), "what every declaration allows was denied: {denied:#?}");
    ensure!(made > 50_000, "only {made} calls");
    is_said(&stage, &mut steady, CACHE, true)?;
    drop((steady, asking));
    stage.agent.stop().map(drop)
}

/// Guards against a program on the path of what is sent.
pub(super) fn connections_that_live_go_on_whatever_is_declared_meanwhile() -> Result<()> {
    let stage = Stage::set(&["--enforce"])?;
    let groups = stage.groups(1)?;
    let uid = &groups[0].pod_uid;
    let mut caller = None;
    let web = json!({"app": "web"});
    let allow = ("allow", policy(&web, &json!([rule("db", DB.1)])));
    let nothing = ("nothing", policy(&web, &json!([])));
    for (policies, is_denied) in [
        (vec![allow.clone(), nothing.clone()], false),
        (vec![nothing.clone()], true),
        (vec![], false),
        (vec![nothing], true),
        (vec![allow], false),
    ] {
        let step = Step { labels: web.clone(), policies, cache_is_denied: true, has_late: false };
        stage.declare(&documents(uid, &step))?;
        let caller = match &mut caller {
            Some(caller) => caller,
            None => caller.insert(stage.callers(&groups)?.remove(0)),
        };
        stage.knows(&groups)?;
        is_said(&stage, caller, DB, is_denied)?;
        if !is_denied {
            caller.keep(DB.into())?;
        }
        caller.talk()?;
    }
    drop(caller);
    stage.agent.stop().map(drop)
}
