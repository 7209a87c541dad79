//! The processes at work: who is there, with what, and who does what for all.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use chrono::{DateTime, Utc};

use crate::{
    domain::{
        access::ManageSettings,
        node::{Duty, Held, Node, NodeKind},
        setting::Storage,
    },
    service::{
        Core,
        nodes::{self, Known},
    },
    web::{
        error::PageError,
        parts::{Badge, Empty, Moment, Tone},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// A node.
struct Line {
    host: String,
    what: String,
    badge: Badge,
    jobs: String,
    duties: String,
    began: Moment,
    seen: Moment,
}

/// A duty.
struct Row {
    title: &'static str,
    meaning: &'static str,
    node: String,
    since: Option<Moment>,
    done: Option<Moment>,
}

fn title(duty: Duty) -> (&'static str, &'static str) {
    match duty {
        Duty::Plan => ("Planning", "Fires schedules, and the order for devices without one."),
        Duty::Notices => ("Mail", "Writes and sends mails."),
        Duty::Upkeep => {
            ("Upkeep", "Removes what is old, every hour, and reads back what is kept, every night.")
        }
        Duty::Trail => {
            ("Log server", "Sends the audit trail's new lines to the log server, where there is one.")
        }
    }
}

/// Moves what the database's clock says to this page's clock, so that "a minute ago" is one by both.
struct Times {
    database: DateTime<Utc>,
    here: DateTime<Utc>,
}

impl Times {
    fn of(&self, at: DateTime<Utc>) -> Moment {
        Moment::relative(self.here - (self.database - at))
    }
}

fn line(node: &Node, known: &Known, times: &Times) -> Line {
    let (tone, icon, word) = if node.is_silent(known.now) {
        (Tone::Bad, "circle-x", "Silent")
    } else if node.is_stopping {
        (Tone::Warn, "hourglass", "Stopping")
    } else if node.key_id == 0 {
        (Tone::Bad, "lock", "Sealed")
    } else {
        (Tone::Ok, "circle-check", "At work")
    };
    let kind = match node.kind {
        NodeKind::Serve => "Pages and jobs",
        NodeKind::Worker => "Jobs",
    };
    let duties: Vec<&str> = known
        .duties
        .iter()
        .filter(|held| is_held_by(held, node, known.now))
        .map(|h| title(h.duty).0)
        .collect();
    Line {
        host: node.host.clone(),
        what: format!("{kind}, process {}, version {}", node.pid, node.version),
        badge: Badge::new(tone, icon, word),
        jobs: format!("{} of {}", words::grouped(node.running.into()), words::grouped(node.places.into())),
        duties: if duties.is_empty() { "–".to_owned() } else { duties.join(", ") },
        began: times.of(node.started_at),
        seen: times.of(node.seen_at),
    }
}

fn is_held_by(held: &Held, node: &Node, now: DateTime<Utc>) -> bool {
    held.owner == node.name && held.held_until > now
}

fn row(duty: Duty, known: &Known, times: &Times) -> Row {
    let (title, meaning) = title(duty);
    let held = known.duties.iter().find(|held| held.duty == duty);
    let owner = held.and_then(|held| known.nodes.iter().find(|node| is_held_by(held, node, known.now)));
    Row {
        title,
        meaning,
        node: owner.map_or("Nobody".to_owned(), |node| format!("{}, process {}", node.host, node.pid)),
        since: held.filter(|_| owner.is_some()).map(|held| times.of(held.taken_at)),
        done: held.filter(|held| held.done_at > held.taken_at).map(|held| times.of(held.done_at)),
    }
}

/// Files in a data folder of one machine are not there for the others.
fn warning(core: &Core, known: &Known) -> Option<&'static str> {
    let mut hosts: Vec<&str> = known.alive().map(|node| node.host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    (hosts.len() > 1 && core.settings.now().storage == Storage::Directory).then_some(
        "Nodes run on several machines while new contents are kept as files of the data folder: it must be the same \
         folder on all of them. Otherwise keep contents in the database; see the settings.",
    )
}

#[derive(Template)]
#[template(path = "nodes/page.html")]
struct NodesPage {
    shell: Shell,
    warning: Option<&'static str>,
    summary: String,
    rows: Vec<Line>,
    held: Vec<Row>,
    empty: Empty,
}

/// `GET /nodes`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageSettings>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let known = nodes::known(&core, &by).await?;
    let times = Times { database: known.now, here: core.now() };
    let running: i64 = known.alive().map(|node| i64::from(node.running)).sum();
    let places: i64 = known.alive().map(|node| i64::from(node.places)).sum();
    reply::html(&NodesPage {
        shell,
        warning: warning(&core, &known),
        summary: format!(
            "{} running, {} at once at most",
            words::count(running, "job"),
            words::grouped(places)
        ),
        rows: known.nodes.iter().map(|node| line(node, &known, &times)).collect(),
        held: Duty::ALL.iter().map(|duty| row(*duty, &known, &times)).collect(),
        empty: Empty {
            icon: "server-2",
            title: "No node has said anything",
            text: "Nothing is planned and nothing is backed up until one is there. Start `netraven serve`.",
            action: None,
        },
    })
}
