use policy::event::{Detail, Executable, FieldChange, Origin, Script, Socket, SocketCall};
use policy::record::SubjectContainer;

use super::super::sample;
use super::*;

const ALERT: &str = include_str!("../../../tests/golden/alert.txt");
const COLOURED: &str = include_str!("../../../tests/golden/alert-coloured.txt");
const DRIFT: &str = include_str!("../../../tests/golden/drift.txt");
const INJECTED: &str = include_str!("../../../tests/golden/drift-injected.txt");
const POD: &str = include_str!("../../../tests/golden/alert-pod.txt");
const LINES: &str = include_str!("../../../tests/golden/lines.txt");

fn plain(record: &Record) -> String {
    text(record, Style::PLAIN)
}

#[test]
fn an_alert_is_a_block_that_says_what_who_and_what_to_do() {
    assert_eq!(plain(&sample::alert()), ALERT);
}

#[test]
fn colours_add_to_the_text_and_change_nothing_in_it() {
    let coloured = text(&sample::alert(), Style { colour: true });
    assert_eq!(coloured, COLOURED.replace("ESC", "\x1b"));
    let mut stripped = coloured;
    while let Some(start) = stripped.find('\x1b') {
        let end = start + stripped[start..].find('m').unwrap();
        stripped.replace_range(start..=end, "");
    }
    assert_eq!(stripped, ALERT);
}

#[test]
fn a_drift_says_of_each_field_what_is_declared_and_where_it_was_lost() {
    assert_eq!(plain(&sample::drift()), DRIFT);
}

#[test]
fn a_drift_by_what_entered_says_what_it_did_and_how_it_came_there() {
    let shown: String = [sample::injected(), sample::injected_use()].iter().map(plain).collect();
    assert_eq!(shown, INJECTED);
}

#[test]
fn an_alert_about_a_pod_says_the_same_of_each_field_that_its_policy_reads() {
    assert_eq!(plain(&sample::alert_of_pod()), POD);
}

#[test]
fn everything_else_is_a_line() {
    let unknown = Verdict::Unknown { unknown_paths: ["/event/executable/origin".to_owned()].into() };
    let unknown = sample::decision(&sample::event("/tmp/x", vec![]), unknown);
    let lines: String = [unknown, sample::gap(12), sample::count()].iter().map(plain).collect();
    assert_eq!(lines, LINES);
}

#[test]
fn what_a_container_names_cannot_write_to_the_terminal() {
    let name = "/tmp/\x1b]0;owned\x07\u{9b}2J\r\n\u{202e}gpj.x";
    let record = sample::decision(&sample::event(name, vec![sample::ancestor(name)]), Verdict::Fail);
    let shown = plain(&record);
    assert!(!shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{shown:?}");
    assert_eq!(shown.lines().count(), ALERT.lines().count(), "no line was added");
    assert!(shown.contains(r"\u{1b}]0;owned\u{7}"), "{shown}");
}

#[test]
fn a_script_stands_after_its_interpreter() {
    let mut event = sample::event("/bin/sh", vec![sample::ancestor("/init")]);
    event.executable.script = Some(Script { path: Known::Known("/tmp/run".into()), origin: Origin::Upper });
    assert_eq!(chain(&event), "/init > /bin/sh > /tmp/run");
}

#[test]
fn a_container_without_a_pod_has_its_own_name() {
    let container =
        SubjectContainer { name: "job".to_owned().into(), id: "job".into(), image: Default::default() };
    let rows = subject(&Subject::Container { namespace: None, pod: None, owner: None, container });
    assert_eq!(rows, [("container", "job".to_owned())]);
}

#[test]
fn what_did_not_become_known_is_shown_by_its_cgroup() {
    let rows = subject(&Subject::Unresolved { cgroup: "/kubepods/podx\x1b".to_owned(), id: None });
    assert_eq!(rows, [("cgroup", r"/kubepods/podx\u{1b}".to_owned())]);
}

/// A line of parents that is none would be read as one, and a step that is not shown leaves open whom to ask.
#[test]
fn a_field_that_became_weaker_is_shown_with_where_it_was_lost_and_without_a_line_of_parents() {
    let Body::Drift(Drift::Contradiction { changes }) = sample::drift().body else { panic!("a drift") };
    let nobody = Event {
        executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script: None },
        detail: Detail::FactsChange(FieldChange::from(&changes[0])),
        ..sample::event("/x", vec![Ancestor::UNKNOWN])
    };
    let mut record = sample::decision(&nobody, Verdict::Fail);
    let Body::Decision { evidence, .. } = &mut record.body else { panic!("a decision") };
    evidence.changes = vec![changes[0].clone()];
    let shown = plain(&record);
    let row = |name: &str| -> Vec<String> {
        let rows = shown.lines().filter_map(|line| line.strip_prefix("  ")?.strip_prefix(name));
        rows.map(|row| row.trim().to_owned()).collect()
    };
    assert_eq!(row("chain"), [""; 0]);
    assert_eq!((row("declared"), row("observed")), (vec!["true".to_owned()], vec!["false".to_owned()]));
    assert_eq!(row("broke"), [lost(changes[0].step)]);
    let somebody = Event { executable: sample::event("/x", vec![]).executable, ..nobody };
    assert!(plain(&sample::decision(&somebody, Verdict::Fail)).contains("chain      ... > /x"));
}

/// Nobody in the container made it.
#[test]
fn a_connection_from_outside_is_shown_without_a_line_of_parents() {
    let accepted = Event {
        executable: Executable { path: Known::Unknown, origin: Origin::Unknown, script: None },
        detail: Detail::Socket(Socket::unknown(SocketCall::Accept)),
        ..sample::event("/x", vec![])
    };
    let connects = Event { detail: Detail::Socket(Socket::unknown(SocketCall::Connect)), ..accepted.clone() };
    let has_a_line = |event: &Event| plain(&sample::decision(event, Verdict::Fail)).contains("\n  chain ");
    assert!(!has_a_line(&accepted) && has_a_line(&connects));
}
