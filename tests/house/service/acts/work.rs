use netraven::{
    domain::{
        access::Actor,
        backup::Backup,
        batch::Cause,
        entry::{Entry, Level},
        failure::{Failure, FailureClass, Stage},
        id::{BatchId, JobId},
        job::{Ended, JobState},
        schedule::{NewBlackout, NewSchedule, Recurrence, Targets, Window},
        transcript::{Piece, Transcript, Way},
    },
    service::{
        backups::{self, care, contexts, export},
        batches, blackouts,
        capture::{self, Brought},
        jobs::{self, Which, logs, retention, transcript},
        queue, schedules, upkeep,
    },
};

use super::{OTHER, Table};
use crate::support::{house::House, stock};

#[tokio::test]
async fn schedules_and_black_outs() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "core-1").await;
    let of = |column: &str| format!("SELECT {column} FROM schedules WHERE name = 'named'");
    let new = |minutes: &str| NewSchedule {
        targets: Targets::Devices(vec![device]),
        ..NewSchedule::new("named", Recurrence::every(minutes).unwrap())
    };
    let create = async || schedules::create(core, &stock::grant(), &new("60")).await;
    let id = table.act("schedules/edit::create", (&of("kind"), "interval"), create).await;
    let update = async || schedules::update(core, &stock::grant(), (id, 1), &new("30")).await;
    table.act("schedules/edit::update", (&of("recurrence"), OTHER), update).await;
    let other = stock::device(core, "core-2").await;
    let add = async || schedules::add_devices(core, &stock::grant(), id, &[other]).await;
    table.act("schedules/members::add_devices", ("SELECT count(*) FROM schedule_devices", "2"), add).await;
    let batches = "SELECT count(*) FROM batches";
    let run = async || schedules::run(core, &stock::grant(), id).await;
    table.act("schedules/run::run", (batches, "1"), run).await;
    // The last batch must be over.
    crate::support::sql::run(core, "UPDATE jobs SET state = 'succeeded'").await;
    house.clock.advance(std::time::Duration::from_mins(31));
    let plan = async || schedules::plan(core, &Actor::system()).await;
    table.quiet("schedules/plan::plan", (&of("last_run_at"), OTHER), plan).await;
    let off = async || schedules::set_enabled(core, &stock::grant(), id, false).await;
    table.act("schedules/edit::set_enabled", (&of("next_run_at"), ""), off).await;

    let window = |ends: &str| Window::parse(&["0".to_owned()], ("22:00", ends), "UTC").unwrap();
    let new = |ends: &str| NewBlackout { name: "night".to_owned(), schedule: None, window: window(ends) };
    let ends = "SELECT ends FROM blackouts";
    let create = async || blackouts::create(core, &stock::grant(), &new("04:00")).await;
    let night = table.act("blackouts::create", (ends, "04:00"), create).await;
    let update = async || blackouts::update(core, &stock::grant(), night, &new("05:00")).await;
    table.act("blackouts::update", (ends, "05:00"), update).await;
    let delete = async || blackouts::delete(core, &stock::grant(), night).await;
    table.act("blackouts::delete", (ends, ""), delete).await;
    let delete = async || schedules::delete(core, &stock::grant(), id).await;
    table.act("schedules/edit::delete", (&of("name"), ""), delete).await;

    // Nobody takes this device, so that the standing order does.
    stock::device(core, "core-3").await;
    house.clock.advance(std::time::Duration::from_hours(24 * 3));
    let jobs = "SELECT count(*) FROM jobs WHERE device_name = 'core-3'";
    let order = async || schedules::standing_order(core).await;
    table.quiet("schedules/standing::standing_order", (jobs, "1"), order).await;
}

