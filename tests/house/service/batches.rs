//! Batches: numbers that are true, causes that can be tried again, an end for what is left.

use netraven::{
    domain::{
        access::{Actor, Grant, Permission, Role, Scope, ViewDevices},
        batch::{BatchFilter, BatchState, Cause, Counts},
        failure::{Failure, FailureClass, Stage},
        id::{BatchId, CredentialId, DeviceId, UserId},
        job::{Claimed, Ended, JobFilter, JobKind, JobState, UsedCredential},
        page::PageRequest,
    },
    service::{
        Core, batches,
        capture::{self, Brought},
        jobs::{self, Which},
        queue,
    },
};

use crate::support::{house::House, sql, stock};

const FIRST: PageRequest = PageRequest::first(50);

/// Ends a job with a failure.
async fn fail(core: &Core, job: &Claimed, class: FailureClass, credential: Option<(CredentialId, &str)>) {
    let credential = credential.map(|(id, name)| (id, name.to_owned()));
    let failure = Failure { credential, ..Failure::new(class, Stage::Auth, "It failed.") };
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended: Ended::Failed(failure),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap().unwrap();
}

async fn devices(core: &Core, count: usize) -> Vec<DeviceId> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(stock::device(core, &format!("core-{number}")).await);
    }
    ids
}

/// A batch of nine: one stored, four failed for three reasons, two running, two waiting.
async fn mixed(house: &House) -> (BatchId, Vec<DeviceId>) {
    let core = &house.core;
    let ids = devices(core, 9).await;
    let tacacs = stock::shared(core, "tacacs").await;
    let started = jobs::back_up(core, &stock::grant(), Which::These(ids.clone())).await.unwrap().unwrap();
    let mut claimed = stock::claim(core, "w", 7).await;
    claimed.sort_by_key(|job| job.device);
    assert_eq!(claimed.iter().map(|job| job.device).collect::<Vec<_>>(), ids[..7]);
    stock::bring(core, &claimed[0], "hostname core-0\nend\n").await;
    let refused = Some((tacacs, "the shared credential tacacs"));
    fail(core, &claimed[1], FailureClass::AuthFailed, refused).await;
    fail(core, &claimed[2], FailureClass::AuthFailed, refused).await;
    fail(core, &claimed[3], FailureClass::Timeout, refused).await;
    fail(core, &claimed[4], FailureClass::Timeout, None).await;
    (started.batch, ids)
}

fn within<P: Permission>(user: UserId) -> Grant<P> {
    Actor { user: Some(user), role: Role::Operator, scope: Scope::TagsOf(user), ..Actor::console() }
        .grant()
        .unwrap()
}

async fn counts(core: &Core, batch: BatchId) -> Counts {
    batches::find(core, &stock::grant(), batch).await.unwrap().unwrap().1.counts
}

#[tokio::test]
async fn a_batch_tells_how_far_it_is_and_why_jobs_failed() {
    let house = House::new().await;
    let core = &house.core;
    let (id, _) = mixed(&house).await;
    let by = stock::grant::<ViewDevices>();
    let (batch, progress) = batches::find(core, &by, id).await.unwrap().unwrap();
    assert_eq!((batch.started_by.as_str(), batch.slot, batch.schedule), ("console", None, None));
    let wanted = Counts { stored: 1, failed: 4, running: 2, waiting: 2, ..Counts::default() };
    assert_eq!((progress.counts, progress.kind), (wanted, Some(JobKind::BackUp)));
    assert_eq!((progress.worked, progress.counts.state()), (5, BatchState::Running));
    assert_eq!(progress.started_at, Some(house.clock.now()));
    let told: Vec<_> =
        progress.causes.iter().map(|(it, n)| (it.class, it.credential.as_deref(), *n)).collect();
    let tacacs = Some("the shared credential tacacs");
    assert_eq!(told[0], (FailureClass::AuthFailed, tacacs, 2), "the most frequent first");
    assert_eq!(told.len(), 3);
    for rest in [(FailureClass::Timeout, tacacs, 1), (FailureClass::Timeout, None, 1)] {
        assert!(told.contains(&rest), "{told:?}");
    }
    // The link of each cause leads to exactly its jobs.
    for (cause, number) in &progress.causes {
        let credential = cause.credential.clone().map_or(UsedCredential::None, UsedCredential::Named);
        let filter = JobFilter {
            batch: Some(id),
            state: Some(cause.state),
            class: Some(cause.class),
            credential: Some(credential),
            ..JobFilter::default()
        };
        assert_eq!(jobs::list(core, &by, &filter, FIRST).await.unwrap().total, *number, "{cause:?}");
    }
    // The list knows the same, and finds what is under way.
    stock::schedule(core, "nightly", "60").await;
    let filter = BatchFilter { is_under_way: true, ..BatchFilter::default() };
    let listed = batches::list(core, &by, &filter, FIRST).await.unwrap();
    assert_eq!((listed.total, listed.rows[0].0.id, listed.rows[0].1.counts), (1, id, wanted));
    batches::cancel(core, &stock::grant(), id).await.unwrap();
    queue::release(core, "w").await.unwrap();
    assert_eq!(batches::list(core, &by, &filter, FIRST).await.unwrap().total, 0);
    assert_eq!(batches::list(core, &by, &BatchFilter::default(), FIRST).await.unwrap().total, 1);
    assert_eq!(counts(core, id).await.state(), BatchState::Failed);
}

