//! What the kernel says of this process, under the names that watchers know.

use super::{
    Family,
    families::{gauge, number, plain},
};

/// Memory and open files; what the kernel does not say is left out.
pub(super) async fn all() -> Vec<Family> {
    let mut families = Vec::new();
    if let Some(bytes) = resident().await {
        let help = "Memory of this process that is in use.";
        families.push(gauge("process_resident_memory_bytes", help, plain(number(bytes))));
    }
    if let Some(count) = open_files().await {
        families.push(gauge(
            "process_open_fds",
            "Files and sockets that this process has open.",
            plain(number(count)),
        ));
    }
    families
}

async fn resident() -> Option<i64> {
    let text = tokio::fs::read_to_string("/proc/self/status").await.ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

async fn open_files() -> Option<i64> {
    let mut folder = tokio::fs::read_dir("/proc/self/fd").await.ok()?;
    let mut count = 0;
    while let Ok(Some(_)) = folder.next_entry().await {
        count += 1;
    }
    Some(count)
}
