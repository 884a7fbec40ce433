//! What a node's container runtime says of containers over CRI (`runtime.v1`): the digests of the image that one was made
//! from, and its OCI specification where the bundle cannot be read.
//!
//! One container is asked about at a time, on a thread that begins with the first question. A runtime that hangs, fails
//! or talks nonsense costs only its answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use policy::observed::OciSpec;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::debug;

use crate::correlate::Runtime;
use crate::observe::facts::Looked;

mod call;
mod message;
#[cfg(test)]
mod tests;

/// Questions that wait. The runtime answers one in about 3 ms.
const QUEUE: usize = 256;
/// How long nothing is asked of a runtime that did not answer.
const REST: Duration = Duration::from_secs(5);

/// Where runtimes listen, below the node's root: the defaults of containerd and CRI-O.
const CONTAINERD: &str = "run/containerd/containerd.sock";
const CRIO: &str = "run/crio/crio.sock";

/// A question about a container.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// The asker's own.
    pub cgroup: u64,
    pub container: Arc<str>,
    pub runtime: Runtime,
    pub about: About,
}

/// What is asked.
#[derive(Debug, PartialEq)]
pub enum About {
    /// `repoDigests` of the image that it was made from.
    Image,
    /// Its OCI specification, which this look did not find.
    Spec(Box<Looked>),
}

/// What the runtime says.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// None where the image was never pulled.
    Image(Vec<String>),
    Spec(Box<OciSpec>),
}

/// A question with what came of it; None where the runtime could not be asked.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub question: Question,
    pub told: Option<Told>,
}

/// The thread's two ends, and where runtimes are found.
#[derive(Debug)]
pub struct Cri {
    sockets: Sockets,
    questions: Option<SyncSender<Question>>,
    sender: UnboundedSender<Answer>,
    answers: UnboundedReceiver<Answer>,
}

/// Where runtimes listen.
#[derive(Clone, Debug)]
struct Sockets {
    node_root: PathBuf,
    /// For every runtime, instead of its own default.
    given: Option<PathBuf>,
}

impl Sockets {
    /// None for what no CRI made.
    fn of(&self, runtime: Runtime) -> Option<PathBuf> {
        let default = match runtime {
            Runtime::Containerd => CONTAINERD,
            Runtime::CriO => CRIO,
            Runtime::Docker | Runtime::Podman | Runtime::Runc => return None,
        };
        Some(self.given.clone().unwrap_or_else(|| self.node_root.join(default)))
    }
}

impl Cri {
    /// Of a node whose root is seen at `node_root`; `socket` is where its runtime listens, if not where it does by
    /// default. Nothing is opened yet.
    #[must_use]
    pub fn new(node_root: &Path, socket: Option<&Path>) -> Self {
        let (sender, answers) = unbounded_channel();
        let sockets = Sockets { node_root: node_root.to_owned(), given: socket.map(Path::to_owned) };
        Self { sockets, questions: None, sender, answers }
    }

    /// Asks, if there is such a runtime here and not too much waits already.
    ///
    /// # Errors
    /// The question itself, if it could not be asked.
    pub fn ask(&mut self, question: Question) -> Result<(), Question> {
        if !self.sockets.of(question.runtime).is_some_and(|socket| socket.exists()) {
            debug!(container = &*question.container, "no runtime listens whose it could be");
            return Err(question);
        }
        if self.questions.is_none() {
            self.questions = self.start();
        }
        let Some(questions) = &self.questions else { return Err(question) };
        questions.try_send(question).map_err(|error| match error {
            TrySendError::Full(question) | TrySendError::Disconnected(question) => question,
        })
    }

    /// The thread ends when this is dropped.
    fn start(&self) -> Option<SyncSender<Question>> {
        let (questions, receiver) = sync_channel(QUEUE);
        let (sockets, answers) = (self.sockets.clone(), self.sender.clone());
        let work = move || work(&sockets, &receiver, &answers);
        let started = thread::Builder::new().name("cri".to_owned()).spawn(work);
        started.inspect_err(|error| debug!(%error, "the system has no thread to ask the runtime")).ok()?;
        Some(questions)
    }

    /// The next answer. There is one for each question that was taken.
    pub async fn answer(&mut self) -> Answer {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

/// Answers questions until nobody asks any more.
fn work(sockets: &Sockets, questions: &Receiver<Question>, answers: &UnboundedSender<Answer>) {
    // Without a runtime of its own every question is answered, with nothing.
    let tasks = Builder::new_current_thread().enable_all().build().ok();
    let mut rests_until = None;
    while let Ok(question) = questions.recv() {
        let is_resting = rests_until.is_some_and(|until| Instant::now() < until);
        let socket = sockets.of(question.runtime).filter(|_| !is_resting);
        let told = tasks.as_ref().zip(socket).map(|(tasks, socket)| {
            let told = tasks.block_on(call::ask(&socket, &question));
            told.map_err(|error| (error.is_of_the_runtime(), error))
        });
        let told = match told {
            Some(Ok(told)) => Some(told),
            Some(Err((of_the_runtime, error))) => {
                debug!(
                    error = &error as &dyn std::error::Error,
                    container = &*question.container,
                    "the runtime does not tell"
                );
                rests_until = of_the_runtime.then(|| Instant::now() + REST);
                None
            }
            None => None,
        };
        if answers.send(Answer { question, told }).is_err() {
            return;
        }
    }
}
