//! A record as a person reads it on a terminal.

use std::fmt::Write as _;
use std::io::IsTerminal;

use policy::document::{About, Severity};
use policy::event::{Ancestor, Detail, Event, EventKind};
use policy::observed::{Change, Step};
use policy::record::{Body, Count, Drift, Evidence, Gap, Subject};
use policy::{Action, BecauseOf, Decision, Kill, Known, Record, Text, Verdict};

mod escape;
mod paint;
#[cfg(test)]
mod tests;

use escape::escaped;
use paint::Paint;
pub use paint::Style;

/// Digits of a container's id that tell it from others, as every engine's own lists show it.
const SHORT_ID: usize = 12;

impl Style {
    /// What suits this process's standard output: colours on a terminal only, and not against `NO_COLOR`
    /// (no-color.org) or a terminal that says it has none.
    pub fn of_stdout() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { colour: std::io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb }
    }
}

/// The text of a record: a block for an alert, a line for everything else. It ends with the line.
///
/// Whatever came from a container has its control characters escaped: a file's name must not write to the terminal.
pub fn text(record: &Record, style: Style) -> String {
    match &record.body {
        Body::Decision { policy, decision, evidence } if record.is_alert() => {
            alert(record, policy, decision, evidence, style)
        }
        Body::Decision { policy: _, decision, evidence } => line(
            record,
            verdict_of(decision),
            &format!("{}: {}", decision.judgement.policy, evidence.observed),
            style,
        ),
        Body::Drift(Drift::Contradiction { changes }) => weaker(record, changes, style),
        Body::Drift(Drift::Injected { event, declared, observed }) => {
            foreign(record, event, [("declared", declared), ("observed", observed)], style)
        }
        Body::Gap(gap) => line(record, "GAP", &gap_sentence(gap), style),
        Body::Count(count) => line(record, "AGAIN", &count_sentence(count), style),
    }
}

fn alert(record: &Record, policy: &About, decision: &Decision, evidence: &Evidence, style: Style) -> String {
    let severity = severity(policy.severity);
    let mut block = format!(
        "{}  {}  {}\n",
        record.time,
        style.paint(severity, word(policy.severity)),
        title(policy, style)
    );
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(block, "  {}  {value}", style.paint(Paint::Dim, &format!("{name:<9}")));
        }
    };
    for (name, value) in subject(&record.subject) {
        row(name, &value);
    }
    let program = evidence.event.as_ref().filter(|event| names_a_program(event));
    row("chain", &program.map(chain).unwrap_or_default());
    if evidence.changes.is_empty() {
        row("declared", &escaped(&evidence.declared));
        row("observed", &escaped(&evidence.observed));
    }
    for change in &evidence.changes {
        for (name, value) in rows(change) {
            row(name, &value);
        }
    }
    row("because", &escaped(decision.judgement.message.as_deref().unwrap_or_default()));
    row("policy", &decision.judgement.policy);
    row("action", action(decision));
    row(
        "remedy",
        policy
            .remediation
            .as_deref()
            .unwrap_or_default()
            .trim_end()
            .replace('\n', "\n             ")
            .as_str(),
    );
    block
}

/// A container that is weaker than declared: a row for each field, and what is to be known of it below.
fn weaker(record: &Record, changes: &[Change], style: Style) -> String {
    let each = changes.iter().flat_map(|change| {
        let [field, declared, observed, broke] = rows(change);
        [field, declared, observed, ("because", escaped(&change.reason)), broke]
    });
    drift(record, "A container is weaker than its Pod declares", each, style)
}

