//! The bucket: sealed before it leaves, read back before it counts, and its absence loses nothing.

use std::fs;

use netraven::{
    domain::{backup::Soundness, failure::FailureClass, id::JobId, job::Outcome},
    service::{Core, backups, devices, jobs, upkeep},
};

use super::{all_read, keep_in, text, versions};
use crate::support::{house::House, s3::S3, sql, stock};

const ONE: &str = "hostname one\nenable secret 5 $1$abcd$Xyz0123456789Xyz0123.\nend\n";

async fn class(core: &Core) -> (Option<FailureClass>, String) {
    let newest = sql::number(core, "SELECT max(id) FROM jobs").await;
    let job = jobs::find(core, &stock::grant(), JobId(newest)).await.unwrap().unwrap();
    (job.class, job.message.unwrap_or_default())
}

#[tokio::test]
async fn contents_go_to_the_bucket_sealed_and_come_back() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    s3.introduce(core).await;
    keep_in(core, "s3").await;
    let device = stock::device(core, "core-1").await;
    let one = stock::version(core, device, ONE).await;
    assert_eq!(text(core, one).await.as_deref(), Ok(ONE));
    let objects = s3.objects();
    assert_eq!(objects.len(), 1, "{objects:?}");
    let bytes = String::from_utf8_lossy(&fs::read(&objects[0]).unwrap()).into_owned();
    assert!(!bytes.contains("hostname") && !bytes.contains("$1$abcd"));
    assert_eq!(
        sql::number(core, "SELECT count(*) FROM contents WHERE place = 's3' AND length(sealed) = 0").await,
        1
    );
    // The keys are nowhere in the clear.
    let everything = format!("{:?}", sql::everything(core).await);
    assert!(!everything.contains("a secret of the bucket"));
    // Damage and loss in the bucket are told, and mended by the next capture.
    let whole = fs::read(&objects[0]).unwrap();
    let mut hurt = whole.clone();
    hurt[40] ^= 1;
    fs::write(&objects[0], hurt).unwrap();
    assert!(text(core, one).await.is_err());
    fs::remove_file(&objects[0]).unwrap();
    assert!(text(core, one).await.unwrap_err().contains("not in the archive"));
    stock::version(core, device, "hostname two\nend\n").await;
    stock::version(core, device, ONE).await;
    assert_eq!(text(core, one).await.as_deref(), Ok(ONE));
}

#[tokio::test]
async fn a_bucket_that_is_away_fails_the_job_and_touches_nothing_that_is_kept() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    let good = stock::version(core, device, "hostname good\nend\n").await;
    keep_in(core, "s3").await;
    let bring = async |text: &str| {
        sql::run(core, "UPDATE jobs SET state = 'failed' WHERE state IN ('queued', 'retrying')").await;
        let job = stock::claimed(core, device).await;
        let outcome = stock::bring(core, &job, text).await;
        (outcome, class(core).await)
    };
    // Nobody has said who we are there.
    let (outcome, (class, message)) = bring(ONE).await;
    assert_eq!((outcome, class), (Some(Outcome::Error), Some(FailureClass::ArchiveFailed)));
    assert!(message.contains("arrived whole") && message.contains("no access key"), "{message}");
    s3.introduce_with(core, "wrong").await;
    let (_, (class, message)) = bring(ONE).await;
    assert_eq!(class, Some(FailureClass::ArchiveFailed));
    assert!(message.contains("the bucket cannot be reached") && !message.contains("wrong"), "{message}");
    s3.introduce(core).await;
    s3.away(true);
    let (_, (class, _)) = bring(ONE).await;
    assert_eq!(class, Some(FailureClass::ArchiveFailed));
    let current = devices::find(core, &stock::grant(), device).await.unwrap().unwrap().device.current_backup;
    assert_eq!(current, Some(good));
    assert_eq!(text(core, good).await.as_deref(), Ok("hostname good\nend\n"));
    assert_eq!(sql::number(core, "SELECT count(*) FROM backups").await, 1);
    s3.away(false);
    assert_eq!(bring(ONE).await.0, Some(Outcome::Stored));
    assert_eq!(s3.objects().len(), 1);
}

#[tokio::test]
async fn what_is_away_is_neither_damaged_nor_swept_and_what_nobody_names_goes() {
    let (house, s3) = (House::new().await, S3::start().await);
    let core = &house.core;
    s3.introduce(core).await;
    keep_in(core, "s3").await;
    let all = versions(core, 3).await;
    let stray = format!("netraven/contents/ab/{}.0123456789abcdef", "cd".repeat(31));
    let stray = s3.objects()[0].ancestors().nth(4).unwrap().join(stray);
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, b"x").unwrap();
    let foreign = stray.with_file_name("readme.txt");
    fs::write(&foreign, b"of another program").unwrap();
    s3.away(true);
    let id = all[0].0;
    assert!(netraven::service::backups::care::verify(core, &stock::grant(), id).await.is_err(), "cannot say");
    let version = backups::find(core, &stock::grant(), id).await.unwrap().unwrap();
    assert_eq!(version.soundness(), Soundness::Unchecked);
    s3.away(false);
    assert_eq!(upkeep::apply(core).await.unwrap().files, 0, "all are young");
    house.clock.advance(std::time::Duration::from_hours(24 * 365 * 30));
    assert_eq!(upkeep::apply(core).await.unwrap().files, 1);
    assert!(!stray.exists() && foreign.exists());
    all_read(core, &all, "after the clean-up").await;
}
