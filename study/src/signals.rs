//! Stopping when asked to: Ctrl-C and SIGTERM. SIGHUP is left to the system, so that `nohup` works.

use std::sync::{Arc, atomic::AtomicBool};

use signal_hook::{
    consts::{SIGINT, SIGTERM, SIGXFSZ},
    flag,
};

use crate::failure::{Failure, FailureKind};

/// Makes a write past `ulimit -f` a fault of that write, which has its sentence, and not the end of
/// the process without a word.
pub fn outlive_file_size_limit() {
    // Where the system has no such signal there is nothing to outlive.
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// A flag that turns true at the first Ctrl-C or SIGTERM; the second one ends the process at once,
/// which costs the runs in flight and nothing else.
///
/// # Errors
/// If the system gives no such signals.
pub fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let code = FailureKind::Interrupted as i32;
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal must find the flag unset.
        flag::register_conditional_shutdown(signal, code, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::internal(format!("cannot listen for signals: {error}")))?;
    }
    Ok(stop)
}