#[tokio::test]
async fn versions_and_what_is_said_of_them() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "core-1").await;
    let job = stock::claimed(core, device).await;
    let kept = "SELECT count(*) FROM backups";
    let bring = async || Ok::<_, String>(stock::bring(core, &job, "hostname core-1\nend\n").await);
    table.quiet("capture::record", (kept, "1"), bring).await;
    let id = stock::version(core, device, "hostname core-1\n!\nend\n").await;
    let of = |column: &str| format!("SELECT {column} FROM backups WHERE id = {id}");
    let pinned = of("CASE WHEN is_pinned THEN 'yes' ELSE 'no' END");
    let pin = async || care::pin(core, &stock::grant(), id, true).await;
    table.act("backups/care::pin", (&pinned, "yes"), pin).await;
    care::pin(core, &stock::grant(), id, false).await.unwrap();
    let note = "the move".parse().unwrap();
    let write = async || care::note(core, &stock::grant(), id, &note).await;
    table.act("backups/care::note", (&of("note"), "the move"), write).await;
    stock::suspect(core, device, "hostname core-1\n").await;
    let doubtful = backups::suspects(core, &stock::grant(), device).await.unwrap().remove(0).id;
    let accept = async || care::accept(core, &stock::grant(), doubtful).await;
    table.act("backups/care::accept", (&of("accepted_lines"), "1"), accept).await;
    let verify = async || care::verify(core, &stock::grant(), id).await;
    // What reading back finds stands, whatever becomes of the line about who asked for it.
    table.quiet("backups/care::verify", (&of("checked_at"), OTHER), verify).await;

    let backup = backups::find(core, &stock::grant(), id).await.unwrap().unwrap();
    let told = |event: &str| format!("SELECT count(*) FROM audit_events WHERE event = '{event}'");
    let download = async || backups::download(core, &stock::grant(), &backup).await;
    table.act("backups::download", (&told("raw_read"), "1"), download).await;
    let normalised = async || backups::normalised(core, &stock::grant(), &backup).await;
    table.act("backups::normalised", (&told("raw_read"), "2"), normalised).await;
    let these = export::Which::These(vec![id]);
    // Of a device that is divided, each of its texts alone.
    let part = stock::version(core, device, "!\nconfig vdom\nedit root\nconfig x\nend\nend\n").await;
    let part = backups::find(core, &stock::grant(), part).await.unwrap().unwrap();
    let part = Backup { platform: "fortinet_fortigate".to_owned(), ..part };
    let own = async || contexts::download(core, &stock::grant(), &part, "root").await;
    assert!(table.act("backups/contexts::download", (&told("raw_read"), "3"), own).await.is_some());
    let own = async || contexts::normalised(core, &stock::grant(), &part, "root").await;
    assert!(table.act("backups/contexts::normalised", (&told("raw_read"), "4"), own).await.is_some());
    care::delete(core, &stock::grant(), part.id, true).await.unwrap();
    let raw = async || export::raw(core, &stock::grant(), &these).await;
    table.act("backups/export::raw", (&told("raw_read"), "5"), raw).await;
    let masked = async || export::masked(core, &stock::grant(), &these).await;
    table.act("backups/export::masked", (&told("exported"), "1"), masked).await;
    let delete = async || care::delete(core, &stock::grant(), id, true).await;
    table.act("backups/care::delete", (kept, "1"), delete).await;

    stock::version(core, device, "hostname core-1\n! again\nend\n").await;
    house.clock.advance(std::time::Duration::from_hours(24 * 4_000));
    table.act("upkeep::apply", (kept, "1"), async || upkeep::apply(core).await).await;
}

#[tokio::test]
async fn jobs_and_their_logs() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "core-1").await;
    let waiting = "SELECT count(*) FROM jobs WHERE state = 'queued'";
    let these = || Which::These(vec![device]);
    let back_up = async || jobs::back_up(core, &stock::grant(), these()).await;
    let started = table.act("jobs::back_up", (waiting, "1"), back_up).await.unwrap();
    let cancel = async || jobs::cancel(core, &stock::grant(), started.jobs[0].0).await;
    table.act("jobs::cancel", (waiting, "0"), cancel).await;
    let check = async || jobs::check(core, &stock::grant(), these()).await;
    table.act("jobs::check", (waiting, "1"), check).await;

    let held = "SELECT lease_owner FROM jobs WHERE state = 'running'";
    let claim = async || Ok::<_, String>(stock::claim(core, "worker", 1).await);
    let taken = table.quiet("queue::claim", (held, "worker"), claim).await;
    let id = taken[0].id;
    let lines = vec![(taken[0].hold(), line(&house))];
    let keep = async || queue::keep_entries(core, &lines).await;
    table.quiet("queue::keep_entries", ("SELECT text FROM entries", "a line"), keep).await;
    house.clock.advance(std::time::Duration::from_secs(30));
    let until = "SELECT lease_until FROM jobs WHERE state = 'running'";
    let renew = async || queue::renew(core, "worker", &[id]).await;
    table.quiet("queue::renew", (until, OTHER), renew).await;
    let release = async || queue::release(core, "worker").await;
    table.quiet("queue::release", (held, ""), release).await;
    house.clock.advance(std::time::Duration::from_mins(10));
    stock::claim(core, "dead", 1).await;
    stock::leases_run_out(core).await;
    let free = async || Ok::<_, String>(stock::free(core).await);
    table.quiet("queue/lost::free", (held, ""), free).await;
    house.clock.advance(std::time::Duration::from_hours(1));
    let taken = stock::claim(core, "worker", 1).await;
    failed(&house, &taken[0]).await;
    logs_go(&house, &mut table, taken[0].id).await;
}

