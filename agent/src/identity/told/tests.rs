use super::*;

fn executable(cgroup: u64, inode: u64) -> ExecutableKey {
    ExecutableKey { cgroup, file: FileId { inode, ..FileId::default() }, task: 0, _pad: 0 }
}

fn capability(cgroup: u64, number: u8) -> CapabilityKey {
    CapabilityKey { cgroup, capability: number, ..CapabilityKey::default() }
}

/// The records of a removed cgroup may still be in a ring, and a cgroup's number is not used again.
#[test]
fn removed_cgroups_leave_nothing_however_many_come_and_go() {
    let mut told = Told::default();
    for cgroup in 0..100_000 {
        told.begin(cgroup);
        assert!(told.executable(executable(cgroup, 1)) && told.capability(capability(cgroup, 7)));
        assert_eq!(told.end(cgroup).executables.len(), 1);
        assert!(!told.executable(executable(cgroup, 2)) && !told.capability(capability(cgroup, 8)));
        assert!(told.get_mut(cgroup).is_none());
    }
    assert_eq!(told.all().count(), 0);
}

#[test]
fn a_million_distinct_files_take_no_more_than_one_containers_share() {
    let mut told = Told::default();
    told.begin(1);
    let kept = (0..1_000_000).filter(|inode| told.executable(executable(1, *inode))).count();
    assert_eq!(kept, EXECUTABLES_MAX);
    let peers = (0..100_000_u128).filter(|peer| {
        told.socket(SocketKey { cgroup: 1, address: peer.to_be_bytes(), ..SocketKey::default() })
    });
    assert_eq!(peers.count(), SOCKETS_MAX);
    told.begin(2);
    assert!(told.executable(executable(2, 1)), "another container has a share of its own");
    assert_eq!(told.end(1).executables.len(), kept, "all that was kept is taken out");
}

#[test]
fn cgroup_that_comes_again_begins_anew() {
    let mut told = Told::default();
    told.begin(1);
    told.get_mut(1).expect("it is there").init = Some(7);
    told.begin(1);
    assert_eq!(told.get(1).expect("it is there").init, Some(7), "it did not end");
    told.end(1);
    told.begin(1);
    assert_eq!(told.get(1).expect("it is there").init, None);
}

#[test]
fn first_process_in_a_cgroup_inside_is_the_containers() {
    let mut told = Told::default();
    told.begin(1);
    let inside = |init| Facts { init: Some(init), root_device: Some(5), ..Facts::default() };
    told.adopt(1, &inside(7));
    told.adopt(1, &inside(8));
    told.adopt(2, &inside(9));
    let facts = told.get(1).expect("it is there");
    assert_eq!((facts.init, facts.root_device), (Some(7), Some(5)));
    assert!(told.get(2).is_none());
}
