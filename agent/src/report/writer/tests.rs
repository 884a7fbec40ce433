use std::sync::{Arc, Mutex};

use super::*;

/// A target with room for so many bytes, whose room and content a test sees.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    content: Vec<u8>,
    room: usize,
    opened: usize,
    shrinks: bool,
}

impl Disk {
    fn of(room: usize, shrinks: bool) -> Self {
        Self(Arc::new(Mutex::new(State { room, shrinks, ..State::default() })))
    }

    fn content(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().content.clone()).unwrap()
    }
}

impl Target for Disk {
    fn open(&mut self) -> io::Result<Box<dyn Write + Send>> {
        self.0.lock().unwrap().opened += 1;
        Ok(Box::new(self.clone()))
    }

    fn take_back(&mut self, bytes: u64) -> bool {
        let mut state = self.0.lock().unwrap();
        let length = state.content.len() - usize::try_from(bytes).unwrap();
        if state.shrinks {
            state.content.truncate(length);
        }
        state.shrinks
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap();
        let room = state.room - state.content.len();
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        // Never more than three bytes at once, as a pipe might.
        let part = &bytes[..bytes.len().min(room).min(3)];
        state.content.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_record_that_did_not_fit_leaves_nothing_behind() {
    let disk = Disk::of(10, true);
    let mut writer = Writer::new(disk.clone()).unwrap();
    writer.write(b"first\n").unwrap();
    assert_eq!(writer.write(b"second\n").unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(disk.content(), "first\n");
    disk.0.lock().unwrap().room = 100;
    writer.write(b"second\n").unwrap();
    assert_eq!((disk.content().as_str(), disk.0.lock().unwrap().opened), ("first\nsecond\n", 2));
}

#[test]
fn what_cannot_be_taken_back_is_ended_by_a_line_of_its_own() {
    let disk = Disk::of(10, false);
    let mut writer = Writer::new(disk.clone()).unwrap();
    writer.write(b"first\n").unwrap();
    writer.write(b"second\n").unwrap_err();
    writer.write(b"third\n").unwrap_err();
    disk.0.lock().unwrap().room = 100;
    writer.write(b"third\n").unwrap();
    assert_eq!(disk.content(), "first\nseco\nthird\n");
}

#[test]
fn a_file_is_added_to_and_shortened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records");
    std::fs::write(&path, "old\n").unwrap();
    let mut target = Appended { path: path.clone() };
    target.open().unwrap().write_all(b"new").unwrap();
    assert!(target.take_back(3));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old\n");
    assert!(!target.take_back(50), "shorter than that");
}

#[test]
fn a_full_device_is_an_error_each_time() {
    let mut writer = Writer::new(Appended { path: "/dev/full".into() }).unwrap();
    for _ in 0..2 {
        assert_eq!(writer.write(b"record\n").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
