//! What prefixes say, in as few of them as will do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Entry;
use crate::network::address::Cidr;
use crate::network::answer::{Class, Verdict, View};
use crate::network::ports::Ports;

/// A table is compiled as long as its prefixes times the peers of its rules are no more, which 10,000 different blocks
/// are. Beyond it, every prefix is Unknown.
const MOST_WORK: usize = 100_000_000;

impl View<'_> {
    pub(super) fn prefixes(&self) -> BTreeMap<Cidr, Entry> {
        let (blocks, peers) = self.blocks();
        let mut ranges: BTreeSet<Cidr> = [Cidr::ALL_V4, Cidr::ALL_V6].into();
        ranges.extend(self.cluster.pod_ranges().chain(&blocks));
        if ranges.len().saturating_mul(peers) > MOST_WORK {
            let unknown = Arc::new(Ports::all(Verdict::Unknown));
            let entry = Entry { pods: Arc::clone(&unknown), others: unknown };
            return [(Cidr::ALL_V4, entry.clone()), (Cidr::ALL_V6, entry)].into();
        }
        let lengths: BTreeSet<u8> = blocks.iter().map(Cidr::length).collect();
        // What is said of a range depends on the blocks that it is in, which are the same for nearly all nodes' ranges.
        let mut said: HashMap<(Vec<Cidr>, bool), Entry> = HashMap::new();
        let entry = |range: Cidr| {
            let of_length = |length: &u8| Cidr::around(range.network(), *length);
            let shorter = lengths.range(..=range.length()).map(of_length);
            let around = shorter.filter(|block| blocks.contains(block)).collect();
            let is_stranger = self.cluster.is_in_pod_range(&range);
            let entry = said.entry((around, is_stranger)).or_insert_with(|| self.entry(&range, is_stranger));
            (range, entry.clone())
        };
        let mut prefixes = ranges.into_iter().map(entry).collect();
        let all = Arc::new(Ports::all(Verdict::Allowed));
        join_halves(&mut prefixes);
        prefixes.retain(|range, _| !Cidr::LOOPBACK_V4.contains(range));
        prefixes.insert(Cidr::LOOPBACK_V4, Entry { pods: Arc::clone(&all), others: all });
        without_repeats(prefixes)
    }

    fn entry(&self, range: &Cidr, is_stranger: bool) -> Entry {
        let pods = Arc::new(self.of_class(Class::Plain, range));
        let others = self.of_class(Class::Outside { is_stranger }, range);
        let others = if others == *pods { Arc::clone(&pods) } else { Arc::new(others) };
        Entry { pods, others }
    }

    /// The ranges that rules name, and how many peers and exceptions there are.
    fn blocks(&self) -> (BTreeSet<Cidr>, usize) {
        let (mut ranges, mut peers) = (BTreeSet::new(), 1);
        let rules = self.policies.iter().flat_map(|policy| policy.rules(self.direction).unwrap_or_default());
        for peer in rules.flat_map(|rule| &rule.peers) {
            peers += 1;
            if let Some(block) = peer.block() {
                peers += block.except.len();
                ranges.insert(block.cidr);
                ranges.extend(&block.except);
            }
        }
        (ranges, peers)
    }
}

/// Two halves of a range that say the same say it of the range, in place of what the range says.
fn join_halves(prefixes: &mut BTreeMap<Cidr, Entry>) {
    let mut lengths: BTreeSet<u8> = prefixes.keys().map(Cidr::length).collect();
    while let Some(length) = lengths.pop_last().filter(|length| *length > 0) {
        let here: Vec<Cidr> = prefixes.keys().filter(|range| range.length() == length).copied().collect();
        for range in here {
            let whole = Cidr::around(range.network(), length - 1);
            let Some([lower, upper]) = whole.halves().filter(|halves| halves[0] == range) else { continue };
            if prefixes.get(&lower) == prefixes.get(&upper) {
                prefixes.remove(&upper);
                let entry = prefixes.remove(&lower);
                prefixes.extend(entry.map(|entry| (whole, entry)));
                lengths.insert(length - 1);
            }
        }
    }
}

/// Without those that say what the next longer one around them says. They come in an order in which ranges are before
/// those in them.
fn without_repeats(prefixes: BTreeMap<Cidr, Entry>) -> BTreeMap<Cidr, Entry> {
    let mut kept = BTreeMap::new();
    let mut around: Vec<(Cidr, Entry)> = Vec::new();
    for (range, entry) in prefixes {
        around.truncate(
            around.iter().rposition(|(outer, _)| outer.contains(&range)).map_or(0, |last| last + 1),
        );
        if around.last().is_none_or(|(_, outer)| *outer != entry) {
            around.push((range, entry.clone()));
            kept.insert(range, entry);
        }
    }
    kept
}
