//! What a first backup asks of the database: written by hand after the store's own functions, and not counted against them.

use netraven::domain::id::{DeviceId, JobId};

/// What came from a device, ready to be kept.
pub struct Kept {
    /// SHA-256 of the text.
    pub sha256: String,
    /// The sealed text, in hexadecimal.
    pub sealed: String,
    /// Its length before that.
    pub bytes: usize,
}

/// Takes one job.
pub fn claim((job, _): (JobId, DeviceId)) -> Vec<String> {
    vec![
        "SELECT id FROM jobs WHERE state IN ('queued', 'retrying') AND due_at <= datetime('now', '+1 day') \
         AND device_id IS NOT NULL ORDER BY priority, due_at, id LIMIT 1"
            .to_owned(),
        format!(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_owner = 'bench', \
             lease_until = datetime('now', '+60 seconds'), started_at = datetime('now') WHERE id = {job} \
             RETURNING id, device_id, fence, attempt, kind, payload, priority"
        ),
    ]
}

/// Everything about the device.
pub fn assignment((_, device): (JobId, DeviceId)) -> Vec<String> {
    vec![
        format!(
            "SELECT * FROM devices LEFT JOIN credentials ON credentials.id = devices.credential_id \
             LEFT JOIN host_keys ON host_keys.device_id = devices.id \
             LEFT JOIN backups ON backups.id = devices.current_backup_id WHERE devices.id = {device}"
        ),
        format!("SELECT tag_id FROM device_tags WHERE device_id = {device}"),
    ]
}

/// The first host key of a device is pinned.
pub fn pin((_, device): (JobId, DeviceId)) -> Vec<String> {
    vec![
        format!("SELECT * FROM host_keys WHERE device_id = {device}"),
        format!(
            "INSERT INTO host_keys (device_id, address, port, algorithm, fingerprint, public_key, pinned_at, pinned_by) \
             VALUES ({device}, '127.0.0.1', 22, 'ssh-ed25519', 'SHA256:{device}', 'key', datetime('now'), 'bench')"
        ),
    ]
}

/// Version, contents, log, the job's end and the device's marks.
pub fn keep((job, device): (JobId, DeviceId), (raw, info): (&Kept, &Kept)) -> Vec<String> {
    let mut all = Vec::new();
    for text in [raw, info] {
        all.push(format!(
            "INSERT OR IGNORE INTO contents (sha256, sealed, bytes, created_at) \
             VALUES ('{}', x'{}', {}, datetime('now'))",
            text.sha256, text.sealed, text.bytes
        ));
        all.push(format!("SELECT place, sealed FROM contents WHERE sha256 = '{}'", text.sha256));
    }
    all.push(format!("SELECT * FROM jobs WHERE id = {job}"));
    all.push(format!(
        "INSERT INTO backups (device_id, job_id, platform, taken_at, verified_at, seen, sha256, fingerprint, info_sha256, \
         bytes, lines, added, removed, started_by) VALUES ({device}, {job}, 'cisco_ios', datetime('now'), datetime('now'), 1, \
         '{0}', '{0}', '{1}', {2}, 1, 1, 0, 'bench') RETURNING id",
        raw.sha256, info.sha256, raw.bytes
    ));
    all.push(format!(
        "UPDATE jobs SET state = 'succeeded', outcome = 'stored', finished_at = datetime('now'), lease_owner = NULL, \
         lease_until = NULL, bytes = {}, sha256 = '{}', duration_ms = 1 WHERE id = {job} AND state = 'running' AND fence = 1",
        raw.bytes, raw.sha256
    ));
    all.push(format!(
        "UPDATE devices SET last_job_id = {job}, last_job_at = datetime('now'), last_job_state = 'succeeded', \
         last_good_at = datetime('now') WHERE id = {device}"
    ));
    all.push("SELECT * FROM tag_rules WHERE is_enabled".to_owned());
    let line = |seq: i32| {
        format!(
            "({job}, {seq}, datetime('now'), 'info', 'command', 'A line of the log, of the usual length.')"
        )
    };
    let lines: Vec<String> = (1..=12).map(line).collect();
    all.push(format!(
        "INSERT OR IGNORE INTO entries (job_id, seq, at, level, stage, text) VALUES {}",
        lines.join(", ")
    ));
    all
}
