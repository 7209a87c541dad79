//! Steps with rows in the tables: those of the first release on their way up, and a full house on its way down.

use netraven::domain::access::Role;

use super::{FIRST, Ladder, rows, steps};
use crate::support::{house::House, stock};

/// A row in every table of the first release, of each kind that a later step treats in its own way.
const FILL: &str = "
INSERT INTO users (id, username, username_key, email, role, password_hash, is_enabled, created_at, updated_at) VALUES
  (1, 'anna', 'anna', 'Anna@Example.net', 'admin', 'hash', TRUE, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (2, 'otto', 'otto', 'anna@example.net', 'viewer', 'hash', TRUE, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (3, 'olga', 'olga', NULL, 'operator', 'hash', FALSE, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at) VALUES
  (1, 'token', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-02-01 00:00:00');
INSERT INTO setup_tokens (id, token_hash, created_at, expires_at) VALUES
  (1, 'offer', '2026-01-01 00:00:00', '2026-01-01 01:00:00');
INSERT INTO data_keys (id, wrapped, created_at) VALUES (1, 'wrapped', '2026-01-01 00:00:00');
INSERT INTO credentials (id, row_key, username, created_at, updated_at) VALUES
  (1, 'key', 'backup', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO devices (id, name, name_key, address, port, platform, transport, description, is_enabled, credential_id,
    version, created_at, updated_at) VALUES
  (1, 'core-1', 'core-1', '192.0.2.1', 22, 'cisco_ios', 'ssh', '', TRUE, 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (2, 'core-2', 'core-2', '192.0.2.1', 2222, 'frr', 'ssh', '', FALSE, NULL, 3, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO tags (name, created_at) VALUES ('site-a', '2026-01-01 00:00:00');
INSERT INTO device_tags (device_id, tag_id) VALUES (1, 1);
INSERT INTO host_keys (id, device_id, address, port, algorithm, fingerprint, public_key, pinned_at, pinned_by) VALUES
  (1, 1, '192.0.2.1', 22, 'ssh-ed25519', 'SHA256:x', 'x', '2026-01-01 00:00:00', 'netraven');
INSERT INTO schedules (id, name, every_minutes, daily_at, zone, is_enabled, next_run_at, created_at, updated_at) VALUES
  (1, 'hourly', 60, NULL, NULL, TRUE, '2026-01-01 01:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (2, 'nightly', NULL, '02:30', 'Europe/Berlin', FALSE, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO batches (id, schedule_id, slot_at, started_by, created_at) VALUES
  (1, 2, '2026-01-01 01:30:00', 'nightly', '2026-01-01 01:30:00'),
  (2, NULL, NULL, 'console', '2026-01-01 02:00:00');
INSERT INTO jobs (id, kind, batch_id, device_id, device_name, state, started_by, priority, queued_at, due_at, attempt,
    fence, is_cancel_wanted) VALUES
  (1, 'back_up', 1, 1, 'core-1', 'succeeded', 'nightly', 5, '2026-01-01 01:30:00', '2026-01-01 01:30:00', 1, 1, FALSE),
  (2, 'back_up', 2, 1, 'core-1', 'queued', 'console', 1, '2026-01-01 02:00:00', '2026-01-01 02:00:00', 0, 0, FALSE);
INSERT INTO entries (job_id, seq, at, level, text) VALUES (1, 1, '2026-01-01 01:30:01', 'info', 'a line');
INSERT INTO screens (job_id, sealed) VALUES (1, 'sealed');
INSERT INTO contents (sha256, sealed, bytes, created_at) VALUES ('abc', 'sealed', 6, '2026-01-01 01:30:02');
INSERT INTO backups (id, device_id, job_id, platform, taken_at, verified_at, seen, sha256, fingerprint, bytes, lines,
    added, removed) VALUES
  (1, 1, 1, 'cisco_ios', '2026-01-01 01:30:02', '2026-01-01 01:30:02', 1, 'abc', 'fp', 6, 1, 1, 0);
INSERT INTO suspects (id, device_id, job_id, platform, taken_at, reason, sha256, bytes, lines) VALUES
  (1, 1, 1, 'cisco_ios', '2026-01-01 01:30:02', 'short', 'abc', 6, 1);
INSERT INTO audit_events (id, at, actor, event, object) VALUES (1, '2026-01-01 00:00:00', 'console', 'set_up', 'anna');
";

/// What a step back loses by its nature: the tables whose rows are not as they were, and why.
fn loses(step: &str) -> &'static [&'static str] {
    match step {
        // The old table knows two kinds; all become daily at midnight, off.
        "2026-11-24-080700_schedules" => &["schedules"],
        // The default tag was made on the way up, is an ordinary one on the way down, and stays on the devices.
        "2026-11-24-080200_tags" => &["tags", "device_tags"],
        _ => &[],
    }
}

// rows of the first release come up, keep what they said, and come down again.
#[tokio::test]
async fn rows_of_the_first_release_survive_every_step_up_down_and_up() {
    let (ladder, names) = (Ladder::new().await, steps());
    let first = names.iter().filter(|name| name.starts_with(FIRST)).count();
    for _ in 0..first {
        ladder.step(true).await;
    }
    let mut second = ladder.second().await;
    second.run(FILL).await;
    let mut seen = vec![rows(&mut second).await];
    assert!(
        seen[0].values().all(|rows| !rows.is_empty()),
        "a table of the first release is empty: {:?}",
        seen[0]
    );
    for _ in &names[first..] {
        ladder.step(true).await;
        seen.push(rows(&mut second).await);
    }
    let one = async |second: &mut crate::support::second::Second, sql: &str| second.texts(sql).await;
    assert_eq!(
        one(&mut second, "SELECT kind || ' ' || recurrence AS value FROM schedules ORDER BY id").await,
        [
            "interval {\"kind\":\"interval\",\"minutes\":60}",
            "daily {\"kind\":\"daily\",\"at\":\"02:30\",\"zone\":\"Europe/Berlin\"}"
        ]
    );
    let kept = "SELECT CAST(coalesce(schedule_id, 0) AS TEXT) AS value FROM batches ORDER BY id";
    assert_eq!(one(&mut second, kept).await, ["2", "0"], "batches keep their schedule");
    let mails = "SELECT coalesce(email_key, '-') AS value FROM users ORDER BY id";
    assert_eq!(one(&mut second, mails).await, ["anna@example.net", "-", "-"], "one address, one person");
    let tagged = "SELECT count(*) FROM device_tags JOIN tags ON tags.id = tag_id WHERE is_default";
    assert_eq!(one(&mut second, &format!("SELECT CAST(({tagged}) AS TEXT) AS value")).await, ["2"]);

    let mut lost = Vec::new();
    for (at, name) in names[first..].iter().enumerate().rev() {
        lost.extend_from_slice(loses(name));
        ladder.step(false).await;
        equal(&rows(&mut second).await, &seen[at], &lost, &format!("{name} taken back"));
        ladder.step(true).await;
        equal(&rows(&mut second).await, &seen[at + 1], &lost, &format!("{name} taken again"));
        ladder.step(false).await;
    }
}

type Rows = std::collections::BTreeMap<String, Vec<String>>;

/// Equal but for the tables that this step, or one further up that was taken back before it, changes for good: those
/// lose no row.
fn equal(now: &Rows, wanted: &Rows, lost: &[&str], when: &str) {
    assert_eq!(now.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{when}");
    for (table, rows) in wanted {
        if lost.contains(&table.as_str()) {
            assert!(now[table].len() >= rows.len(), "{table}: {when}");
        } else {
            assert_eq!(&now[table], rows, "{table}: {when}");
        }
    }
}

// a house in use goes down to the first release and up again with all that the first release knew.
#[tokio::test]
async fn a_house_in_use_goes_down_to_the_first_release_and_up_again() {
    let house = House::new().await;
    let core = &house.core;
    house.person(Role::Admin).await;
    stock::shared(core, "tacacs").await;
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname core-1\nend\n").await;
    stock::version(core, device, "hostname core-1\n!\nend\n").await;
    stock::suspect(core, device, "hostname\n").await;
    stock::schedule(core, "hourly", "60").await;
    stock::rule(core, "cores", "core", "name starts core-").await;
    stock::blackout(core, "nights", &["0"], ("22:00", "04:00")).await;
    stock::import(core, "hostname,address,platform\nbranch-1,192.0.2.200,frr\nbranch 2,,\n").await;
    let url = house.places.database_url.clone();
    let folder = house.close_and_keep().await;
    let ladder = Ladder { url, _folder: folder };
    let mut second = ladder.second().await;
    let names = steps();
    let later = names.iter().filter(|name| !name.starts_with(FIRST)).count();
    let counts = async |second: &mut crate::support::second::Second| {
        rows(second).await.into_iter().map(|(table, rows)| (table, rows.len())).collect::<Vec<_>>()
    };
    let before = counts(&mut second).await;
    for _ in 0..later {
        ladder.step(false).await;
    }
    for (table, count) in counts(&mut second).await {
        assert!(before.contains(&(table.clone(), count)), "{table} has {count} rows of {before:?}");
    }
    for _ in 0..later {
        ladder.step(true).await;
    }
    assert_eq!(schedule_of(&mut second).await, ["hourly daily"]);
    for table in ["users", "devices", "backups", "suspects", "jobs", "batches", "contents", "audit_events"] {
        let after = counts(&mut second).await;
        let find = |all: &[(String, usize)]| all.iter().find(|(name, _)| name == table).cloned();
        assert_eq!(find(&after), find(&before), "{table}");
    }
}

async fn schedule_of(second: &mut crate::support::second::Second) -> Vec<String> {
    second.texts("SELECT name || ' ' || kind AS value FROM schedules").await
}
