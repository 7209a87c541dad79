//! A version, its contents, its job's end, the device's marks: all of it, or nothing.

use netraven::{
    domain::{
        backup::NewBackup,
        fact::Learned,
        id::DeviceId,
        job::{Claimed, Ended, Outcome},
    },
    service::{
        Core, Fault,
        capture::{self, Brought},
    },
};

use super::keep_in;
use crate::support::{house::House, sql, stock};

/// From here on every change of a row counts, and the one with the number `at` fails as on a full disk.
async fn arm(core: &Core) {
    let tables = sql::tables(core).await;
    sql::run(
        core,
        "CREATE TABLE writes (n BIGINT NOT NULL, fails_at BIGINT NOT NULL); INSERT INTO writes VALUES (0, 0)",
    )
    .await;
    if sql::is_sqlite(core).await {
        for table in tables {
            for what in ["INSERT", "UPDATE", "DELETE"] {
                sql::run(core, &format!(
                    "CREATE TRIGGER count_{what}_{table} BEFORE {what} ON {table} BEGIN UPDATE writes SET n = n + 1; \
                     SELECT RAISE(ABORT, 'no space left') WHERE (SELECT n = fails_at FROM writes); END"
                )).await;
            }
        }
        return;
    }
    sql::run(core, "CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        UPDATE writes SET n = n + 1; IF (SELECT n = fails_at FROM writes) THEN RAISE EXCEPTION 'no space left'; END IF; \
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$").await;
    for table in tables {
        sql::run(core, &format!("CREATE TRIGGER count_write BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION count_write()")).await;
    }
}

async fn fail_at(core: &Core, number: i64) {
    sql::run(core, &format!("UPDATE writes SET n = 0, fails_at = {number}")).await;
}

async fn end(core: &Core, job: &Claimed, is_doubted: bool, text: &str) -> Result<Option<Outcome>, Fault> {
    let platform = core.platforms.get("cisco_ios").unwrap();
    let ended = if is_doubted {
        Ended::Doubted { raw: text.as_bytes().to_vec(), reason: "It is too short.".to_owned() }
    } else {
        Ended::Captured(NewBackup {
            raw: text.as_bytes().to_vec(),
            info: format!("About {text}"),
            learned: Learned::default(),
        })
    };
    let brought = Brought {
        job,
        platform: Some(platform),
        known: None,
        ended,
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await
}

/// Versions, suspects, contents, and devices that have something current.
async fn kept(core: &Core) -> Vec<i64> {
    let mut all = Vec::new();
    for table in ["backups", "suspects", "contents", "devices WHERE current_backup_id IS NOT NULL"] {
        all.push(sql::number(core, &format!("SELECT count(*) FROM {table}")).await);
    }
    all
}

async fn state(core: &Core, job: &Claimed) -> String {
    sql::texts(
        core,
        &format!("SELECT state || ' ' || COALESCE(outcome, '') AS value FROM jobs WHERE id = {}", job.id),
    )
    .await
    .remove(0)
}

/// Ends jobs of a device with the failure at the first, second, … write until one gets through; gives how many failed.
async fn exhaust(core: &Core, device: DeviceId, is_doubted: bool) -> i64 {
    let before = kept(core).await;
    let text = format!("hostname {device}\nend\n");
    fail_at(core, 0).await;
    let mut job = stock::claimed(core, device).await;
    for number in 1..200 {
        fail_at(core, number).await;
        let ended = end(core, &job, is_doubted, &text).await;
        fail_at(core, 0).await;
        let (now, state) = (kept(core).await, state(core, &job).await);
        match ended {
            Ok(Some(Outcome::Stored | Outcome::Suspect)) => {
                let more: Vec<i64> = now.iter().zip(&before).map(|(now, before)| now - before).collect();
                let wanted = if is_doubted { [0, 1, 1, 0] } else { [1, 0, 2, 1] };
                assert_eq!(more, wanted, "write {number}");
                assert!(state == "succeeded stored" || state == "failed suspect", "{state}");
                return number - 1;
            }
            // The failure itself could be written down, or not even that: then the job still waits for its lease to end.
            Ok(Some(Outcome::Error)) => {
                assert_eq!((now, state.as_str()), (before.clone(), "failed error"), "write {number}");
                job = stock::claimed(core, device).await;
            }
            Err(_) => assert_eq!((now, state.as_str()), (before.clone(), "running "), "write {number}"),
            other @ Ok(None | Some(Outcome::Unchanged)) => panic!("write {number}: {other:?}"),
        }
    }
    panic!("no job got through");
}

#[tokio::test]
async fn whichever_write_fails_everything_is_kept_or_nothing() {
    let house = House::new().await;
    let core = &house.core;
    let mut devices = Vec::new();
    for name in ["a", "b", "c", "d"] {
        devices.push(stock::device(core, name).await);
    }
    arm(core).await;
    let mut failed = Vec::new();
    for (place, is_doubted) in [("local", false), ("local", true), ("directory", false), ("directory", true)]
    {
        fail_at(core, 0).await;
        keep_in(core, place).await;
        failed.push(exhaust(core, devices.remove(0), is_doubted).await);
    }
    println!("writes that failed: {failed:?}");
    assert!(failed.iter().all(|count| *count >= 4), "{failed:?}");
}
