//! Progress of a sweep on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    cell::{Cell, RefCell},
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Runs done, their rate and the time left, for a person to watch.
#[derive(Debug)]
pub struct Progress {
    view: View,
    state: Cell<State>,
}

#[derive(Debug)]
enum View {
    Quiet,
    Bar(RefCell<ProgressBar>),
    Lines,
}

#[derive(Clone, Copy, Debug)]
struct State {
    found: usize,
    wanted: usize,
    done: usize,
    jobs: usize,
    /// Time that the runs took, all workers together.
    busy: Duration,
    start: Instant,
    last_line: Instant,
}

impl Progress {
    /// A bar where standard error is a terminal, lines where it is not, nothing where it is quiet.
    #[must_use]
    pub fn new(quiet: bool, jobs: usize) -> Self {
        let view = if quiet {
            View::Quiet
        } else if std::io::stderr().is_terminal() {
            View::Bar(RefCell::new(ProgressBar::hidden()))
        } else {
            View::Lines
        };
        let now = Instant::now();
        let state = State {
            found: 0,
            wanted: 0,
            done: 0,
            jobs,
            busy: Duration::ZERO,
            start: now,
            last_line: now,
        };
        Self {
            view,
            state: Cell::new(state),
        }
    }

    /// Begins a count anew: `found` runs were there before, `wanted` are to be trained.
    pub fn start(&self, found: usize, wanted: usize) {
        let now = Instant::now();
        let state = State {
            found,
            wanted,
            done: 0,
            jobs: self.state.get().jobs,
            busy: Duration::ZERO,
            start: now,
            last_line: now,
        };
        self.state.set(state);
        match &self.view {
            View::Bar(bar) => {
                let style = ProgressStyle::with_template("{wide_bar:.cyan/dim} {msg}");
                let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
                let target = ProgressDrawTarget::stderr();
                let new = ProgressBar::with_draw_target(Some(wanted as u64), target);
                *bar.borrow_mut() = new.with_style(style).with_message(state.to_string());
            }
            // With nothing to train, the line at the end is all there is to say.
            View::Lines if found > 0 && wanted > 0 => self.line(),
            View::Lines | View::Quiet => {}
        }
    }

    /// Counts one more run, which took `time`.
    pub fn run_done(&self, time: Duration) {
        let mut state = self.state.get();
        state.done += 1;
        state.busy += time;
        self.state.set(state);
        match &self.view {
            View::Quiet => {}
            View::Bar(bar) => {
                let bar = bar.borrow();
                bar.set_message(state.to_string());
                bar.inc(1);
            }
            View::Lines => {
                if state.last_line.elapsed() >= LINE_INTERVAL && state.done < state.wanted {
                    self.line();
                }
            }
        }
    }

    /// Ends the count with its last state.
    pub fn finish(&self) {
        match &self.view {
            View::Quiet => {}
            View::Bar(bar) => end(&bar.borrow()),
            View::Lines => self.line(),
        }
    }

    fn line(&self) {
        let mut state = self.state.get();
        // Progress that cannot be shown is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{state}");
        state.last_line = Instant::now();
        self.state.set(state);
    }
}

/// A sweep that fails ends no count, and what is said of it begins a line all the same.
impl Drop for Progress {
    fn drop(&mut self) {
        if let View::Bar(bar) = &self.view {
            end(&bar.borrow());
        }
    }
}

/// Leaves the bar as it is, and the line that it leaves the cursor in.
fn end(bar: &ProgressBar) {
    if !bar.is_hidden() && !bar.is_finished() {
        bar.abandon();
        let _ = writeln!(std::io::stderr());
    }
}

/// `37/120 runs, 2.61 runs/s (1.31 a worker), 32 seconds left`
impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = self.found + self.wanted;
        write!(f, "{}/{all} runs", self.found + self.done)?;
        if self.done == 0 {
            return Ok(());
        }
        let elapsed = self.start.elapsed().as_secs_f64();
        let rate = self.done as f64 / elapsed;
        let worker_rate = self.done as f64 / self.busy.as_secs_f64();
        write!(f, ", {rate:.2} runs/s")?;
        if self.jobs > 1 {
            write!(f, " ({worker_rate:.2} for each of {} workers)", self.jobs)?;
        }
        let left = self.wanted - self.done;
        if left > 0 {
            let left = Duration::from_secs_f64(left as f64 / rate);
            write!(f, ", {} left", HumanDuration(left))?;
        }
        Ok(())
    }
}
