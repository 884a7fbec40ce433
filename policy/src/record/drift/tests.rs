use super::*;
use crate::event::{Ancestry, Args, Capabilities, Image, Script};

fn container(allowed: Known<Set>) -> Container {
    Container {
        name: Known::Unknown,
        kind: Known::Unknown,
        id: "c".to_owned(),
        runtime: Known::Unknown,
        image: Image::default(),
        capabilities: Capabilities { allowed, added: Known::Unknown },
    }
}

fn by(task: Known<Task>, executable: Executable, detail: Detail) -> Event {
    let nobody = Known::Unknown;
    Event { task, executable, ancestry: Ancestry::default(), uid: nobody, gid: nobody, detail }
}

fn run(task: Known<Task>, origin: Origin, script: Option<Origin>) -> bool {
    let script = script.map(|origin| Script { path: Known::Unknown, origin });
    let executable = Executable { path: Known::Unknown, origin, script };
    let event = by(task, executable, Detail::Exec { args: Args::default() });
    Drift::of_injected(&event, &container(Known::Unknown)).is_some()
}

fn used(
    task: Task,
    name: Option<&'static str>,
    namespace: Known<UserNamespace>,
    allowed: Known<Set>,
) -> bool {
    let capability = name.map_or(Known::Unknown, |name| Known::Known(name.into()));
    let executable = Executable { path: Known::Unknown, origin: Origin::Image, script: None };
    let event =
        by(Known::Known(task), executable, Detail::CapabilityUse { capability, user_namespace: namespace });
    Drift::of_injected(&event, &container(allowed)).is_some()
}

const INJECTED: Known<Task> = Known::Known(Task::Injected);

#[test]
fn only_what_is_neither_the_images_nor_declared_is_foreign() {
    let tmpfs = Origin::Volume(Known::Known(VolumeKind::TMPFS));
    for foreign in [Origin::Upper, Origin::Memfd, Origin::Deleted, Origin::Host, tmpfs] {
        assert!(run(INJECTED, foreign.clone(), None), "{foreign:?}");
        assert!(run(INJECTED, Origin::Image, Some(foreign.clone())), "a script that is {foreign:?}");
    }
    let declared = Origin::Volume(Known::Known(VolumeKind::declared("emptyDir")));
    for known in [Origin::Image, Origin::CopiedUp, Origin::Unknown, declared, Origin::Volume(Known::Unknown)]
    {
        assert!(!run(INJECTED, known.clone(), None), "{known:?}");
        assert!(!run(INJECTED, Origin::Image, Some(known.clone())), "a script that is {known:?}");
    }
}

#[test]
fn a_capability_beyond_those_allowed_is_foreign_but_in_a_namespace_of_its_own() {
    let of_container = Known::Known(UserNamespace::Container);
    let allowed = || Known::Known(["CHOWN"].into_iter().collect::<Set>());
    let injected = Task::Injected;
    assert!(used(injected, Some("NET_RAW"), of_container, allowed()));
    assert!(used(injected, Some("NET_RAW"), Known::Known(UserNamespace::Ancestor), allowed()));
    assert!(!used(injected, Some("CHOWN"), of_container, allowed()));
    assert!(!used(injected, Some("NET_RAW"), Known::Known(UserNamespace::Child), allowed()));
}

#[test]
fn what_cannot_be_known_is_none() {
    let of_container = Known::Known(UserNamespace::Container);
    assert!(!used(Task::Injected, None, of_container, Known::Known(Set::default())));
    assert!(!used(Task::Injected, Some("NET_RAW"), of_container, Known::Unknown));
    assert!(!used(Task::Injected, Some("NET_RAW"), Known::Unknown, Known::Known(Set::default())));
    assert!(!run(Known::Unknown, Origin::Upper, None));
}

#[test]
fn the_containers_own_and_the_runtimes_tasks_are_none() {
    for task in [Task::Container, Task::Runtime] {
        assert!(!run(Known::Known(task), Origin::Upper, None), "{task:?}");
        let of_container = Known::Known(UserNamespace::Container);
        assert!(!used(task, Some("NET_RAW"), of_container, Known::Known(Set::default())), "{task:?}");
    }
}
