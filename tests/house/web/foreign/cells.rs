//! The forms with something foreign in them, by route. A route that is not here fails the test.

mod whole;

use crate::{support::house::PASSWORD, web::scope::MARK};

/// What a person with a part of the devices is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// 404.
    Missing,
    /// Sent on to this page, which says this.
    Back(String, &'static str),
    /// Sent on to this page, which says this of what was their own among it.
    Own(&'static str, &'static str),
    /// Sent on to jobs: there was something of their own among it.
    Jobs,
    /// 422: the form again, saying this.
    Again(&'static str),
    /// 200, with what they may see.
    Shown,
    /// Whatever the rules of the whole house say; nothing foreign is changed or told.
    Ruled,
}

/// The name of the foreign device as somebody types it who has heard of it; the page may repeat it, and nothing else.
const TYPED: &str = "ZZForeign";

/// A form as it is sent.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) path: String,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) answer: Answer,
}

/// The numbers of what is in the house, as text.
#[derive(Debug)]
pub(super) struct Ids {
    pub(super) own: String,
    pub(super) own_version: String,
    pub(super) gone: String,
    pub(super) purged: String,
    pub(super) waiting: String,
    pub(super) failed: String,
    pub(super) batch: String,
    pub(super) failed_batch: String,
    pub(super) shared: String,
    pub(super) tag: String,
    pub(super) person: String,
    pub(super) session: String,
}

/// Forms about the person who sends them, or about the whole house and no device.
const OF_NO_DEVICE: &[&str] = &[
    "/account",
    "/account/notices",
    "/account/password",
    "/account/theme",
    "/audit/verify",
    "/confirm",
    // A list names its devices in a file: it has a test of its own.
    "/imports/new",
    "/keys/rotate",
    "/keys/{id}/remove",
    "/login",
    "/logout",
    "/mails/test",
    // What is pasted there is of nobody's device, and is not kept.
    "/platforms/propose",
    "/settings",
    "/settings/reset",
    "/setup",
    "/tags/new",
    "/welcome",
];