/// What entered a container from outside and is not what that declares.
fn foreign(record: &Record, event: &Event, both: [(&'static str, &String); 2], style: Style) -> String {
    let title = match event.detail {
        Detail::CapabilityUse { .. } => "A task from outside used what its container does not declare",
        Detail::Exec { .. } | Detail::Socket(_) | Detail::FactsChange(_) => {
            "A task from outside ran what is foreign to its container"
        }
    };
    let both = both.map(|(name, value)| (name, escaped(value)));
    drift(record, title, [("chain", chain(event))].into_iter().chain(both), style)
}

fn drift(
    record: &Record,
    title: &str,
    rows: impl IntoIterator<Item = (&'static str, String)>,
    style: Style,
) -> String {
    let (kind, title) = (style.paint(Paint::Red, "DRIFT"), style.paint(Paint::Bold, title));
    let mut block = format!("{}  {kind}  {title}\n", record.time);
    for (name, value) in subject(&record.subject).into_iter().chain(rows) {
        let _ = writeln!(block, "  {}  {value}", style.paint(Paint::Dim, &format!("{name:<9}")));
    }
    block
}

/// A field with what is declared of it, what is so, and where it was lost.
fn rows(change: &Change) -> [(&'static str, String); 4] {
    let Change { path, declared, observed, reason: _, step } = change;
    [
        ("field", escaped(path)),
        ("declared", declared.as_ref().map_or("nothing".to_owned(), |value| escaped(&value.to_string()))),
        ("observed", escaped(&observed.to_string())),
        ("broke", lost(*step).to_owned()),
    ]
}

/// Most changes of what the kernel shows, and connections from outside, are nobody's that is known.
fn names_a_program(event: &Event) -> bool {
    let is_anybodys = matches!(event.kind(), EventKind::FactsChange | EventKind::Accept);
    !is_anybodys || event.executable.path != Known::Unknown
}

fn lost(step: Known<Step>) -> &'static str {
    match step {
        Known::Known(Step::PodToOci) => "from the Pod to what the runtime was told",
        Known::Known(Step::OciToKernel) => "from what the runtime was told to what the kernel shows",
        Known::Unknown => "cannot be told",
    }
}

fn title(policy: &About, style: Style) -> String {
    style.paint(Paint::Bold, &policy.title)
}

fn line(record: &Record, kind: &str, sentence: &str, style: Style) -> String {
    let about = subject(&record.subject).into_iter().map(|(_, value)| value).next().unwrap_or_default();
    let separator = if about.is_empty() { "" } else { ": " };
    format!("{}  {}  {about}{separator}{}\n", record.time, style.paint(Paint::Dim, kind), escaped(sentence))
}

/// Who the record is about, in rows.
fn subject(subject: &Subject) -> Vec<(&'static str, String)> {
    match subject {
        Subject::Container { namespace, pod, owner, container } => {
            let owner =
                owner.as_ref().map(|owner| format!(" ({} {})", owner.kind, owner.name)).unwrap_or_default();
            let pod = pod.as_ref().map(|pod| {
                let namespace = namespace.as_deref().unwrap_or_default();
                ("pod", escaped(&format!("{namespace}/{}{owner}", pod.name)))
            });
            let name = container.name.as_ref().known().map_or("?", String::as_str);
            let id = container.id.get(..SHORT_ID).unwrap_or(&container.id);
            // A runc container's name is its id.
            let named = if name == &*container.id { name.to_owned() } else { format!("{name} {id}") };
            let image = &container.image;
            let image = image.reference.as_ref().known().or(image.digest.as_ref().known());
            let image = image.map(|image| ("image", escaped(image)));
            pod.into_iter().chain([("container", escaped(&named))]).chain(image).collect()
        }
        Subject::Unresolved { cgroup, id: _ } => vec![("cgroup", escaped(cgroup))],
        Subject::Node => vec![],
    }
}

/// `/init > /bin/sh > /tmp/x`: the ancestors, the oldest first, then the program.
fn chain(event: &Event) -> String {
    let path = |path: &Known<Text>| {
        path.as_ref().known().map_or_else(|| "?".to_owned(), |path| escaped(path.as_str()))
    };
    let older = event.ancestry.0.iter().rev().map(|ancestor| match ancestor {
        unknown if *unknown == Ancestor::UNKNOWN => "...".to_owned(),
        ancestor => path(&ancestor.path),
    });
    let script = event.executable.script.as_ref().map(|script| path(&script.path));
    older.chain([path(&event.executable.path)]).chain(script).collect::<Vec<_>>().join(" > ")
}

fn action(decision: &Decision) -> &'static str {
    match (decision.action, decision.would_block, decision.because_of) {
        (_, true, _) if decision.kill == Some(Kill::Killed) => "killed after the fact",
        (Action::Block, _, _) => "blocked",
        (_, true, Some(BecauseOf::AfterTheFact)) => "recorded; it had happened before it could be blocked",
        (_, true, _) => "recorded; enforced, it would have been blocked",
        (Action::None | Action::Audit | Action::Warn, false, _) => "",
    }
}

fn verdict_of(decision: &Decision) -> &'static str {
    match decision.judgement.verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Error { .. } => "ERROR",
        Verdict::Unknown { .. } => "UNKNOWN",
    }
}

fn gap_sentence(gap: &Gap) -> String {
    let Gap { class, reason, lost, from, to } = gap;
    format!("{lost} of class {class} lost ({reason}) between {from} and {to}")
}

fn count_sentence(count: &Count) -> String {
    let Count { of, count, first, last } = count;
    format!("{of} happened {count} more times between {first} and {last}")
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn severity(severity: Severity) -> Paint {
    match severity {
        Severity::Low => Paint::Cyan,
        Severity::Medium => Paint::Yellow,
        Severity::High => Paint::Red,
        Severity::Critical => Paint::Alarm,
    }
}
