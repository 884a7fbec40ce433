//! Numbering records and handing them to every output.

use std::{
    borrow::Cow,
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use policy::{
    Enforcement, Judgement, PolicySet, Record, Timestamp, Verdict,
    decide::{Context, Point, decide},
    record::{Body, Evidence, Gap, Source, Subject},
};
use tracing::error;

use crate::{
    judge::Tell,
    metrics::Metrics,
    observe::clock::Clock,
    report::{Format, Output, output::Destination},
    respond::{Responder, Target},
};

/// How long a stop waits for an output that stalls.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who writes, with the number of the last record written.
#[derive(Clone, Debug)]
pub struct Origin {
    node: Arc<str>,
    boot: Arc<str>,
    sequence: Arc<AtomicU64>,
}

impl Origin {
    /// A new run of the agent on this node.
    ///
    /// # Errors
    /// The kernel gives no random number.
    pub fn new(node: &str) -> io::Result<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
        Ok(Self { node: node.into(), boot: boot.trim().into(), sequence: Arc::default() })
    }

    fn record(&self, time: Timestamp, subject: Subject, body: Body) -> Record {
        let source = Source {
            component: Cow::Borrowed("agent"),
            instance: Arc::clone(&self.node),
            boot: Arc::clone(&self.boot),
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed) + 1,
        };
        Record { source, time, cluster: None, node: Some(Arc::clone(&self.node)), subject, body }
    }
}

/// All outputs.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Records {
    origin: Origin,
    outputs: Vec<Output>,
    metrics: Metrics,
    /// Of outputs that could not even be opened.
    unopened: usize,
    /// None where the agent only records.
    respond: Option<Responder>,
}

impl Records {
    /// Opens the outputs. One that cannot be opened is said, and the others go on.
    ///
    /// # Errors
    /// None of them can be opened.
    pub fn open(origin: Origin, outputs: Vec<(Destination, Format)>, metrics: Metrics) -> io::Result<Self> {
        let mut opened = Vec::new();
        let (mut unopened, mut last) = (0, None);
        for (destination, format) in outputs {
            let of = origin.clone();
            let gap = Box::new(move |gap: Gap| of.record(Clock::read().now(), Subject::Node, Body::Gap(gap)));
            match Output::start(&destination, format, gap) {
                Ok(output) => opened.push(output),
                Err(error) => {
                    error!(%error, output = ?destination, "cannot write records there: make the folder, or name another output");
                    unopened += 1;
                    last = Some(error);
                }
            }
        }
        match last {
            Some(error) if opened.is_empty() => Err(error),
            _ => Ok(Self { origin, outputs: opened, metrics, unopened, respond: None }),
        }
    }

    /// The agent may do more than record.
    #[must_use]
    pub fn enforcing(self, respond: Option<Responder>) -> Self {
        Self { respond, ..self }
    }

    /// What carries out what policies ask for, if anything does at this moment.
    fn responder(&self) -> Option<&Responder> {
        self.respond.as_ref().filter(|respond| respond.is_enforcing())
    }

    /// Makes what the outputs took and did not take visible.
    pub fn publish(&self) {
        let (mut written, mut dropped) = (0, 0);
        for output in &self.outputs {
            let counts = output.counts();
            written += counts.written;
            dropped += counts.dropped;
        }
        self.metrics.output(written, dropped, self.outputs.len(), self.unopened);
    }

    /// Writes what waits and closes the outputs. Gives the number of records that they did not take.
    pub fn finish(self) -> u64 {
        self.outputs.into_iter().map(|output| output.finish(PATIENCE).dropped).sum()
    }
}

impl Tell for Records {
    fn tell(&mut self, subject: Subject, body: Body) -> Source {
        let record = Arc::new(self.origin.record(Clock::read().now(), subject, body));
        if record.is_alert() {
            self.metrics.alerts.inc();
        }
        for output in &self.outputs {
            output.submit(&record);
        }
        record.source.clone()
    }

    fn decide(
        &mut self,
        subject: Subject,
        judgement: Judgement,
        policies: &PolicySet,
        evidence: Evidence,
        enforcement: Enforcement,
    ) -> Source {
        let Some(policy) = policies.get(&judgement.policy).map(|policy| Arc::clone(policy.about())) else {
            unreachable!("a judgement names a policy of the set that gave it");
        };
        let context = Context {
            policies,
            point: Point::Runtime,
            now: Clock::read().now(),
            cluster: None,
            node: Some(Arc::clone(&self.origin.node)),
            enforcement: match enforcement {
                Enforcement::WentOn if self.responder().is_none() => Enforcement::Off,
                other => other,
            },
        };
        let decision = decide(judgement, &context);
        self.tell(subject, Body::Decision { policy, decision, evidence })
    }

    fn respond(&mut self, target: Target) -> Enforcement {
        let Some(respond) = self.responder() else { return Enforcement::Off };
        let kill = respond.kill(target);
        self.metrics.killed(kill);
        Enforcement::Answered(kill)
    }

    fn judged(&mut self, verdict: &Verdict) {
        self.metrics.judged(verdict);
    }
}
