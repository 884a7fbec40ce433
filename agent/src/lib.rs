//! The node daemon: load, read, decode, correlate, observe, evaluate, respond, report.
pub mod correlate;
pub mod declarations;
pub mod decode;
pub mod hooks;
pub mod load;
pub mod observe;
pub mod read;
