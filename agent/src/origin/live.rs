//! The same on a real overlay, where this machine lets one be mounted.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use policy::Text;
use policy::event::Origin;

use super::compare::compare;
use super::overlay::Layers;
use super::script::{Surroundings, resolve};

/// Mounts an overlay in a mount namespace of its own, makes it the root, changes files in it and waits.
const INSIDE: &str = "
set -e
mount -t overlay overlay -o lowerdir=$1/low2:$1/low1,upperdir=$1/upper,workdir=$1/work $1/merged
cd $1/merged
pivot_root . old
/busybox umount -l /old
exec /busybox sh -c '
    /busybox chmod 700 /moded
    echo changed > /edited
    echo new > /dropped
    /busybox mkdir /tmpfs && /busybox mount -t tmpfs tmpfs /tmpfs && echo x > /tmpfs/script
    echo ready
    exec /busybox sleep 60'
";

/// A process whose root is an overlay; it ends with the test.
struct Inside {
    child: Child,
    folder: tempfile::TempDir,
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn inside() -> Result<Inside, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let at = |name: &str| folder.path().join(name);
    for name in ["low1", "low2", "low1/old", "upper", "work", "merged"] {
        fs::create_dir(at(name)).unwrap();
    }
    fs::copy("/bin/busybox", at("low1/busybox")).map_err(|error| format!("no /bin/busybox: {error}"))?;
    for name in ["kept", "moded", "edited"] {
        fs::write(at("low2").join(name), "image").unwrap();
        fs::set_permissions(at("low2").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", INSIDE, "sh"]).arg(folder.path());
    let child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let mut inside = Inside { child, folder };
    let mut line = String::new();
    BufReader::new(inside.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line == "ready\n" {
        return Ok(inside);
    }
    let said = std::io::read_to_string(inside.child.stderr.take().unwrap()).unwrap_or_default();
    Err(format!("no overlay can be mounted here: {}", said.trim()))
}

#[test]
#[ignore = "mounts an overlay, which needs root"]
fn a_real_overlay_s_files_and_scripts_are_where_they_came_from() {
    let inside = inside().unwrap_or_else(|reason| panic!("{reason}"));
    let pid = inside.child.id();
    let text = fs::read(format!("/proc/{pid}/mountinfo")).unwrap();
    let layers =
        Layers::from_mountinfo(&text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&text)));
    let around = Surroundings {
        proc: Path::new("/proc"),
        node_root: Path::new("/"),
        layers: Some(&layers),
        mounts: Some(&[]),
        node_mount_namespace: None,
    };
    let origin = |path: &str| {
        let script = resolve(pid, path.as_bytes(), &around);
        assert_eq!(script.path, Text::from(path).into(), "the path as the container has it");
        script.origin
    };
    assert_eq!(origin("/kept"), Origin::Image);
    assert_eq!(origin("/moded"), Origin::CopiedUp);
    assert_eq!(origin("/edited"), Origin::Upper);
    assert_eq!(origin("/dropped"), Origin::Upper);
    assert_eq!(origin("/tmpfs/script"), Origin::Volume(policy::event::VolumeKind::TMPFS.into()));

    let ctime = |name: &str| {
        let metadata = fs::metadata(inside.folder.path().join("upper").join(name)).unwrap();
        u64::try_from(metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec()).unwrap()
    };
    let compared = |name: &str| compare(&layers, Path::new("/"), format!("/{name}").as_bytes(), ctime(name));
    assert_eq!([compared("moded"), compared("edited")], [Origin::CopiedUp, Origin::Upper]);
    assert_eq!(compared("dropped"), Origin::Unknown, "which the kernel would not have asked");
}
