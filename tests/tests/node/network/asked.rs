//! Calls of Pods, and what came of each.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Result, ensure};
use policy::network::{Cluster, Direction, Name, Question, Verdict, canonical};
use serde_json::Value;
use tests::caller::{Call, Caller, Way};
use tests::clusters::{Declared, Dice, questions};

use super::stage::Stage;

/// For each of a Pod's peers.
const PORTS: usize = 2;
/// A call of a Pod.
pub(super) struct Case {
    way: Way,
    peer: SocketAddr,
    /// What the policies say of it.
    pub(super) verdict: Verdict,
    /// Whether it got EPERM.
    is_denied: bool,
}

impl Case {
    pub(super) fn call(&self) -> Call {
        Call { way: self.way, peer: self.peer, times: 1 }
    }

    /// Whether it ended as such a verdict wants: what is allowed goes on, and so does what cannot be known.
    fn agrees_with(&self, verdict: Verdict) -> bool {
        self.is_denied == (verdict == Verdict::Denied)
    }
}

/// The calls of a Pod that are asked for, to all that its cluster names.
pub(super) fn cases(declared: &Declared, cluster: &Cluster, pod: &Name, dice: &mut Dice) -> Vec<Case> {
    let mut cases = Vec::new();
    for peer in questions::of(&declared.documents, dice, PORTS) {
        let ways = Way::ORDINARY.into_iter().chain([*dice.one(others())]);
        cases.extend(ways.map(|way| Case {
            way,
            peer,
            verdict: verdict(cluster, pod, way, peer),
            is_denied: false,
        }));
    }
    cases
}

/// The ways that are not ordinary, as far as this kernel has them.
fn others() -> &'static [Way] {
    let has_mptcp = Path::new("/proc/sys/net/mptcp/enabled").exists();
    if has_mptcp { &Way::OTHERS } else { &[Way::TcpFastOpen, Way::UdpStray] }
}

pub(super) fn verdict(cluster: &Cluster, pod: &Name, way: Way, peer: SocketAddr) -> Verdict {
    let (direction, protocol) = (Direction::Egress, way.protocol());
    let question = Question { direction, peer: peer.ip(), port: peer.port(), protocol };
    cluster.find(pod).map_or(Verdict::Unknown, |pod| cluster.answer(pod, &question).verdict())
}

/// All calls that were made while a cluster was so.
pub(super) struct Asked {
    declared: Declared,
    /// Of its own Pods, in their order.
    pub(super) cases: Vec<Vec<Case>>,
}

impl Asked {
    /// Makes the calls. None may end otherwise than the policies say.
    pub(super) fn ask(
        stage: &Stage,
        declared: &Declared,
        callers: &mut [Caller],
        dice: &mut Dice,
    ) -> Result<Self> {
        let cluster = declared.cluster()?;
        let of_pods = declared.own.iter().map(|pod| cases(declared, &cluster, pod, dice)).collect();
        let mut asked = Self { declared: declared.clone(), cases: of_pods };
        for (cases, caller) in asked.cases.iter_mut().zip(callers) {
            let calls: Vec<Call> = cases.iter().map(Case::call).collect();
            for (case, said) in cases.iter_mut().zip(stage.call(caller, &calls)?) {
                case.is_denied = said.denied > 0;
            }
        }
        let found: Vec<String> = asked.disagreements().collect();
        ensure!(found.is_empty(), "{} disagreements: {:#?}", found.len(), &found[..found.len().min(10)]);
        Ok(asked)
    }

    /// Each case with the Pod that made it.
    fn each(&self) -> impl Iterator<Item = (&Name, &Case)> {
        let of_pods = self.declared.own.iter().zip(&self.cases);
        of_pods.flat_map(|(pod, cases)| cases.iter().map(move |case| (pod, case)))
    }

    /// The cases that are otherwise than their verdicts, in words.
    fn disagreements(&self) -> impl Iterator<Item = String> {
        let found = self.each().filter(|(_, case)| !case.agrees_with(case.verdict));
        found.map(|(pod, case)| {
            let Case { verdict, is_denied, .. } = case;
            format!("{pod}: {}: denied: {is_denied}; the policies say {verdict:?}", case.call())
        })
    }

    /// How many cases are otherwise than the verdicts of a cluster with such a mistake.
    pub(super) fn noticing(&self, fault: fn(&mut Value)) -> Result<usize> {
        let mut mistaken = self.declared.clone();
        mistaken.documents.iter_mut().for_each(fault);
        let cluster = mistaken.cluster()?;
        let is_otherwise =
            |(pod, case): &(&Name, &Case)| !case.agrees_with(verdict(&cluster, pod, case.way, case.peer));
        Ok(self.each().filter(is_otherwise).count())
    }

    /// How many different peers, ports and protocols its Pods asked for.
    pub(super) fn distinct(&self) -> usize {
        let peer = |case: &Case| (canonical(case.peer.ip()), case.peer.port(), case.way.protocol());
        self.cases.iter().map(|cases| cases.iter().map(peer).collect::<BTreeSet<_>>().len()).sum()
    }

    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.each().filter(|(_, case)| case.verdict == verdict).count()
    }
}
