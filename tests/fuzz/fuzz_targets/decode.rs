//! A record of a ring: whatever its lengths say, decoding ends, and gives no more bytes than it was given.

#![no_main]

use agent::decode::{Event, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = decode(bytes) else { return };
    match event {
        Event::Exec(exec) | Event::Executable(exec) => {
            let (arguments, _) = exec.arguments();
            let length: usize = arguments.map(<[u8]>::len).sum();
            // A path gets one `/` more than it has components' ends.
            assert!(exec.path().len() + exec.filename.len() + length <= bytes.len() + 1);
        }
        Event::CgroupMade(cgroup) | Event::CgroupRemoved(cgroup) => assert!(cgroup.path.len() <= bytes.len()),
        Event::CapabilityUse(used) => assert!(!used.capability.is_empty()),
        Event::SocketUse(_) | Event::Fork(_) | Event::Exit(_) => {}
    }
});
