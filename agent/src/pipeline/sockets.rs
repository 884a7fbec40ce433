//! Calls on sockets.

use super::Pipeline;
use super::keys::{identity_of_socket, socket_key};
use crate::decode;
use crate::judge::Tell;
use crate::observe::seen::{self, Seen};

impl Pipeline {
    /// One first made in a container.
    pub(super) fn socket(&mut self, used: &decode::SocketUse, tell: &mut impl Tell) {
        self.tally.read(seen::class_of(used.call));
        let key = socket_key(used);
        self.identity.socket(key);
        let seen = Seen::of_socket(used, self.judge.key(identity_of_socket(&key)), &self.processes);
        self.resolve(seen, false, tell);
    }

    /// Takes over how often the kernel saw them made.
    pub(super) fn count_sockets(&mut self) {
        let now = self.clock.now();
        for used in self.identity.sockets() {
            let key = self.judge.key(identity_of_socket(used));
            self.judge.counted(used.cgroup, key, now, || self.identity.socket_uses(used));
        }
    }
}
