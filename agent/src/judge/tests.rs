use policy::{
    Text,
    event::{Ancestry, Args, Detail, Origin, Task},
    record::SubjectContainer,
    set,
};

use super::*;

mod again;
mod answers;

/// Keeps what it is told.
#[derive(Default)]
struct Told {
    decisions: Vec<(Subject, Judgement)>,
    counts: Vec<Count>,
    drifts: usize,
    verdicts: Vec<String>,
    responses: Vec<Target>,
    enforcements: Vec<Enforcement>,
    sequence: u64,
}

impl Told {
    fn source(&mut self) -> Source {
        self.sequence += 1;
        Source { component: "agent".into(), instance: "n".into(), boot: "b".into(), sequence: self.sequence }
    }
}

impl Tell for Told {
    fn tell(&mut self, _: Subject, body: Body) -> Source {
        match body {
            Body::Count(count) => self.counts.push(count),
            Body::Drift(_) => self.drifts += 1,
            Body::Decision { .. } | Body::Gap(_) => {}
        }
        self.source()
    }

    fn decide(
        &mut self,
        subject: Subject,
        judgement: Judgement,
        _: &PolicySet,
        _: Evidence,
        enforcement: Enforcement,
    ) -> Source {
        self.enforcements.push(enforcement);
        self.decisions.push((subject, judgement));
        self.source()
    }

    fn respond(&mut self, target: Target) -> Enforcement {
        self.responses.push(target);
        Enforcement::Answered(policy::Kill::Killed)
    }

    fn judged(&mut self, verdict: &Verdict) {
        self.verdicts.push(verdict.as_str().to_owned());
    }
}

const PER_EXECUTABLE: &str = "
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: not-upper}
spec:
  title: t
  severity: High
  description: d
  remediation: r
  controls: []
  match: {events: {kinds: [Exec]}}
  validations: [{name: v, expression: \"event.executable.origin != 'Upper'\", message: m}]
";

fn judge_with(policy: &str) -> Judge {
    let source = set::Source { file: "policy.yaml".to_owned(), text: policy.to_owned() };
    let (policies, errors) = PolicySet::compile(&[source]);
    assert!(errors.is_empty(), "{errors:?}");
    Judge::new(
        policies,
        Node { name: "n".to_owned(), labels: Known::Unknown, kernel: "6".to_owned() },
        Set::default(),
    )
}

fn exec(origin: Origin) -> Event {
    Event {
        task: Known::Known(Task::Container),
        executable: Executable { path: Text::from("/x").into(), origin, script: None },
        ancestry: Ancestry::default(),
        uid: Known::Known(0),
        gid: Known::Known(0),
        detail: Detail::Exec { args: Args::default() },
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_nanos(seconds * 1_000_000_000)
}

fn run(judge: &mut Judge, told: &mut Told, cgroup: u64, file: u64, origin: Origin, seconds: u64) {
    let key = judge.key(file);
    run_as(judge, told, origin, |case| Case { cgroup, key, time: at(seconds), ..case });
}

fn run_as(judge: &mut Judge, told: &mut Told, origin: Origin, with: impl Fn(Case<'_>) -> Case<'_>) {
    run_event(judge, told, &exec(origin), with);
}

fn run_event(judge: &mut Judge, told: &mut Told, event: &Event, with: impl Fn(Case<'_>) -> Case<'_>) {
    let (key, container) = (judge.key(0_u64), Resolved::of_id("c"));
    let subject = container.subject();
    let (cgroup, time, second, settled, live) = (1, at(1), false, true, true);
    let (container, enforcement) = (&container, Enforcement::Off);
    let case = Case {
        cgroup,
        key,
        event,
        container,
        pod: Known::Unknown,
        subject,
        time,
        second,
        settled,
        live,
        enforcement,
        target: None,
    };
    judge.judge(&with(case), told);
}

#[test]
fn executable_that_fails_is_told_once_and_then_counted() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    for seconds in 1..=4 {
        run(&mut judge, &mut told, 1, 7, Origin::Upper, seconds);
    }
    assert_eq!(told.decisions.len(), 1);
    judge.count(&mut told);
    assert_eq!(told.counts.len(), 1);
    let Count { of, count, first, last } = &told.counts[0];
    assert_eq!((of.sequence, *count, *first, *last), (1, 3, at(2), at(4)));
    judge.count(&mut told);
    assert_eq!(told.counts.len(), 1, "nothing came again since");
}

#[test]
fn repeat_by_its_key_alone_is_counted_like_one_that_was_judged() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    let key = judge.key(7_u64);
    assert!(judge.repeat(1, key, false, || at(1)).is_none());
    run(&mut judge, &mut told, 1, 7, Origin::Upper, 1);
    assert!(judge.repeat(1, key, false, || at(2)).is_some());
    judge.count(&mut told);
    assert_eq!(told.counts[0].count, 1);
}

#[test]
fn second_record_of_an_exec_is_no_other_run_of_it() {
    let policy = PER_EXECUTABLE.replace("event.executable.origin != 'Upper'", "size(event.args) > 0");
    let (mut judge, mut told) = (judge_with(&policy), Told::default());
    for second in [false, true] {
        run_as(&mut judge, &mut told, Origin::Image, |case| Case { second, ..case });
    }
    assert_eq!(told.decisions.len(), 1);
    assert!(judge.repeat(1, judge.key(0_u64), true, || at(2)).is_some());
}

#[test]
fn what_could_not_be_looked_at_is_looked_at_again() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run_as(&mut judge, &mut told, Origin::Unknown, |case| Case { settled: false, ..case });
    run_as(&mut judge, &mut told, Origin::Upper, |case| case);
    let verdicts: Vec<_> = told.decisions.iter().map(|(_, judgement)| judgement.verdict.as_str()).collect();
    assert_eq!(verdicts, ["Unknown", "Fail"]);
}

#[test]
fn what_is_judged_after_its_container_is_gone_is_let_go_too() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run_as(&mut judge, &mut told, Origin::Image, |case| Case { live: false, ..case });
    judge.count(&mut told);
    assert_eq!(judge.size().0, 0);
}

#[test]
fn same_executable_in_another_container_is_told_again() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run(&mut judge, &mut told, 1, 7, Origin::Upper, 1);
    run(&mut judge, &mut told, 2, 7, Origin::Upper, 1);
    assert_eq!(told.decisions.len(), 2);
}

