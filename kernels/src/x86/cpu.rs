//! What there is to know of the CPU beyond its instruction sets.

use std::{arch::x86_64::__cpuid, sync::OnceLock};

/// Whether Intel made it: what stands for the speed of its units, where only one CPU of each maker was
/// measured.
pub(super) fn is_intel() -> bool {
    // Kept, for in a virtual machine it is the host that answers.
    static IS_INTEL: OnceLock<bool> = OnceLock::new();
    *IS_INTEL.get_or_init(|| {
        let leaf = __cpuid(0);
        let vendor = [leaf.ebx, leaf.edx, leaf.ecx].map(u32::to_le_bytes);
        vendor.as_flattened() == b"GenuineIntel"
    })
}
