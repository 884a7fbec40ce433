//! Reading the kernel's memory.

use aya_ebpf::{
    Global,
    helpers::generated::{bpf_probe_read_kernel, bpf_probe_read_kernel_str},
};

/// An address in the kernel. Reading through a wrong one yields zeroes, never a fault.
pub(crate) type Address = u64;

/// The value at `base + offset`, or zero where it cannot be read.
///
/// A zeroed local and the raw helper: `Result` and `unwrap_or_default` make two paths of each read, and the
/// verifier walks them all.
#[inline(always)]
pub(crate) fn read<T: Copy + Default>(base: Address, offset: &Global<u32>) -> T {
    at(base.wrapping_add(u64::from(offset.load())))
}

/// The value at an address, or zero.
#[inline(always)]
pub(crate) fn at<T: Copy + Default>(address: Address) -> T {
    let mut value = T::default();
    // SAFETY: the destination is a live local of the size given; the helper checks the source itself.
    unsafe {
        bpf_probe_read_kernel((&raw mut value).cast(), size_of::<T>() as u32, address as *const _);
    }
    value
}

/// Copies a NUL-terminated string and gives its length with the NUL, or 0 where it cannot be read.
///
/// # Safety
/// `to` must have `size` bytes in one map value, as the verifier sees it.
#[inline(always)]
pub(crate) unsafe fn string(to: *mut u8, size: u32, from: Address) -> usize {
    // SAFETY: the caller's.
    let length = unsafe { bpf_probe_read_kernel_str(to.cast(), size, from as *const _) };
    // Without a branch: a negative length becomes 0.
    (length & !(length >> 63)) as usize
}
