//! What the programs say of themselves: lines of aya-log, into our own log.

use anyhow::Context;
use aya_log::EbpfLogger;
use tokio::io::{Interest, unix::AsyncFd};

use super::Programs;

impl Programs {
    /// Begins to read the programs' lines. To be called before they are attached: they do not load without the map.
    ///
    /// # Errors
    /// The object was built without diagnostics.
    pub(crate) fn diagnose(&mut self) -> anyhow::Result<()> {
        let logger = EbpfLogger::init(&mut self.ebpf).context("the programs say nothing of themselves")?;
        // SAFETY: the logger owns its ring's descriptor and keeps it open until it is dropped.
        let watched = unsafe { AsyncFd::register_with_interest(logger, Interest::READABLE) };
        let mut watched = watched.map_err(|error| error.into_parts().1)?;
        tokio::spawn(async move {
            while let Ok(mut guard) = watched.readable_mut().await {
                guard.clear_ready();
                guard.get_inner_mut().flush();
            }
        });
        Ok(())
    }
}
