use std::path::Path;

use super::{Hierarchies, every};

#[test]
fn hybrid_machine_keeps_pids_in_a_hierarchy_of_its_own() {
    let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
                  cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n\
                  cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0\n\
                  cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";
    let found = Hierarchies::parse(mounts).unwrap();
    assert_eq!(found.unified.to_str(), Some("/sys/fs/cgroup/unified"));
    assert_eq!(found.pids.to_str(), Some("/sys/fs/cgroup/pids"));
    assert_eq!(every(mounts), ["cpu", "pids", "unified"].map(|name| Path::new("/sys/fs/cgroup").join(name)));
}

#[test]
fn unified_machine_has_one_hierarchy_for_both() {
    let found = Hierarchies::parse("cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n").unwrap();
    assert_eq!(found.unified, found.pids);
}

#[test]
fn machine_without_the_unified_hierarchy_has_none() {
    assert_eq!(Hierarchies::parse("cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n"), None);
}
