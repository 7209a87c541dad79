//! The memory of processes that run for months.

use std::{env, os::unix::process::CommandExt, process::Command};

/// What glibc reads when a process begins: the most arenas that it makes.
const SWITCH: &str = "MALLOC_ARENA_MAX";

/// Begins the process again with two arenas, unless whoever started it has said how many; it stays the same process.
///
/// glibc gives threads arenas of their own, eight for each core, and keeps in each what was freed there. Queries on SQLite run
/// on many threads: `tests/soak` saw a process grow from 67 to 151 MB in 21 minutes, and with two arenas to 89 MB, at the same
/// speed. The switch can be set from inside by unsafe code only, which NetRaven has none of.
pub fn few() {
    if cfg!(not(target_env = "gnu")) || env::var_os(SWITCH).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // It returns only where it failed, and then the process goes on as it is.
    let error = again.args(arguments).env(SWITCH, "2").exec();
    eprintln!("netraven: memory is not limited to two arenas: {error}");
}
