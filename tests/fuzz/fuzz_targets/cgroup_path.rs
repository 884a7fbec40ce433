//! A cgroup's path, whose names are chosen by whoever makes cgroups inside a container.

#![no_main]

use agent::correlate::{NoneKnown, container};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|path: &[u8]| {
    if let Some(found) = container(path, &NoneKnown) {
        assert!(found.folder <= path.len());
        assert!(found.id.len() == 64);
    }
});
