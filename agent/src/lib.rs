//! The node daemon: load, read, decode, correlate, observe, evaluate, respond, report.
