//! Reading back: what is damaged is found, exactly that, told, and cleared when it is whole again.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use netraven::{
    domain::{
        access::{Actor, Role},
        backup::Soundness,
        id::BackupId,
    },
    service::{
        Core, backups,
        storage::{
            self,
            verify::{self, Report, Share},
        },
    },
};
use tokio_util::sync::CancellationToken;

use super::{all_read, keep_in, text, versions};
use crate::support::{house::House, sql, stock};

async fn read_back(core: &Core, share: Share) -> Report {
    verify::run(core, &Actor::console(), (share, None), &CancellationToken::new(), |_| {}).await.unwrap()
}

async fn soundness(core: &Core, id: BackupId) -> Soundness {
    backups::find(core, &stock::grant(), id).await.unwrap().unwrap().soundness()
}

/// Turns the last byte of these contents round; twice is as before.
async fn flip(core: &Core, of: &[BackupId]) {
    for id in of {
        let turn = if sql::is_sqlite(core).await {
            "CAST(substr(sealed, 1, length(sealed) - 1) || CASE hex(substr(sealed, -1)) WHEN '00' THEN x'01' ELSE x'00' END AS BLOB)"
        } else {
            "set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1)"
        };
        let row = format!("(SELECT sha256 FROM backups WHERE id = {id})");
        sql::run(core, &format!("UPDATE contents SET sealed = {turn} WHERE sha256 = {row}")).await;
    }
}

async fn events(core: &Core, event: &str) -> i64 {
    sql::number(core, &format!("SELECT count(*) FROM audit_events WHERE event = '{event}'")).await
}

#[tokio::test]
async fn exactly_what_is_damaged_is_found_told_and_cleared_when_it_is_whole_again() {
    let house = House::new().await;
    let core = &house.core;
    let all = versions(core, 10).await;
    let hurt: Vec<BackupId> = [1, 4, 7].map(|number| all[number].0).to_vec();
    assert!(read_back(core, Share::All).await.is_well());
    sql::run(core, "CREATE TABLE kept AS SELECT * FROM contents").await;
    flip(core, &hurt).await;
    let report = read_back(core, Share::All).await;
    assert_eq!((report.checked, report.damaged.len(), report.mended), (10, 3, 0));
    let found: BTreeSet<&str> = report.damaged.iter().map(|(sha256, _)| sha256.as_str()).collect();
    for (id, kept) in &all {
        let version = backups::find(core, &stock::grant(), *id).await.unwrap().unwrap();
        let is_hurt = hurt.contains(id);
        assert_eq!(found.contains(version.sha256.as_str()), is_hurt);
        assert_eq!(version.soundness() == Soundness::Damaged, is_hurt, "version {id}");
        assert_eq!(text(core, *id).await.ok().as_ref() == Some(kept), !is_hurt, "others are not affected");
    }
    assert_eq!(events(core, "content_checked").await, 3);
    assert_eq!(sql::number(core, "SELECT count(*) FROM notices WHERE event = 'damaged'").await, 3);
    // Once more says the same, and nothing is told twice.
    assert_eq!(read_back(core, Share::All).await.damaged.len(), 3);
    assert_eq!(events(core, "content_checked").await, 3);
    let admin = house.signed_in(Role::Admin).await;
    let start = admin.page("/").await;
    assert!(start.contains("3 versions cannot be read back"), "{start}");
    let listed = admin.page("/backups?state=damaged").await;
    assert!(listed.matches("Damaged").count() >= 3);
    assert!(admin.page("/storage").await.contains("3 damaged"));
    // One is whole again: the row is as it was.
    let whole = "UPDATE contents SET sealed = (SELECT k.sealed FROM kept k WHERE k.sha256 = contents.sha256) WHERE sha256 = ";
    sql::run(core, &format!("{whole}(SELECT sha256 FROM backups WHERE id = {})", hurt[0])).await;
    // Another is mended by what the device sends.
    let device = backups::find(core, &stock::grant(), hurt[1]).await.unwrap().unwrap().device;
    stock::version(core, device, "hostname between\nend\n").await;
    stock::version(core, device, &all[4].1).await;
    assert_eq!(soundness(core, hurt[1]).await, Soundness::Good, "mended at once");
    let report = read_back(core, Share::All).await;
    assert_eq!((report.damaged.len(), report.mended), (1, 1));
    assert_eq!(soundness(core, hurt[0]).await, Soundness::Good);
    assert_eq!(soundness(core, hurt[2]).await, Soundness::Damaged);
    assert!(admin.page("/").await.contains("1 version cannot be read back"));
}

// A version is damaged when one of its two texts is.
#[tokio::test]
async fn every_version_that_needs_a_damaged_content_is_marked() {
    let house = House::new().await;
    let core = &house.core;
    let (a, b) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let one = stock::version(core, a, "hostname same\nend\n").await;
    let two = stock::version(core, b, "hostname same\nend\n").await;
    let other = stock::version(core, b, "hostname other\nend\n").await;
    let info = format!(
        "UPDATE backups SET info_sha256 = (SELECT sha256 FROM backups WHERE id = {one}) WHERE id = {other}"
    );
    sql::run(core, &info).await;
    flip(core, &[one]).await;
    assert_eq!(read_back(core, Share::All).await.damaged.len(), 1);
    for id in [one, two, other] {
        assert_eq!(soundness(core, id).await, Soundness::Damaged, "version {id}");
    }
    flip(core, &[other]).await;
    assert_eq!(read_back(core, Share::All).await.damaged.len(), 2);
    // The one that two share is mended; the third still misses the other.
    let sha256 = backups::find(core, &stock::grant(), one).await.unwrap().unwrap().sha256;
    assert!(verify::verdict(core, &Actor::console(), &sha256, None).await.unwrap());
    for (id, wanted) in [(one, Soundness::Good), (two, Soundness::Good), (other, Soundness::Damaged)] {
        assert_eq!(soundness(core, id).await, wanted, "version {id}");
    }
}

