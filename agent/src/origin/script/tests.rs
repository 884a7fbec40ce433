use std::fs;
use std::os::unix::fs::symlink;

use super::*;

const PID: u32 = 77;

/// A made-up `/proc/77` whose root is a folder, and layers on the same device.
struct Scene {
    folder: tempfile::TempDir,
    layers: Layers,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["root/app", "proc/77/ns", "upper", "lower"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        symlink(at("root"), at("proc/77/root")).unwrap();
        symlink("/app", at("proc/77/cwd")).unwrap();
        fs::write(at("proc/77/ns/mnt"), "").unwrap();
        let device = fs::metadata(at("root")).unwrap().dev();
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        let (lower, upper) = (at("lower"), at("upper"));
        let options = format!("lowerdir={},upperdir={}", lower.display(), upper.display());
        let line = format!("1 0 {major}:{minor} / / rw - overlay overlay {options}");
        let layers = Layers::from_mountinfo(line.as_bytes()).unwrap();
        Self { folder, layers }
    }

    /// Puts a script into the root, and its content into the layers that are to have it.
    fn script(&self, path: &str, layers: &[(&str, &str)]) {
        let whole = self.folder.path().join("root").join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(&whole, "#!/bin/sh\n").unwrap();
        for (layer, content) in layers {
            let file = self.folder.path().join(layer).join(whole.strip_prefix("/").unwrap());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
    }

    fn resolve(&self, typed: &str) -> Script {
        self.resolve_with(typed, Some(&self.layers), None)
    }

    fn resolve_with(&self, typed: &str, layers: Option<&Layers>, node: Option<u64>) -> Script {
        let proc = self.folder.path().join("proc");
        let around = Surroundings {
            proc: &proc,
            node_root: Path::new("/"),
            layers,
            mounts: None,
            node_mount_namespace: node,
        };
        resolve(PID, typed.as_bytes(), &around)
    }
}

fn path(script: &Script) -> Option<&str> {
    script.path.as_ref().known().map(Text::as_str)
}

#[test]
fn a_script_is_where_its_layer_says() {
    let scene = Scene::new();
    scene.script("bin/image", &[("lower", "a")]);
    scene.script("bin/dropped", &[("upper", "a")]);
    scene.script("bin/moded", &[("upper", "a"), ("lower", "a")]);
    scene.script("bin/edited", &[("upper", "b"), ("lower", "a")]);
    scene.script("bin/nowhere", &[]);
    assert_eq!(scene.resolve("/bin/image").origin, Origin::Image);
    assert_eq!(scene.resolve("/bin/dropped").origin, Origin::Upper);
    assert_eq!(scene.resolve("/bin/moded").origin, Origin::CopiedUp);
    assert_eq!(scene.resolve("/bin/edited").origin, Origin::Upper);
    assert_eq!(scene.resolve("/bin/nowhere").origin, Origin::Unknown);
}

#[test]
fn a_relative_name_is_relative_to_the_working_directory() {
    let scene = Scene::new();
    scene.script("app/run", &[("upper", "a")]);
    scene.script("bin/run", &[("lower", "a")]);
    assert_eq!(scene.resolve("./run").origin, Origin::Upper);
    assert_eq!(scene.resolve("../bin/run").origin, Origin::Image);
}

#[test]
fn links_lead_to_the_script_and_never_out_of_the_root() {
    let scene = Scene::new();
    scene.script("opt/real", &[("upper", "a")]);
    symlink("/opt/real", scene.folder.path().join("root/app/link")).unwrap();
    let script = scene.resolve("link");
    assert_eq!(script.origin, Origin::Upper);
    assert!(path(&script).unwrap().ends_with("/opt/real"), "{script:?}");
    fs::write(scene.folder.path().join("outside"), "").unwrap();
    symlink("../../../outside", scene.folder.path().join("root/app/out")).unwrap();
    assert_eq!(scene.resolve("/app/out").origin, Origin::Unknown);
}

#[test]
fn a_process_that_is_gone_leaves_the_name_alone() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.folder.path().join("proc")).unwrap();
    let script = scene.resolve("/bin/tool");
    assert_eq!((path(&script), &script.origin), (Some("/bin/tool"), &Origin::Unknown));
    assert_eq!(path(&scene.resolve("./tool")), None);
}

#[test]
fn a_descriptor_s_name_tells_nothing() {
    let script = Scene::new().resolve("/dev/fd/3");
    assert_eq!((path(&script), &script.origin), (None, &Origin::Unknown));
}

#[test]
fn layers_of_another_overlay_are_not_looked_into() {
    let scene = Scene::new();
    scene.script("bin/dropped", &[("upper", "a")]);
    let other =
        Layers::from_mountinfo(b"1 0 0:1048575 / / rw - overlay overlay lowerdir=/l,upperdir=/u").unwrap();
    assert_eq!(scene.resolve_with("/bin/dropped", Some(&other), None).origin, Origin::Unknown);
    assert_eq!(scene.resolve_with("/bin/dropped", None, None).origin, Origin::Unknown);
}

#[test]
fn a_script_run_in_the_node_s_mount_namespace_is_the_node_s() {
    let scene = Scene::new();
    scene.script("bin/dropped", &[("upper", "a")]);
    let node = fs::metadata(scene.folder.path().join("proc/77/ns/mnt")).unwrap().ino();
    assert_eq!(scene.resolve_with("/bin/dropped", Some(&scene.layers), Some(node)).origin, Origin::Host);
}

#[test]
fn a_live_process_s_script_on_another_mount_is_a_volume_s() {
    let shm = Path::new("/dev/shm");
    let Ok(folder) = tempfile::tempdir_in(shm) else {
        use std::io::Write;
        let _ = writeln!(
            io::stderr(),
            "skipped: a_live_process_s_script_on_another_mount: no /dev/shm to write to"
        );
        return;
    };
    let script = folder.path().join("script");
    fs::write(&script, "#!/bin/sh\n").unwrap();
    let around = |mounts| Surroundings {
        proc: Path::new("/proc"),
        node_root: Path::new("/"),
        layers: None,
        mounts,
        node_mount_namespace: None,
    };
    let typed = script.as_os_str().as_bytes();
    let found = resolve(std::process::id(), typed, &around(Some(&[])));
    assert_eq!(found.path.as_ref().known().map(Text::as_bytes), Some(typed));
    assert_eq!(found.origin, Origin::Volume(policy::event::VolumeKind::TMPFS.into()));
}
