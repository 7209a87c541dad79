//! What lies on the disk shows nothing, and what was damaged is noticed (S-47 in part, S-51, R-29).

use std::fs;

use netraven::{
    domain::{access::Role, job::Outcome},
    service::backups,
};
use reqwest::StatusCode;

use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

const CONFIGURATION: &str = "hostname canary-host\nsnmp-server community canary-community RO\n\
                             username ops secret 5 $1$canary$hash\nbanner motd canary-banner\nend\n";

// S-51: grep the files themselves, the write-ahead log too.
#[tokio::test]
async fn neither_configurations_nor_passwords_are_readable_in_the_database_files() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    let new = stock::new_device("core-1", "192.0.2.1", "canary-password");
    let device = netraven::service::devices::create(&house.core, &stock::grant(), new).await.unwrap();
    stock::version(&house.core, device, CONFIGURATION).await;
    stock::suspect(&house.core, device, "canary-suspect\n").await;
    assert_eq!(operator.get("/devices/1").await.status(), StatusCode::OK);
    let mut haystacks: Vec<(String, Vec<u8>)> = sql::everything(&house.core)
        .await
        .into_iter()
        .map(|(table, rows)| (table, rows.join("\n").into_bytes()))
        .collect();
    let mut wal = 0;
    for entry in fs::read_dir(&house.places.data_dir).unwrap() {
        let path = entry.unwrap().path();
        wal += usize::from(path.extension().is_some_and(|end| end == "db-wal"));
        haystacks.push((path.display().to_string(), fs::read(path).unwrap()));
    }
    assert!(wal == 1 || !sql::is_sqlite(&house.core).await, "the write-ahead log was not looked at");
    for needle in ["canary", "snmp-server", PASSWORD, "Y2FuYXJ5", "63616E617279", "63616e617279"] {
        for (place, bytes) in &haystacks {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{place} holds {needle}");
        }
    }
}

/// Changes one byte in the middle of every text that is kept under one of these hashes.
async fn damage(house: &House, filter: &str) {
    let sql = if sql::is_sqlite(&house.core).await {
        let half = |from: &str, length: &str| format!("substr(hex(sealed), {from}, {length})");
        // The byte at 60, as two hexadecimal digits, becomes another one.
        let flipped = format!("CASE {} WHEN '00' THEN '01' ELSE '00' END", half("121", "2"));
        format!("unhex({} || {flipped} || {})", half("1", "120"), half("123", "1000000"))
    } else {
        "set_byte(sealed, 60, 255 - get_byte(sealed, 60))".to_owned()
    };
    sql::run(&house.core, &format!("UPDATE contents SET sealed = {sql} WHERE {filter}")).await;
}

//
#[tokio::test]
async fn a_flipped_byte_is_noticed_and_hurts_one_version_only() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    let device = stock::device(&house.core, "core-1").await;
    let hurt = stock::version(&house.core, device, "hostname one\nend\n").await;
    let whole = stock::version(&house.core, device, "hostname two\nend\n").await;
    damage(&house, &format!("sha256 = (SELECT sha256 FROM backups WHERE id = {hurt})")).await;
    let find = async |id| backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    let (hurt_backup, whole_backup) = (find(hurt).await, find(whole).await);
    assert!(backups::download(&house.core, &stock::grant(), &hurt_backup).await.is_err());
    assert!(backups::masked(&house.core, &stock::grant(), &hurt_backup).await.is_err());
    assert_eq!(
        backups::download(&house.core, &stock::grant(), &whole_backup).await.unwrap(),
        b"hostname two\nend\n"
    );
    // S-11: the page of the damaged version is an error page; the list and the other version are there.
    for (path, status) in [
        (format!("/backups/{hurt}"), StatusCode::INTERNAL_SERVER_ERROR),
        (format!("/backups/{whole}"), StatusCode::OK),
        ("/devices/1/backups".to_owned(), StatusCode::OK),
        ("/devices/1".to_owned(), StatusCode::OK),
    ] {
        assert_eq!(operator.get(&path).await.status(), status, "{path}");
    }
}

// a kept text that was damaged is mended by the same text when it arrives again.
#[tokio::test]
async fn a_damaged_text_is_mended_when_the_device_brings_it_again() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname one\nend\n").await;
    stock::version(&house.core, device, "hostname two\nend\n").await;
    damage(&house, "1 = 1").await;
    // The device goes back to its first configuration, whose kept text is damaged by now.
    let id = stock::version(&house.core, device, "hostname one\nend\n").await;
    let version = backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    let text = backups::download(&house.core, &stock::grant(), &version).await.unwrap();
    assert_eq!(text, b"hostname one\nend\n");
}

// a text that does not read back does not become a version, and says so.
#[tokio::test]
async fn a_text_that_does_not_read_back_is_no_success() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname one\nend\n").await;
    sql::run(&house.core, if sql::is_sqlite(&house.core).await { ROT_ON_SQLITE } else { ROT_ON_POSTGRES })
        .await;
    let job = stock::claimed(&house.core, device).await;
    assert_eq!(stock::bring(&house.core, &job, "hostname two\nend\n").await, Some(Outcome::Error));
    let class = sql::texts(&house.core, "SELECT class AS value FROM jobs WHERE class IS NOT NULL").await;
    assert_eq!(class, ["archive_failed"]);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM backups").await, 1);
}

/// A disk that writes something else than it is given, as `SQLite` can play it.
const ROT_ON_SQLITE: &str = "CREATE TRIGGER rot AFTER INSERT ON contents BEGIN \
    UPDATE contents SET sealed = x'00' WHERE sha256 = NEW.sha256; END; \
    CREATE TRIGGER rot_again AFTER UPDATE ON contents WHEN NEW.sealed <> x'00' BEGIN \
    UPDATE contents SET sealed = x'00' WHERE sha256 = NEW.sha256; END;";

/// The same on `PostgreSQL`.
const ROT_ON_POSTGRES: &str = "CREATE FUNCTION rot() RETURNS trigger LANGUAGE plpgsql AS \
    'BEGIN NEW.sealed = decode(''00'', ''hex''); RETURN NEW; END'; \
    CREATE TRIGGER rot BEFORE INSERT OR UPDATE ON contents FOR EACH ROW EXECUTE FUNCTION rot();";
