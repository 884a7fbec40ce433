//! The tables of a node's Pods in a large cluster, as `policy::network` keeps them: no agent and no kernel.

use std::time::Instant;

use ::tests::statistics::Median;
use anyhow::{Context, Result, ensure};
use policy::network::{Change, Cluster, Direction, Name, Network, Object, document};
use policy::yaml;
use serde_json::Value;

use crate::Amount;
use crate::allocated;
use crate::table::{Table, mebibytes};
use generate::Plan;

mod generate;
#[cfg(test)]
mod tests;

/// What an agent keeps tables for: it denies what Pods begin.
const DIRECTIONS: &[Direction] = &[Direction::Egress];

/// How often something is changed. The policies are those of this node's Pods, which cost most.
const PODS_CHANGED: usize = 1_000;
const POLICIES_CHANGED: usize = 100;

pub(crate) fn measure(amount: &Amount, table: &mut Table) -> Result<()> {
    of_cluster(Plan::of(amount.pods), table)
}

fn of_cluster(plan: Plan, table: &mut Table) -> Result<()> {
    let (mut network, seconds) = cluster(plan)?;
    let size = format!("{} Pods, {} NetworkPolicies, {} nodes", plan.pods, plan.policies(), plan.nodes());
    table.inform(format!("network, {size}: read and indexed"), format!("{seconds:.1} s"));
    let mine = plan.of_first_node();
    let (before, begin) = (allocated::bytes(), Instant::now());
    for pod in &mine {
        network.watch(pod);
    }
    let what = format!("network, egress tables of {} Pods", mine.len());
    table.inform(format!("{what}: compiled"), milliseconds(begin.elapsed().as_secs_f64()));
    table.inform(format!("{what}: allocated"), mebibytes(allocated::bytes().saturating_sub(before)));
    table.inform(format!("{what}: entries"), Entries::of(&network, &mine)?.to_string());
    let pods: Vec<_> = (0..PODS_CHANGED).map(|round| plan.pod_again(round)).collect();
    table.inform("network, a Pod anywhere gets another address and app", changed(&mut network, &pods)?);
    let policies: Vec<_> = (0..POLICIES_CHANGED).map(|round| plan.policy_again(round)).collect();
    table
        .inform("network, a policy of this node's Pods gets another port", changed(&mut network, &policies)?);
    Ok(())
}

/// The cluster, and how long it took; making the documents is left out.
fn cluster(plan: Plan) -> Result<(Network, f64)> {
    let mut cluster = Cluster::default();
    let mut seconds = 0.0;
    for document in plan.documents() {
        let text = document.to_string();
        let begin = Instant::now();
        cluster.change(Change::Put(Box::new(read(&text)?)));
        seconds += begin.elapsed().as_secs_f64();
    }
    Ok((Network::of(DIRECTIONS, cluster), seconds))
}

fn read(text: &str) -> Result<Object> {
    let node = yaml::documents(text).next().context("no document")??;
    let mut read = document::read(&node);
    ensure!(read.mistakes.is_empty(), "{:?} in {text}", read.mistakes);
    read.objects.pop().context("no object")
}

/// The median and the longest of the changes.
fn changed(network: &mut Network, documents: &[Value]) -> Result<String> {
    let mut times = Vec::new();
    for document in documents {
        let object = read(&document.to_string())?;
        let begin = Instant::now();
        network.change(Change::Put(Box::new(object)));
        times.push(begin.elapsed().as_secs_f64());
    }
    let median = Median::of(&times).context("nothing changed")?.value;
    let longest = times.iter().copied().fold(0.0, f64::max);
    let times = times.len();
    Ok(format!("{}, at most {} ({times} times)", milliseconds(median), milliseconds(longest)))
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1000.0)
}

/// What a copy of the tables would hold.
#[derive(Debug, Default)]
struct Entries {
    free: usize,
    tables: usize,
    hosts: usize,
    prefixes: usize,
    own: usize,
}

impl Entries {
    fn of(network: &Network, pods: &[Name]) -> Result<Self> {
        let mut entries = Self::default();
        let mut shared = std::collections::BTreeMap::new();
        for (pod, direction) in pods.iter().flat_map(|pod| DIRECTIONS.iter().map(move |side| (pod, side))) {
            let tables = network.tables(pod, *direction).with_context(|| format!("{pod} is not declared"))?;
            entries.free += usize::from(tables.is_free());
            entries.own += tables.own().count();
            shared.extend(tables.shared());
        }
        entries.tables = shared.len();
        entries.hosts = shared.values().map(|tables| tables.hosts().count()).sum();
        entries.prefixes = shared.values().map(|tables| tables.prefixes().count()).sum();
        Ok(entries)
    }
}

impl std::fmt::Display for Entries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { free, tables, hosts, prefixes, own } = self;
        write!(
            f,
            "{tables} tables of {hosts} addresses and {prefixes} prefixes, {own} own addresses, {free} free"
        )
    }
}
