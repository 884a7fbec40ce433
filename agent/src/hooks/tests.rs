use super::*;

fn finding(what: &'static str, way: Way, standing: Standing) -> Finding {
    Finding { purpose: Purpose::Observation, what, way, hook: "h", standing }
}

#[test]
fn table_names_a_need_once_and_each_hook_with_its_reason() {
    let text = table(&[
        finding("exec", Way::RawTracepoint, Standing::Used),
        finding("exec", Way::Lsm, Standing::Refused("EPERM".to_owned())),
        finding("fork", Way::RawTracepoint, Standing::AvailableNotUsed(NO_PROGRAM)),
    ]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("Observation  exec            raw_tracepoint/h"), "{text}");
    assert!(lines[0].ends_with("used"));
    assert!(lines[1].trim_start().starts_with("lsm/h") && lines[1].ends_with("refused: EPERM"), "{text}");
    assert!(lines[2].contains("fork") && lines[2].ends_with("this version has no program for it"));
}

#[test]
fn every_observer_that_is_attached_stands_in_the_table() {
    for (program, tracepoint) in crate::load::OBSERVERS.into_iter().chain(sockets::ON_CGROUP) {
        let listed = NEEDS.iter().flat_map(|need| need.candidates);
        assert!(
            listed.clone().any(|one| one.program == Some(program) && one.hook == tracepoint),
            "{program} on {tracepoint} is attached and not in the table"
        );
    }
}