// what waits is canceled at once, what runs is asked; the trail knows who did it.
#[tokio::test]
async fn canceling_a_batch_ends_what_waits_and_asks_what_runs() {
    let house = House::new().await;
    let core = &house.core;
    let (id, _) = mixed(&house).await;
    assert_eq!(batches::cancel(core, &stock::grant(), id).await.unwrap(), Some((2, 2)));
    let now = counts(core, id).await;
    assert_eq!((now.canceled, now.waiting, now.running, now.failed), (2, 0, 2, 4));
    assert!(stock::claim(core, "w2", 9).await.is_empty());
    assert_eq!(sql::number(core, "SELECT count(*) FROM jobs WHERE is_cancel_wanted").await, 2);
    let told = "SELECT count(*) FROM audit_events WHERE event = 'batch_canceled'";
    assert_eq!(sql::number(core, told).await, 1);
    assert_eq!(batches::cancel(core, &stock::grant(), BatchId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn what_failed_for_one_reason_is_tried_again_and_nothing_else() {
    let house = House::new().await;
    let core = &house.core;
    let (id, ids) = mixed(&house).await;
    let cause = |class, credential: Option<&str>| Cause {
        state: JobState::Failed,
        class,
        credential: credential.map(str::to_owned),
    };
    let refused = cause(FailureClass::AuthFailed, Some("the shared credential tacacs"));
    let again = batches::again(core, &stock::grant(), id, &refused).await.unwrap().unwrap();
    let queued: Vec<DeviceId> = again.jobs.iter().map(|(_, device)| *device).collect();
    assert_eq!((queued, again.joined), (ids[1..3].to_vec(), 0));
    assert_ne!(again.batch, id);
    // They have a job now; a second click starts no other.
    let twice = batches::again(core, &stock::grant(), id, &refused).await.unwrap().unwrap();
    assert_eq!(twice.joined, 2);
    let late = cause(FailureClass::Timeout, None);
    let again = batches::again(core, &stock::grant(), id, &late).await.unwrap().unwrap();
    assert_eq!(again.jobs[0].1, ids[4]);
    let never = cause(FailureClass::HostKeyChanged, None);
    assert!(batches::again(core, &stock::grant(), id, &never).await.unwrap().is_none());
    assert_eq!(counts(core, id).await.failed, 4, "the batch itself stays as it was");
}

// S-37
#[tokio::test]
async fn a_scope_sees_counts_cancels_and_repeats_its_own_devices_only() {
    let house = House::new().await;
    let core = &house.core;
    let (id, ids) = mixed(&house).await;
    house.person(Role::Operator).await;
    let tag = stock::tag(core, "site-a").await;
    let own = [ids[1], ids[5], ids[7]];
    netraven::service::tags::assign(core, &stock::grant(), &own, &[tag], true).await.unwrap();
    sql::run(core, "INSERT INTO user_tags (user_id, tag_id) SELECT users.id, tags.id FROM users, tags WHERE tags.name = 'site-a'").await;
    let user = UserId(sql::number(core, "SELECT max(id) FROM users").await);
    let by = within::<ViewDevices>(user);
    let (_, progress) = batches::find(core, &by, id).await.unwrap().unwrap();
    let wanted = Counts { failed: 1, running: 1, waiting: 1, ..Counts::default() };
    assert_eq!((progress.counts, progress.causes.len()), (wanted, 1));
    let (cause, _) = &progress.causes[0];
    let again = batches::again(core, &within(user), id, cause).await.unwrap().unwrap();
    assert_eq!(again.jobs.iter().map(|(_, device)| *device).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(batches::cancel(core, &within(user), id).await.unwrap(), Some((1, 1)));
    let all = counts(core, id).await;
    assert_eq!((all.waiting, all.running, all.canceled), (1, 2, 1), "the others go on");
    // A batch without a device of theirs is not there.
    sql::run(core, "DELETE FROM device_tags").await;
    assert!(batches::find(core, &by, id).await.unwrap().is_none());
    assert_eq!(batches::list(core, &by, &BatchFilter::default(), FIRST).await.unwrap().total, 0);
    assert_eq!(batches::cancel(core, &within(user), id).await.unwrap(), None);
}
