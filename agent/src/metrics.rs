//! What the agent counts, as Prometheus reads it. Labels come from closed sets only, and every value that is known
//! beforehand is there from the start.

use std::sync::atomic::Ordering;
use std::time::Duration;

use agent_common::counter::{Class, Denial, Outcome};
use policy::{Kill, Verdict};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::load::{Counts, OBSERVERS, sockets::ON_CGROUP};
use crate::observed::Untold;

/// Why an event that was read is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// The record was no event.
    Malformed,
    /// Its cgroup turned out to be no container's.
    NotAContainer,
}

impl Dropped {
    pub const ALL: [Self; 2] = [Self::Malformed, Self::NotAContainer];

    const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NotAContainer => "not_a_container",
        }
    }
}

/// Tables of user space with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Containers,
    Processes,
    Judged,
    Observed,
    Held,
    Undeclared,
    Connections,
}

impl Table {
    pub const ALL: [Self; 7] = [
        Self::Containers,
        Self::Processes,
        Self::Judged,
        Self::Observed,
        Self::Held,
        Self::Undeclared,
        Self::Connections,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Containers => "containers",
            Self::Processes => "processes",
            Self::Judged => "judged",
            Self::Observed => "observed",
            Self::Held => "held",
            Self::Undeclared => "undeclared",
            Self::Connections => "connections",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassOutcome {
    class: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfClass {
    class: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassReason {
    class: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfVerdict {
    verdict: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDenial {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKill {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTable {
    table: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfBound {
    bound: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfProgram {
    program: &'static str,
}

/// How long looks took. Twenty buckets from 50 µs to 0.1 s, each half as long again as the one before it.
#[derive(Clone, Debug)]
struct LookSeconds(Histogram);

impl Default for LookSeconds {
    fn default() -> Self {
        Self(Histogram::new(exponential_buckets(50e-6, 1.5, 20)))
    }
}

/// All of the agent's metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    events: Family<ClassOutcome, Counter>,
    read: Family<OfClass, Counter>,
    delivered: Family<OfClass, Counter>,
    dropped: Family<ClassReason, Counter>,
    missed: Family<OfProgram, Counter>,
    attached: Family<OfProgram, Gauge>,
    judgements: Family<OfVerdict, Counter>,
    denials: Family<OfDenial, Counter>,
    kills: Family<OfKill, Counter>,
    entries: Family<OfTable, Gauge>,
    evicted: Family<OfTable, Counter>,
    pub alerts: Counter,
    pub unresolved: Counter,
    pub uninspected: Counter,
    pub looks: Counter,
    look_seconds: LookSeconds,
    pub vanished: Counter,
    unobserved: Counter,
    untold: Counter,
    untold_drifts: Family<OfBound, Counter>,
    pub policies: Gauge,
    pub policy_errors: Gauge,
    pub declaration_errors: Gauge,
    output_written: Counter,
    output_lost: Counter,
    outputs: Gauge,
    outputs_unopened: Gauge,
}

impl Metrics {
    /// Registers everything and creates all values that are known.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("plumbline_agent");
        let Self { events, read, delivered, dropped, missed, attached, judgements, entries, evicted, .. } =
            self;
        registry.register("events", "Runs of the kernel side, by what became of them", events.clone());
        registry.register("ring_read", "Records read from the rings", read.clone());
        registry.register("events_delivered", "Events that were judged or taken in", delivered.clone());
        registry.register("events_dropped", "Events read and not judged", dropped.clone());
        registry.register(
            "program_missed",
            "Times the kernel did not run a program that was due",
            missed.clone(),
        );
        registry.register("program_attached", "Whether a program is attached", attached.clone());
        registry.register("judgements", "Judgements, by verdict", judgements.clone());
        registry.register(
            "denials",
            "Execs and uses of capabilities that the kernel side denies, by what it did about them",
            self.denials.clone(),
        );
        registry.register(
            "kills",
            "Tasks that were to be killed after the fact, by what became of them",
            self.kills.clone(),
        );
        registry.register("table_entries", "Entries of a bounded table", entries.clone());
        registry.register("table_evicted", "Entries given up to keep a table's bound", evicted.clone());
        self.register_plain(registry);
        self.create();
    }

    fn register_plain(&self, registry: &mut Registry) {
        registry.register("alerts", "Records that are alerts", self.alerts.clone());
        registry.register("unresolved", "Events whose Pod was not known in time", self.unresolved.clone());
        registry.register(
            "uninspected",
            "Files whose origin stayed unknown since the queue for looking at them was full",
            self.uninspected.clone(),
        );
        registry.register(
            "looks",
            "Times that the kernel's facts of a container were read",
            self.looks.clone(),
        );
        registry.register(
            "look_seconds",
            "How long it took to read the kernel's facts of a container",
            self.look_seconds.0.clone(),
        );
        registry.register(
            "looks_vanished",
            "Times that no process of a container was left to read facts of",
            self.vanished.clone(),
        );
        registry.register(
            "unobserved_containers",
            "Containers that the kernel side had no room for",
            self.unobserved.clone(),
        );
        registry.register(
            "untold_unknowns",
            "Unknowns beyond those that a record tells of",
            self.untold.clone(),
        );
        registry.register(
            "untold_drifts",
            "Contradictions to Pods that no record tells, by the bound that they are beyond",
            self.untold_drifts.clone(),
        );
        registry.register("policies", "Policies in force", self.policies.clone());
        registry.register("policy_errors", "Mistakes in policy files", self.policy_errors.clone());
        registry.register(
            "declaration_errors",
            "Declaration files with mistakes",
            self.declaration_errors.clone(),
        );
        registry.register("output_written", "Records that outputs took", self.output_written.clone());
        registry.register("output_lost", "Records that an output did not take", self.output_lost.clone());
        registry.register("outputs", "Outputs that records go to", self.outputs.clone());
        registry.register(
            "outputs_unopened",
            "Outputs that could not be opened",
            self.outputs_unopened.clone(),
        );
    }

    fn create(&self) {
        for class in Class::ALL {
            for outcome in Outcome::ALL {
                drop(self.event(class, outcome));
            }
            drop(self.read.get_or_create(&OfClass { class: class.name() }));
            drop(self.delivered.get_or_create(&OfClass { class: class.name() }));
            for reason in Dropped::ALL {
                drop(self.dropped.get_or_create(&ClassReason { class: class.name(), reason: reason.name() }));
            }
        }
        for (program, _) in OBSERVERS.into_iter().chain(ON_CGROUP) {
            drop(self.missed.get_or_create(&OfProgram { program }));
            drop(self.attached.get_or_create(&OfProgram { program }));
        }
        for denial in Denial::ALL {
            drop(self.denials.get_or_create(&OfDenial { outcome: denial.name() }));
        }
        for kill in [Kill::Killed, Kill::Gone, Kill::Refused] {
            drop(self.kills.get_or_create(&of_kill(kill)));
        }
        for verdict in ["Pass", "Fail", "Error", "Unknown"] {
            drop(self.judgements.get_or_create(&OfVerdict { verdict }));
        }
        self.untold_drifts(Untold::default());
        for table in Table::ALL {
            drop(self.entries.get_or_create(&OfTable { table: table.name() }));
            drop(self.evicted.get_or_create(&OfTable { table: table.name() }));
        }
    }

    fn event(&self, class: Class, outcome: Outcome) -> Counter {
        self.events.get_or_create_owned(&ClassOutcome { class: class.name(), outcome: outcome.name() })
    }

    /// Takes over what the kernel side counted.
    pub fn counts(&self, counts: &Counts) {
        for class in Class::ALL {
            for outcome in Outcome::ALL {
                store(&self.event(class, outcome), counts.of(class, outcome));
            }
        }
        for denial in Denial::ALL {
            store(&self.denials.get_or_create(&OfDenial { outcome: denial.name() }), counts.denials(denial));
        }
    }

    /// Takes over what became of the events that were read.
    pub fn tally(&self, tally: &Tally) {
        for (index, class) in Class::ALL.into_iter().enumerate() {
            let label = OfClass { class: class.name() };
            store(&self.read.get_or_create(&label), tally.read[index]);
            store(&self.delivered.get_or_create(&label), tally.delivered[index]);
            for (reason, times) in Dropped::ALL.into_iter().zip(tally.dropped[index]) {
                let label = ClassReason { class: class.name(), reason: reason.name() };
                store(&self.dropped.get_or_create(&label), times);
            }
        }
    }

    /// A task was to be killed after the fact.
    pub fn killed(&self, kill: Kill) {
        self.kills.get_or_create(&of_kill(kill)).inc();
    }

    pub fn judged(&self, verdict: &Verdict) {
        self.judgements.get_or_create(&OfVerdict { verdict: verdict.as_str() }).inc();
    }

    pub fn attached(&self, program: &'static str, attached: bool) {
        self.attached.get_or_create(&OfProgram { program }).set(i64::from(attached));
    }

    /// Takes over how often the kernel did not run a program.
    pub fn missed(&self, missed: &[(String, u64)]) {
        for (program, _) in OBSERVERS.into_iter().chain(ON_CGROUP) {
            let Some((_, times)) = missed.iter().find(|(name, _)| name == program) else { continue };
            store(&self.missed.get_or_create(&OfProgram { program }), *times);
        }
    }

    /// Takes over what was neither observed nor told.
    pub fn unseen(&self, containers: u64, unknowns: u64) {
        store(&self.unobserved, containers);
        store(&self.untold, unknowns);
    }

    /// A look took so long.
    pub fn look_took(&self, time: Duration) {
        self.look_seconds.0.observe(time.as_secs_f64());
    }

    /// Takes over which contradictions were not told.
    pub fn untold_drifts(&self, untold: Untold) {
        let Untold { changes, mounts } = untold;
        for (bound, times) in [("container", changes), ("mounts", mounts)] {
            store(&self.untold_drifts.get_or_create(&OfBound { bound }), times);
        }
    }

    /// Takes over what the outputs counted.
    pub fn output(&self, written: u64, lost: u64, outputs: usize, unopened: usize) {
        store(&self.output_written, written);
        store(&self.output_lost, lost);
        self.outputs.set(outputs.try_into().unwrap_or(i64::MAX));
        self.outputs_unopened.set(unopened.try_into().unwrap_or(i64::MAX));
    }

    pub fn table(&self, table: Table, entries: usize, evicted: u64) {
        let label = OfTable { table: table.name() };
        self.entries.get_or_create(&label).set(i64::try_from(entries).unwrap_or(i64::MAX));
        store(&self.evicted.get_or_create(&label), evicted);
    }
}

const fn of_kill(kill: Kill) -> OfKill {
    let outcome = match kill {
        Kill::Killed => "killed",
        Kill::Gone => "gone",
        Kill::Refused => "refused",
    };
    OfKill { outcome }
}

fn store(counter: &Counter, value: u64) {
    counter.inner().store(value, Ordering::Relaxed);
}

/// What became of the events that were read: plain numbers, since they change with every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    read: [u64; Class::ALL.len()],
    delivered: [u64; Class::ALL.len()],
    dropped: [[u64; Dropped::ALL.len()]; Class::ALL.len()],
}

impl Tally {
    pub fn read(&mut self, class: Class) {
        self.read[class as usize] += 1;
    }

    pub fn delivered(&mut self, class: Class) {
        self.delivered[class as usize] += 1;
    }

    pub fn dropped(&mut self, class: Class, reason: Dropped) {
        self.dropped[class as usize][reason as usize] += 1;
    }
}

#[cfg(test)]
mod tests;
