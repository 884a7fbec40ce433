//! Each [`Ports`] once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::network::ports::Ports;

/// What tables say of single addresses, each once for all of them: most say the same.
#[derive(Debug, Default)]
pub(in crate::network) struct Pool(HashSet<Arc<Ports>>);

impl Pool {
    pub(super) fn keep(&mut self, ports: Ports) -> Arc<Ports> {
        if let Some(kept) = self.0.get(&ports) {
            return Arc::clone(kept);
        }
        let kept = Arc::new(ports);
        self.0.insert(Arc::clone(&kept));
        kept
    }

    /// Without those that no table has any more.
    pub(in crate::network) fn tidy(&mut self) {
        self.0.retain(|ports| Arc::strong_count(ports) > 1);
    }
}
