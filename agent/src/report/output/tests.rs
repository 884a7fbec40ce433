use std::io::Write;
use std::sync::Mutex;

use super::super::{Style, queue, sample};
use super::*;

/// A target that a test breaks and mends.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    content: Vec<u8>,
    broken: bool,
    attempts: usize,
}

impl Pipe {
    fn set_broken(&self, broken: bool) {
        self.0.lock().unwrap().broken = broken;
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let content = self.0.lock().unwrap().content.clone();
        content
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    fn output(&self) -> Output {
        let emptying = Emptying {
            name: "a pipe".to_owned(),
            format: Format::Json,
            gap_record: Box::new(sample::gap_of),
            retry: Duration::from_millis(1),
        };
        Output::of(self.clone(), emptying).unwrap()
    }
}

impl Target for Pipe {
    fn open(&mut self) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(self.clone()))
    }

    fn take_back(&mut self, _bytes: u64) -> bool {
        false
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap();
        state.attempts += 1;
        if state.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        state.content.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits for what another thread does; the test fails by its own assertion if it never happens.
fn eventually(happened: impl Fn() -> bool) {
    for _ in 0..5_000 {
        if happened() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it did not happen in five seconds");
}

const LONG: Duration = Duration::from_secs(5);

#[test]
fn records_are_written_in_order_and_counted() {
    let pipe = Pipe::default();
    let output = pipe.output();
    output.submit(&Arc::new(sample::alert()));
    output.submit(&Arc::new(sample::count()));
    assert_eq!(output.finish(LONG), Counts { submitted: 2, written: 2, dropped: 0 });
    let kinds: Vec<_> = pipe.lines().iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["Decision", "Count"]);
}

#[test]
fn a_short_outage_loses_nothing() {
    let pipe = Pipe::default();
    pipe.set_broken(true);
    let output = pipe.output();
    for _ in 0..10 {
        output.submit(&Arc::new(sample::alert()));
    }
    eventually(|| pipe.0.lock().unwrap().attempts > 3);
    assert_eq!(output.counts(), Counts { submitted: 10, written: 0, dropped: 0 });
    pipe.set_broken(false);
    assert_eq!(output.finish(LONG), Counts { submitted: 10, written: 10, dropped: 0 });
    assert_eq!(pipe.lines().len(), 10);
}

#[test]
fn what_a_long_outage_lost_is_a_gap_once_it_is_over() {
    let pipe = Pipe::default();
    pipe.set_broken(true);
    let output = pipe.output();
    let submitted = queue::MOST as u64 + 25;
    for _ in 0..submitted {
        output.submit(&Arc::new(sample::count()));
    }
    assert_eq!(output.counts(), Counts { submitted, written: 0, dropped: 25 });
    pipe.set_broken(false);
    eventually(|| output.counts().written == queue::MOST as u64);
    output.finish(LONG);
    let gaps: Vec<_> = pipe.lines().into_iter().filter(|line| line["kind"] == "Gap").collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!((&gaps[0]["gap"]["lost"], &gaps[0]["gap"]["class"]), (&"25".into(), &"records".into()));
    assert_eq!(pipe.lines().len(), queue::MOST + 1);
}

#[test]
fn an_output_that_stays_broken_does_not_hold_up_the_end() {
    let pipe = Pipe::default();
    pipe.set_broken(true);
    let output = pipe.output();
    output.submit(&Arc::new(sample::alert()));
    assert_eq!(output.finish(LONG), Counts { submitted: 1, written: 0, dropped: 1 });
}

#[test]
fn a_full_disk_is_survived() {
    let full = Destination::File("/dev/full".into());
    let output = Output::start(&full, Format::Json, Box::new(sample::gap_of)).unwrap();
    output.submit(&Arc::new(sample::alert()));
    assert_eq!(output.finish(LONG), Counts { submitted: 1, written: 0, dropped: 1 });
}

#[test]
fn a_file_is_added_to_and_has_a_record_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.json");
    for _ in 0..2 {
        let destination = Destination::from_argument(path.as_os_str());
        let output = Output::start(&destination, Format::Json, Box::new(sample::gap_of)).unwrap();
        output.submit(&Arc::new(sample::alert()));
        output.finish(LONG);
    }
    let content = std::fs::read_to_string(&path).unwrap();
    assert_eq!(content.lines().count(), 2);
    assert!(content.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn a_destination_that_cannot_be_opened_is_refused_at_the_start() {
    let absent = Destination::File("/no/such/folder/records".into());
    let text = Format::Text(Style::PLAIN);
    assert!(Output::start(&absent, text, Box::new(sample::gap_of)).is_err());
    assert_eq!(Destination::from_argument("-".as_ref()), Destination::Stdout);
}
