//! The equations that say no event was lost silently, over one class of events.

use std::fmt;

use anyhow::Result;

use crate::metrics::Metrics;

#[cfg(test)]
mod tests;

/// Every term of the equations for one class, as the agent counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    pub runs: u64,
    pub filtered: u64,
    pub deduplicated: u64,
    pub over_budget: u64,
    pub submitted: u64,
    pub lost: u64,
    pub read: u64,
    pub delivered: u64,
    pub dropped: u64,
}

/// An equation whose two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imbalance {
    equation: &'static str,
    left: u64,
    right: u64,
}

impl fmt::Display for Imbalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is not {}", self.equation, self.left, self.right)
    }
}

impl std::error::Error for Imbalance {}

impl Account {
    /// Reads the terms of `class` from one scrape.
    pub fn of(metrics: &Metrics, class: &str) -> Result<Self> {
        let kernel =
            |outcome| metrics.sum("plumbline_agent_events_total", &[("class", class), ("outcome", outcome)]);
        let own = [("class", class)];
        Ok(Self {
            runs: kernel("runs")?,
            filtered: kernel("filtered")?,
            deduplicated: kernel("deduplicated")?,
            over_budget: kernel("over_budget")?,
            submitted: kernel("submitted")?,
            lost: kernel("lost")?,
            read: metrics.sum("plumbline_agent_ring_read_total", &own)?,
            delivered: metrics.sum("plumbline_agent_events_delivered_total", &own)?,
            dropped: metrics.sum_or_zero("plumbline_agent_events_dropped_total", &own),
        })
    }

    /// Runs of the program that were about a container.
    pub fn of_interest(&self) -> u64 {
        self.runs.saturating_sub(self.filtered)
    }

    /// The three equations, each exact.
    pub fn check(&self) -> Result<(), Imbalance> {
        let Self { runs, filtered, deduplicated, over_budget, submitted, lost, read, delivered, dropped } =
            *self;
        let outcomes = filtered + deduplicated + over_budget + submitted + lost;
        equal("runs = filtered + deduplicated + over_budget + submitted + lost", runs, outcomes)?;
        equal("submitted = read", submitted, read)?;
        equal("read = delivered + dropped", read, delivered + dropped)
    }
}

fn equal(equation: &'static str, left: u64, right: u64) -> Result<(), Imbalance> {
    if left == right { Ok(()) } else { Err(Imbalance { equation, left, right }) }
}
