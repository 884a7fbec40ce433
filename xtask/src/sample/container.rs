//! A container by runc, on an overlay of the image, gone when dropped.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use super::act::Act;
use super::bundle;
use super::pod::Pod;
use crate::interrupt;
use crate::sh::Cmd;

/// A container that was made and not yet started.
#[derive(Debug)]
pub(crate) struct Container {
    id: String,
    folder: PathBuf,
    // Dropped after the container that uses it was deleted.
    _root: Overlay,
}

impl Container {
    /// Makes `pod`'s container below `root`, to run `script` once started.
    pub(crate) fn create(root: &Path, image: &Path, act: &Act, pod: &Pod, script: &str) -> Result<Self> {
        let folder = root.join("containers").join(pod.name);
        let overlay = Overlay::mount(image, &folder)?;
        let volume = pod.volume(root);
        fs::create_dir_all(&volume).with_context(|| format!("cannot make {}", volume.display()))?;
        // As the kubelet makes it: whoever the container runs as may write there.
        fs::set_permissions(&volume, fs::Permissions::from_mode(0o777))
            .context("cannot open the volume to all")?;
        let mut config = bundle::config(pod, &overlay.target, &volume, act.user, script);
        (act.told)(&mut config);
        fs::write(folder.join("config.json"), config.to_string()).context("cannot write config.json")?;
        // From here on, dropping it deletes what runc may have made halfway.
        let container = Self { id: pod.container_id.clone(), folder, _root: overlay };
        let create = Cmd::new("runc").arg("create").arg("--pid-file").arg(container.pid_file());
        let create = create.arg("--bundle").arg(&container.folder).arg(&container.id);
        create.run_into(&container.log_file())?;
        Ok(container)
    }

    /// Its first process, as the node sees it.
    pub(crate) fn pid(&self) -> Result<u32> {
        let file = self.pid_file();
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        text.trim().parse().with_context(|| format!("{} says no process", file.display()))
    }

    pub(crate) fn start(&self) -> Result<()> {
        Cmd::new("runc").arg("start").arg(&self.id).run_quietly()
    }

    /// Enters it from outside, as kubectl exec and probes do.
    pub(crate) fn exec(&self, command: &[&str]) -> Result<()> {
        Cmd::new("runc").arg("exec").arg(&self.id).args(command).run_quietly()
    }

    /// Sends its first process a signal.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        Cmd::new("runc").arg("kill").arg(&self.id).arg(name).run_quietly()
    }

    /// Waits until its log says so.
    pub(crate) fn wait_for(&self, sentence: &str, patience: Duration) -> Result<()> {
        if !interrupt::wait_until(patience, || Ok(self.log()?.contains(sentence)))? {
            let log = self.log()?;
            bail!("{} does not say \"{sentence}\" after {patience:?}: {}", self.folder.display(), log.trim());
        }
        Ok(())
    }

    /// What its processes wrote so far.
    fn log(&self) -> Result<String> {
        let file = self.log_file();
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.join("pid")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(error) = Cmd::new("runc").args(["delete", "--force"]).arg(&self.id).run_quietly() {
            eprintln!("cannot delete container {}: {error:#}", self.id);
        }
    }
}

/// A root file system: the image below, and above it what the container writes.
#[derive(Debug)]
struct Overlay {
    target: PathBuf,
}

impl Overlay {
    fn mount(image: &Path, folder: &Path) -> Result<Self> {
        let [target, upper, work] = ["root", "upper", "work"].map(|name| folder.join(name));
        for folder in [&target, &upper, &work] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let [lower, upper, work] = [image, &upper, &work].map(Path::display);
        let options = format!("lowerdir={lower},upperdir={upper},workdir={work}");
        mount(Some("overlay"), &target, Some("overlay"), MsFlags::empty(), Some(options.as_str()))
            .with_context(|| format!("cannot mount an overlay ({options})"))?;
        Ok(Self { target })
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        if let Err(error) = umount2(&self.target, MntFlags::MNT_DETACH) {
            eprintln!("cannot unmount {}: {error}", self.target.display());
        }
    }
}
