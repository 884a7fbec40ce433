use std::fs;

use proptest::prelude::*;

use super::*;

fn from_options(options: &str) -> Option<Layers> {
    let text = format!(
        "20 1 8:1 / / rw - ext4 /dev/sda rw\n\
         700 600 0:53 / / rw,relatime master:9 - overlay overlay {options}\n\
         701 700 0:60 / /proc rw - proc proc rw\n"
    );
    Layers::from_mountinfo(text.as_bytes())
}

fn lower(options: &str) -> Vec<PathBuf> {
    from_options(options).map(|layers| layers.lower).unwrap_or_default()
}

#[test]
fn the_root_s_layers_and_device_are_read() {
    let layers =
        from_options("rw,lowerdir=/s/2/fs:/s/1/fs,upperdir=/s/3/fs,workdir=/s/3/work,userxattr").unwrap();
    assert_eq!(layers.lower, [PathBuf::from("/s/2/fs"), PathBuf::from("/s/1/fs")]);
    assert_eq!((layers.upper, layers.user_attributes, layers.device), ("/s/3/fs".into(), true, 53));
    assert_eq!(kernel_device(253, 7), 0x0fd0_0007);
}

#[test]
fn escaped_names_are_what_they_were() {
    let lowers = lower(r"rw,lowerdir=/a\134:b:/c\054d:/e\040f:/g\134\134h,upperdir=/u");
    assert_eq!(lowers, [r"/a:b", "/c,d", "/e f", r"/g\h"].map(PathBuf::from));
}

#[test]
fn layers_given_one_by_one_are_in_that_order() {
    assert_eq!(
        lower("rw,lowerdir+=/a,lowerdir+=/b:c,datadir+=/d,upperdir=/u"),
        ["/a", "/b:c"].map(PathBuf::from)
    );
}

#[test]
fn data_only_layers_are_no_layers() {
    assert_eq!(lower("rw,lowerdir=/a:/b::/data,upperdir=/u"), ["/a", "/b"].map(PathBuf::from));
}

#[test]
fn what_cannot_be_told_is_none() {
    assert_eq!(from_options("ro,lowerdir=/a:/b"), None, "no upper layer");
    assert_eq!(
        from_options("rw,lowerdir=l/A:l/B,upperdir=x/diff"),
        None,
        "relative to a folder that nobody names"
    );
    assert_eq!(from_options("rw,upperdir=/u"), None);
    let covered =
        b"1 0 0:5 / / rw - overlay overlay lowerdir=/a,upperdir=/u\n2 1 8:1 / / rw - ext4 /dev/sda rw\n";
    assert_eq!(Layers::from_mountinfo(covered), None, "an ext4 lies over it");
    assert_eq!(Layers::from_mountinfo(b"1 0 9999:5 / / rw - overlay overlay lowerdir=/a,upperdir=/u"), None);
}

#[test]
fn a_folder_within_a_node_s_overlay_is_no_image() {
    let line = |root: &str| format!("1 0 0:5 {root} / rw - overlay overlay lowerdir=/a,upperdir=/u\n");
    assert_eq!(Layers::from_mountinfo(line("/bundle/rootfs").as_bytes()), None);
    assert!(root_is_part_of_one(line("/bundle/rootfs").as_bytes()));
    assert!(Layers::from_mountinfo(line("/").as_bytes()).is_some());
    assert!(!root_is_part_of_one(line("/").as_bytes()));
    assert!(!root_is_part_of_one(b"1 0 8:1 /rootfs / rw - ext4 /dev/sda rw\n"));
}

/// Layers as plain folders: `upper`, then `lower0` (the topmost) and so on.
struct Scene {
    root: tempfile::TempDir,
    layers: Layers,
}

impl Scene {
    fn new(lowers: usize) -> Self {
        let root = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..lowers).map(|layer| PathBuf::from(format!("/lower{layer}"))).collect();
        let layers = Layers { device: 1, upper: "/upper".into(), lower: names, user_attributes: true };
        let scene = Self { root, layers };
        for folder in scene.layers.lower.iter().chain([&scene.layers.upper]) {
            fs::create_dir(on_node(scene.root.path(), folder)).unwrap();
        }
        scene
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Sets an attribute of overlayfs; false where the file system takes none.
    fn mark(&self, path: &str, name: &str, value: &[u8]) -> bool {
        let flags = rustix::fs::XattrFlags::empty();
        let set =
            rustix::fs::setxattr(self.root.path().join(path), format!("user.overlay.{name}"), value, flags);
        if set.is_err() {
            use std::io::Write;
            let _ =
                writeln!(io::stderr(), "skipped: {path}: {name}: this file system takes no user attributes");
        }
        set.is_ok()
    }

    fn place(&self, path: &str) -> String {
        let placed = self.layers.open(self.root.path()).unwrap().place(path.as_bytes());
        match placed {
            Placed::Both(upper, lower) => format!("Both({}, {})", read(upper), read(lower)),
            other => format!("{other:?}"),
        }
    }
}

fn read(file: OwnedFd) -> String {
    io::read_to_string(fs::File::from(file)).unwrap()
}

#[test]
fn a_file_is_where_a_layer_has_it() {
    let scene = Scene::new(2);
    scene.write("upper/bin/new", "");
    scene.write("lower1/bin/old", "");
    scene.write("upper/bin/both", "up");
    scene.write("lower0/bin/both", "high");
    scene.write("lower1/bin/both", "low");
    assert_eq!(scene.place("/bin/new"), "Upper");
    assert_eq!(scene.place("/bin/old"), "Lower");
    assert_eq!(scene.place("/bin/both"), "Both(up, high)");
    assert_eq!(scene.place("/bin/none"), "Untold");
    assert_eq!(scene.place("/bin"), "Untold", "a folder");
}

