//! A large house: the first device and its versions come the usual way, all others are copies of them made by SQL.

use netraven::{
    domain::{access::Role, secret::Secret, user::NewUser},
    service::{Core, users},
};

use crate::{Size, sql, stock};

/// The password of the one who looks.
pub const PASSWORD: &str = "correct horse battery staple";

/// So many different texts there are; versions of different devices share them.
const TEXTS: i64 = 20;

/// Fills an empty database.
pub async fn fill(core: &Core, size: Size) {
    let admin = NewUser::new("admin".parse().unwrap(), Role::Admin, Secret::new(PASSWORD));
    users::create(core, &stock::grant(), admin).await.unwrap();
    let first = stock::device(core, "dev-1").await;
    for text in 0..TEXTS {
        stock::version(core, first, &configuration(text)).await;
    }
    stock::suspect(core, first, "hostname\n").await;
    stock::shared(core, "TACACS read-only").await;
    stock::rule(core, "labs", "lab", "name starts dev-1").await;
    for name in ["Nightly", "Hourly", "Weekly"] {
        stock::schedule(core, name, "60").await;
    }
    stock::blackout(core, "nights", &["0"], ("22:00", "04:00")).await;
    stock::import(core, "hostname,address,platform\nbranch-1,192.0.2.200,frr\nbranch 2,,\n").await;
    let is_sqlite = sql::is_sqlite(core).await;
    for statement in statements(size, is_sqlite) {
        sql::run(core, &statement).await;
    }
    if !is_sqlite {
        // What autovacuum does within a minute of such a load.
        sql::run(core, "VACUUM ANALYZE").await;
    }
}

/// A configuration of 50 KB, of which a few lines differ from text to text.
fn configuration(text: i64) -> String {
    let mut lines = vec!["hostname dev-1".to_owned()];
    for port in 0..480 {
        let vlan = if port % 100 == text { 900 + text } else { 100 + port % 40 };
        lines.push(format!(
            "interface GigabitEthernet1/0/{port}\n description access port number {port} of the closet\n \
             switchport access vlan {vlan}\n spanning-tree portfast"
        ));
    }
    lines.push("end\n".to_owned());
    lines.join("\n!\n")
}

/// The SQL of a time so many hours ago.
struct Past {
    is_sqlite: bool,
}

impl Past {
    fn ago(&self, hours: &str) -> String {
        if self.is_sqlite {
            format!("datetime('now', '-' || ({hours}) || ' hours')")
        } else {
            format!("((now() AT TIME ZONE 'utc') - ({hours}) * INTERVAL '1 hour')")
        }
    }
}

fn statements(size: Size, is_sqlite: bool) -> Vec<String> {
    let past = Past { is_sqlite };
    [numbers(), devices(size, &past), versions(size, &past), jobs(size, &past), marks()].concat()
}

/// A table of numbers to multiply with.
fn numbers() -> Vec<String> {
    let double = "INSERT INTO bench_numbers SELECT n + (SELECT max(n) FROM bench_numbers) FROM bench_numbers";
    let mut all = vec![
        "CREATE TABLE bench_numbers (n BIGINT PRIMARY KEY)".to_owned(),
        "INSERT INTO bench_numbers VALUES (1)".to_owned(),
    ];
    all.extend(std::iter::repeat_n(double.to_owned(), 17));
    all
}

/// Devices with their tags.
fn devices(size: Size, past: &Past) -> Vec<String> {
    let devices = size.devices;
    vec![
        format!(
            "INSERT INTO devices (name, name_key, address, port, platform, transport, description, is_enabled, version,
               created_at, updated_at)
             SELECT 'dev-' || n, 'dev-' || n, '10.' || (n / 65536) || '.' || (n / 256 % 256) || '.' || (n % 256), 22,
               CASE n % 3 WHEN 0 THEN 'arista_eos' WHEN 1 THEN 'cisco_ios' ELSE 'frr' END, 'ssh',
               'Rack ' || (n % 40), n % 50 <> 0, 1, {0}, {0} FROM bench_numbers WHERE n BETWEEN 3 AND {devices}",
            past.ago("n % 9000")
        ),
        "INSERT INTO tags (name, description, color, is_default, created_at)
         SELECT 'site-' || n, '', '#64748b', FALSE, created_at FROM bench_numbers, (SELECT created_at FROM devices
           WHERE id = 1) AS first WHERE n <= 50"
            .to_owned(),
        "INSERT INTO device_tags (device_id, tag_id, by_person)
         SELECT devices.id, tags.id, TRUE FROM devices, tags WHERE devices.id > 1 AND tags.name <> 'lab'
           AND (tags.is_default OR tags.name = 'site-' || (devices.id % 50 + 1)) ON CONFLICT DO NOTHING"
            .to_owned(),
    ]
}

