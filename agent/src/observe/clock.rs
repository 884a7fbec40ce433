//! The kernel stamps events with CLOCK_BOOTTIME; records say RFC 3339.

use nix::time::{ClockId, clock_gettime};
use policy::Timestamp;

/// The distance between the two clocks, taken anew now and then since the wall clock is set and slewed.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    ahead: u64,
}

impl Clock {
    #[must_use]
    pub fn read() -> Self {
        Self { ahead: nanoseconds(ClockId::CLOCK_REALTIME).saturating_sub(boot_time()) }
    }

    /// The wall clock's reading when the boot clock read so.
    #[must_use]
    pub fn wall(self, boot_time: u64) -> Timestamp {
        Timestamp::from_unix_nanos(self.ahead.saturating_add(boot_time))
    }

    #[must_use]
    pub fn now(self) -> Timestamp {
        self.wall(boot_time())
    }
}

/// Nanoseconds of CLOCK_BOOTTIME: what `bpf_ktime_get_boot_ns` gives.
#[must_use]
pub fn boot_time() -> u64 {
    nanoseconds(ClockId::CLOCK_BOOTTIME)
}

fn nanoseconds(clock: ClockId) -> u64 {
    // Both clocks exist on every kernel that has eBPF.
    clock_gettime(clock).map_or(0, |time| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
        seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
    })
}
