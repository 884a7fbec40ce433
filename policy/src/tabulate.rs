//! Event policies answered in advance: where a verdict depends on fields of a finite domain only, it is worked out for
//! every value that these can have, by the code that judges events. The kernel then looks an answer up, as far as it
//! can know the fields.

mod axes;
mod reads;
mod table;

use thiserror::Error;

use crate::event::{Container, Event, EventKind, VolumeKind};
use crate::set::Policy;
use axes::Axes;
pub use reads::ContainerReads;
pub use table::{Answer, Table};

/// Why a policy cannot be answered in advance.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotTabulated {
    /// Its verdict depends on fields without a finite domain.
    #[error("it reads {}", .0.join(", "))]
    Reads(
        /// The fields, as expressions write them, sorted.
        Vec<String>,
    ),
    /// It is about resources, of which there are more than can be counted.
    #[error("it is about resources")]
    Resources,
    /// It is about a kind of event for which there are no rows.
    #[error("it is about {0} events")]
    Kind(EventKind),
}

/// A policy that can be answered in advance.
#[derive(Clone, Debug)]
pub struct Tabulation {
    axes: Axes,
    reads: ContainerReads,
}

impl Tabulation {
    /// Finds the fields that the policy's verdict depends on. What its messages read does not matter.
    ///
    /// `volumes` are the kinds of volume that are told apart, where they are read. A program in another one has no row.
    ///
    /// # Errors
    /// The policy depends on more than can be enumerated.
    pub fn of(policy: &Policy, volumes: &[VolumeKind]) -> Result<Self, NotTabulated> {
        axes::of(policy, volumes).map(|(axes, reads)| Self { axes, reads })
    }

    /// What of its container the verdict depends on. If that is nothing, one table is enough for all.
    pub fn reads_of_container(&self) -> ContainerReads {
        self.reads
    }

    /// What [`Tabulation::table`] holds for an event, without the rest: for who asks of a few, in many containers.
    pub fn answer(&self, policy: &Policy, container: &Container, event: &Event) -> Option<Answer> {
        Some(table::answer(&self.axes, self.axes.row(event)?, policy, container))
    }

    /// The policy's verdict for the whole domain, in this container. The policy must be the one that this was made of.
    pub fn table(&self, policy: &Policy, container: &Container) -> Table {
        Table::fill(&self.axes, policy, container)
    }
}

#[cfg(test)]
mod tests;
