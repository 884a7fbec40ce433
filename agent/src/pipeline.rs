//! Everything between the rings and the records: whose an event is, what it ran, what the policies say.

use std::sync::Arc;

use agent_common::{
    counter::Class,
    event::{FileId, flag},
    map::ExecutableKey,
};
use policy::{
    event::{Ancestor, Event, Origin, Script},
    record::Subject,
};
use tracing::debug;

use crate::{
    correlate::resolve::Resolved,
    cri::Cri,
    decode::{self, Event as Kernel, decode},
    identity::{Identity, Scanned, Standing, running},
    judge::{Case, Judge, Tell},
    metrics::{Dropped, Metrics, Tally},
    observe::{
        clock::{self, Clock},
        inspect::{Finding, Inspector, Question, Request},
        processes::{Processes, Step},
        seen::{self, Seen},
    },
    observed::Observed,
    origin::{Classified, Facts, classify, compare::Compared},
};

mod answer;
mod change;
mod denial;
mod hold;
mod keys;
mod network;
mod observe;
mod publish;
mod runtime;
mod sockets;
mod undeclared;

pub use answer::Answered;
use hold::{Hold, Reason};
use keys::{capability_key, file_key, identity_of, identity_of_capability};
use undeclared::{Call, Undeclared};

/// Memory for earlier comparisons of copied-up files.
const COMPARED_BYTES: usize = 1 << 20;

/// The state of all stages.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct Pipeline {
    identity: Identity,
    processes: Processes,
    inspector: Inspector,
    cri: Cri,
    compared: Compared,
    judge: Judge,
    hold: Hold,
    undeclared: Undeclared,
    observed: Observed,
    /// When it was last asked how often capabilities were used.
    uses_asked: u64,
    clock: Clock,
    tally: Tally,
    metrics: Metrics,
}

impl Pipeline {
    #[must_use]
    pub fn new(identity: Identity, inspector: Inspector, cri: Cri, judge: Judge, metrics: Metrics) -> Self {
        Self {
            identity,
            processes: Processes::default(),
            inspector,
            cri,
            compared: Compared::new(COMPARED_BYTES),
            judge,
            hold: Hold::default(),
            undeclared: Undeclared::default(),
            observed: Observed::default(),
            uses_asked: 0,
            clock: Clock::read(),
            tally: Tally::default(),
            metrics,
        }
    }

    /// Events about cgroups were lost: the next tick looks at all of them.
    pub fn scan_soon(&mut self) {
        self.identity.scan_soon();
    }

    /// Finds the containers that run already.
    pub fn find_running(&mut self) -> usize {
        let Scanned { found, gone } = self.identity.scan();
        for cgroup in gone {
            self.removed(cgroup);
        }
        for (cgroup, folder) in &found {
            running::take_in(&mut self.identity, &mut self.processes, *cgroup, folder);
            self.observed.found(*cgroup, clock::boot_time());
        }
        self.look();
        found.len()
    }

    /// Takes one record of a ring.
    pub fn take(&mut self, record: &[u8], tell: &mut impl Tell) {
        match decode(record) {
            Ok(event) => self.event(&event, tell),
            // The class cannot be told; nothing but a fault of ours makes such a record.
            Err(error) => {
                debug!(%error, "a ring held a record that is no event");
                self.tally.read(Class::Exec);
                self.tally.dropped(Class::Exec, Dropped::Malformed);
            }
        }
    }

    fn event(&mut self, event: &Kernel<'_>, tell: &mut impl Tell) {
        match event {
            Kernel::Exec(exec) => return self.exec(exec, Class::Exec, tell),
            Kernel::Executable(exec) => return self.executable(exec, tell),
            Kernel::CapabilityUse(used) => return self.capability(used, tell),
            Kernel::SocketUse(used) => return self.socket(used, tell),
            Kernel::Fork(fork) => self.processes.fork(fork.parent, fork.header.pid),
            Kernel::Exit(exit) => self.processes.exit(exit.header.pid),
            Kernel::CgroupMade(made) => {
                self.identity.made(made.fixed.header.cgroup, made.path, made.fixed.header.time);
            }
            Kernel::CgroupRemoved(removed) => self.removed(removed.fixed.header.cgroup),
        }
        let class = match event {
            Kernel::Fork(_) => Class::Fork,
            Kernel::Exit(_) => Class::Exit,
            _ => Class::Cgroup,
        };
        self.tally.read(class);
        self.tally.delivered(class);
    }

