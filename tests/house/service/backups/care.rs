//! Pinning, noting, checking, deleting.

use netraven::{
    domain::{
        access::{DeleteBackups, NoteBackups},
        backup::{BackupNote, Soundness},
        id::{BackupId, SuspectId},
    },
    service::{
        backups::{
            self,
            care::{self, Accepted, DeleteBackupError},
        },
        devices,
    },
};

use super::{two, within};
use crate::support::{house::House, sql, stock};

async fn events(house: &House, event: &str) -> i64 {
    sql::number(&house.core, &format!("SELECT count(*) FROM audit_events WHERE event = '{event}'")).await
}

#[tokio::test]
async fn a_version_knows_who_asked_for_it_and_keeps_pin_and_note() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let id = stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let by = stock::grant::<NoteBackups>();
    let note: BackupNote = "before the move".parse().unwrap();
    assert!(care::pin(&house.core, &by, id, true).await.unwrap());
    assert!(care::note(&house.core, &by, id, &note).await.unwrap());
    assert!(care::note(&house.core, &by, id, &note).await.unwrap(), "the same again changes nothing");
    let kept = backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    assert_eq!(
        (kept.is_pinned, kept.note.as_str(), kept.started_by.as_str()),
        (true, "before the move", "console")
    );
    assert_eq!(events(&house, "backup_noted").await, 2);
    assert!(!care::pin(&house.core, &by, BackupId(99), true).await.unwrap());
}

#[tokio::test]
async fn a_doubtful_capture_is_accepted_once_and_not_behind_a_good_backup() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<NoteBackups>());
    let device = stock::device(core, "core-1").await;
    assert_eq!(care::accept(core, &by, SuspectId(1)).await.unwrap(), Accepted::Gone);
    stock::version(core, device, "hostname core-1\n!\n!\n!\nend\n").await;
    stock::suspect(core, device, "hostname core-1\n").await;
    for _ in 0..2 {
        assert_eq!(care::accept(core, &by, SuspectId(1)).await.unwrap(), Accepted::Done);
    }
    let current = backups::newest(core, &stock::grant(), device).await.unwrap().unwrap();
    assert_eq!((current.lines, current.accepted_lines), (5, Some(1)), "the version is the one it was");
    assert_eq!(events(&house, "backup_noted").await, 1, "the same again changes nothing");

    house.clock.advance(std::time::Duration::from_mins(1));
    stock::version(core, device, "hostname core-2\n!\nend\n").await;
    assert_eq!(care::accept(core, &by, SuspectId(1)).await.unwrap(), Accepted::Overtaken);
    let current = backups::newest(core, &stock::grant(), device).await.unwrap().unwrap();
    assert_eq!(current.accepted_lines, None);
}

// S-37
#[tokio::test]
async fn foreign_versions_are_not_there_for_care() {
    let house = House::new().await;
    let (_, _, user) = two(&house).await;
    let note: BackupNote = "x".parse().unwrap();
    let (core, by) = (&house.core, within::<NoteBackups>(user));
    assert!(!care::pin(core, &by, BackupId(2), true).await.unwrap());
    assert!(!care::note(core, &by, BackupId(2), &note).await.unwrap());
    assert!(care::verify(core, &by, BackupId(2)).await.unwrap().is_none());
    let refused = care::delete(core, &within::<DeleteBackups>(user), BackupId(2), true).await;
    assert!(matches!(refused, Err(DeleteBackupError::Gone)));
    assert!(care::pin(core, &by, BackupId(1), true).await.unwrap());
}

#[tokio::test]
async fn a_check_tells_good_from_damaged_and_is_written_down() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let id = stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let by = stock::grant::<NoteBackups>();
    assert_eq!(care::verify(&house.core, &by, id).await.unwrap(), Some(true));
    let state = async || {
        let kept = backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
        (kept.soundness(), kept.checked_at.is_some())
    };
    assert_eq!(state().await, (Soundness::Good, true));
    let empty = if sql::is_sqlite(&house.core).await { "x'00'" } else { "'\\x00'::bytea" };
    sql::run(&house.core, &format!("UPDATE contents SET sealed = {empty}")).await;
    assert_eq!(care::verify(&house.core, &by, id).await.unwrap(), Some(false));
    assert_eq!(state().await, (Soundness::Damaged, true));
    assert_eq!(events(&house, "backup_checked").await, 2);
}

#[tokio::test]
async fn the_newest_good_one_and_pinned_ones_stay_and_the_marks_stay_right() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<DeleteBackups>());
    let device = stock::device(core, "core-1").await;
    let old = stock::version(core, device, "hostname one\nend\n").await;
    house.clock.advance(std::time::Duration::from_hours(1));
    let middle = stock::version(core, device, "hostname two\nend\n").await;
    house.clock.advance(std::time::Duration::from_hours(1));
    let newest = stock::version(core, device, "hostname three\nend\n").await;
    let current = async || {
        let found = devices::find(core, &stock::grant(), device).await.unwrap().unwrap().device;
        (found.current_backup, found.last_changed_at)
    };
    assert!(matches!(care::delete(core, &by, newest, false).await, Err(DeleteBackupError::Newest)));
    care::pin(core, &stock::grant(), old, true).await.unwrap();
    assert!(matches!(care::delete(core, &by, old, true).await, Err(DeleteBackupError::Pinned)));
    // An older one goes without force and changes no mark.
    let before = current().await;
    let third = stock::version(core, device, "hostname four\nend\n").await;
    care::delete(core, &by, newest, false).await.unwrap();
    assert_eq!(current().await.0, Some(third));
    // The newest goes by force, and the one before it is current again.
    let busy = stock::claimed(core, device).await;
    assert!(matches!(care::delete(core, &by, third, true).await, Err(DeleteBackupError::Busy)));
    stock::bring(core, &busy, "hostname four\nend\n").await.unwrap();
    care::delete(core, &by, third, true).await.unwrap();
    let (now, changed) = current().await;
    assert_eq!(now, Some(middle));
    assert!(changed < before.1 && changed.is_some());
    assert!(backups::find(core, &stock::grant(), third).await.unwrap().is_none());
    assert_eq!(sql::number(core, "SELECT count(*) FROM jobs WHERE backup_id = 4").await, 0);
    assert_eq!(events(&house, "backup_deleted").await, 2);
    // A damaged newest is not the newest good one.
    sql::run(core, &format!("UPDATE backups SET is_damaged = TRUE WHERE id = {middle}")).await;
    care::delete(core, &by, middle, false).await.unwrap();
    care::pin(core, &stock::grant(), old, false).await.unwrap();
    care::delete(core, &by, old, true).await.unwrap();
    assert_eq!(current().await, (None, None));
    assert_eq!(sql::number(core, "SELECT count(*) FROM contents").await, 0);
}

//
#[tokio::test]
async fn a_text_that_another_version_or_suspect_has_stays() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<DeleteBackups>());
    let (a, b) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let one = stock::version(core, a, "hostname same\nend\n").await;
    let two = stock::version(core, b, "hostname same\nend\n").await;
    stock::suspect(core, b, "hostname same\nend\n").await;
    assert_eq!(sql::number(core, "SELECT count(*) FROM contents").await, 1);
    care::delete(core, &by, one, true).await.unwrap();
    let kept = backups::find(core, &stock::grant(), two).await.unwrap().unwrap();
    assert!(backups::download(core, &stock::grant(), &kept).await.is_ok());
    care::delete(core, &by, two, true).await.unwrap();
    assert_eq!(sql::number(core, "SELECT count(*) FROM contents").await, 1, "the suspect still has it");
}
