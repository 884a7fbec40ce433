//! Counts of the stages, as metrics.

use super::Pipeline;
use crate::metrics::Table;

impl Pipeline {
    /// Makes the counts visible.
    pub fn publish(&self) {
        self.metrics.tally(&self.tally);
        let (containers, evicted) = self.identity.size();
        self.metrics.table(Table::Containers, containers, evicted);
        self.metrics.table(Table::Processes, self.processes.len(), self.processes.refused());
        let (judged, evicted) = self.judge.size();
        self.metrics.table(Table::Judged, judged, evicted);
        self.metrics.unseen(self.identity.unobserved(), self.judge.untold());
        self.metrics.untold_drifts(self.observed.untold());
        let (observed, refused) = self.observed.size();
        self.metrics.table(Table::Observed, observed, refused);
        self.metrics.table(Table::Held, self.hold.len(), self.hold.pushed_out());
        let (tables, refused) = self.identity.connections();
        self.metrics.table(Table::Connections, tables, refused);
        self.metrics.table(Table::Undeclared, self.undeclared.len(), self.undeclared.evicted());
    }
}