    fn removed(&mut self, cgroup: u64) {
        self.identity.removed(cgroup);
        self.processes.forget(cgroup);
        self.observed.gone(cgroup);
        self.judge.gone(cgroup);
    }

    /// An executable first seen: the same exec has a record in the other ring, unless that one was lost.
    fn executable(&mut self, exec: &decode::Exec<'_>, tell: &mut impl Tell) {
        let header = exec.fixed.header;
        self.identity.executable(ExecutableKey {
            cgroup: header.cgroup,
            file: exec.fixed.file,
            task: u32::from(header.task),
            _pad: 0,
        });
        self.exec(exec, Class::Executable, tell);
    }

    /// A capability first used in a container.
    fn capability(&mut self, used: &decode::CapabilityUse, tell: &mut impl Tell) {
        self.tally.read(Class::Capability);
        let key = capability_key(used);
        self.identity.capability(key);
        let seen = Seen::of_capability(used, self.judge.key(identity_of_capability(&key)), &self.processes);
        self.resolve(seen, false, tell);
    }

    fn exec(&mut self, exec: &decode::Exec<'_>, class: Class, tell: &mut impl Tell) {
        self.tally.read(class);
        let header = exec.fixed.header;
        // The other ring's record of the same exec: which comes first, two CPUs may settle either way.
        if self.processes.has_run(header.pid, header.time) {
            return self.twin(exec, class, tell);
        }
        if exec.is(flag::INIT) {
            self.identity.started(header.cgroup, header.pid, exec.fixed.root_device);
        }
        self.note_credentials(exec);
        let key = self.judge.key(identity_of(exec));
        // An interpreter is known; what it runs may be another script each time.
        let known = if exec.is(flag::INTERPRETER) {
            None
        } else {
            self.judge.repeat(header.cgroup, key, class == Class::Executable, || self.clock.wall(header.time))
        };
        if let Some(ancestor) = known {
            self.descend(exec, ancestor);
            return self.tally.delivered(class);
        }
        let is_root = self.identity.is_container_root(header.cgroup, exec.fixed.file.device);
        let path = exec.whole_path();
        let own = Arc::new(self.ancestor(exec, path.as_deref(), is_root));
        self.descend(exec, own);
        let seen = Seen::of(exec, path, class, key, is_root, &self.processes);
        self.resolve(seen, false, tell);
    }

    /// The second record of an exec is taken in with the first, and dropped with it where its cgroup is no container's.
    fn twin(&mut self, exec: &decode::Exec<'_>, class: Class, tell: &mut impl Tell) {
        // Most find their container known, and then nothing of them is needed.
        if let Standing::Container(_) = self.identity.of(exec.fixed.header.cgroup) {
            return self.tally.delivered(class);
        }
        let key = self.judge.key(identity_of(exec));
        let mut seen = Seen::of(exec, exec.whole_path(), class, key, None, &self.processes);
        seen.twin = true;
        self.resolve(seen, false, tell);
    }

    fn descend(&mut self, exec: &decode::Exec<'_>, own: Arc<Ancestor>) {
        let header = exec.fixed.header;
        let step = Step {
            cgroup: header.cgroup,
            pid: header.pid,
            parent: exec.fixed.parent,
            time: header.time,
            first: exec.is(flag::INIT),
        };
        self.processes.exec(step, own);
    }

    /// What an exec is to those that descend from it: its origin as far as is known without looking at files.
    fn ancestor(&mut self, exec: &decode::Exec<'_>, path: Option<&[u8]>, is_root: Option<bool>) -> Ancestor {
        let origin = match self.identity.of(exec.fixed.header.cgroup) {
            Standing::Container(container) => {
                let facts = seen::facts(exec, is_root);
                self.classified(&facts, path, exec.fixed.file, &container)
            }
            Standing::Undecided | Standing::Stranger => None,
        };
        let path = path.map_or(policy::Known::Unknown, |path| policy::Text::from_bytes(path).into());
        Ancestor { path, origin: origin.unwrap_or(Origin::Unknown) }
    }