fn cell(path: impl Into<String>, fields: &[(&'static str, &str)], answer: Answer) -> Cell {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Cell { path: path.into(), fields, answer }
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of the table, which has none for other routes")]
fn one(path: impl Into<String>, fields: &[(&'static str, &str)], answer: Answer) -> Option<Vec<Cell>> {
    Some(vec![cell(path, fields, answer)])
}

fn back(to: &str, says: &'static str) -> Answer {
    Answer::Back(to.to_owned(), says)
}

const SELECT: &str = "select at least one device";

/// A device as the form has it.
fn device<'a>(name: &'a str, address: &'a str, version: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("name", name),
        ("address", address),
        ("port", "22"),
        ("platform", "cisco_ios"),
        ("transport", "ssh"),
        ("is_enabled", "on"),
        ("login", "own"),
        ("username", "taken"),
        ("password", "taken over"),
        ("description", "taken over"),
        ("version", version),
    ]
}

/// One act on the foreign device alone, and on it beside the own one.
fn bulk(ids: &Ids) -> Vec<Cell> {
    let path = "/devices/bulk";
    let mut cells = Vec::new();
    for act in [
        "backup",
        "check",
        "tag",
        "untag",
        "schedule",
        "credential",
        "jump_host",
        "algorithms",
        "enable",
        "disable",
        "delete",
    ] {
        let named = [
            ("act", act),
            ("devices", "1"),
            ("tag_id", &ids.tag),
            ("schedule_id", "1"),
            ("login", &ids.shared),
            ("jump_host", "none"),
            ("algorithms", "legacy"),
            ("sure", "yes"),
        ];
        cells.push(cell(path, &named, back("/devices", SELECT)));
    }
    let matching = [("act", "disable"), ("which", "all"), ("q", TYPED)];
    cells.push(cell(path, &matching, back("/devices", SELECT)));
    // In a list of many a foreign one counts as not there.
    for (act, says) in [
        ("disable", "1 device disabled"),
        ("enable", "1 device enabled"),
        ("credential", "1 device got the credential"),
        ("jump_host", "0 devices reached without a jump host"),
        ("algorithms", "0 devices changed: modern SSH algorithms only"),
    ] {
        let both = [
            ("act", act),
            ("devices", "1"),
            ("devices", &ids.own),
            ("login", "tags"),
            ("jump_host", "none"),
            ("algorithms", "modern"),
        ];
        cells.push(cell(path, &both, Answer::Own("/devices", says)));
    }
    let both = [("act", "backup"), ("devices", "1"), ("devices", ids.own.as_str())];
    cells.push(cell(path, &both, Answer::Jobs));
    cells
}

fn of_devices(route: &str, ids: &Ids) -> Option<Vec<Cell>> {
    let place = format!("{MARK}.example.net");
    match route {
        "/devices/new" => Some(vec![
            cell(route, &device("free-1", &place, ""), Answer::Again("another device")),
            cell(
                route,
                &device(TYPED, "free.example.net", ""),
                Answer::Again("There is a device named ZZForeign already"),
            ),
        ]),
        "/devices/check" | "/backups/run" => Some(vec![
            cell(route, &[("devices", "1")], back("/devices", SELECT)),
            cell(route, &[("devices", "1"), ("devices", &ids.own)], Answer::Jobs),
        ]),
        "/devices/bulk" => Some(bulk(ids)),
        "/devices/{id}/restore" => one(format!("/devices/{}/restore", ids.gone), &[], Answer::Missing),
        "/devices/{id}/purge" => one(format!("/devices/{}/purge", ids.purged), &[], Answer::Missing),
        "/devices/{id}/edit" => {
            one("/devices/1/edit", &device("taken", "taken.example.net", "1"), Answer::Missing)
        }
        "/devices/{id}/delete" => one("/devices/1/delete", &[], Answer::Missing),
        "/devices/{id}/platform" => {
            one("/devices/1/platform", &[("platform", "frr"), ("version", "1")], Answer::Missing)
        }
        "/devices/{id}/host-key" => {
            let form = [("fingerprint", "SHA256:new"), ("password", PASSWORD)];
            one("/devices/1/host-key", &form, Answer::Missing)
        }
        "/tags/{id}/attach" => {
            let tag = format!("/tags/{}", ids.tag);
            one(format!("{tag}/attach"), &[("device", TYPED)], back(&tag, "There is no device named"))
        }
        "/tags/{id}/detach" => {
            let lab = "/tags/3";
            one(format!("{lab}/detach"), &[("devices", "1")], back(lab, "from 0 devices"))
        }
        "/credentials/{id}/test" => {
            let shared = format!("/credentials/{}", ids.shared);
            let path = format!("{shared}/test");
            Some(vec![
                cell(path.clone(), &[("devices", "1")], back(&shared, SELECT)),
                cell(path, &[("devices", "1"), ("devices", &ids.own)], Answer::Jobs),
            ])
        }
        _ => None,
    }
}

fn of_versions_and_jobs(route: &str, ids: &Ids) -> Option<Vec<Cell>> {
    let nothing = || Answer::Again("No version is chosen, or none matches");
    match route {
        "/backups/export" | "/backups/export/raw" => Some(vec![
            cell(route, &[("version", "1"), ("version", "2")], nothing()),
            cell(route, &[("device", TYPED)], nothing()),
            cell(route, &[("device", TYPED), ("text", "hostname")], nothing()),
            cell(route, &[("version", "1"), ("version", &ids.own_version)], Answer::Shown),
        ]),
        "/backups/{id}/pin" => one("/backups/1/pin", &[("pinned", "yes")], Answer::Missing),
        "/suspects/{id}/accept" => one("/suspects/1/accept", &[], Answer::Missing),
        "/backups/{id}/note" => one("/backups/1/note", &[("note", "taken")], Answer::Missing),
        "/backups/{id}/verify" => one("/backups/1/verify", &[], Answer::Missing),
        "/backups/{id}/delete" => one("/backups/1/delete", &[("force", "on")], Answer::Missing),
        "/compare" => Some(vec![
            cell(route, &[("old", "1"), ("new", "2")], Answer::Again("There is no such version")),
            cell(
                route,
                &[("old", "1"), ("new", &ids.own_version)],
                Answer::Again("There is no such version"),
            ),
            cell(
                route,
                &[("old", "1"), ("text_new", "hostname x")],
                Answer::Again("There is no such version"),
            ),
        ]),
        "/batches/{id}/cancel" => one(format!("/batches/{}/cancel", ids.batch), &[], Answer::Missing),
        "/batches/{id}/again" => {
            let form = [("state", "failed"), ("class", "host_key_changed"), ("credential", "none")];
            one(format!("/batches/{}/again", ids.failed_batch), &form, Answer::Missing)
        }
        "/jobs/{id}/cancel" => one(format!("/jobs/{}/cancel", ids.waiting), &[], Answer::Missing),
        "/jobs/{id}/delete" => one("/jobs/1/delete", &[], Answer::Missing),
        "/jobs/{id}/transcript" => one(format!("/jobs/{}/transcript", ids.failed), &[], Answer::Missing),
        "/jobs/retention" => one(route, &[], Answer::Ruled),
        "/jobs/older" => one(route, &[("days", "1")], Answer::Ruled),
        "/imports/{id}" => {
            let form = [("separator", "comma"), ("has_header", "on"), ("platform", "frr")];
            one("/imports/2", &form, Answer::Missing)
        }
        "/imports/{id}/apply" => {
            one("/imports/2/apply", &[("tag", ""), ("leave_out", "on")], Answer::Missing)
        }
        "/imports/{id}/discard" => one("/imports/2/discard", &[], Answer::Missing),
        "/imports/{id}/undo" => one("/imports/1/undo", &[], Answer::Missing),
        _ => None,
    }
}

/// The forms of a route; `None` when nobody has said what a foreign object would be there.
pub(super) fn cells(route: &str, ids: &Ids) -> Option<Vec<Cell>> {
    if OF_NO_DEVICE.contains(&route) {
        return Some(Vec::new());
    }
    of_devices(route, ids)
        .or_else(|| of_versions_and_jobs(route, ids))
        .or_else(|| whole::of_the_house(route, ids))
}
