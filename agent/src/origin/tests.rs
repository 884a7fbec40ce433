use super::*;

/// `EXT4_SUPER_MAGIC`.
const EXT4: u64 = 0xef53;

/// An image's file on the container's overlay root.
const IMAGE: Facts = Facts {
    magic: OVERLAYFS,
    overlay: true,
    upper: false,
    numlower: 1,
    nlink: 1,
    same_superblock_as_root: true,
    same_mount_as_root: true,
    container_root: Some(true),
    in_node_mount_namespace: false,
    detached_root_dentry: false,
};

/// A file on a mount within the container.
const MOUNTED: Facts = Facts {
    magic: EXT4,
    overlay: false,
    numlower: 0,
    same_superblock_as_root: false,
    same_mount_as_root: false,
    container_root: Some(false),
    ..IMAGE
};

fn mount(path: &str, kind: Option<&'static str>) -> Mount {
    Mount { path: path.into(), volume: "v".into(), kind: kind.map(VolumeKind::declared) }
}

fn is(facts: Facts) -> Origin {
    match classify(&facts, Some(b"/data/tool"), None) {
        Classified::Is(origin) => origin,
        Classified::Compare => panic!("{facts:?} is to be compared"),
    }
}

fn volume(facts: Facts, path: Option<&[u8]>, mounts: Option<&[Mount]>) -> Option<Known<VolumeKind>> {
    match classify(&facts, path, mounts) {
        Classified::Is(Origin::Volume(kind)) => Some(kind),
        _ => None,
    }
}

#[test]
fn the_rows_measured_on_a_kernel_are_read_as_what_they_were() {
    assert_eq!(is(IMAGE), Origin::Image);
    assert_eq!(is(Facts { upper: true, numlower: 0, ..IMAGE }), Origin::Upper);
    assert_eq!(classify(&Facts { upper: true, ..IMAGE }, None, None), Classified::Compare);
    assert_eq!(is(Facts { upper: true, numlower: 0, nlink: 0, ..IMAGE }), Origin::Deleted);
    let memfd = Facts { magic: TMPFS, nlink: 0, detached_root_dentry: true, ..MOUNTED };
    assert_eq!(is(memfd), Origin::Memfd);
    assert_eq!(is(MOUNTED), Origin::Volume(Known::Unknown));
    assert_eq!(is(Facts { magic: TMPFS, ..MOUNTED }), Origin::Volume(Known::Unknown));
}

#[test]
fn an_image_s_file_that_was_deleted_still_has_the_image_s_content() {
    assert_eq!(is(Facts { nlink: 0, ..IMAGE }), Origin::Image);
}

#[test]
fn a_copied_up_file_that_was_deleted_cannot_be_compared_any_more() {
    assert_eq!(is(Facts { upper: true, nlink: 0, ..IMAGE }), Origin::Deleted);
}

#[test]
fn huge_pages_hide_no_memfd() {
    let facts = Facts { magic: HUGETLBFS, nlink: 0, detached_root_dentry: true, ..MOUNTED };
    assert_eq!(is(facts), Origin::Memfd);
}

#[test]
fn overlay_facts_that_could_not_be_read_say_nothing() {
    assert_eq!(is(Facts { overlay: false, ..IMAGE }), Origin::Unknown);
    assert_eq!(is(Facts { numlower: 0, ..IMAGE }), Origin::Unknown, "neither layer has it");
}

#[test]
fn an_overlay_that_a_task_mounted_and_made_its_root_is_not_the_image() {
    for facts in [IMAGE, Facts { upper: true, numlower: 0, ..IMAGE }] {
        assert_eq!(is(Facts { container_root: Some(false), ..facts }), Origin::Unknown);
        assert_ne!(is(Facts { container_root: None, ..facts }), Origin::Unknown, "as long as none is known");
    }
    let beside = Facts { same_superblock_as_root: false, same_mount_as_root: false, ..IMAGE };
    assert_eq!(is(beside), Origin::Unknown);
}

#[test]
fn a_volume_on_a_node_whose_root_is_an_overlay_is_a_volume() {
    let beside = Facts { same_superblock_as_root: false, same_mount_as_root: false, ..IMAGE };
    let kind = volume(beside, Some(b"/data/tool"), Some(&[mount("/data", Some("hostPath"))]));
    assert_eq!(kind, Some(VolumeKind::declared("hostPath").into()));
}

#[test]
fn the_longest_declared_mount_names_the_kind() {
    let mounts =
        [mount("/data", Some("emptyDir")), mount("/data/in", Some("hostPath")), mount("/none", None)];
    let kind = |path: &[u8]| volume(MOUNTED, Some(path), Some(&mounts));
    assert_eq!(kind(b"/data/tool"), Some(VolumeKind::declared("emptyDir").into()));
    assert_eq!(kind(b"/data/in/tool"), Some(VolumeKind::declared("hostPath").into()));
    assert_eq!(kind(b"/data"), Some(VolumeKind::declared("emptyDir").into()), "a file mounted by itself");
    assert_eq!(kind(b"/database/tool"), Some(Known::Unknown), "a name that only begins alike");
    assert_eq!(kind(b"/none/tool"), Some(Known::Unknown), "a volume without a source");
}

#[test]
fn a_tmpfs_that_no_declared_mount_explains_is_said_to_be_one() {
    let tmpfs = Facts { magic: TMPFS, ..MOUNTED };
    let mounts = [mount("/cache", Some("emptyDir"))];
    assert_eq!(volume(tmpfs, Some(b"/dev/shm/x"), Some(&mounts)), Some(VolumeKind::TMPFS.into()));
    assert_eq!(
        volume(tmpfs, Some(b"/cache/x"), Some(&mounts)),
        Some(VolumeKind::declared("emptyDir").into())
    );
    assert_eq!(volume(tmpfs, Some(b"/dev/shm/x"), None), Some(Known::Unknown), "nothing is declared");
    assert_eq!(volume(tmpfs, None, Some(&mounts)), Some(Known::Unknown), "where it is mounted is not known");
}

#[test]
fn a_deleted_file_of_a_volume_or_tmpfs_is_deleted() {
    assert_eq!(is(Facts { nlink: 0, ..MOUNTED }), Origin::Deleted);
    assert_eq!(is(Facts { nlink: 0, magic: TMPFS, ..MOUNTED }), Origin::Deleted);
}

#[test]
fn a_root_that_is_a_plain_folder_does_not_tell_its_files_apart() {
    let plain = Facts { magic: EXT4, overlay: false, numlower: 0, ..IMAGE };
    assert_eq!(is(plain), Origin::Unknown);
    let bind = Facts { same_mount_as_root: false, ..plain };
    let kind = volume(bind, Some(b"/data/x"), Some(&[mount("/data", Some("hostPath"))]));
    assert_eq!(kind, Some(VolumeKind::declared("hostPath").into()), "a bind of the same file system");
}

#[test]
fn whoever_is_in_the_node_s_mount_namespace_runs_the_node_s_programs() {
    assert_eq!(is(Facts { in_node_mount_namespace: true, ..IMAGE }), Origin::Host);
    let memfd = Facts { magic: TMPFS, detached_root_dentry: true, in_node_mount_namespace: true, ..MOUNTED };
    assert_eq!(is(memfd), Origin::Memfd, "which is on no file system of the node");
}
