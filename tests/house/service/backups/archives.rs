//! Archives and comparisons.

use std::io::{Cursor, Read};

use netraven::{
    domain::{
        access::{ReadRaw, ViewDevices},
        id::BackupId,
    },
    service::backups::{
        self,
        compare::{Side, compare_any},
        export::{self, Export, ExportError, Which},
    },
};

use super::{two, within};
use crate::support::{house::House, sql, stock};

async fn unpacked(mut export: Export) -> Vec<(String, String)> {
    let mut bytes = Vec::new();
    while let Some(more) = export.next().await.unwrap() {
        bytes.extend(more);
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), text)
        })
        .collect()
}

fn all() -> Which {
    Which::Matching(Box::default(), None)
}

// S-73, S-77
#[tokio::test]
async fn an_archive_is_masked_unless_raw_is_asked_for_and_is_written_down_first() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname core-1\nenable secret 5 hunter2\nend\n").await;
    let export = export::masked(&house.core, &stock::grant::<ViewDevices>(), &all()).await.unwrap();
    let told = "SELECT count(*) FROM audit_events WHERE event = 'exported'";
    assert_eq!(sql::number(&house.core, told).await, 1, "before a byte went out");
    let files = unpacked(export).await;
    assert_eq!(files[0].0, "core-1/2026-03-01T120000Z-v1.cfg");
    assert!(files[0].1.contains("<secret:") && !files[0].1.contains("hunter2"));
    assert_eq!(files[1].0, "index.csv");
    assert!(files[1].1.contains("core-1/2026-03-01T120000Z-v1.cfg,core-1,1,2026-03-01T12:00:00Z,cisco_ios"));
    let files = unpacked(export::raw(&house.core, &stock::grant::<ReadRaw>(), &all()).await.unwrap()).await;
    assert!(files[0].1.contains("hunter2"));
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM audit_events WHERE event = 'raw_read'").await,
        1
    );
}

#[tokio::test]
async fn hostile_names_notes_and_damage_stay_harmless() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname one\nend\n").await;
    stock::version(&house.core, device, "hostname two\nend\n").await;
    // No form takes such a name; a database may hold it all the same.
    sql::run(&house.core, "UPDATE devices SET name = '../../=x'").await;
    sql::run(&house.core, "UPDATE backups SET note = '=cmd()'").await;
    let empty = if sql::is_sqlite(&house.core).await { "x'00'" } else { "'\\x00'::bytea" };
    sql::run(
        &house.core,
        &format!(
            "UPDATE contents SET sealed = {empty} WHERE sha256 = (SELECT sha256 FROM backups WHERE id = 1)"
        ),
    )
    .await;
    let files = unpacked(export::masked(&house.core, &stock::grant(), &all()).await.unwrap()).await;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["_.__x/2026-03-01T120000Z-v2.cfg", "index.csv"]);
    let index = &files[1].1;
    assert!(index.contains("'=cmd()") && index.contains("damaged: not in the archive"), "{index}");
}

// S-37
#[tokio::test]
async fn an_archive_holds_no_foreign_version_and_not_too_many() {
    let house = House::new().await;
    let (_, _, user) = two(&house).await;
    let by = within::<ViewDevices>(user);
    let these = |ids: &[i64]| Which::These(ids.iter().map(|id| BackupId(*id)).collect());
    let files = unpacked(export::masked(&house.core, &by, &these(&[1, 2, 1])).await.unwrap()).await;
    assert_eq!(files.len(), 2);
    let none = export::masked(&house.core, &by, &these(&[2])).await;
    assert!(matches!(none, Err(ExportError::Nothing)));
    let many: Vec<i64> = (1..=2_001).collect();
    assert!(matches!(export::masked(&house.core, &by, &these(&many)).await, Err(ExportError::TooMany)));
    sql::run(&house.core, "UPDATE backups SET bytes = 300000000 WHERE id = 1").await;
    assert!(matches!(
        export::masked(&house.core, &by, &all()).await,
        Err(ExportError::TooLarge(300_000_000))
    ));
    let text = Which::Matching(Box::default(), Some("foreign".to_owned()));
    let found = export::chosen(&house.core, &stock::grant(), &text).await.unwrap();
    assert_eq!(found.iter().map(|version| version.id.0).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn pasted_text_is_masked_by_the_rules_of_the_other_side_and_not_kept() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let id = stock::version(&house.core, device, "hostname core-1\nenable secret 5 hunter2\nend\n").await;
    let version = backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    let before = sql::everything(&house.core).await;
    let by = stock::grant::<ViewDevices>();
    let pasted = "hostname core-1\r\nenable secret 5 swordfish\r\nend\r\n";
    let sides = (Side::Version(&version), Side::Pasted(pasted));
    let diff = compare_any(&house.core, &by, sides, None).await.unwrap();
    let told = format!("{:?}", diff.parts);
    assert_eq!((diff.added, diff.removed), (1, 1));
    assert!(!told.contains("swordfish") && !told.contains("hunter2"), "{told}");
    let sides = (Side::Pasted("password hunter2\n"), Side::Pasted("password swordfish\n"));
    let diff = compare_any(&house.core, &by, sides, None).await.unwrap();
    let told = format!("{:?}", diff.parts);
    assert!(diff.added == 1 && !told.contains("swordfish") && !told.contains("hunter2"), "{told}");
    assert_eq!(sql::everything(&house.core).await, before);
}
