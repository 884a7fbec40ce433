//! The Pods of a table, what each one's container does, and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::act::{Act, Denied, Outside};
use super::alerts::{self, Alert, WITHIN};
use super::container::Container;
use super::image;
use super::leftovers::Names;
use super::network::Network;
use super::pod::{MOUNT_PATH, Pod};
use crate::interrupt;

/// An event is held this long for its Pod to become known; what has not come then does not come.
const SETTLES_WITHIN: Duration = Duration::from_secs(3);
/// A shell and a dozen programs take a moment; a busy machine takes longer.
const ACTS_WITHIN: Duration = Duration::from_secs(20);

/// What a container's log says where its act begins, and when its shell is through.
const BEGINS: &str = "the act begins";
const DONE: &str = "the act is done";

/// Everything of a run but the agent.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: PathBuf,
    /// What is declared beside the players' Pods.
    objects: Vec<Value>,
    players: Vec<Player>,
    network: Network,
}

/// What a container needs of a run.
struct Place<'a> {
    folder: &'a Path,
    network: &'a Network,
}

/// An act and who does it.
#[derive(Debug)]
struct Player {
    act: &'static Act,
    pod: Pod,
    container: Option<Container>,
}

impl Scene {
    pub(crate) fn new(folder: &Path, acts: &[&'static Act], objects: Vec<Value>) -> Result<Self> {
        let players = acts.iter().map(|act| Ok(Player { act, pod: Pod::of(act)?, container: None }));
        let players = players.collect::<Result<_>>()?;
        Ok(Self { folder: folder.to_owned(), objects, players, network: Network::make(folder)? })
    }

    fn pods(&self) -> impl Iterator<Item = &Pod> {
        self.players.iter().map(|player| &player.pod)
    }

    pub(crate) fn declarations(&self) -> PathBuf {
        self.folder.join("declarations")
    }

    /// Containers to which this is denied.
    pub(crate) fn denied(&self, what: Denied) -> Vec<&str> {
        let denied = self.players.iter().filter(|player| player.act.denied == Some(what));
        denied.map(|player| player.pod.container_id.as_str()).collect()
    }

    /// How many containers are joined to the others.
    pub(crate) fn joined(&self) -> usize {
        self.players.iter().filter(|player| !player.act.addresses.is_empty()).count()
    }

    pub(crate) fn cgroups(&self) -> Vec<String> {
        self.pods().map(Pod::cgroup).collect()
    }

    /// By what anything that this run made can be told.
    pub(crate) fn names(&self) -> Names {
        let of_pods = self.pods().flat_map(|pod| [pod.uid.clone(), pod.container_id.clone()]);
        Names(of_pods.chain([self.folder.display().to_string()]).collect())
    }

    /// Image and declarations, and the containers that run before the agent does, and wait for their sign.
    pub(crate) fn set(&mut self, sample: &Path) -> Result<()> {
        image::make(&image(&self.folder), sample)?;
        let declarations = self.declarations();
        fs::create_dir(&declarations).context("cannot make the folder of declarations")?;
        let around = json!({"apiVersion": "v1", "kind": "List", "items": self.objects});
        let pods = self.pods().map(|pod| (pod.name, pod.manifest()));
        for (name, manifest) in pods.chain([("cluster", around)]) {
            let file = declarations.join(name).with_extension("yaml");
            fs::write(&file, manifest.to_string())
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let place = Place { folder: &self.folder, network: &self.network };
        let mut early = self.players.iter_mut().filter(|player| player.act.before_the_agent);
        early.try_for_each(|player| player.start(&place))
    }

    /// Lets all of them act; returns what did not happen as it should have.
    pub(crate) fn act(&mut self, records: &Path) -> Result<Vec<String>> {
        let ids = self.ids();
        let alerts = || Ok(alerts::alerts(&alerts::records(records)?, &ids));
        let mut wrong = Vec::new();
        let place = Place { folder: &self.folder, network: &self.network };
        for player in &mut self.players {
            wrong.extend(player.act(&place, &alerts)?);
        }
        interrupt::pause(SETTLES_WITHIN)?;
        Ok(wrong)
    }

    fn ids(&self) -> Vec<String> {
        self.pods().map(|pod| pod.container_id.clone()).collect()
    }

    /// What is wrong with the records that the agent has written by now.
    pub(crate) fn judge(&self, records: &Path) -> Result<Vec<String>> {
        let expected: Vec<_> = self.players.iter().flat_map(|player| alerts::of(player.act)).collect();
        let records = alerts::records(records)?;
        let mut wrong = alerts::differences(&expected, &alerts::alerts(&records, &self.ids()));
        wrong.extend(alerts::doubts(&records, &self.ids()));
        let gaps = alerts::gaps(&records);
        if gaps > 0 {
            wrong.push(format!("the agent lost something: {gaps} records say so"));
        }
        Ok(wrong)
    }
}

impl Player {
    fn start(&mut self, Place { folder, network }: &Place<'_>) -> Result<()> {
        let Self { act, pod, container } = self;
        let made = Container::create(folder, &image(folder), act, pod, &script(act))?;
        let container = container.insert(made);
        if !act.addresses.is_empty() {
            network.join(container.pid()?, act.addresses)?;
        }
        container.start()
    }

    /// Starts the container, unless it runs; returns what was not told of it in time.
    fn act(&mut self, place: &Place<'_>, alerts: &impl Fn() -> Result<Vec<Alert>>) -> Result<Vec<String>> {
        let mut begin = Instant::now();
        if self.act.before_the_agent {
            fs::write(self.pod.volume(place.folder).join("go"), "").context("cannot give the sign")?;
        } else {
            self.start(place)?;
        }
        let Self { act, pod, container } = self;
        let container = container.as_ref().context("it was not started")?;
        container.wait_for(BEGINS, ACTS_WITHIN)?;
        if !act.first.is_empty() {
            begin = Instant::now();
        }
        act.meanwhile.iter().try_for_each(|outside| match outside {
            Outside::Exec(command) => container.exec(command),
            Outside::Signal(name) => container.signal(name),
            Outside::Probe(at) => place.network.probe(&image(place.folder), at),
        })?;
        let mut missing: Vec<_> = alerts::of(act).collect();
        interrupt::wait_until(WITHIN.saturating_sub(begin.elapsed()), || {
            let came = alerts()?;
            missing.retain(|expected| !came.iter().any(|alert| expected.is(alert)));
            Ok(missing.is_empty())
        })?;
        let took = begin.elapsed();
        container.wait_for(DONE, ACTS_WITHIN)?;
        say(pod.name, act.expects.len(), missing.len(), took);
        Ok(missing.iter().map(|expected| format!("not within {WITHIN:?}: {expected}")).collect())
    }
}

fn image(folder: &Path) -> PathBuf {
    folder.join("image")
}

fn say(pod: &str, expected: usize, missing: usize, took: Duration) {
    let what = match (expected, missing) {
        (0, _) => "done".to_owned(),
        (1, 0) => format!("alert after {:.2} s", took.as_secs_f32()),
        (count, 0) => format!("{count} alerts, the last after {:.2} s", took.as_secs_f32()),
        (count, missing) => format!("{} of {count} alerts", count - missing),
    };
    eprintln!("sample: {pod}: {what}");
}

/// Acts, and stays: who looks into the container afterwards finds it.
fn script(act: &Act) -> String {
    let wait = if act.before_the_agent {
        format!("while ! [ -e {MOUNT_PATH}/go ]; do /bin/sleep 0.1; done")
    } else {
        String::new()
    };
    let Act { first, does, .. } = act;
    format!("set -e\n{wait}\n{first}\necho {BEGINS}\n{does}\necho {DONE}\nexec /bin/sleep 3600")
}
