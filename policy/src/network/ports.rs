//! What holds for the ports of a peer.

use super::answer::Verdict;
use super::document::Protocol;

/// Ports of a protocol for which the same holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The protocol.
    pub protocol: Protocol,
    /// The first port.
    pub first: u16,
    /// The last port, which is in the range.
    pub last: u16,
    /// What holds: never [`Verdict::Denied`], which is what holds for every port that no range has.
    pub verdict: Verdict,
}

/// What holds for each port of each protocol: ranges in order that do not overlap. What no range has is denied.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports(Vec<PortRange>);

impl Ports {
    /// One verdict for all.
    pub fn all(verdict: Verdict) -> Self {
        Self::union(Protocol::ALL.map(|protocol| PortRange { protocol, first: 0, last: u16::MAX, verdict }))
    }

    /// What holds where each of these allows, or might: allowed by any is allowed.
    pub(super) fn union(ranges: impl IntoIterator<Item = PortRange>) -> Self {
        let mut edges: Vec<(Protocol, u32, Verdict, i32)> = Vec::new();
        for PortRange { protocol, first, last, verdict } in
            ranges.into_iter().filter(|range| range.first <= range.last)
        {
            edges.push((protocol, first.into(), verdict, 1));
            edges.push((protocol, u32::from(last) + 1, verdict, -1));
        }
        edges.sort_unstable();
        let mut ports = Self::default();
        let (mut allowed, mut unknown) = (0, 0);
        for (index, &(protocol, port, verdict, step)) in edges.iter().enumerate() {
            match verdict {
                Verdict::Allowed => allowed += step,
                Verdict::Unknown => unknown += step,
                Verdict::Denied => {}
            }
            let holds = match (allowed, unknown) {
                (1.., _) => Verdict::Allowed,
                (_, 1..) => Verdict::Unknown,
                _ => Verdict::Denied,
            };
            let until = edges.get(index + 1).filter(|next| next.0 == protocol).map(|next| next.1);
            if let Some(until) = until.filter(|until| *until > port) {
                ports.push(protocol, port, until, holds);
            }
        }
        ports
    }

    /// Both agree, or it is Unknown.
    pub(super) fn agree(&self, other: &Self) -> Self {
        self.with_edges(other.edges(), |protocol, port, verdict| verdict.agree(other.at(protocol, port)))
    }

    /// The same, with what holds at some ports replaced.
    pub(super) fn with(&self, points: &[(Protocol, u16, Verdict)]) -> Self {
        let edges = points
            .iter()
            .flat_map(|&(protocol, port, _)| [(protocol, u32::from(port)), (protocol, u32::from(port) + 1)]);
        let mut sorted = points.to_vec();
        sorted.sort_unstable();
        self.with_edges(edges, |protocol, port, verdict| {
            let found = sorted.binary_search_by_key(&(protocol, port), |point| (point.0, point.1));
            found.map_or(verdict, |index| sorted[index].2)
        })
    }

    /// The same, with one verdict for a whole protocol.
    pub(super) fn with_protocol(&self, protocol: Protocol, verdict: Verdict) -> Self {
        let others = self.0.iter().copied().filter(|range| range.protocol != protocol);
        Self::union(others.chain([PortRange { protocol, first: 0, last: u16::MAX, verdict }]))
    }

    /// The same, where what is denied is Unknown instead.
    pub(super) fn in_doubt(&self) -> Self {
        self.with_edges(std::iter::empty(), |_, _, verdict| match verdict {
            Verdict::Denied => Verdict::Unknown,
            Verdict::Allowed | Verdict::Unknown => verdict,
        })
    }

    /// What holds for a port.
    pub fn at(&self, protocol: Protocol, port: u16) -> Verdict {
        let after = self.0.partition_point(|range| (range.protocol, range.first) <= (protocol, port));
        let before = after.checked_sub(1).and_then(|index| self.0.get(index));
        before
            .filter(|range| range.protocol == protocol && port <= range.last)
            .map_or(Verdict::Denied, |range| range.verdict)
    }

    /// The ranges, in order.
    pub fn ranges(&self) -> &[PortRange] {
        &self.0
    }

    /// Where what holds may change: the first port of a stretch.
    fn edges(&self) -> impl Iterator<Item = (Protocol, u32)> {
        self.0.iter().flat_map(|range| {
            [(range.protocol, u32::from(range.first)), (range.protocol, u32::from(range.last) + 1)]
        })
    }

    fn with_edges(
        &self,
        edges: impl Iterator<Item = (Protocol, u32)>,
        holds: impl Fn(Protocol, u16, Verdict) -> Verdict,
    ) -> Self {
        let whole = Protocol::ALL.into_iter().flat_map(|protocol| [(protocol, 0), (protocol, END)]);
        let mut edges: Vec<_> = edges.chain(self.edges()).chain(whole).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut ports = Self::default();
        for pair in edges.windows(2) {
            let ((protocol, from), (next, until)) = (pair[0], pair[1]);
            if let (true, Ok(port)) = (protocol == next, u16::try_from(from)) {
                ports.push(protocol, from, until, holds(protocol, port, self.at(protocol, port)));
            }
        }
        ports
    }

    /// Adds what holds from one port to before another, after all that is there.
    fn push(&mut self, protocol: Protocol, from: u32, until: u32, verdict: Verdict) {
        let bounds = (u16::try_from(from), u16::try_from(until - 1));
        let ((Ok(first), Ok(last)), Verdict::Allowed | Verdict::Unknown) = (bounds, verdict) else { return };
        match self.0.last_mut() {
            Some(range)
                if range.protocol == protocol
                    && range.verdict == verdict
                    && u32::from(range.last) + 1 == from =>
            {
                range.last = last;
            }
            _ => self.0.push(PortRange { protocol, first, last, verdict }),
        }
    }
}

/// After the last port.
const END: u32 = 1 << 16;
