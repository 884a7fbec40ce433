use agent_common::event::{Exec, flag, magic};
use policy::{event::VolumeKind, set::Source};

use super::*;
use crate::{
    declarations::Mount,
    origin::{Classified, Facts, classify},
};

fn denials(action: &str, condition: &str, expression: &str) -> Denials {
    let text = format!(
        "apiVersion: plumbline.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n  title: t\n  severity: Low\n{action}\
         \x20 match: {{events: {{kinds: [Exec]}}}}\n  matchConditions: [{{name: c, expression: \"{condition}\"}}]\n\
         \x20 validations: [{{expression: \"{expression}\"}}]\n"
    );
    let (policies, errors) = PolicySet::compile(&[Source { file: "p.yaml".to_owned(), text }]);
    assert!(errors.is_empty(), "{}", errors[0]);
    Denials::new(Arc::new(policies), Set::default())
}

const BLOCK: &str = "  action: Block\n";
const NOT_RUNTIME: &str = "event.task != 'Runtime'";

fn denied(condition: &str, expression: &str) -> u32 {
    denials(BLOCK, condition, expression).masks(&Resolved::of_id("c")).denied
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
        assert_eq!(masks, Masks { denied: 0, audited: bits(&[Told::Memfd]) });
    }
}

#[test]
fn masks_of_a_policy_that_reads_its_container_are_the_containers_own() {
    let denials = denials(BLOCK, "container.id == 'a'", "event.executable.origin != 'Upper'");
    assert!(denials.depend_on_containers());
    assert_eq!(denials.masks(&Resolved::of_id("a")).denied, bits(&[Told::Upper]));
    assert_eq!(denials.masks(&Resolved::of_id("b")).denied, 0);
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

fn told(action: &str, expression: &str, enforcing: bool) -> serde_json::Value {
    let denials = denials(action, NOT_RUNTIME, expression);
    let container = Arc::new(Resolved::of_id("c"));
    let status = serde_json::to_value(denials.status(enforcing, &[(container, (3, 4))])).expect("JSON");
    assert_eq!(status["containers"][0]["denied"], "3");
    assert_eq!(status["containers"][0]["wouldDeny"], "4");
    status["containers"][0]["policies"][0].clone()
}

#[test]
fn status_says_what_is_done_and_why_no_more() {
    let upper = "event.executable.origin != 'Upper'";
    let killed = told(BLOCK, upper, true);
    assert_eq!(killed["enforcement"], "Kill before first instruction");
    assert_eq!(killed["executables"]["Injected script"], serde_json::json!(["Upper"]));
    let table = [
        (BLOCK, upper, false, "the agent does not enforce"),
        ("", upper, true, "its action is not Block"),
        (BLOCK, "size(event.args) < 9", true, "it cannot be answered in advance: it reads event.args"),
        (
            BLOCK,
            "event.executable.origin != 'Host'",
            true,
            "it denies no executable that the kernel can tell",
        ),
    ];
    for (action, expression, enforcing, because) in table {
        let told = told(action, expression, enforcing);
        assert_eq!((&told["enforcement"], &told["because"]), (&"Observe only".into(), &because.into()));
    }
}
