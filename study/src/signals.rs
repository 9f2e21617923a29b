//! Stopping when asked to: Ctrl-C and SIGTERM. SIGHUP is left to the system, so that `nohup` works.

use std::sync::{Arc, atomic::AtomicBool};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use crate::failure::{Failure, FailureKind};

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