#[test]
fn unknown_is_told_once_for_a_workload_and_cause_and_is_counted_each_time() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    for file in 0..5 {
        run(&mut judge, &mut told, 1, file, Origin::Unknown, 1);
    }
    assert_eq!(told.decisions.len(), 1);
    assert_eq!(told.verdicts, ["Unknown"; 5]);
}

#[test]
fn policy_that_reads_arguments_sees_every_event() {
    let policy = PER_EXECUTABLE.replace("event.executable.origin != 'Upper'", "size(event.args) > 0");
    let (mut judge, mut told) = (judge_with(&policy), Told::default());
    run(&mut judge, &mut told, 1, 7, Origin::Image, 1);
    run(&mut judge, &mut told, 1, 7, Origin::Image, 2);
    assert_eq!(told.decisions.len(), 2);
    assert!(judge.repeat(1, judge.key(7_u64), false, || at(9)).is_none());
}

#[test]
fn one_container_gives_up_its_own_and_no_other_ones() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run(&mut judge, &mut told, 1, 0, Origin::Image, 1);
    run(&mut judge, &mut told, 2, 0, Origin::Upper, 1);
    for file in 1..=EACH_MAX as u64 {
        run(&mut judge, &mut told, 2, file, Origin::Image, 1);
    }
    assert!(judge.repeat(1, judge.key(0_u64), false, || at(9)).is_some(), "the other container's");
    assert!(judge.repeat(2, judge.key(0_u64), false, || at(9)).is_some(), "what was found wrong");
    assert_eq!(judge.size(), (3, EACH_MAX as u64 - 1));
    assert_eq!(judge.shares[&2], 2);
}

/// Each is another file, and every second one is wrong.
#[test]
fn distinct_files_without_end_of_one_container_are_never_kept_together() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run(&mut judge, &mut told, 1, 0, Origin::Image, 1);
    let mut most = 0;
    for file in 0..100_000 {
        let origin = if file % 2 == 0 { Origin::Image } else { Origin::Upper };
        run(&mut judge, &mut told, 2, file, origin, 1);
        told = Told { sequence: told.sequence, ..Told::default() };
        most = most.max(judge.size().0);
    }
    assert!(most <= EACH_MAX + 1, "{most} entries");
    assert!(judge.repeat(1, judge.key(0_u64), false, || at(9)).is_some(), "the other container's");
}

#[test]
fn container_of_which_all_is_wrong_begins_anew() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    for file in 0..=EACH_MAX as u64 {
        run(&mut judge, &mut told, 2, file, Origin::Upper, 1);
    }
    assert_eq!(judge.size().0, 1);
}

#[test]
fn equal_programs_of_different_containers_are_kept_once() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    for cgroup in 0..10 {
        run(&mut judge, &mut told, cgroup, 0, Origin::Image, 1);
    }
    assert_eq!((judge.size().0, judge.ancestors.len()), (10, 1));
}

