//! The Pods, what each one's container does, and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::alerts::{self, Expected, WITHIN};
use super::container::Container;
use super::image::{self, CHANGED, VICTIM};
use super::leftovers::Names;
use super::pod::{MOUNT_PATH, Pod};
use crate::interrupt;

/// An event is held this long for its Pod to become known; what has not come then does not come.
const SETTLES_WITHIN: Duration = Duration::from_secs(3);
/// A shell and five programs take a moment; a busy machine takes longer.
const ACTS_WITHIN: Duration = Duration::from_secs(20);

const NOT_FROM_IMAGE: &str = "executable-not-from-image";
const FILELESS: &str = "fileless-execution";

/// What a container that must be noticed does, and the alert that must come of it.
#[derive(Debug)]
struct Act {
    verb: &'static str,
    expected: Expected,
}

const ACTS: [Act; 3] = [
    Act {
        verb: "drop /tmp/dropped",
        expected: Expected {
            policy: NOT_FROM_IMAGE,
            pod: "dropper",
            container: "main",
            path: "/tmp/dropped",
        },
    },
    Act {
        verb: "overwrite /bin/victim",
        expected: Expected { policy: NOT_FROM_IMAGE, pod: "overwriter", container: "main", path: VICTIM },
    },
    Act {
        verb: "memfd",
        expected: Expected { policy: FILELESS, pod: "fileless", container: "main", path: "/memfd:*" },
    },
];

/// What the ordinary container's log says when its shell is through.
const DONE: &str = "ordinary things done";

/// Everything of a run but the agent.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: PathBuf,
    ordinary: Pod,
    actors: Vec<Pod>,
    containers: Vec<Container>,
}

impl Scene {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let ordinary = Pod::new("ordinary", "web", true)?;
        let actors = ACTS.iter().map(|act| Pod::new(act.expected.pod, act.expected.container, false));
        let actors = actors.collect::<Result<_>>()?;
        Ok(Self { folder: folder.to_owned(), ordinary, actors, containers: Vec::new() })
    }

    fn pods(&self) -> impl Iterator<Item = &Pod> {
        std::iter::once(&self.ordinary).chain(&self.actors)
    }

    pub(crate) fn declarations(&self) -> PathBuf {
        self.folder.join("declarations")
    }

    fn image(&self) -> PathBuf {
        self.folder.join("image")
    }

    pub(crate) fn cgroups(&self) -> Vec<String> {
        self.pods().map(Pod::cgroup).collect()
    }

    /// By what anything that this run made can be told.
    pub(crate) fn names(&self) -> Names {
        let of_pods = self.pods().flat_map(|pod| [pod.uid.clone(), pod.container_id.clone()]);
        Names(of_pods.chain([self.folder.display().to_string()]).collect())
    }

    /// Image and declarations, and the ordinary container: it runs before the agent does, and waits for its sign.
    pub(crate) fn set(&mut self, sample: &Path) -> Result<()> {
        image::make(&self.image(), sample)?;
        let declarations = self.declarations();
        fs::create_dir(&declarations).context("cannot make the folder of declarations")?;
        for pod in self.pods() {
            let file = declarations.join(pod.name).with_extension("yaml");
            fs::write(&file, pod.manifest().to_string())
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let ordinary = Container::create(&self.folder, &self.image(), &self.ordinary, &ordinary_script())?;
        ordinary.start()?;
        self.containers.push(ordinary);
        Ok(())
    }

    /// Lets all of them act; returns what did not happen as it should have.
    pub(crate) fn act(&mut self, records: &Path) -> Result<Vec<String>> {
        fs::write(self.ordinary.volume(&self.folder).join("go"), "").context("cannot give the sign")?;
        let mut wrong = Vec::new();
        for (act, pod) in ACTS.iter().zip(&self.actors) {
            let container = Container::create(&self.folder, &self.image(), pod, &acting_script(act.verb))?;
            let begin = Instant::now();
            container.start()?;
            let came = interrupt::wait_until(WITHIN, || self.has_come(records, &act.expected))?;
            let took = begin.elapsed();
            eprintln!(
                "sample: {}: {} after {:.2} s",
                pod.name,
                if came { "alert" } else { "no alert" },
                took.as_secs_f32()
            );
            if !came {
                wrong.push(format!("not within {WITHIN:?}: {}", act.expected));
            }
            if !container.log()?.contains("hello") {
                bail!("{} did not act: {}", pod.name, container.log()?.trim());
            }
            self.containers.push(container);
        }
        self.enter_from_outside()?;
        interrupt::pause(SETTLES_WITHIN)?;
        Ok(wrong)
    }

    fn has_come(&self, records: &Path, expected: &Expected) -> Result<bool> {
        Ok(alerts::alerts(&alerts::records(records)?, &self.ids()).iter().any(|alert| expected.is(alert)))
    }

    fn ids(&self) -> Vec<String> {
        self.pods().map(|pod| pod.container_id.clone()).collect()
    }

    /// A person's shell and a probe, in the ordinary container; and the end of what it does itself.
    fn enter_from_outside(&self) -> Result<()> {
        let ordinary = self.containers.first().context("no ordinary container")?;
        ordinary.exec(&["/bin/sh", "-c", "/bin/id; /bin/ls /"])?;
        ordinary.exec(&["/bin/true"])?;
        if !interrupt::wait_until(ACTS_WITHIN, || Ok(ordinary.log()?.contains(DONE)))? {
            bail!("the ordinary container is not through after {ACTS_WITHIN:?}: {}", ordinary.log()?.trim());
        }
        Ok(())
    }

    /// What is wrong with the alerts that the agent has written by now.
    pub(crate) fn judge(&self, records: &Path) -> Result<Vec<String>> {
        let expected = ACTS.map(|act| act.expected);
        Ok(alerts::differences(&expected, &alerts::alerts(&alerts::records(records)?, &self.ids())))
    }
}

/// Acts, and stays: who looks into the container afterwards finds it.
fn acting_script(verb: &str) -> String {
    format!("/bin/sample {verb} && exec /bin/sleep 3600")
}

/// A shell's loop; an image's file whose mode is changed; a program in a declared volume.
fn ordinary_script() -> String {
    format!(
        "set -e
         while ! [ -e {MOUNT_PATH}/go ]; do /bin/sleep 0.1; done
         for n in 1 2 3 4 5; do /bin/ls /; /bin/cat /proc/self/comm; done
         /bin/chmod 700 {CHANGED}; {CHANGED} hello
         /bin/cp /bin/sample {MOUNT_PATH}/program; {MOUNT_PATH}/program hello
         echo {DONE}
         exec /bin/sleep 3600"
    )
}