/// Versions of every device, the newest last.
fn versions(size: Size, past: &Past) -> Vec<String> {
    let texts = "CREATE TABLE bench_texts AS SELECT id % 20 AS n, sha256, fingerprint, info_sha256, bytes, lines, added,
           removed FROM backups";
    // In steps, because a connection of NetRaven's lets no statement take longer than half a minute.
    let step = |newest: i64| {
        let oldest = (newest + STEP).min(size.versions + 1);
        format!(
            "INSERT INTO backups (device_id, platform, taken_at, verified_at, seen, sha256, fingerprint, info_sha256,
               bytes, lines, added, removed, is_pinned, note, started_by, is_damaged)
             SELECT devices.id, devices.platform, {0}, {0}, 1, sha256, fingerprint, info_sha256, bytes, lines, added,
               removed, FALSE, '', 'Nightly', FALSE
             FROM bench_numbers CROSS JOIN devices JOIN bench_texts ON bench_texts.n = (devices.id + bench_numbers.n) % 20
             WHERE bench_numbers.n >= {newest} AND bench_numbers.n < {oldest} AND devices.id > 1
             ORDER BY bench_numbers.n DESC, devices.id",
            past.ago("bench_numbers.n * 24")
        )
    };
    let starts: Vec<i64> = (1..=size.versions).step_by(usize::try_from(STEP).unwrap()).collect();
    std::iter::once(texts.to_owned()).chain(starts.into_iter().rev().map(step)).collect()
}

/// So many versions of each device one statement adds.
const STEP: i64 = 10;

/// Jobs with their logs, and as many lines of the audit trail.
fn jobs(size: Size, past: &Past) -> Vec<String> {
    let Size { devices, jobs, .. } = size;
    vec![
        format!(
            "INSERT INTO batches (schedule_id, started_by, created_at) SELECT 1, 'Nightly', {} FROM bench_numbers
               WHERE n <= 5 ORDER BY n DESC",
            past.ago("n * 24")
        ),
        format!(
            "INSERT INTO jobs (kind, batch_id, device_id, device_name, state, started_by, priority, queued_at, due_at,
               attempt, fence, is_cancel_wanted, started_at, finished_at, outcome, class, stage, message, duration_ms)
             SELECT 'back_up', (SELECT max(id) FROM batches) - (n / {devices}) % 5, n % {devices} + 1,
               'dev-' || (n % {devices} + 1), CASE WHEN n % 20 = 7 THEN 'failed' ELSE 'succeeded' END, 'Nightly', 1,
               {0}, {0}, 1, 1, FALSE, {0}, {0}, CASE WHEN n % 20 = 7 THEN 'error' ELSE 'unchanged' END,
               CASE WHEN n % 20 = 7 THEN 'unreachable' END, CASE WHEN n % 20 = 7 THEN 'connect' END,
               CASE WHEN n % 20 = 7 THEN 'No route to host' END, 900 FROM bench_numbers WHERE n <= {jobs} ORDER BY n",
            past.ago(&format!("({jobs} - n) * 120 / {jobs}"))
        ),
        "INSERT INTO entries (job_id, seq, at, level, stage, text)
         SELECT jobs.id, n, queued_at, 'info', 'connect', 'Line ' || n || ' of the log of ' || device_name
           FROM jobs, bench_numbers WHERE n <= 10 AND jobs.id > 100"
            .to_owned(),
        format!(
            "INSERT INTO audit_events (at, actor, event, object, object_kind, object_id, outcome)
             SELECT {}, 'admin', 'device_changed', 'dev-' || (n % {devices}), 'device', n % {devices}, 'done'
               FROM bench_numbers WHERE n <= {jobs}",
            past.ago(&format!("({jobs} - n) / 24"))
        ),
    ]
}

/// What devices remember of all this, and what is not needed any more.
fn marks() -> Vec<String> {
    vec![
        "CREATE TABLE bench_newest AS SELECT device_id, max(id) AS backup_id, max(taken_at) AS taken_at FROM backups
           GROUP BY device_id"
            .to_owned(),
        "CREATE UNIQUE INDEX bench_newest_device ON bench_newest (device_id)".to_owned(),
        "UPDATE devices SET current_backup_id = (SELECT backup_id FROM bench_newest WHERE device_id = devices.id),
           last_good_at = (SELECT taken_at FROM bench_newest WHERE device_id = devices.id),
           last_changed_at = (SELECT taken_at FROM bench_newest WHERE device_id = devices.id),
           last_job_at = (SELECT taken_at FROM bench_newest WHERE device_id = devices.id),
           last_job_id = (SELECT max(jobs.id) FROM jobs WHERE jobs.device_id = devices.id),
           last_job_state = CASE WHEN id % 20 = 7 THEN 'failed' ELSE 'succeeded' END,
           last_job_outcome = CASE WHEN id % 20 = 7 THEN 'error' ELSE 'unchanged' END,
           last_job_class = CASE WHEN id % 20 = 7 THEN 'unreachable' END WHERE id > 1"
            .to_owned(),
        "DROP TABLE bench_newest".to_owned(),
        "DROP TABLE bench_texts".to_owned(),
        "DROP TABLE bench_numbers".to_owned(),
    ]
}
