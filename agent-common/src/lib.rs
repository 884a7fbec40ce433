#![no_std]
//! The ABI between kernel and user space.