#[test]
fn a_link_on_the_way_is_not_followed() {
    let scene = Scene::new(1);
    scene.write("outside/tool", "secret");
    scene.write("lower0/tool", "");
    std::os::unix::fs::symlink(scene.root.path().join("outside"), scene.root.path().join("upper/dir"))
        .unwrap();
    std::os::unix::fs::symlink(scene.root.path().join("outside/tool"), scene.root.path().join("upper/tool"))
        .unwrap();
    assert_eq!(scene.place("/dir/tool"), "Untold");
    assert_eq!(scene.place("/tool"), "Untold");
    for path in ["/../outside/tool", "outside", "/a//b", "/./a", "/", ""] {
        assert_eq!(scene.place(path), "Untold", "{path}");
    }
}

#[test]
fn a_file_where_a_layer_below_has_a_folder_hides_it() {
    let scene = Scene::new(2);
    scene.write("upper/bin/tool", "up");
    scene.write("lower0/bin", "a file");
    scene.write("lower1/bin/tool", "low");
    assert_eq!(scene.place("/bin/tool"), "Upper");
}

#[test]
#[ignore = "makes a device, which needs root"]
fn a_whiteout_hides_the_layers_below() {
    let scene = Scene::new(2);
    scene.write("upper/tool", "up");
    scene.write("lower1/tool", "low");
    let whiteout = scene.root.path().join("lower0/tool");
    let made = rustix::fs::mknodat(
        rustix::fs::CWD,
        whiteout,
        rustix::fs::FileType::CharacterDevice,
        0o600.into(),
        0,
    );
    made.expect("root may make devices");
    assert_eq!(scene.place("/tool"), "Upper");
}

#[test]
fn an_opaque_folder_hides_the_layers_below() {
    let scene = Scene::new(2);
    scene.write("upper/bin/tool", "up");
    scene.write("lower0/bin/other", "");
    scene.write("lower1/bin/tool", "low");
    assert_eq!(scene.place("/bin/tool"), "Both(up, low)");
    if scene.mark("lower0/bin", "opaque", b"y") {
        assert_eq!(scene.place("/bin/tool"), "Upper");
    }
    if scene.mark("upper/bin", "opaque", b"y") {
        assert_eq!(scene.place("/bin/other"), "Untold");
    }
    if scene.mark("upper/bin", "opaque", b"x") && scene.mark("lower0/bin", "opaque", b"x") {
        assert_eq!(scene.place("/bin/tool"), "Both(up, low)", "`x` only says that whiteouts are files");
    }
}

#[test]
fn a_file_with_copied_metadata_has_the_content_below() {
    let scene = Scene::new(1);
    scene.write("upper/tool", "");
    scene.write("lower0/tool", "low");
    if scene.mark("upper/tool", "metacopy", b"") {
        assert_eq!(scene.place("/tool"), "Metadata");
    }
    scene.write("upper/other", "up");
    scene.write("lower0/other", "");
    if scene.mark("lower0/other", "metacopy", b"") {
        assert_eq!(scene.place("/other"), "Untold", "its content is in a layer without names");
    }
}

#[test]
fn a_file_that_is_one_hole_is_not_taken_for_content() {
    let scene = Scene::new(1);
    scene.write("lower0/tool", "low");
    fs::File::create(scene.root.path().join("upper/tool")).unwrap().set_len(100_000).unwrap();
    assert_eq!(scene.place("/tool"), "Untold");
}

#[test]
fn a_renamed_folder_is_not_followed() {
    let scene = Scene::new(1);
    scene.write("upper/new/tool", "up");
    scene.write("lower0/new/tool", "not this one");
    if scene.mark("upper/new", "redirect", b"old") {
        assert_eq!(scene.place("/new/tool"), "Untold");
    }
}

#[test]
fn attributes_that_a_container_may_set_itself_mean_nothing_on_a_privileged_mount() {
    let mut scene = Scene::new(1);
    scene.layers.user_attributes = false;
    scene.write("upper/tool", "up");
    scene.write("lower0/tool", "low");
    scene.mark("upper/tool", "metacopy", b"");
    assert_eq!(scene.place("/tool"), "Both(up, low)");
}

#[test]
fn relative_lower_layers_are_relative_to_what_lies_above_the_upper_one() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["snapshots/1/fs", "snapshots/2/fs", "snapshots/3/fs"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    fs::write(root.path().join("snapshots/1/fs/tool"), "").unwrap();
    let layers = from_options("rw,lowerdir=2/fs:1/fs,upperdir=/snapshots/3/fs").unwrap();
    assert!(matches!(layers.open(root.path()).unwrap().place(b"/tool"), Placed::Lower));
}

#[test]
fn a_layer_that_is_gone_is_an_error() {
    let layers = from_options("rw,lowerdir=/gone,upperdir=/gone/too").unwrap();
    assert!(layers.open(Path::new("/no/such/root")).is_err());
}

proptest! {
    #[test]
    fn any_mountinfo_is_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Layers::from_mountinfo(&text);
        let line = [b"1 0 0:5 / / rw - overlay overlay ".as_slice(), &text].concat();
        let _ = Layers::from_mountinfo(&line);
    }
}
