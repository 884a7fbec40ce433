#![forbid(unsafe_code)]
//! The Common Expression Language.