    /// Finds out whose an exec is; `late` if it has waited as long as it may.
    fn resolve(&mut self, seen: Seen, late: bool, tell: &mut impl Tell) {
        match self.identity.of(seen.cgroup) {
            Standing::Container(container) if container.sandbox || seen.twin => {
                self.tally.delivered(seen.class);
            }
            Standing::Container(container) if container.is_awaited() && !late => {
                self.wait(seen, Reason::Identity, tell);
            }
            Standing::Container(container) => self.inspect(seen, &container, tell),
            Standing::Undecided if !late => self.wait(seen, Reason::Identity, tell),
            // The kernel side takes it for a container's: it was given up for want of room, or its making was lost.
            Standing::Stranger if !late => {
                self.identity.scan_soon();
                self.wait(seen, Reason::Identity, tell);
            }
            Standing::Undecided | Standing::Stranger => {
                self.tally.dropped(seen.class, Dropped::NotAContainer);
            }
        }
    }

    /// Keeps an exec until more is known. What does not fit goes on as it is, since nothing is dropped for room.
    fn wait(&mut self, seen: Seen, reason: Reason, tell: &mut impl Tell) {
        if let Some(first) = self.hold.push(seen, reason, clock::boot_time()) {
            self.give_up(first, tell);
        }
    }

    /// Finds out what was run.
    fn inspect(&mut self, seen: Seen, container: &Arc<Resolved>, tell: &mut impl Tell) {
        let question = match (&seen.typed, self.origin(&seen, container)) {
            (Some(typed), _) => Question::Script { typed: typed.clone() },
            (None, Some(origin)) => return self.judge(seen, container, Found::of(origin), tell),
            (None, None) => match &seen.path {
                Some(path) => Question::CopiedUp { path: path.clone(), ctime: seen.file.ctime },
                None => return self.judge(seen, container, Found::of(Origin::Unknown), tell),
            },
        };
        self.ask(seen, container, question, tell);
    }

    fn ask(&mut self, seen: Seen, container: &Arc<Resolved>, question: Question, tell: &mut impl Tell) {
        let token = self.hold.token();
        let request = Request {
            token,
            cgroup: seen.cgroup,
            pid: seen.pid,
            init: self.identity.init(seen.cgroup),
            container: Arc::clone(container),
            question,
        };
        if self.hold.may_ask(seen.cgroup) && self.inspector.ask(request).is_ok() {
            return self.wait(seen, Reason::Answer(token), tell);
        }
        self.metrics.uninspected.inc();
        self.judge_unanswered(seen, container, tell);
    }

    /// Goes on with an exec that cannot wait any more, as it is.
    fn give_up(&mut self, seen: Seen, tell: &mut impl Tell) {
        match self.identity.of(seen.cgroup) {
            Standing::Container(container) if container.sandbox || seen.twin => {
                self.tally.delivered(seen.class);
            }
            Standing::Container(container) => self.judge_unanswered(seen, &container, tell),
            Standing::Undecided | Standing::Stranger => {
                self.tally.dropped(seen.class, Dropped::NotAContainer);
            }
        }
    }

    /// Goes on with an exec whose file could not be looked at.
    fn judge_unanswered(&mut self, seen: Seen, container: &Resolved, tell: &mut impl Tell) {
        let script =
            seen.typed.is_some().then_some(Script { path: policy::Known::Unknown, origin: Origin::Unknown });
        let origin = self.origin(&seen, container);
        let settled = origin.is_some() && script.is_none();
        self.judge(
            seen,
            container,
            Found { origin: origin.unwrap_or(Origin::Unknown), script, settled },
            tell,
        );
    }

    fn inspected(&mut self, token: u64, finding: Finding, tell: &mut impl Tell) {
        let Some(seen) = self.hold.take(token) else { return };
        let Standing::Container(container) = self.identity.of(seen.cgroup) else {
            return self.tally.dropped(seen.class, Dropped::NotAContainer);
        };
        match finding {
            Finding::CopiedUp(origin) => {
                if origin != Origin::Unknown {
                    self.compared.insert(file_key(seen.file), origin.clone());
                }
                self.judge(seen, &container, Found::of(origin), tell);
            }
            Finding::Script(script) => {
                let origin = self.origin(&seen, &container).unwrap_or(Origin::Unknown);
                self.judge(seen, &container, Found { origin, script: Some(script), settled: true }, tell);
            }
        }
    }

    /// The origin of an event's program, unless files must be compared first.
    fn origin(&mut self, seen: &Seen, container: &Resolved) -> Option<Origin> {
        let known = seen.origin.clone();
        known.or_else(|| self.classified(&seen.facts, seen.path.as_deref(), seen.file, container))
    }

