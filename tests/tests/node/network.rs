//! What the kernel says to real calls, held against what the NetworkPolicies say.

use anyhow::{Result, ensure};
use policy::network::Verdict;
use tests::caller::{Call, Caller};
use tests::cgroup;
use tests::clusters::{Declared, Dice, faults};

use asked::{Asked, Case, cases};
use stage::Stage;

mod asked;
mod change;
mod stage;

crate::theme![
    every_call_is_answered_as_the_network_policies_say_and_every_mistake_is_noticed,
    audit_lets_every_call_go_on_and_counts_what_is_not_permitted,
    peer_that_old_and_new_policies_allow_is_never_denied_while_they_change,
    connections_that_live_go_on_whatever_is_declared_meanwhile,
];

use change::{
    connections_that_live_go_on_whatever_is_declared_meanwhile,
    peer_that_old_and_new_policies_allow_is_never_denied_while_they_change,
};

/// Each is asked about as it is declared, and again after it has changed.
const CLUSTERS: u64 = 8;
/// Pods of this node in each.
const PODS: usize = 6;
/// Guards against tables that say otherwise than the policies that they are made of, also after changes, and against a
/// comparison that would not notice.
fn every_call_is_answered_as_the_network_policies_say_and_every_mistake_is_noticed() -> Result<()> {
    let stage = Stage::set(&["--enforce"])?;
    let (mut asked, mut denied) = (Vec::new(), 0);
    for number in 0..CLUSTERS {
        let mut dice = Dice::new(number);
        let groups = stage.groups(PODS)?;
        let uids: Vec<&str> = groups.iter().map(|group| group.pod_uid.as_str()).collect();
        let mut declared = Declared::generate(&mut dice, &uids, number % 5 != 4);
        // Some are running before they are declared.
        let early = if number % 2 == 0 { stage.callers(&groups)? } else { Vec::new() };
        stage.declare(&declared.documents)?;
        let mut callers = if early.is_empty() { stage.callers(&groups)? } else { early };
        stage.knows(&groups)?;
        asked.push(Asked::ask(&stage, &declared, &mut callers, &mut dice)?);
        declared.change(&mut dice);
        stage.declare(&declared.documents)?;
        asked.push(Asked::ask(&stage, &declared, &mut callers, &mut dice)?);
        denied += callers.iter().map(Caller::denied).sum::<u64>();
        drop(callers);
        groups.iter().try_for_each(|group| cgroup::remove(group.path()))?;
    }
    is_enough(&asked)?;
    notice(&asked)?;
    stage.are_counted("call_denied", denied)?;
    stage.agent.stop().map(drop)
}

/// There is enough of everything.
fn is_enough(asked: &[Asked]) -> Result<()> {
    let calls: usize = asked.iter().flat_map(|asked| &asked.cases).map(Vec::len).sum();
    let distinct: usize = asked.iter().map(Asked::distinct).sum();
    let count = |verdict| asked.iter().map(|asked| asked.count(verdict)).sum::<usize>();
    let (denied, allowed, unknown) =
        (count(Verdict::Denied), count(Verdict::Allowed), count(Verdict::Unknown));
    println!(
        "{calls} calls, {distinct} cases of cluster, Pod, peer, port and protocol: {denied} calls denied, {allowed} \
         allowed, {unknown} unknown, 0 disagreements"
    );
    let few = calls / 10;
    ensure!(distinct >= 20_000 && denied > few && allowed > few && unknown > few, "too little is asked");
    Ok(())
}

/// What the kernel said is not what clusters with a mistake in them say.
fn notice(asked: &[Asked]) -> Result<()> {
    for (what, fault) in faults::ALL {
        let found = asked.iter().map(|asked| asked.noticing(fault)).sum::<Result<usize>>()?;
        println!("{what}: {found} disagreements");
        ensure!(found > 0, "nobody notices {what}");
    }
    Ok(())
}

/// Guards against an audit that denies, and against one that counts otherwise than enforcing would deny.
fn audit_lets_every_call_go_on_and_counts_what_is_not_permitted() -> Result<()> {
    let stage = Stage::set(&[])?;
    let mut dice = Dice::new(CLUSTERS);
    let groups = stage.groups(PODS)?;
    let uids: Vec<&str> = groups.iter().map(|group| group.pod_uid.as_str()).collect();
    let declared = Declared::generate(&mut dice, &uids, true);
    stage.declare(&declared.documents)?;
    let mut callers = stage.callers(&groups)?;
    stage.knows(&groups)?;
    let cluster = declared.cluster()?;
    let mut expected = 0;
    for (pod, caller) in declared.own.iter().zip(&mut callers) {
        let cases = cases(&declared, &cluster, pod, &mut dice);
        let calls: Vec<Call> = cases.iter().map(Case::call).collect();
        let said = caller.call(&calls)?;
        ensure!(said.iter().all(|said| said.denied == 0), "denied in audit: {calls:?}: {said:?}");
        expected += cases.iter().filter(|case| case.verdict == Verdict::Denied).count() as u64;
        stage.are_counted("would_deny_call", expected)?;
    }
    println!("{expected} calls would have been denied");
    ensure!(expected > 500, "too little is asked");
    stage.are_counted("call_denied", 0)?;
    drop(callers);
    stage.agent.stop().map(drop)
}
