//! What a container or a declaration does to be a nuisance stays its own affair.

use std::collections::BTreeSet;
use std::fs;
use std::mem::offset_of;

use agent_common::map::{CAPABILITIES_PER_CONTAINER, EXECUTABLES_PER_CONTAINER, Init};
use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tests::account::Account;
use tests::agent::Agent;
use tests::overlay::Overlay;
use tests::records::{container_id, path, policy};
use tests::scene::Scene;
use tests::storm::Execs;
use tests::{cgroup, container, kernel, machine};

crate::theme![
    container_of_thousands_of_files_uses_up_its_own_share_alone,
    files_without_end_take_no_memory_without_end,
    container_that_used_up_its_share_of_capabilities_takes_none_of_others,
    what_is_denied_in_another_container_is_never_applied,
    removed_container_leaves_nothing_under_its_number,
    pod_that_declares_nonsense_is_still_watched_and_hides_no_other,
];

/// Several times a container's share.
const FILES: u64 = 4_000;

/// Were the share one for all containers, the second one's first executable would be over the budget; were there none,
/// all of the first one's would have been sent.
fn container_of_thousands_of_files_uses_up_its_own_share_alone() -> Result<()> {
    let scene = Scene::with_policies()?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    let storm = Execs { distinct: true, ..Execs::new(group.path(), folder.path(), FILES) };
    let caused = storm.run()?;
    ensure!(caused.distinct == FILES, "{caused:?}");
    let flooded = agent.settled("executable")?;
    flooded.check()?;
    let share = u64::from(EXECUTABLES_PER_CONTAINER);
    // Two processes may pass the last place at once.
    ensure!((share..=share + 1).contains(&flooded.submitted), "not its share of {share}: {flooded:?}");
    let other = scene.subtree.container()?;
    let caused = Execs { distinct: true, workers: 1, ..Execs::new(other.path(), folder.path(), 10) }.run()?;
    let after = agent.settled("executable")?;
    after.check()?;
    let (submitted, over) = (after.submitted - flooded.submitted, after.over_budget - flooded.over_budget);
    ensure!(
        submitted == caused.execs && over == 0,
        "of another container's {} files {submitted} were told, {over} were over the budget: {after:?}",
        caused.execs
    );
    agent.stop().map(drop)
}

/// As many as can be made in some 20 seconds; further ones are replayed where no kernel is
/// needed (`identity/told`, `judge`).
const MANY: u64 = 40_000;
const GROWTH_MAX: u64 = 8 << 20;

/// Guards against one entry for each file that ever ran: at 40,000 each would have 200 bytes and more.
fn files_without_end_take_no_memory_without_end() -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("no-memfd.yaml", NO_MEMFD)?;
    let agent = scene.agent(&[])?;
    let folder = TempDir::new_in("/dev/shm")?;
    let group = scene.subtree.container()?;
    let run = |execs| Execs { distinct: true, ..Execs::new(group.path(), folder.path(), execs) }.run();
    run(FILES)?;
    agent.settled("exec")?.check()?;
    let before = machine::resident_bytes(agent.pid())?;
    let caused = run(MANY)?;
    agent.settled("exec")?.check()?;
    let grown = machine::resident_bytes(agent.pid())?.saturating_sub(before);
    ensure!(caused.distinct == MANY && grown < GROWTH_MAX, "{caused:?}, and {grown} bytes more");
    agent.stop().map(drop)
}

