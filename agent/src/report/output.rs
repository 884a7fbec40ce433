//! One output: a queue, and a thread that empties it, so that a disk or a reader that stalls never holds up events.
//!
//! `submitted = written + dropped + waiting`, always. What did not fit into the queue while the output was away is a
//! [`Gap`] in the output once it is back.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use policy::Record;
use policy::record::Gap;

use super::Format;
use super::queue::{Queue, Untold};
use super::writer::{Appended, Stdout, Target, Writer};

pub use super::queue::Counts;

#[cfg(test)]
mod tests;

/// How soon an output that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `-`
    Stdout,
    /// A file that is added to.
    File(PathBuf),
}

impl Destination {
    /// Reads the value of `--output`.
    pub fn from_argument(argument: &std::ffi::OsStr) -> Self {
        if argument == "-" { Self::Stdout } else { Self::File(argument.into()) }
    }

    fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Makes a record of a gap, with a sequence number of the agent's.
pub type GapRecord = Box<dyn Fn(Gap) -> Record + Send>;

/// An output that runs.
#[derive(Debug)]
pub struct Output {
    queue: Arc<Queue>,
}

impl Output {
    /// Opens the destination and starts its thread.
    ///
    /// # Errors
    /// If it cannot be opened now. What happens to it later is counted and retried.
    pub fn start(destination: &Destination, format: Format, gap_record: GapRecord) -> io::Result<Self> {
        let name = destination.name();
        match destination {
            Destination::Stdout => Self::of(Stdout, Emptying { name, format, gap_record, retry: RETRY }),
            Destination::File(path) => {
                let target = Appended { path: path.clone() };
                Self::of(target, Emptying { name, format, gap_record, retry: RETRY })
            }
        }
    }

    fn of(target: impl Target + 'static, emptying: Emptying) -> io::Result<Self> {
        let mut writer = Writer::new(target)?;
        let queue = Arc::new(Queue::default());
        let emptied = Arc::clone(&queue);
        std::thread::Builder::new().name("output".to_owned()).spawn(move || {
            emptying.run(&emptied, &mut writer);
            emptied.done();
        })?;
        Ok(Self { queue })
    }

    /// Hands a record over; never waits for the output. If the queue is full, the record is dropped and counted.
    pub fn submit(&self, record: &Arc<Record>) {
        self.queue.submit(record);
    }

    pub fn counts(&self) -> Counts {
        self.queue.counts()
    }

    /// Writes what waits and ends, within `patience`, blocking. What is not written then counts as dropped.
    pub fn finish(self, patience: Duration) -> Counts {
        self.queue.finish(patience)
    }
}

/// What the thread needs beside the writer.
struct Emptying {
    name: String,
    format: Format,
    gap_record: GapRecord,
    retry: Duration,
}

impl Emptying {
    /// Writes records until the queue is closed and empty, or an attempt made since it was closed fails.
    fn run(&self, queue: &Queue, writer: &mut Writer<impl Target>) {
        let mut fails = false;
        while let Some((record, closed)) = queue.front() {
            match self.write(writer, &record) {
                Ok(()) => {
                    self.say_back(&mut fails);
                    if let Some(untold) = queue.written() {
                        self.tell(queue, writer, untold);
                    }
                }
                Err(error) => {
                    self.say_away(&mut fails, &error);
                    if closed {
                        return;
                    }
                    queue.pause(self.retry);
                }
            }
        }
    }

    fn write(&self, writer: &mut Writer<impl Target>, record: &Record) -> io::Result<()> {
        writer.write(&self.format.encode(record)?)
    }

    /// Writes the gap; if that fails, it is told another time.
    fn tell(&self, queue: &Queue, writer: &mut Writer<impl Target>, untold: Untold) {
        let Untold { lost, from, to } = untold;
        let gap = Gap { class: "records".into(), reason: "output_full".into(), lost, from, to };
        if self.write(writer, &(self.gap_record)(gap)).is_err() {
            queue.untold_again(untold);
        }
    }

    fn say_away(&self, fails: &mut bool, error: &io::Error) {
        if !std::mem::replace(fails, true) {
            tracing::error!(
                "records cannot be written to {}: {error}; it is tried again every {} s, and what does not fit into \
                 the queue meanwhile is counted as dropped",
                self.name,
                self.retry.as_secs_f32()
            );
        }
    }

    fn say_back(&self, fails: &mut bool) {
        if std::mem::replace(fails, false) {
            tracing::info!("records are written to {} again", self.name);
        }
    }
}
