//! The node daemon: load, read, decode, correlate, observe, evaluate, respond, report.
pub mod correlate;
pub mod declarations;