const NO_MEMFD: &str = "\
apiVersion: plumbline.dev/v1alpha1
kind: Policy
metadata: {name: no-memfd}
spec:
  title: Nothing that runs is in memory
  severity: Low
  action: Block
  match: {events: {kinds: [Exec]}}
  validations: [{name: v, expression: \"event.executable.origin != 'Memfd'\"}]
";

/// A container cannot ask for so many different capabilities in earnest (41, of three kinds of user namespaces, by two
/// kinds of tasks), so what it has used of its share is written where the kernel side counts it. With a share as large as
/// the map all of its uses are told, and nothing is over the budget.
fn container_that_used_up_its_share_of_capabilities_takes_none_of_others() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let before = kernel::objects()?;
    let agent = scene.agent(&[])?;
    let (greedy, other) = (scene.container()?, scene.container()?);
    let account = agent.settled("capability")?;
    let inits = map(&before, "INITS")?;
    let key = greedy.group.id()?.to_ne_bytes();
    let mut init = kernel::value(inits, &key)?;
    let used = offset_of!(Init, capabilities);
    init[used..used + 4].copy_from_slice(&(CAPABILITIES_PER_CONTAINER - 1).to_ne_bytes());
    kernel::write(inits, &key, &init)?;
    let told = |container: &container::Container, since: &Account| -> Result<(Account, u64, u64)> {
        for name in ["SYS_CHROOT", "SETUID"] {
            container.sample(&["capability", name])?;
        }
        let now = agent.settled("capability")?;
        now.check()?;
        let (submitted, over) = (now.submitted - since.submitted, now.over_budget - since.over_budget);
        Ok((now, submitted, over))
    };
    let (account, submitted, over) = told(&greedy, &account)?;
    ensure!(submitted == 1 && over > 0, "{submitted} told, {over} over the budget");
    let (_, submitted, over) = told(&other, &account)?;
    ensure!(submitted >= 2 && over == 0, "of another container's {submitted} told, {over} over the budget");
    agent.stop().map(drop)
}

/// Guards against a value that is used again for another container while the kernel side looks at it: without a look at
/// whose it is, this one's tasks die by the other's mask.
fn what_is_denied_in_another_container_is_never_applied() -> Result<()> {
    let scene = Scene::set()?;
    scene.write_policy("no-memfd.yaml", NO_MEMFD)?;
    let before = kernel::objects()?;
    let agent = scene.agent(&["--enforce"])?;
    let container = scene.container()?;
    let containers = map(&before, "CONTAINERS")?;
    let key = container.group.id()?.to_ne_bytes();
    let own = kernel::value(containers, &key)?;
    ensure!(own.starts_with(&key), "a value names its container first: {own:?}");
    let mut others = own.clone();
    others[0] ^= 1;
    for (value, runs) in [(&own, false), (&others, true), (&own, false)] {
        kernel::write(containers, &key, value)?;
        ensure!(container.sample(&["memfd"]).is_ok() == runs, "with {value:?}");
    }
    agent.stop().map(drop)
}

/// The number of a cgroup has 64 bits, with a generation in them (fs/kernfs/dir.c, `__kernfs_new_node`), so that none is
/// used again; were one, it would find nothing of its last owner.
fn removed_container_leaves_nothing_under_its_number() -> Result<()> {
    let scene = Scene::with_shipped_policies()?;
    let before = kernel::objects()?;
    let agent = scene.agent(&["--enforce"])?;
    let mut numbers = BTreeSet::new();
    for _ in 0..20 {
        let container = scene.container()?;
        container.sample(&["capability", "SETUID"])?;
        let (group, number) = (container.group.clone(), container.group.id()?);
        ensure!(holding(&before, number)? >= 3, "the kernel side knows it");
        drop(container);
        cgroup::remove(group.path())?;
        agent.wait_until("forgetting the container", |_| Ok(holding(&before, number)? == 0))?;
        ensure!(numbers.insert(number), "{number} was used again");
    }
    agent.stop().map(drop)
}

/// How many of the agent's maps have something of a container.
fn holding(before: &BTreeSet<(&'static str, u64)>, container: u64) -> Result<usize> {
    let mut holding = 0;
    for map in kernel::since(before, "map")?.iter().filter(|map| map["type"].as_str().is_some_and(is_hash)) {
        let keys = kernel::keys(map["id"].as_u64().context("a map without a number")?)?;
        holding += usize::from(keys.iter().any(|key| key.starts_with(&container.to_ne_bytes())));
    }
    Ok(holding)
}

fn is_hash(kind: &str) -> bool {
    matches!(kind, "hash" | "lru_hash")
}

fn map(before: &BTreeSet<(&'static str, u64)>, name: &str) -> Result<u64> {
    let maps = kernel::since(before, "map")?;
    let found = maps.iter().find(|map| map["name"] == name).and_then(|map| map["id"].as_u64());
    found.with_context(|| format!("no map {name}"))
}

fn pod_that_declares_nonsense_is_still_watched_and_hides_no_other() -> Result<()> {
    let scene = Scene::with_policies()?;
    let (nonsense, sound) = (scene.subtree.container()?, scene.subtree.container()?);
    let declare = |file: &str, uid: &str, spec: &str| {
        let text =
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {file}, uid: {uid}}}\nspec: {spec}\n");
        fs::write(scene.declarations.path().join(format!("{file}.yaml")), text)
    };
    let spec = "{hostPID: 7, volumes: text, securityContext: [], containers: [null, 3, {name: {}, image: [], \
                securityContext: {runAsUser: many, capabilities: {add: 1, drop: {}}}, volumeMounts: 0}]}";
    declare("nonsense", &nonsense.pod_uid, spec)?;
    declare("sound", &sound.pod_uid, "{containers: [{name: only, image: 'registry.test/sample:1'}]}")?;
    let agent = scene.agent(&[])?;
    for group in [&nonsense, &sound] {
        let overlay = Overlay::mount(&scene.programs.sample, &[])?;
        let output = container::run(group, &overlay.root(), &["/bin/sample", "hello"])?;
        ensure!(output.status.success(), "{output:?}");
        seen(&agent, &group.container_id)?;
    }
    ensure!(agent.ready()?, "not ready; its log:\n{}", agent.log()?);
    let log = agent.log()?;
    ensure!(!log.contains("panicked"), "{log}");
    agent.stop().map(drop)
}

fn seen(agent: &Agent, id: &str) -> Result<()> {
    let told = agent.record(&format!("telling of the exec in {id}"), |record| {
        container_id(record) == Some(id)
            && policy(record) == Some("every-exec")
            && path(record) == Some("/bin/sample")
    });
    told.map(drop)
}