    /// The same, of an executable's file.
    fn classified(
        &mut self,
        facts: &Facts,
        path: Option<&[u8]>,
        file: FileId,
        container: &Resolved,
    ) -> Option<Origin> {
        let mounts = container.declared().map(|declared| &*declared.mounts);
        match classify(facts, path, mounts) {
            Classified::Is(origin) => Some(origin),
            Classified::Compare => self.compared.get(&file_key(file)),
        }
    }

    fn judge(&mut self, seen: Seen, container: &Resolved, found: Found, tell: &mut impl Tell) {
        let Found { origin, script, settled } = found;
        let (class, cgroup, time) = (seen.class, seen.cgroup, self.clock.wall(seen.time));
        let key = match &script {
            Some(script) => self.judge.key((seen.key, script)),
            None => seen.key,
        };
        let subject = if container.is_awaited() {
            self.metrics.unresolved.inc();
            Subject::Unresolved { cgroup: container.path.to_string(), id: Some(Arc::clone(&container.id)) }
        } else {
            container.subject()
        };
        let (second, live) = (class == Class::Executable, self.identity.is_live(container));
        let (enforcement, target) = (denial::enforcement(&seen), self.target(&seen));
        let since = seen.time;
        let mut event: Event = seen.event(origin, script);
        let permission = self.hold_against_network(&mut event, container);
        let target = target.filter(|_| !denial::is_forbidden_by_now(&event));
        let pod = self.observed_pod(cgroup, container);
        let pod = pod.as_ref().map(AsRef::as_ref);
        let case = Case {
            cgroup,
            key,
            event: &event,
            container,
            pod,
            subject,
            time,
            second,
            settled,
            live,
            enforcement,
            target,
        };
        self.judge.judge(&case, tell);
        self.tally.delivered(class);
        if permission.may_be_declared() {
            let container = Arc::clone(&container.id);
            self.undeclared.keep(Call { cgroup, container, key, event, time, since });
        }
    }

    /// Goes on with what has waited long enough, and asks again about what is not decided.
    pub fn tick(&mut self, now: u64, tell: &mut impl Tell) {
        self.clock = Clock::read();
        for stranger in self.identity.tick(now) {
            self.processes.forget(stranger);
            self.observed.gone(stranger);
        }
        if self.identity.is_to_be_scanned(now) {
            self.find_running();
        }
        for (seen, reason) in self.hold.due(now) {
            match reason {
                Reason::Identity => self.resolve(seen, true, tell),
                Reason::Answer(_) => self.give_up(seen, tell),
            }
        }
        self.look_where_used(now);
        self.observed.retry();
        self.look();
        self.release(tell);
    }

    /// Goes on with what waited for an identity that is known now.
    fn release(&mut self, tell: &mut impl Tell) {
        let identity = &mut self.identity;
        let known = |seen: &Seen| match identity.of(seen.cgroup) {
            Standing::Container(container) => !container.is_awaited(),
            _ => false,
        };
        for seen in self.hold.known(known) {
            self.resolve(seen, false, tell);
        }
    }

    /// Declarations changed.
    pub fn declarations_changed(&mut self, tell: &mut impl Tell) {
        self.identity.declarations_changed();
        self.judge.declarations_changed();
        let identity = &mut self.identity;
        self.observed.declarations_changed(|cgroup| match identity.of(cgroup) {
            Standing::Container(container) => container.pod.clone(),
            Standing::Undecided | Standing::Stranger => None,
        });
        self.look();
        self.release(tell);
        self.judge_undeclared(tell);
    }

    /// Writes down what came again.
    pub fn count(&mut self, tell: &mut impl Tell) {
        self.count_capabilities();
        self.count_sockets();
        self.judge.count(tell);
        self.observed.want_untold();
    }

    /// Ends: what waits goes on as it is.
    pub fn finish(&mut self, tell: &mut impl Tell) {
        for (seen, _) in self.hold.due(u64::MAX) {
            self.give_up(seen, tell);
        }
        self.count(tell);
    }
}

/// What was found out of the file that an exec ran.
struct Found {
    origin: Origin,
    script: Option<Script>,
    /// Whether all was found out that can be.
    settled: bool,
}

impl Found {
    fn of(origin: Origin) -> Self {
        Self { origin, script: None, settled: true }
    }
}
