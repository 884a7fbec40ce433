use agent_common::{
    denial::{self, Origin as Told},
    event::{Exec, flag, magic},
    map::Init,
};
use policy::{event::VolumeKind, set::Source};

use super::execs::{cases, seen};
use super::*;
use crate::{
    declarations::Mount,
    identity::{Free, Running},
    origin::{Classified, Facts, classify},
};

fn denials(action: &str, condition: &str, expression: &str) -> Denials {
    denials_of("Exec", action, condition, expression)
}

pub(super) fn denials_of(kinds: &str, action: &str, condition: &str, expression: &str) -> Denials {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  severity: Low\n{action}\
         \x20 match: {{events: {{kinds: [{kinds}]}}}}\n  matchConditions: [{{name: c, expression: \"{condition}\"}}]\n\
         \x20 validations: [{{expression: \"{expression}\"}}]\n"
    );
    let (policies, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{}", errors[0]);
    Denials::new(Arc::new(policies), Set::default())
}

pub(super) const BLOCK: &str = "  action: Block\n";
const NOT_RUNTIME: &str = "event.task != 'Runtime'";

fn denied(condition: &str, expression: &str) -> u32 {
    denials(BLOCK, condition, expression).masks(&Resolved::of_id("c")).denied.execs
}

fn bits(origins: &[Told]) -> u32 {
    cases().filter(|case| origins.contains(&case.origin)).fold(0, |mask, case| mask | case.bit())
}

#[test]
fn origins_that_fail_are_denied() {
    assert_eq!(denied(NOT_RUNTIME, "event.executable.origin != 'Upper'"), bits(&[Told::Upper]));
    let others = bits(&[Told::Upper, Told::Volume, Told::Memfd, Told::Deleted]);
    assert_eq!(denied(NOT_RUNTIME, "event.executable.origin == 'Image'"), others);
    assert_eq!(denied("true", "true"), 0);
}

#[test]
fn what_depends_on_something_unknown_is_not_denied() {
    let tmpfs = "!(event.executable.origin == 'Volume' && event.executable.volume == 'Tmpfs')";
    assert_eq!(denied(NOT_RUNTIME, tmpfs), 0, "the kernel side cannot tell kinds of volume");
    let script = "!has(event.executable.script) || event.executable.script.origin == 'Image'";
    assert_eq!(denied(NOT_RUNTIME, script), 0, "nor where a script is from");
    assert_eq!(denied(NOT_RUNTIME, "event.executable.origin != 'Upper' || event.uid == 0"), 0);
}

#[test]
fn expression_that_errs_denies_nothing() {
    assert_eq!(denied("true", "event.executable.volume == 'emptyDir'"), 0);
}

#[test]
fn tasks_and_scripts_are_told_apart() {
    let injected = cases().filter(|case| case.injected).fold(0, |mask, case| mask | case.bit());
    assert_eq!(denied(NOT_RUNTIME, "event.task != 'Injected'"), injected);
    let scripts = cases().filter(|case| case.script).fold(0, |mask, case| mask | case.bit());
    assert_eq!(denied(NOT_RUNTIME, "!has(event.executable.script)"), scripts);
}

#[test]
fn policy_that_does_not_block_is_audited() {
    for action in ["", "  action: Audit\n", "  action: Warn\n"] {
        let masks =
            denials(action, "true", "event.executable.origin != 'Memfd'").masks(&Resolved::of_id("c"));
        assert_eq!((masks.denied, masks.audited.execs), (Mask::default(), bits(&[Told::Memfd])));
    }
}

#[test]
fn masks_of_a_policy_that_reads_its_container_are_the_containers_own() {
    let mut denials = denials(BLOCK, "container.id == 'a'", "event.executable.origin != 'Upper'");
    let (a, b) = (Resolved::of_id("a"), Resolved::of_id("b"));
    assert_ne!(denials.reads(&a), denials.reads(&b));
    assert_eq!(denials.masks(&a).denied.execs, bits(&[Told::Upper]));
    assert_eq!(denials.masks(&b).denied.execs, 0);
    assert_eq!(denials.alike.len(), 0, "hardly two are alike");
}

#[test]
fn masks_of_containers_that_are_alike_are_worked_out_once() {
    let mut denials =
        denials(BLOCK, "container.image.reference == 'a:1'", "event.executable.origin != 'Upper'");
    for id in ["a", "b", "c"] {
        assert_eq!(denials.masks(&Resolved::of_id(id)), Masks::default());
    }
    assert_eq!(denials.alike.len(), 1);
}

/// The kernel side's reading of an exec is user space's, wherever it reads anything: what it kills for its origin has
/// that origin, whatever its path and its mounts are.
#[test]
fn origins_that_the_kernel_tells_are_those_that_are_seen() {
    let flags = [
        flag::OVERLAY,
        flag::UPPER,
        flag::ROOT_SUPERBLOCK,
        flag::ROOT_MOUNT,
        flag::NODE_MOUNT_NAMESPACE,
        flag::DETACHED,
    ];
    let magics = [magic::OVERLAYFS, magic::TMPFS, magic::HUGETLBFS, magic::FUSE, 0xef53];
    let data =
        Mount { path: "/data".into(), volume: "v".into(), kind: Some(VolumeKind::declared("emptyDir")) };
    let mounts: [Option<&[Mount]>; 2] = [None, Some(&[data])];
    let mut told = 0;
    for set in 0..1_u32 << flags.len() {
        let flags = flags
            .iter()
            .enumerate()
            .filter(|(bit, _)| set >> bit & 1 == 1)
            .fold(0, |all, (_, flag)| all | flag);
        for (magic, links, lower_count, image_root) in product(&magics) {
            let exec = Exec { flags, magic, links, lower_count, ..Exec::default() };
            let Some(origin) = denial::origin(&exec, image_root) else { continue };
            told += 1;
            for (path, mounts) in
                [(None, mounts[0]), (Some(&b"/data/x"[..]), mounts[1]), (Some(b"/x"), mounts[1])]
            {
                let Classified::Is(found) = classify(&facts(&exec, image_root), path, mounts) else {
                    panic!("{exec:?}: files would have to be compared, and the kernel says {origin:?}");
                };
                assert_eq!(found.as_str(), seen(origin).as_str(), "{exec:?}");
            }
        }
    }
    assert!(told > 300, "{told}");
}

/// A Block of programs in volumes must not kill what may be the node's or the image's.
#[test]
fn file_that_no_path_leads_to_or_that_shares_the_roots_superblock_is_no_volumes_for_certain() {
    let ext4 = |flags| denial::origin(&Exec { flags, magic: 0xef53, links: 1, ..Exec::default() }, true);
    assert_eq!(ext4(0), Some(Told::Volume));
    assert_eq!(ext4(flag::UNREACHABLE), None);
    assert_eq!(ext4(flag::ROOT_SUPERBLOCK), None);
    assert_eq!(ext4(flag::ROOT_SUPERBLOCK | flag::ROOT_MOUNT), None);
}

fn product(magics: &[u64]) -> Vec<(u64, u32, u32, bool)> {
    let mut all = Vec::new();
    for &magic in magics {
        for links in [0, 1] {
            for lower_count in [0, 1] {
                all.extend([true, false].map(|image_root| (magic, links, lower_count, image_root)));
            }
        }
    }
    all
}

fn facts(exec: &Exec, image_root: bool) -> Facts {
    let is = |flag: u32| exec.flags & flag != 0;
    Facts {
        magic: exec.magic,
        overlay: is(flag::OVERLAY),
        upper: is(flag::UPPER),
        numlower: exec.lower_count,
        nlink: exec.links,
        same_superblock_as_root: is(flag::ROOT_SUPERBLOCK),
        same_mount_as_root: is(flag::ROOT_MOUNT),
        container_root: Some(image_root),
        in_node_mount_namespace: is(flag::NODE_MOUNT_NAMESPACE),
        detached_root_dentry: is(flag::DETACHED),
    }
}

fn running(id: &str) -> Running {
    let init = Init {
        denied: 3,
        would_deny: 4,
        killed: 5,
        would_kill: 6,
        denied_calls: 7,
        would_deny_calls: 8,
        ..Init::default()
    };
    Running { container: Arc::new(Resolved::of_id(id)), init, free: None }
}

fn told_of(mut denials: Denials, enforcing: bool, running: Running) -> serde_json::Value {
    serde_json::to_value(denials.status(enforcing, &[running])).expect("JSON")
}

fn told(action: &str, expression: &str, enforcing: bool) -> serde_json::Value {
    let status = told_of(denials(action, NOT_RUNTIME, expression), enforcing, running("c"));
    let names = ["denied", "wouldDeny", "killed", "wouldKill", "deniedCalls", "wouldDenyCalls"];
    assert_eq!(names.map(|name| &status["containers"][0][name]), ["3", "4", "5", "6", "7", "8"]);
    status["containers"][0]["policies"][0].clone()
}

const UPPER: &str = "event.executable.origin != 'Upper'";

#[test]
fn status_says_what_is_done_and_why_no_more() {
    let killed = told(BLOCK, UPPER, true);
    assert_eq!(killed["enforcement"], "Kill before first instruction");
    assert_eq!(killed["executables"]["Injected script"], serde_json::json!(["Upper"]));
    assert_eq!(killed["afterTheFact"].as_array().map(Vec::len), Some(1), "{killed}");
    let table = [
        (BLOCK, UPPER, false, "Observe only", "the agent does not enforce"),
        ("", UPPER, true, "Observe only", "its action is not Block"),
        (
            BLOCK,
            "size(event.args) < 9",
            true,
            "Kill after the fact",
            "it cannot be answered in advance: it reads event.args",
        ),
        (
            BLOCK,
            "event.executable.origin != 'Host'",
            true,
            "Kill after the fact",
            "it denies no executable that the kernel can tell",
        ),
    ];
    for (action, expression, enforcing, enforcement, because) in table {
        let told = told(action, expression, enforcing);
        assert_eq!((&told["enforcement"], &told["because"]), (&enforcement.into(), &because.into()));
        assert_eq!(told["afterTheFact"].is_null(), enforcement == "Observe only", "{told}");
    }
}

#[test]
fn status_overstates_nothing_where_a_container_is_not_watched() {
    for free in [Free::Sandbox, Free::Own, Free::NoRoom, Free::NotBegun] {
        let running = Running { free: Some(free), ..running("c") };
        let status = told_of(denials(BLOCK, NOT_RUNTIME, UPPER), true, running);
        let told = &status["containers"][0]["policies"][0];
        assert_eq!(told["enforcement"], "Observe only");
        assert!(told["because"].is_string() && told["executables"].is_null(), "{told}");
    }
}

#[test]
fn status_says_which_capabilities_a_task_is_killed_for() {
    let denials = || denials_of("CapabilityUse", BLOCK, "event.userNamespace != 'Child'", NO_CHOWN);
    let status = told_of(denials(), true, running("c"));
    let told = &status["containers"][0]["policies"][0];
    assert_eq!(told["enforcement"], "Kill after the fact");
    assert_eq!(told["because"], "this kernel grants a capability before it can be denied");
    let by =
        ["Container in Container", "Container in Ancestor", "Injected in Container", "Injected in Ancestor"];
    assert_eq!(told["capabilities"], serde_json::json!([{"by": by, "names": ["CHOWN"]}]));
    let status = told_of(denials().without_uses(Some("no hook")), true, running("c"));
    let told = &status["containers"][0]["policies"][0];
    assert_eq!((&told["because"], &told["enforcement"]), (&"no hook".into(), &"Observe only".into()));
    assert!(told["capabilities"].is_null() && told["afterTheFact"].is_null(), "{told}");
}

#[test]
fn status_says_which_calls_are_denied_and_why_others_are_not() {
    let of = |kinds, expression| denials_of(kinds, BLOCK, NOT_RUNTIME, expression);
    let told = |denials| told_of(denials, true, running("c"))["containers"][0]["policies"][0].clone();
    let denied = told(of("Connect, SendTo", "event.socket.permitted"));
    assert_eq!(denied["enforcement"], "Deny");
    let calls = ["Connect that no NetworkPolicy allows", "SendTo that no NetworkPolicy allows"];
    assert_eq!(denied["calls"]["Injected IPv6"], serde_json::json!(calls));
    assert!(denied["afterTheFact"].is_array() && denied["because"].is_null(), "{denied}");
    let killed = told(of("Connect, Listen", "event.uid == 0"));
    let because = "it cannot be answered in advance: it reads event.uid";
    assert_eq!(
        (&killed["enforcement"], &killed["because"]),
        (&"Kill after the fact".into(), &because.into())
    );
    let accepted = told(of("Accept", "event.socket.permitted"));
    let because = "what it is about is only recorded";
    assert_eq!((&accepted["enforcement"], &accepted["because"]), (&"Observe only".into(), &because.into()));
    let refused = told(of("Connect", "event.socket.permitted").without_hooks(vec!["connect4"]));
    let because =
        "this kernel refuses connect4 (`plumb-agent probe` says why): no call is seen or refused there";
    assert_eq!((&refused["enforcement"], &refused["because"]), (&"Deny".into(), &because.into()));
}

#[test]
fn status_says_what_may_be_missed() {
    let of = |kinds, expression| denials_of(kinds, BLOCK, "true", expression);
    let changes = told_of(of("FactsChange", "event.change.field == 'x'"), true, running("c"));
    assert_eq!(changes["policies"][0]["mayMiss"], LOOKS);
    assert_eq!(changes["containers"][0]["policies"][0]["enforcement"], "Observe only");
    let uses = told_of(of("CapabilityUse", NO_CHOWN), true, running("c"));
    assert!(uses["policies"][0]["mayMiss"].is_null(), "{uses}");
}

pub(super) const NO_CHOWN: &str = "event.capability != 'CHOWN'";
