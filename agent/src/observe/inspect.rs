//! Looking at files for what the kernel cannot tell: whether a copied-up file still is the image's, and what script
//! an interpreter runs; and at what /proc shows of a container. It reads files, which may take long, so it has a thread
//! of its own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use policy::event::{Origin, Script};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    correlate::{lru::Lru, resolve::Resolved},
    load::node::Node,
    observe::clock,
    observe::facts::{Look, Looked, Reader},
    origin::{
        compare::compare,
        overlay::Layers,
        script::{self, Surroundings},
    },
};

/// Requests that wait. At 1 to 50 µs each they are done in far less than the time an event may wait.
const QUEUE: usize = 1024;
/// Memory for what is known of containers' layers.
const LAYERS_BYTES: usize = 1 << 20;

/// What is asked of the file that an exec ran.
#[derive(Debug)]
pub enum Question {
    /// Whether the file at this path, of this ctime, still has the image's content.
    CopiedUp { path: Vec<u8>, ctime: u64 },
    /// Which script was meant by what was typed.
    Script { typed: Vec<u8> },
}

/// A question about one exec.
#[derive(Debug)]
pub struct Request {
    /// The asker's own.
    pub token: u64,
    pub cgroup: u64,
    /// The process, and its container's init, whose mounts are the same and which lives longer.
    pub pid: u32,
    pub init: Option<u32>,
    pub container: Arc<Resolved>,
    pub question: Question,
}

/// What the thread has to do.
#[derive(Debug)]
enum Work {
    File(Request),
    Container { cgroup: u64, look: Look },
}

/// What comes of it.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// Of a question, by its token.
    File(u64, Finding),
    /// Of a look at a container, and how long it took; None where nobody of it was left.
    Container(u64, Option<Box<Looked>>, Duration),
}

/// The answer to a question.
#[derive(Debug, PartialEq)]
pub enum Finding {
    CopiedUp(Origin),
    Script(Script),
}

/// The thread's two ends.
#[derive(Debug)]
pub struct Inspector {
    work: SyncSender<Work>,
    answers: UnboundedReceiver<Answer>,
}

impl Inspector {
    /// Starts the thread. It ends when this is dropped.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(node: &Node) -> io::Result<Self> {
        let (work, receiver) = sync_channel(QUEUE);
        // Never more than were asked for.
        let (sender, answers) = unbounded_channel();
        let mut desk = Desk {
            layers: Lru::new(LAYERS_BYTES),
            node_mount_namespace: node.mount_namespace,
            node_root: node.root.clone(),
            reader: Reader::new(node),
        };
        thread::Builder::new().name("inspect".to_owned()).spawn(move || desk.work(&receiver, &sender))?;
        Ok(Self { work, answers })
    }

    /// Asks, unless too many wait already.
    ///
    /// # Errors
    /// The request itself, if it could not be queued.
    pub fn ask(&self, request: Request) -> Result<(), Request> {
        self.work.try_send(Work::File(request)).map_err(|error| match error {
            TrySendError::Full(Work::File(request)) | TrySendError::Disconnected(Work::File(request)) => {
                request
            }
            _ => unreachable!("what comes back is what was sent"),
        })
    }

    /// Asks for a look at a container. False if too much waits already.
    #[must_use]
    pub fn look(&self, cgroup: u64, look: Look) -> bool {
        self.work.try_send(Work::Container { cgroup, look }).is_ok()
    }

    /// The next answer. Pends for ever where the thread is gone; then those who wait run out of time.
    pub async fn answer(&mut self) -> Answer {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

/// The thread's own.
struct Desk {
    layers: Lru<u64, Option<Layers>>,
    node_mount_namespace: u32,
    node_root: PathBuf,
    reader: Reader,
}

impl Desk {
    fn work(&mut self, work: &Receiver<Work>, answers: &UnboundedSender<Answer>) {
        while let Ok(work) = work.recv() {
            let answer = match work {
                Work::File(request) => Answer::File(request.token, self.answer(request)),
                Work::Container { cgroup, look } => {
                    let begun = Instant::now();
                    let looked = self.reader.look(&look, clock::boot_time());
                    Answer::Container(cgroup, looked.map(Box::new), begun.elapsed())
                }
            };
            if answers.send(answer).is_err() {
                return;
            }
        }
    }

    fn answer(&mut self, request: Request) -> Finding {
        let Request { cgroup, pid, init, container, question, token: _ } = request;
        let (node_root, node_mount_namespace) =
            (self.node_root.clone(), u64::from(self.node_mount_namespace));
        let layers = self.layers(cgroup, pid, init);
        match question {
            Question::CopiedUp { path, ctime } => Finding::CopiedUp(match layers {
                Some(layers) => compare(layers, &node_root, &path, ctime),
                None => Origin::Unknown,
            }),
            Question::Script { typed } => {
                let around = Surroundings {
                    proc: Path::new("/proc"),
                    node_root: &node_root,
                    layers,
                    mounts: container.declared().map(|declared| &*declared.mounts),
                    node_mount_namespace: Some(node_mount_namespace),
                };
                Finding::Script(script(pid, init, &typed, &around))
            }
        }
    }

    /// The layers of a container's root, read from the mounts of one of its processes and kept.
    fn layers(&mut self, cgroup: u64, pid: u32, init: Option<u32>) -> Option<&Layers> {
        if self.layers.get(&cgroup).is_none() {
            let mounts = |pid: u32| fs::read(format!("/proc/{pid}/mountinfo")).ok();
            let text = init.and_then(mounts).or_else(|| mounts(pid))?;
            let layers = Layers::from_mountinfo(&text);
            self.layers.insert(cgroup, layers, text.len() + 64);
        }
        self.layers.get(&cgroup)?.as_ref()
    }
}

/// The script, found through its process, or where that is gone already through its container's init: an absolute name
/// says where it is even so.
fn script(pid: u32, init: Option<u32>, typed: &[u8], around: &Surroundings<'_>) -> Script {
    let script = script::resolve(pid, typed, around);
    let gone = script.origin == Origin::Unknown && !around.proc.join(pid.to_string()).exists();
    match init {
        Some(init) if gone && typed.starts_with(b"/") => script::resolve(init, typed, around),
        _ => script,
    }
}
