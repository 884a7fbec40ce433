use proptest::prelude::*;

use super::*;

/// Of a container by containerd: its root, read-only; /proc with a masked file and a masked folder; /sys; /dev; a volume.
const CONTAINER: &str = "\
801 700 0:55 / / ro,relatime - overlay overlay rw,lowerdir=/a:/b,upperdir=/u,workdir=/w\n\
802 801 0:58 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n\
807 801 0:60 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n\
803 802 0:60 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n\
804 802 0:61 / /proc/acpi ro,relatime - tmpfs tmpfs ro\n\
805 801 0:62 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro\n\
808 805 0:6 /null /sys/firmware rw,relatime - devtmpfs devtmpfs rw\n\
806 801 254:1 /var/lib/kubelet/pods/u/volumes/a\\040b /data\\011x rw,relatime shared:7 master:1 - ext4 /dev/vda1 rw\n";

const NODE: &str = "\
20 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n\
21 20 0:6 / /dev rw - devtmpfs devtmpfs rw\n\
22 20 254:1 /srv /srv/again rw - ext4 /dev/vda1 rw\n\
23 20 0:21 / /proc rw - proc proc rw\n\
24 20 0:90 / /run rw - tmpfs tmpfs rw\n\
25 20 0:55 / /run/containers/x/rootfs rw - overlay overlay rw\n";

fn container(more: &str) -> Mounts {
    Mounts::parse(format!("{CONTAINER}{more}").as_bytes()).unwrap()
}

fn source(line: &str) -> MountSource {
    let mounts = container(line);
    let beside = mounts.beside(&NodeMounts::parse(NODE.as_bytes()).unwrap());
    beside.into_iter().find(|mount| mount.target == "/x").unwrap().source
}

#[test]
fn a_containers_mounts_are_read() {
    let mounts = container("");
    assert_eq!(mounts.0.len(), 8);
    assert_eq!((mounts.is_writable("/"), mounts.is_writable("/sys")), (Some(false), Some(false)));
    assert_eq!((mounts.is_writable("/proc"), mounts.is_writable("/nothing")), (Some(true), None));
    assert_eq!(mounts.masked(), ["/proc/acpi", "/proc/kcore", "/sys/firmware"].map(str::to_owned).into());
}

#[test]
fn a_mount_of_a_read_only_file_system_is_not_writable() {
    let mounts = Mounts::parse(b"1 0 0:5 / / rw - ext4 /dev/vda ro,errors=continue\n").unwrap();
    assert_eq!(mounts.is_writable("/"), Some(false));
    let remounted = Mounts::parse(b"1 0 0:5 / / rw - ext4 /dev/vda rw\n").unwrap();
    assert_eq!(remounted.is_writable("/"), Some(true));
}

#[test]
fn of_mounts_at_one_place_the_topmost_is_seen() {
    let mounts = container("900 801 0:70 / / rw - tmpfs tmpfs rw\n901 805 0:71 / /sys rw - sysfs sysfs rw\n");
    assert_eq!(mounts.is_writable("/"), Some(true));
    assert_eq!(mounts.at(b"/sys"), None, "it lies under the new root");
    let mounts = container("901 805 0:71 / /sys rw - sysfs sysfs rw\n");
    assert_eq!(mounts.is_writable("/sys"), Some(true));
}

#[test]
fn a_fresh_proc_over_the_masked_one_leaves_nothing_masked() {
    let mounts = container("900 802 0:70 / /proc rw - proc proc rw\n");
    assert_eq!(mounts.masked(), ["/sys/firmware".to_owned()].into());
    let beside_it = container("900 801 0:70 / /process rw - proc proc rw\n");
    assert_eq!(beside_it.masked().len(), 3, "a name that begins alike is no path above");
}

#[test]
fn a_file_called_null_is_no_mask() {
    for line in [
        "900 802 254:1 /null /proc/keys rw - ext4 /dev/vda1 rw\n",
        "900 802 0:99 /null /proc/keys rw - tmpfs tmpfs rw\n",
        "900 802 0:99 / /proc/keys rw - tmpfs tmpfs rw\n",
    ] {
        assert!(!container(line).masked().contains("/proc/keys"), "{line}");
    }
}

#[test]
fn what_a_mount_shows_of_the_node_is_told_by_every_path_there() {
    let node = |paths: &[&str]| MountSource::Node(paths.iter().map(|path| (*path).to_owned()).collect());
    assert_eq!(source("900 801 254:1 / /x rw - ext4 /dev/vda1 rw\n"), node(&["/"]));
    assert_eq!(source("900 801 254:1 /etc /x rw - ext4 /dev/vda1 rw\n"), node(&["/etc"]));
    assert_eq!(source("900 801 254:1 /srv/a /x rw - ext4 /dev/vda1 rw\n"), node(&["/srv/a", "/srv/again/a"]));
    assert_eq!(source("900 801 0:90 /secret /x rw - tmpfs tmpfs rw\n"), node(&["/run/secret"]));
    assert_eq!(source("900 801 0:99 / /x rw - tmpfs tmpfs rw\n"), MountSource::Own);
    assert_eq!(source("900 801 0:90 / /x rw - tmpfs tmpfs rw\n"), node(&["/run"]));
}