fn line(house: &House) -> Entry {
    Entry {
        seq: 1,
        at: house.core.now(),
        level: Level::Info,
        stage: None,
        text: "a line".to_owned(),
        was_truncated: None,
    }
}

#[tokio::test]
async fn batches_and_a_job_given_back() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "core-1").await;
    let these = Which::These(vec![device]);
    let batch = jobs::back_up(core, &stock::grant(), these).await.unwrap().unwrap().batch;
    let waiting = "SELECT count(*) FROM jobs WHERE state = 'queued'";
    let cancel = async || batches::cancel(core, &stock::grant(), batch).await;
    table.act("batches::cancel", (waiting, "0"), cancel).await;

    failed(&house, &stock::claimed(core, device).await).await;
    let batch = BatchId(table.number("SELECT max(id) FROM batches").await);
    let (state, class) = (JobState::Failed, FailureClass::HostKeyChanged);
    let cause = Cause { state, class, credential: None };
    let again = async || batches::again(core, &stock::grant(), batch, &cause).await;
    table.act("batches::again", (waiting, "1"), again).await;

    let job = stock::claim(core, "worker", 1).await.remove(0);
    let assign = async || match queue::assignment(core, &job).await {
        Ok(Ok(assignment)) => Ok(assignment),
        Ok(Err(failure)) => Err(failure.message),
        Err(fault) => Err(fault.to_string()),
    };
    let uses = ("SELECT count(*) FROM credential_uses", "1");
    let assignment = table.act("queue/assignment::assignment", uses, assign).await;
    assert!(assignment.attempts[0].is_noted);
    let lines = vec![(job.id, line(&house))];
    let back = async || queue::give_back(core, &job, &lines).await;
    table.quiet("queue::give_back", (waiting, "1"), back).await;
    assert_eq!(table.seen("SELECT text FROM entries WHERE text = 'a line'").await, "a line");
}

async fn failed(house: &House, job: &netraven::domain::job::Claimed) {
    let pieces = vec![Piece { way: Way::Received, text: "core-1#".to_owned() }];
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended: Ended::Failed(Failure::new(FailureClass::HostKeyChanged, Stage::Connect, "no")),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: Some(Transcript { pieces, was_truncated: false }),
        accepted: None,
    };
    capture::record(&house.core, brought).await.unwrap();
}

async fn logs_go(house: &House, table: &mut Table, id: JobId) {
    let core = &house.core;
    let reads = "SELECT count(*) FROM audit_events WHERE event = 'transcript_read'";
    let reveal = async || transcript::raw(core, &stock::grant(), id).await;
    table.act("jobs/transcript::raw", (reads, "1"), reveal).await;
    let gone = format!("SELECT count(*) FROM jobs WHERE id = {id}");
    let delete = async || logs::delete(core, &stock::grant(), id).await;
    table.act("jobs/logs::delete", (&gone, "0"), delete).await;
    let left = "SELECT count(*) FROM jobs";
    house.clock.advance(std::time::Duration::from_hours(24 * 4));
    let days = "3".parse().unwrap();
    let older = async || retention::delete_older(core, &stock::grant(), days).await;
    table.act("jobs/retention::delete_older", (left, "0"), older).await;
    let device = stock::device(core, "core-9").await;
    stock::version(core, device, "hostname core-9\nend\n").await;
    house.clock.advance(std::time::Duration::from_hours(24 * 400));
    let apply = async || retention::apply(core, &stock::grant()).await;
    table.act("jobs/retention::apply", (left, "0"), apply).await;
}