#[tokio::test]
async fn files_are_read_back_and_a_volume_that_is_away_is_no_damage() {
    let house = House::new().await;
    let core = &house.core;
    keep_in(core, "directory").await;
    let all = versions(core, 5).await;
    let folder = core.data_dir.join("contents");
    let file = async |id: BackupId| {
        let name = format!(
            "SELECT c.object AS value FROM contents c JOIN backups b ON b.sha256 = c.sha256 WHERE b.id = {id}"
        );
        folder.join(&sql::texts(core, &name).await[0])
    };
    let (flipped, cut, gone) = (file(all[0].0).await, file(all[1].0).await, file(all[2].0).await);
    let kept = [&flipped, &cut, &gone].map(|file| fs::read(file).unwrap());
    let mut bytes = kept[0].clone();
    bytes[50] ^= 1;
    fs::write(&flipped, bytes).unwrap();
    fs::write(&cut, &kept[1][..20]).unwrap();
    fs::remove_file(&gone).unwrap();
    assert_eq!(read_back(core, Share::All).await.damaged.len(), 3);
    for (number, (id, _)) in all.iter().enumerate() {
        assert_eq!(soundness(core, *id).await == Soundness::Damaged, number < 3);
    }
    let aside = core.data_dir.join("elsewhere");
    fs::rename(&folder, &aside).unwrap();
    let report = read_back(core, Share::All).await;
    assert_eq!((report.checked, report.damaged.len(), report.unreachable.0), (0, 0, 5));
    assert!(!report.is_well() && report.unreachable.1.unwrap().contains("cannot be reached"));
    assert_eq!(soundness(core, all[4].0).await, Soundness::Good, "nothing is said of it");
    fs::rename(&aside, &folder).unwrap();
    for (file, bytes) in [&flipped, &cut, &gone].into_iter().zip(kept) {
        fs::write(file, bytes).unwrap();
    }
    let report = read_back(core, Share::All).await;
    assert_eq!((report.damaged.len(), report.mended), (0, 3));
    all_read(core, &all, "when its file is back").await;
}

#[tokio::test]
async fn a_share_begins_with_those_that_were_read_longest_ago_and_time_and_stop_cut_it() {
    let house = House::new().await;
    let core = &house.core;
    versions(core, 20).await;
    let stale = "SELECT count(*) FROM contents WHERE checked_at < '2026-03-01 12:00:01'";
    house.clock.advance(Duration::from_hours(1));
    for left in [15, 10, 5, 0] {
        assert_eq!(read_back(core, Share::Percent(25.0)).await.checked, 5);
        assert_eq!(sql::number(core, stale).await, left);
        house.clock.advance(Duration::from_hours(1));
    }
    let over = Some(Instant::now());
    let none = CancellationToken::new();
    let report = verify::run(core, &Actor::console(), (Share::All, over), &none, |_| {}).await.unwrap();
    assert_eq!((report.checked, report.is_cut), (0, true));
    let stop = CancellationToken::new();
    let halt = |report: &Report| {
        if report.checked == 7 {
            stop.cancel();
        }
    };
    let report = verify::run(core, &Actor::console(), (Share::All, None), &stop, halt).await.unwrap();
    assert_eq!((report.checked, report.is_cut), (7, true));
    assert_eq!(
        sql::number(
            core,
            &format!(
                "SELECT count(*) FROM contents WHERE checked_at >= '{}'",
                house.clock.now().format("%Y-%m-%d %H:%M:%S")
            )
        )
        .await,
        7,
        "what was read is written down"
    );
}

// Every hour of every node asks; one reading a night comes of it, and every content has its turn within 30 days.
#[tokio::test]
async fn the_nights_read_everything_within_thirty_days() {
    let house = House::new().await;
    let core = &house.core;
    versions(core, 40).await;
    house.clock.advance(Duration::from_hours(12));
    assert_eq!(verify::nightly(core).await.unwrap(), None, "midnight is too early");
    let mut nights = 0;
    for hour in 0..24 * 29 {
        house.clock.advance(Duration::from_hours(1));
        let (one, other) = (verify::nightly(core).await.unwrap(), verify::nightly(core).await.unwrap());
        assert!(other.is_none(), "another node at hour {hour}");
        nights += i64::from(one.is_some());
    }
    assert_eq!(nights, 29);
    let before = (house.clock.now() - chrono::Duration::days(30)).format("%Y-%m-%d %H:%M:%S");
    assert_eq!(
        sql::number(core, &format!("SELECT count(*) FROM contents WHERE checked_at < '{before}'")).await,
        0
    );
    let oldest = storage::status(core, &stock::grant()).await.unwrap().held[0].oldest_check;
    assert!(oldest > house.clock.now() - chrono::Duration::days(29), "{oldest}");
    stock::set(core, "system.storage.verify_minutes", "0").await;
    house.clock.advance(Duration::from_hours(24));
    assert_eq!(verify::nightly(core).await.unwrap(), None, "switched off");
}
