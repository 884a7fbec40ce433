use std::path::Path;

use super::*;
use crate::capabilities::{NAMES, Set};
use crate::evaluate::{Which, evaluate, verdicts};
use crate::event::{Ancestor, Ancestry, Args, Capabilities, Detail, Event, Image, Node, Origin, Protocol};
use crate::input::{EventInput, Input};
use crate::known::Known;
use crate::set::{PolicySet, Source};
use crate::text::Text;

fn volumes() -> [VolumeKind; 3] {
    [VolumeKind::TMPFS, VolumeKind::declared("emptyDir"), VolumeKind::declared("hostPath")]
}

fn container(allowed: Known<Set>) -> Container {
    Container {
        name: Known::Known("app".to_owned()),
        kind: Known::Unknown,
        id: "c1".to_owned(),
        runtime: Known::Unknown,
        image: Image::default(),
        capabilities: Capabilities { allowed, added: Known::Unknown },
    }
}

fn policies(match_and_rest: &str) -> PolicySet {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  severity: Low\n  \
         match: {{events: {{kinds: {match_and_rest}"
    );
    let (set, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{}", errors[0]);
    set
}

fn of_exec(expression: &str) -> PolicySet {
    policies(&format!("[Exec]}}}}\n  validations:\n  - expression: \"{expression}\"\n"))
}

fn not_tabulated(set: &PolicySet) -> String {
    let policy = set.policies().next().expect("it is there");
    Tabulation::of(policy, &volumes()).expect_err("it reads more").to_string()
}

fn table(set: &PolicySet, container: &Container) -> Table {
    let policy = set.policies().next().expect("it is there");
    Tabulation::of(policy, &volumes()).expect("it reads no more").table(policy, container)
}

/// An event such as a node sees, with what the table does not tell apart filled in.
fn seen(row: Event) -> Event {
    let path = Known::Known(Text::from("/bin/x"));
    let mut event = Event {
        ancestry: Ancestry(vec![Ancestor { path: path.clone(), origin: Origin::Upper }, Ancestor::UNKNOWN]),
        uid: Known::Known(7),
        gid: Known::Known(0),
        ..row
    };
    event.executable.path = path.clone();
    if let Some(script) = &mut event.executable.script {
        script.path = path.clone();
    }
    match &mut event.detail {
        Detail::Exec { args } => *args = Args(vec![path]),
        Detail::Socket(socket) => {
            socket.protocol = Known::Known(Protocol::TCP);
            socket.peer.port = Known::Known(443);
        }
        _ => {}
    }
    event
}

/// The rows whose answer is not what evaluating the event gives.
fn wrong_rows(set: &PolicySet, policy: &Policy, table: &Table, container: &Container) -> Vec<usize> {
    let node = Node { name: "n".to_owned(), labels: Known::Unknown, kernel: "6.18".to_owned() };
    let is_wrong = |event: Event, answer: Answer| {
        let event = seen(event);
        let input = EventInput { event: &event, container, pod: Known::Unknown, node: &node };
        let judgements = evaluate(set, &Input::Event(input), Which::All);
        let verdict = verdicts(&judgements)[policy.name()];
        Answer::from(verdict) != answer || table.answer(&event) != Some(answer)
    };
    let wrong =
        table.rows().enumerate().filter_map(|(row, (event, answer))| is_wrong(event, answer).then_some(row));
    wrong.collect()
}

/// The event policies that ship, all together.
fn shipped() -> PolicySet {
    let list = |folder: &Path| -> Vec<_> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let folders = list(&packs).into_iter().flat_map(|pack| list(&pack));
    let source = |folder: std::path::PathBuf| {
        let file = folder.join("policy.yaml");
        Source { text: std::fs::read_to_string(&file).expect("a policy"), file: file.display().to_string() }
    };
    let (set, errors) = PolicySet::compile(&folders.map(source).collect::<Vec<_>>());
    assert!(errors.is_empty(), "{}", errors[0]);
    set
}

/// Those that can be answered in advance: all but what is about changes of any field to any value, and about ports.
fn tabulated(set: &PolicySet) -> Vec<(&Policy, Tabulation)> {
    let of_events = set.policies().filter(|policy| !policy.kinds().is_empty());
    let of = |policy| match Tabulation::of(policy, &volumes()) {
        Ok(tabulation) => Some((policy, tabulation)),
        Err(NotTabulated::Reads(fields)) if policy.kinds() == [EventKind::FactsChange] => {
            assert!(fields.iter().any(|field| field == "event.change.field"), "{fields:?}");
            None
        }
        Err(NotTabulated::Reads(fields))
            if policy.name() == "undeclared-listener" && fields[0].starts_with("event.socket.local.") =>
        {
            None
        }
        Err(why) => panic!("{}: {why}", policy.name()),
    };
    of_events.filter_map(of).collect()
}

fn containers() -> [Container; 3] {
    let allowed = |names: &[&str]| Known::Known(names.iter().copied().collect());
    [container(Known::Unknown), container(allowed(&[])), container(allowed(&["CHOWN", "NET_RAW"]))]
}

#[test]
fn tables_of_all_shipped_event_policies_equal_evaluating_one_by_one() {
    let set = shipped();
    let (mut rows, mut fails) = (0, 0);
    for (policy, tabulation) in tabulated(&set) {
        for container in &containers() {
            let table = tabulation.table(policy, container);
            let wrong = wrong_rows(&set, policy, &table, container);
            assert!(wrong.is_empty(), "{}: rows {wrong:?}", policy.name());
            let one = |(event, answer)| tabulation.answer(policy, container, &event) == Some(answer);
            assert!(table.rows().all(one), "{}", policy.name());
            rows += table.rows().len();
            fails += table.rows().filter(|(_, answer)| *answer == Answer::Fail).count();
        }
    }
    assert!(rows > 1000 && fails > 100, "{rows} rows, {fails} of them Fail: nearly nothing was compared");
}

#[test]
fn one_wrong_answer_is_found() {
    let set = shipped();
    for (policy, tabulation) in tabulated(&set) {
        let [container, ..] = containers();
        let table = tabulation.table(policy, &container);
        let last = table.rows().len() - 1;
        for row in [0, last / 2, last] {
            let faulty = table.clone().with_a_wrong_answer(row);
            assert_eq!(wrong_rows(&set, policy, &faulty, &container), [row], "{}", policy.name());
        }
    }
}

#[test]
fn policy_that_reads_more_is_named_with_what_it_reads() {
    let table = [
        ("size(event.args) > 0", "it reads event.args"),
        ("event.executable.path != '/bin/sh' && event.uid == 0", "it reads event.executable.path, event.uid"),
        ("event.ancestry.all(a, a.origin == 'Image')", "it reads event.ancestry"),
        ("event.executable.script.path == 'x'", "it reads event.executable.script.path"),
        ("pod.metadata.name == 'x' || node.name == 'y'", "it reads node.name, pod.metadata.name"),
        ("event == {}", "it reads event"),
    ];
    for (expression, expected) in table {
        assert_eq!(not_tabulated(&of_exec(expression)), expected, "{expression}");
    }
}

#[test]
fn conditions_and_variables_count_and_messages_do_not() {
    let condition = "[Exec]}}\n  matchConditions: [{name: c, expression: 'event.uid == 0'}]\n  validations: [{expression: 'true'}]\n";
    assert_eq!(not_tabulated(&policies(condition)), "it reads event.uid");
    let variable = "[Exec]}}\n  variables: [{name: v, expression: 'event.args'}]\n  validations: [{expression: 'size(variables.v) > 0'}]\n";
    assert_eq!(not_tabulated(&policies(variable)), "it reads event.args");
    let message =
        "[Exec]}}\n  validations: [{expression: 'false', messageExpression: 'event.executable.path'}]\n";
    assert_eq!(table(&policies(message), &container(Known::Unknown)).rows().len(), 1);
}

#[test]
fn kind_without_rows_is_named() {
    let set =
        policies("[Exec, FactsChange]}}\n  validations: [{expression: \"event.task == 'Container'\"}]\n");
    assert_eq!(not_tabulated(&set), "it is about FactsChange events");
}

#[test]
fn policy_about_resources_has_no_rows() {
    let of_pods = shipped().policies().filter(|policy| policy.resources().is_some()).count();
    let is_refused =
        |policy: &Policy| Tabulation::of(policy, &volumes()).is_err_and(|why| why == NotTabulated::Resources);
    assert!(of_pods > 0);
    assert_eq!(shipped().policies().filter(|policy| is_refused(policy)).count(), of_pods);
}

#[test]
fn only_what_is_read_is_told_apart() {
    let rows = |expression| table(&of_exec(expression), &container(Known::Unknown)).rows().len();
    assert_eq!(rows("event.kind == 'Exec' && params == null"), 1);
    assert_eq!(rows("event.task != 'Runtime'"), 4);
    assert_eq!(rows("event.executable.origin == 'Image'"), 8);
    assert_eq!(rows("!has(event.executable.script)"), 9);
    assert_eq!(rows("event.executable.volume == 'Tmpfs'"), 11);
}

#[test]
fn of_a_socket_its_family_and_what_network_policies_say_are_told_apart() {
    let of = |expression: &str| {
        policies(&format!("[Connect, Bind]}}}}\n  validations: [{{expression: \"{expression}\"}}]\n"))
    };
    let rows = |expression| table(&of(expression), &container(Known::Unknown)).rows().len();
    assert_eq!(rows("event.socket.permitted"), 2 * 3);
    assert_eq!(rows("event.socket.family == 'IPv4'"), 2 * 3);
    assert_eq!(rows("event.socket.family == 'IPv4' || event.socket.permitted"), 2 * 9);
    let protocol = of("event.socket.protocol == 'UDP' || event.uid == 0");
    assert_eq!(not_tabulated(&protocol), "it reads event.socket.protocol, event.uid");
}

#[test]
fn volume_that_the_domain_has_not_has_no_row_where_volumes_are_told_apart() {
    let exec = |kind: &'static str| {
        let mut event = table(&of_exec("true"), &container(Known::Unknown)).rows().next().expect("one").0;
        event.executable.origin = Origin::Volume(VolumeKind::declared(kind).into());
        event
    };
    let tells = table(&of_exec("event.executable.volume != 'Tmpfs'"), &container(Known::Unknown));
    assert_eq!(tells.answer(&exec("emptyDir")), Some(Answer::Pass));
    assert_eq!(tells.answer(&exec("Tmpfs")), Some(Answer::Fail));
    assert_eq!(tells.answer(&exec("nfs")), None);
    let does_not = table(&of_exec("event.executable.origin != 'Volume'"), &container(Known::Unknown));
    assert_eq!(does_not.answer(&exec("nfs")), Some(Answer::Fail));
}

#[test]
fn answer_that_depends_on_what_is_not_known_is_unknown() {
    let tells = table(&of_exec("event.executable.volume != 'Tmpfs'"), &container(Known::Unknown));
    let unknown = |event: &Event| event.executable.origin == Origin::Volume(Known::Unknown);
    let answer = tells.rows().find(|(event, _)| unknown(event)).expect("it is in the domain").1;
    assert_eq!(answer, Answer::Unknown);
}

#[test]
fn each_container_has_the_answers_of_its_declaration() {
    let set = policies(
        "[CapabilityUse]}}\n  validations: [{expression: 'event.capability in container.capabilities.allowed'}]\n",
    );
    let policy = set.policies().next().expect("it is there");
    let tabulation = Tabulation::of(policy, &volumes()).expect("finite");
    assert!(!tabulation.reads_of_container().is_empty());
    let answers = |container: &Container| -> Vec<_> {
        tabulation.table(policy, container).rows().map(|(_, answer)| answer).collect()
    };
    let counts = |answers: &[Answer]| {
        let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
        (count(Answer::Pass), count(Answer::Fail), count(Answer::Unknown))
    };
    // A row for each capability, and one for what cannot be told.
    let [undeclared, nothing, two] = containers();
    assert_eq!(counts(&answers(&undeclared)), (0, 0, NAMES.len() + 1));
    assert_eq!(counts(&answers(&nothing)), (0, NAMES.len(), 1));
    assert_eq!(counts(&answers(&two)), (2, NAMES.len() - 2, 1));
}

#[test]
fn containers_that_are_alike_in_what_is_read_have_the_same_answers() {
    let mut one = container(Known::Known(["CHOWN"].into_iter().collect()));
    one.image.reference = Known::Known("a:1".to_owned());
    let other = Container { id: "c2".to_owned(), name: Known::Unknown, ..one.clone() };
    let reads = |expression: &str| {
        let set =
            policies(&format!("[CapabilityUse]}}}}\n  validations: [{{expression: \"{expression}\"}}]\n"));
        let policy = set.policies().next().expect("it is there");
        let tabulation = Tabulation::of(policy, &volumes()).expect("finite");
        let reads = tabulation.reads_of_container();
        for container in [&one, &other] {
            let alike = tabulation.table(policy, &reads.of(container));
            assert_eq!(alike, tabulation.table(policy, container), "{expression}");
        }
        reads
    };
    let allowed = reads("event.capability in container.capabilities.allowed");
    assert_eq!(allowed.of(&one), allowed.of(&other));
    assert!(reads("event.capability == 'CHOWN'").is_empty());
    let both = allowed.or(reads("container.image.reference == 'a:1' || container.kind == 'Init'"));
    assert_eq!(both.of(&one), both.of(&other));
    for apart in ["container.id == 'c1'", "container.name == 'app'", "container == container"] {
        let reads = reads(apart);
        assert_ne!(reads.of(&one), reads.of(&other), "{apart}");
    }
    assert!(reads("container == container").tells_each_apart() && !both.tells_each_apart());
}