#[test]
fn a_part_of_the_containers_root_is_its_own_though_the_node_shows_it_too() {
    assert_eq!(source("900 801 0:55 /data /x rw - overlay overlay rw\n"), MountSource::Own);
    let folder = "1 0 254:1 /images/web / rw - ext4 /dev/vda rw\n";
    let source = |root: &str| {
        let text = format!("{folder}2 1 254:1 {root} /x rw - ext4 /dev/vda rw\n");
        let mounts =
            Mounts::parse(text.as_bytes()).unwrap().beside(&NodeMounts::parse(NODE.as_bytes()).unwrap());
        mounts.into_iter().next().unwrap().source
    };
    assert_eq!(source("/images/web/data"), MountSource::Own);
    assert_eq!(source("/images/webs"), MountSource::Node(vec!["/images/webs".to_owned()]));
}

#[test]
fn the_root_is_not_among_the_mounts_beside_it() {
    let mounts = container("").beside(&NodeMounts::parse(NODE.as_bytes()).unwrap());
    let targets: Vec<_> = mounts.iter().map(|mount| &*mount.target).collect();
    assert_eq!(targets.len(), 7);
    assert!(!targets.contains(&"/") && targets.contains(&"/data\tx"), "{targets:?}");
}

#[test]
fn a_text_of_which_a_line_does_not_read_is_nothing() {
    for text in [
        "801 700 0:55 / / ro,relatime - overlay\n",
        "801 700 0:55 / / ro,relatime\n",
        "801 700 0:55 / data rw - ext4 x rw\n",
        "801 700 0:55 / / relatime - ext4 x rw\n",
        "x 700 0:55 / / rw - ext4 x rw\n",
        "x\n",
    ] {
        assert_eq!(Mounts::parse(format!("{CONTAINER}{text}").as_bytes()), None, "{text}");
    }
    assert_eq!(Mounts::parse(&CONTAINER.as_bytes()[..CONTAINER.len() - 8]), None, "cut");
    assert_eq!(Mounts::parse(b""), Some(Mounts(Vec::new())));
}

#[test]
fn more_mounts_than_any_container_has_are_not_told_in_part() {
    let line = |id: usize| format!("{id} 801 0:5 / /m{id} rw - tmpfs x rw\n");
    let many = |more: usize| (1000..1000 + more).map(line).collect::<String>();
    assert!(Mounts::parse(many(MOUNTS_MAX).as_bytes()).is_some());
    assert_eq!(Mounts::parse(many(MOUNTS_MAX + 1).as_bytes()), None);
}

#[test]
fn a_target_that_is_no_text_is_kept_as_bytes() {
    let mounts = Mounts::parse(b"1 0 0:5 / /\xff\\134 rw - tmpfs x rw\n").unwrap();
    assert_eq!(mounts.0[0].target, b"/\xff\\");
}

#[test]
fn mounts_that_name_each_other_as_parents_end() {
    let text = "1 2 0:5 / /a rw - tmpfs x rw\n2 1 0:5 / /a rw - tmpfs x rw\n3 3 0:5 / / rw - tmpfs x rw\n";
    assert_eq!(Mounts::parse(text.as_bytes()), Some(Mounts(Vec::new())));
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Mounts::parse(&text);
    }

    /// What is shown is found by walking: at each step the topmost of what is mounted there.
    #[test]
    fn what_is_shown_is_what_a_walk_finds(places in prop::collection::vec((0..20_usize, 0..5_usize), 0..20)) {
        let names = ["", "/a", "/a/b", "/a-b", "/a/b/c"];
        let mut mounts = vec![plain(1, 0, "/")];
        for (id, (_, name)) in (2..).zip(&places) {
            // A mount goes onto what is seen at its place.
            let target = if *name == 0 { "/" } else { names[*name] };
            let parent = walk(&mounts, target).unwrap();
            mounts.push(plain(id, parent, target));
        }
        for target in ["/", "/a", "/a/b", "/a-b", "/a/b/c"] {
            let seen = walk(&mounts, target).filter(|id| mounts[*id as usize - 1].target == target.as_bytes());
            let shown = Mounts(reach::shown(mounts.clone()));
            prop_assert_eq!(shown.at(target.as_bytes()).map(|mount| mount.id), seen, "{}", target);
        }
    }
}

fn plain(id: u32, parent: u32, target: &str) -> Mount {
    let target = target.as_bytes().to_vec();
    Mount {
        id,
        parent,
        device: "0:5".into(),
        root: b"/".to_vec(),
        target,
        writable: true,
        kind: "tmpfs".into(),
    }
}

/// The kernel's walk: from the root, crossing what is mounted on the present mount at each folder.
fn walk(mounts: &[Mount], path: &str) -> Option<u32> {
    let cross = |mut at: u32, place: &str| {
        while let Some(next) = mounts
            .iter()
            .find(|mount| mount.parent == at && mount.id != at && mount.target == place.as_bytes())
        {
            at = next.id;
        }
        at
    };
    let mut at = cross(mounts.first()?.id, "/");
    let mut place = String::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        place.push('/');
        place.push_str(name);
        at = cross(at, &place);
    }
    Some(at)
}
