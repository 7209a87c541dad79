//! The numbers, family by family.

use std::sync::atomic::Ordering;

use super::{Family, Kind, Sample, Standing};
use crate::{
    domain::{
        node::{Duty, NodeKind},
        silence::{Silence, SilenceKind},
    },
    service::{Core, counters::RANGES_MS, duties},
};

/// Counts are far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "exact up to 2^53")]
pub(super) fn number(count: i64) -> f64 {
    count as f64
}

fn whole(count: u64) -> f64 {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

fn counted(count: usize) -> f64 {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A number about nothing in particular.
pub(super) fn plain(value: f64) -> Vec<Sample> {
    vec![Sample { suffix: "", labels: Vec::new(), value }]
}

fn of(label: &'static str, word: impl Into<String>, value: f64) -> Sample {
    Sample { suffix: "", labels: vec![(label, word.into())], value }
}

pub(super) fn gauge(name: &'static str, help: &'static str, samples: Vec<Sample>) -> Family {
    Family { name, help, kind: Kind::Gauge, samples }
}

fn counter(name: &'static str, help: &'static str, samples: Vec<Sample>) -> Family {
    Family { name, help, kind: Kind::Counter, samples }
}

pub(super) fn all(core: &Core, standing: &Standing) -> Vec<Family> {
    let mut families = queue(standing);
    families.extend(ends(core));
    families.extend(devices(standing));
    families.extend(planner(core, standing));
    families.extend(pool(standing));
    let version = vec![of("version", env!("CARGO_PKG_VERSION"), 1.0)];
    families.push(gauge("netraven_build_info", "The version that runs, as a label.", version));
    families
}

fn queue(standing: &Standing) -> Vec<Family> {
    let queue = &standing.queue;
    let states = queue.states.iter().map(|(state, count)| of("state", state.as_str(), number(*count)));
    let ratio = match queue.recent {
        (_, 0) => 1.0,
        (good, all) => number(good) / number(all),
    };
    vec![
        gauge(
            "netraven_jobs",
            "Jobs that wait, run, are tried again, or were given up because their process died each time.",
            states.collect(),
        ),
        gauge(
            "netraven_oldest_ready_job_seconds",
            "How long the job that is due and has waited longest has been due; 0 when none is.",
            plain(queue.oldest_seconds),
        ),
        gauge(
            "netraven_recent_success_ratio",
            "Of the jobs that ended within the last hour and were not canceled, the share that did what it should.",
            plain(ratio),
        ),
    ]
}

fn ends(core: &Core) -> Vec<Family> {
    let ended = core.counters.ends().into_iter().map(|(outcome, class, count)| {
        let class = class.map_or("", |class| class.as_str()).to_owned();
        let labels = vec![("outcome", outcome.as_str().to_owned()), ("class", class)];
        Sample { suffix: "", labels, value: whole(count) }
    });
    let (counts, total, took_ms) = core.counters.durations();
    let bucket = |most: String, count: u64| Sample {
        suffix: "_bucket",
        labels: vec![("le", most)],
        value: whole(count),
    };
    let mut took: Vec<Sample> = RANGES_MS
        .iter()
        .zip(counts)
        .map(|(most, count)| bucket((number(*most) / 1_000.0).to_string(), count))
        .collect();
    took.push(bucket("+Inf".to_owned(), total));
    took.push(Sample { suffix: "_sum", labels: Vec::new(), value: whole(took_ms) / 1_000.0 });
    took.push(Sample { suffix: "_count", labels: Vec::new(), value: whole(total) });
    let expired = core.counters.lease_expiries.load(Ordering::Relaxed);
    let forced = core.counters.jobs_ended_by_force.load(Ordering::Relaxed);
    let late = core.counters.jobs_out_of_time.load(Ordering::Relaxed);
    let panicked = core.counters.jobs_panicked.load(Ordering::Relaxed);
    vec![
        counter(
            "netraven_job_ends_total",
            "Attempts at jobs that ended in this process, by outcome and, where they failed, by class.",
            ended.collect(),
        ),
        Family {
            name: "netraven_job_duration_seconds",
            help: "How long the attempts at jobs that ended in this process took.",
            kind: Kind::Histogram,
            samples: took,
        },
        counter(
            "netraven_lease_expiries_total",
            "Jobs that this process freed because their worker had died.",
            plain(whole(expired)),
        ),
        counter(
            "netraven_jobs_out_of_time_total",
            "Jobs in this process that used up all the time that they had for their device.",
            plain(whole(late)),
        ),
        counter(
            "netraven_jobs_ended_by_force_total",
            "Jobs in this process that had not ended by themselves some time after their deadline: a fault.",
            plain(whole(forced)),
        ),
        counter(
            "netraven_jobs_panicked_total",
            "Jobs in this process whose code panicked: a fault.",
            plain(whole(panicked)),
        ),
    ]
}

fn devices(standing: &Standing) -> Vec<Family> {
    let stand = standing.devices.iter().map(|(s, count)| of("standing", s.as_str(), number(*count)));
    let count = |kind: SilenceKind| -> f64 {
        let found = standing.silent.iter().filter(|one| one.kind() == kind);
        found
            .map(|one| match one {
                Silence::Overdue { count, .. }
                | Silence::Unmatched { count, .. }
                | Silence::Unsent { count, .. } => number(*count),
                Silence::NotPlanned { .. } | Silence::Vanished { .. } => 1.0,
            })
            .fold(0.0, |sum, more| sum + more)
    };
    vec![
        gauge("netraven_devices", "Enabled devices by what their last job brought.", stand.collect()),
        gauge(
            "netraven_devices_overdue",
            "Enabled devices without a good backup for more than two intervals of their schedule.",
            plain(count(SilenceKind::Overdue)),
        ),
        gauge(
            "netraven_schedules_unmatched",
            "Enabled schedules that mean no enabled device.",
            plain(count(SilenceKind::Unmatched)),
        ),
        gauge(
            "netraven_nodes_vanished",
            "Nodes that fell silent with jobs in hand within the last hour.",
            plain(count(SilenceKind::Vanished)),
        ),
        gauge(
            "netraven_audit_lines_unsent",
            "Lines of the audit trail, where the first of them has waited for the log server for 15 minutes.",
            plain(count(SilenceKind::Unsent)),
        ),
    ]
}

fn planner(core: &Core, standing: &Standing) -> Vec<Family> {
    let known = &standing.nodes;
    let planned = known.planned_at().map(|at| number((known.now - at).num_milliseconds().max(0)) / 1_000.0);
    let kind = |kind: &NodeKind| {
        of("kind", kind.as_str(), counted(known.alive().filter(|node| node.kind == *kind).count()))
    };
    let duty = |duty: &Duty| of("duty", duty.as_str(), if duties::hold(core, *duty) { 1.0 } else { 0.0 });
    vec![
        gauge(
            "netraven_planner_silence_seconds",
            "How long ago a node last looked for schedules that are due; missing where none ever did.",
            planned.map(plain).unwrap_or_default(),
        ),
        gauge(
            "netraven_planner_lag_seconds",
            "How long the schedule that is due and has waited longest has been due; 0 when none is.",
            plain(standing.queue.lag_seconds),
        ),
        gauge("netraven_nodes", "Nodes that are there, by kind.", NodeKind::ALL.iter().map(kind).collect()),
        gauge(
            "netraven_duty",
            "1 where this process does for all nodes what the label says.",
            Duty::ALL.iter().map(duty).collect(),
        ),
    ]
}

fn pool(standing: &Standing) -> Vec<Family> {
    let mut connections = Vec::new();
    let mut waiting = Vec::new();
    for (name, load) in &standing.pool {
        for (state, count) in [("busy", load.busy), ("idle", load.idle)] {
            let labels = vec![("pool", (*name).to_owned()), ("state", state.to_owned())];
            connections.push(Sample { suffix: "", labels, value: counted(count) });
        }
        waiting.push(of("pool", *name, counted(load.waiting)));
    }
    vec![
        gauge("netraven_pool_connections", "Connections to the database, by pool and state.", connections),
        gauge("netraven_pool_waiting", "Callers that wait for a connection, by pool.", waiting),
        gauge(
            "netraven_pool_wait_seconds",
            "How long this request waited for a connection.",
            plain(standing.waited),
        ),
    ]
}