#[test]
fn container_that_is_gone_is_let_go_after_its_counts_are_told() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run(&mut judge, &mut told, 1, 7, Origin::Upper, 1);
    run(&mut judge, &mut told, 1, 7, Origin::Upper, 2);
    judge.gone(1);
    judge.count(&mut told);
    assert_eq!((told.counts.len(), judge.size()), (1, (0, 0)));
}

#[test]
fn changed_declarations_leave_what_was_told_and_ask_the_rest_again() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    run(&mut judge, &mut told, 1, 1, Origin::Upper, 1);
    run(&mut judge, &mut told, 1, 2, Origin::Image, 1);
    judge.declarations_changed();
    assert!(judge.repeat(1, judge.key(1_u64), false, || at(9)).is_some());
    assert!(judge.repeat(1, judge.key(2_u64), false, || at(9)).is_none());
    assert_eq!(judge.size().0, 1);
}

#[test]
fn unresolved_containers_are_workloads_of_their_own() {
    let subject = |id: &str| Subject::Unresolved { cgroup: format!("/{id}"), id: None };
    assert_ne!(workload(&subject("a")), workload(&subject("b")));
    let container =
        SubjectContainer { name: Known::Unknown, id: "c".into(), image: policy::event::Image::default() };
    let plain = Subject::Container { namespace: None, pod: None, owner: None, container };
    assert_eq!(workload(&plain).1.as_ref(), "c");
}

#[test]
fn unknowns_beyond_the_bound_are_counted_as_untold() {
    let (mut judge, mut told) = (judge_with(PER_EXECUTABLE), Told::default());
    for number in 0..=UNKNOWNS_MAX {
        let subject = Subject::Unresolved { cgroup: format!("/{number}"), id: None };
        run_as(&mut judge, &mut told, Origin::Unknown, |case| {
            let key = Key(number as u64);
            Case { key, subject: subject.clone(), ..case }
        });
    }
    assert_eq!((told.decisions.len(), judge.untold()), (UNKNOWNS_MAX, 1));
}

