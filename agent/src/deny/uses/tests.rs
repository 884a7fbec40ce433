use std::path::Path;

use policy::{
    PolicySet, Text, Verdict,
    capabilities::Set,
    evaluate::{Which, evaluate},
    event::{Ancestor, Capabilities, Container, EventKind, Image, Node},
    input::{EventInput, Input},
    set::Source,
};

use super::*;
use crate::deny::{
    Denials,
    tests::{BLOCK, NO_CHOWN, denials_of},
};

/// The policies that ship, all together.
fn shipped() -> Denials {
    let list = |folder: &Path| -> Vec<_> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let source = |folder: std::path::PathBuf| {
        let file = folder.join("policy.yaml");
        Source { text: std::fs::read_to_string(&file).expect("a policy"), file: file.display().to_string() }
    };
    let sources: Vec<_> = list(&packs).into_iter().flat_map(|pack| list(&pack)).map(source).collect();
    let (policies, errors) = PolicySet::compile(&sources);
    assert!(errors.is_empty(), "{}", errors[0]);
    Denials::new(policies.into(), Set::default())
}

fn containers() -> Vec<Container> {
    let allowed = |names: &[&str]| Known::Known(names.iter().copied().collect());
    let of = |allowed| Container {
        name: Known::Known("app".to_owned()),
        kind: Known::Unknown,
        id: "c1".to_owned(),
        runtime: Known::Unknown,
        image: Image::default(),
        capabilities: Capabilities { allowed, added: Known::Known(vec!["CHOWN".to_owned()]) },
    };
    [Known::Unknown, allowed(&[]), allowed(&["CHOWN", "NET_RAW"]), allowed(&NAMES)].map(of).into()
}

/// Uses that the kernel side cannot tell from this one.
fn fillings(event: &Event) -> Vec<Event> {
    let path = Known::Known(Text::from("/bin/x"));
    let mut all = Vec::new();
    for origin in [Origin::Image, Origin::Upper, Origin::Host, Origin::Memfd, Origin::Unknown] {
        for script in [None, Some(Script { path: path.clone(), origin: origin.clone() })] {
            let executable = Executable { path: path.clone(), origin: origin.clone(), script };
            let ancestry = Ancestry(vec![Ancestor { path: path.clone(), origin: Origin::Image }]);
            let (uid, gid) = (Known::Known(0), Known::Known(7));
            all.push(Event { executable, ancestry, uid, gid, ..event.clone() });
        }
    }
    all
}

/// Uses of which the masks do not say what evaluating them says.
fn wrong(denials: &Denials, policy: &str, masks: &[u64; USES], container: &Container) -> Vec<(usize, usize)> {
    let node = Node { name: "n".to_owned(), labels: Known::Unknown, kernel: "6.18".to_owned() };
    let fails = |event: &Event| {
        let input = EventInput { event, container, pod: Known::Unknown, node: &node };
        let judgements = evaluate(&denials.policies, &Input::Event(input), Which::All);
        let mut of_it = judgements.iter().filter(|judgement| &*judgement.policy == policy);
        of_it.any(|judgement| judgement.verdict == Verdict::Fail)
    };
    let mut wrong = Vec::new();
    for like in likes() {
        for capability in 0..64 {
            let bit = masks[like.mask()] >> capability & 1 == 1;
            let expected = capability < NAMES.len() && like.events(capability).iter().all(&fails);
            let killed_for_nothing =
                || like.events(capability).iter().flat_map(fillings).any(|event| !fails(&event));
            if bit != expected || bit && killed_for_nothing() {
                wrong.push((like.mask(), capability));
            }
        }
    }
    wrong
}

/// All event policies that ship, and some that depend on what else there is.
fn sets() -> Vec<Denials> {
    let of = |condition, expression| denials_of("CapabilityUse", BLOCK, condition, expression);
    vec![
        shipped(),
        of("true", NO_CHOWN),
        of("event.task == 'Injected'", "event.userNamespace != 'Ancestor'"),
        of("event.executable.origin != 'Host'", NO_CHOWN),
        of("true", "event.executable.origin == 'Image' || event.capability != 'NET_RAW'"),
        of("true", "has(event.executable.script) || event.capability != 'MKNOD'"),
        of("true", "event.capability in container.capabilities.added || event.userNamespace == 'Child'"),
        of("container.id == 'c1'", "false"),
        of("true", "container.name == 'app' ? event.capability != 'BPF' : event.capability != 'KILL'"),
        denials_of("Exec, CapabilityUse", BLOCK, "event.kind == 'CapabilityUse'", "event.task == 'Injected'"),
        of("true", "[event.capability][1] == 'x'"),
    ]
}

#[test]
fn masks_equal_evaluating_one_by_one_over_the_whole_domain() {
    let (mut policies, mut bits) = (0, 0);
    for denials in sets() {
        for rule in &denials.rules {
            for container in &containers() {
                let masks = denials.mask(rule, container).uses;
                let about = denials.policies.get(&rule.policy).map(policy::Policy::kinds);
                if !about.is_some_and(|kinds| kinds.contains(&EventKind::CapabilityUse)) {
                    assert_eq!(masks, [0; USES], "{}", rule.policy);
                    continue;
                }
                assert_eq!(wrong(&denials, &rule.policy, &masks, container), [], "{}", rule.policy);
                policies += 1;
                bits += masks.iter().map(|mask| mask.count_ones()).sum::<u32>();
            }
        }
    }
    assert!(policies > 40 && bits > 1000, "{policies} policies, {bits} bits: nearly nothing was compared");
}

#[test]
fn one_wrong_bit_is_found() {
    for denials in sets() {
        for rule in
            denials.rules.iter().filter(|rule| rule.policy == "p" || rule.policy.starts_with("undeclared"))
        {
            let container = &containers()[2];
            for (mask, capability) in [(0, 0), (2, 13), (5, 40), (3, 63)] {
                let mut masks = denials.mask(rule, container).uses;
                masks[mask] ^= 1 << capability;
                assert_eq!(wrong(&denials, &rule.policy, &masks, container), [(mask, capability)]);
            }
        }
    }
}

#[test]
fn undeclared_use_is_denied_where_the_container_s_capabilities_are_known() {
    let denials = shipped();
    let rule =
        denials.rules.iter().find(|rule| rule.policy == "undeclared-capability-use").expect("it ships");
    let [unknown, nothing, two, all] = &containers()[..] else { unreachable!("four") };
    let uses = |container| denials.mask(rule, container).uses;
    let every = (1 << NAMES.len()) - 1;
    let chown_and_raw = 1 | 1 << 13;
    assert_eq!(uses(unknown), [0; USES]);
    assert_eq!(uses(nothing), [every, every, 0, every, every, 0], "not in a namespace of its own");
    let others = every ^ chown_and_raw;
    assert_eq!(uses(two), [others, others, 0, others, others, 0]);
    assert_eq!(uses(all), [0; USES]);
}