const HOST_PATH: &str = "
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: no-host-path}
spec:
  title: t
  severity: High
  match:
    resources:
      resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
      observed: true
  validations:
  - {name: path, expression: \"!object.spec.volumes.exists(v, has(v.hostPath))\", message: m}
  - {name: who, expression: \"request.userInfo.username != 'x'\", message: m}
";

fn change(path: &str) -> Change {
    let observed = serde_json::json!({"name": "v", "hostPath": {"path": "/"}});
    Change { path: path.to_owned(), declared: None, observed, reason: "r".to_owned(), step: Known::Unknown }
}

#[test]
fn observed_pod_is_judged_once_for_each_form_and_its_unknowns_are_told_once() {
    let (mut judge, mut told) = (judge_with(HOST_PATH), Told::default());
    let subject = Resolved::of_id("c").subject();
    let pod = |volumes: Value| serde_json::json!({"metadata": {"name": "p"}, "spec": {"volumes": volumes}});
    let clean = pod(serde_json::json!([]));
    judge.judge_pod(&clean, &clean, &[], &subject, &mut told);
    assert_eq!(told.verdicts, ["Pass", "Unknown"]);
    let dirty = pod(serde_json::json!([{"name": "v", "hostPath": {"path": "/"}}]));
    for _ in 0..3 {
        judge.judge_pod(&clean, &dirty, &[change("/spec/volumes/-")], &subject, &mut told);
        judge.judge_pod(&clean, &clean, &[], &subject, &mut told);
    }
    assert_eq!(told.verdicts, ["Pass", "Unknown", "Fail", "Unknown"]);
    let verdicts: Vec<_> = told.decisions.iter().map(|(_, judgement)| judgement.verdict.as_str()).collect();
    assert_eq!(verdicts, ["Unknown", "Fail"]);
}

#[test]
fn what_is_wrong_with_a_pod_as_before_is_told_once_whatever_else_changes() {
    let (mut judge, mut told) = (judge_with(HOST_PATH), Told::default());
    let subject = Resolved::of_id("c").subject();
    let pod = |uid: &str, network: bool| {
        let volumes = serde_json::json!([{"name": "v", "hostPath": {"path": "/"}}]);
        let spec = serde_json::json!({"volumes": volumes, "hostNetwork": network});
        serde_json::json!({"metadata": {"name": "p", "uid": uid}, "spec": spec})
    };
    let clean = serde_json::json!({"spec": {"volumes": []}});
    let mut failures = |pod: Value| {
        judge.judge_pod(&clean, &pod, &[change("/spec/volumes/-")], &subject, &mut told);
        told.decisions.iter().filter(|(_, judgement)| judgement.verdict.as_str() == "Fail").count()
    };
    assert_eq!(failures(pod("1", false)), 1);
    assert_eq!(failures(pod("1", true)), 1, "it has the volume as before");
    assert_eq!(failures(pod("2", true)), 2, "another Pod of that name has it, too");
}

/// kube-proxy, the network's and the storage's Pods declare what the baseline forbids, on every node and at each start.
#[test]
fn what_a_pod_declares_itself_is_counted_on_the_node_and_not_told() {
    let (mut judge, mut told) = (judge_with(HOST_PATH), Told::default());
    let subject = Resolved::of_id("c").subject();
    let volumes = serde_json::json!([{"name": "v", "hostPath": {"path": "/"}}]);
    let pod = |network: bool| serde_json::json!({"spec": {"volumes": volumes, "hostNetwork": network}});
    for observed in [pod(false), pod(true)] {
        judge.judge_pod(&pod(false), &observed, &[change("/spec")], &subject, &mut told);
    }
    assert_eq!(told.verdicts, ["Fail", "Unknown", "Fail", "Unknown"]);
    assert!(told.decisions.iter().all(|(_, judgement)| judgement.verdict.as_str() == "Unknown"));
}

/// A shipped policy about capability uses must not have every exec of the node judged anew.
#[test]
fn policy_of_what_is_no_exec_leaves_execs_to_be_counted() {
    let policy = PER_EXECUTABLE
        .replace("[Exec]", "[CapabilityUse]")
        .replace("event.executable.origin != 'Upper'", "event.uid < 0");
    let (mut judge, mut told) = (judge_with(&policy), Told::default());
    run(&mut judge, &mut told, 1, 7, Origin::Image, 1);
    assert!(judge.repeat(1, judge.key(7_u64), false, || at(2)).is_some());
}

const ROOT: &str = "
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: read-only}
spec:
  title: t
  severity: High
  match: {events: {kinds: [FactsChange]}}
  validations:
  - {name: root, expression: \"event.change.field != 'readOnlyRootFilesystem' || event.change.to != false\", message: m}
  - {name: who, expression: \"event.executable.path == '/x'\", message: m}
";

#[test]
fn field_that_became_weaker_is_judged_and_its_evidence_says_where_it_was_lost() {
    /// Keeps the evidence.
    #[derive(Default)]
    struct Seen(Told, Vec<(String, Evidence)>);
    impl Tell for Seen {
        fn tell(&mut self, subject: Subject, body: Body) -> Source {
            self.0.tell(subject, body)
        }
        fn decide(
            &mut self,
            subject: Subject,
            judgement: Judgement,
            policies: &PolicySet,
            evidence: Evidence,
            enforcement: Enforcement,
        ) -> Source {
            self.1.push((judgement.verdict.as_str().to_owned(), evidence.clone()));
            self.0.decide(subject, judgement, policies, evidence, enforcement)
        }
        fn respond(&mut self, target: Target) -> Enforcement {
            self.0.respond(target)
        }
        fn judged(&mut self, verdict: &Verdict) {
            self.0.judged(verdict);
        }
    }
    let (mut judge, mut seen) = (judge_with(ROOT), Seen::default());
    let changed = |path: &str, to: bool| Change { observed: to.into(), ..change(path) };
    let root = changed("/spec/containers/0/securityContext/readOnlyRootFilesystem", false);
    for change in [&root, &changed("/spec/hostPID", true)] {
        let event = Event {
            executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script: None },
            detail: Detail::FactsChange(policy::event::FieldChange::from(change)),
            ..exec(Origin::Unknown)
        };
        judge.judge_change(&event, change, &Resolved::of_id("c"), Known::Unknown, &mut seen);
    }
    assert_eq!(seen.0.verdicts, ["Fail", "Unknown", "Pass", "Unknown"]);
    let verdicts: Vec<_> = seen.1.iter().map(|(verdict, _)| verdict.as_str()).collect();
    assert_eq!(verdicts, ["Fail", "Unknown"], "the same Unknown is told once");
    assert_eq!(seen.1[0].1.changes, [root]);
    assert_eq!(judge.size().0, 0, "nothing is kept of it");
}

/// Whichever policies there are: here one that does not fail.
#[test]
fn what_entered_and_is_foreign_is_told_once_and_then_counted() {
    let never = PER_EXECUTABLE.replace("event.executable.origin != 'Upper'", "event.executable.origin != ''");
    let (mut judge, mut told) = (judge_with(&never), Told::default());
    let event = Event { task: Known::Known(Task::Injected), ..exec(Origin::Upper) };
    for settled in [false, false, true] {
        run_event(&mut judge, &mut told, &event, |case| Case { settled, ..case });
        judge.declarations_changed();
    }
    judge.count(&mut told);
    assert_eq!((told.drifts, told.counts.iter().map(|count| count.count).sum::<u64>()), (1, 2));
}
