//! Forms about what belongs to the whole house, foreign devices included.

use super::{Answer, Cell, Ids, TYPED, back, cell, one};
use crate::support::stock;

/// A schedule of these devices as the form has it.
fn schedule(devices: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("name", "Taken"),
        ("kind", "daily"),
        ("time", "02:30"),
        ("zone", "UTC"),
        ("targets", "devices"),
        ("devices", devices),
        ("grace", "60"),
        ("enabled", "on"),
        ("version", "1"),
    ]
}

/// Rules for all devices of a kind are for who sees them all.
fn platform(route: &str, ids: &Ids) -> Vec<Cell> {
    let only = "Only accounts that see all devices";
    let source = stock::changed_ios("^taken ");
    let form = |source, act| {
        [
            ("source", source),
            ("note", "Taken."),
            ("reach", "one"),
            ("device", TYPED),
            ("seen", "1"),
            ("act", act),
        ]
    };
    match route {
        "/platforms/new" => {
            let new = source.replacen("key = \"cisco_ios\"", "key = \"taken\"", 1);
            vec![cell(route, &form(&new, "save"), Answer::Again(only))]
        }
        "/platforms/{key}/edit" => {
            let path = "/platforms/cisco_ios/edit";
            let looked = [("source", source.as_str()), ("job", &ids.failed), ("act", "check")];
            vec![cell(path, &looked, Answer::Shown), cell(path, &form(&source, "save"), Answer::Again(only))]
        }
        "/platforms/{key}/use" => {
            let path = "/platforms/cisco_ios/use";
            vec![cell(path, &[("revision", "1")], back("/platforms/cisco_ios", only))]
        }
        _ => {
            let path = "/platforms/cisco_ios/aside";
            vec![cell(path, &[("state", "in_use")], back("/platforms/cisco_ios", only))]
        }
    }
}

pub(super) fn of_the_house(route: &str, ids: &Ids) -> Option<Vec<Cell>> {
    let shared = format!("/credentials/{}", ids.shared);
    let credential =
        |name| [("name", name), ("username", "taken"), ("password", "taken over"), ("version", "1")];
    let jump_host = |name| {
        [("name", name), ("address", "192.0.2.9"), ("credential", ids.shared.as_str()), ("version", "1")]
    };
    let user =
        [("username", "taken"), ("role", "admin"), ("scope", "all"), ("password", ""), ("version", "1")];
    let new_user = [("username", "new"), ("role", "admin"), ("scope", "all")];
    let person = format!("/users/{}", ids.person);
    let rule = [
        ("name", "Taken"),
        ("tag", ids.tag.as_str()),
        ("criteria", "name starts z"),
        ("enabled", "on"),
        ("version", "1"),
    ];
    let (only, people) = ("only accounts that see all devices", "see all devices");
    let rules = "your account sees only some";
    match route {
        "/schedules/new" => one(route, &schedule(TYPED), Answer::Again("There is no device with the name")),
        // A schedule belongs to the house; who may change whose is proven in `service::schedule_edits`.
        "/schedules/{id}/edit" => one("/schedules/1/edit", &schedule(TYPED), Answer::Ruled),
        "/schedules/{id}/run" => one("/schedules/1/run", &[], Answer::Ruled),
        "/schedules/{id}/toggle" => one("/schedules/2/toggle", &[("to", "on")], Answer::Ruled),
        "/blackouts/new" | "/blackouts/{id}" | "/blackouts/{id}/delete" | "/schedules/{id}/delete" => {
            one(route.replace("{id}", "2"), &[], Answer::Ruled)
        }
        "/audit/export" => one(route, &[("format", "csv")], Answer::Shown),
        "/credentials/new" => one(route, &credential("new"), Answer::Again(only)),
        "/credentials/{id}/edit" => one(format!("{shared}/edit"), &credential("tacacs"), Answer::Again(only)),
        "/credentials/{id}/tags" => {
            let form = [("tag", ids.tag.as_str()), ("priority", "10")];
            one(format!("{shared}/tags"), &form, back(&shared, only))
        }
        "/credentials/{id}/resume" | "/credentials/{id}/previous" | "/credentials/{id}/delete" => {
            let path = route.replace("/credentials/{id}", &shared);
            one(path, &[], back(&shared, only))
        }
        "/jump-hosts/new" => {
            one(route, &jump_host("new"), Answer::Again("only accounts that see all devices"))
        }
        "/jump-hosts/{id}" => {
            one("/jump-hosts/1", &jump_host("outer"), Answer::Again("only accounts that see all devices"))
        }
        "/jump-hosts/{id}/host-key" => {
            one("/jump-hosts/1/host-key", &[("fingerprint", "x")], back("/jump-hosts", only))
        }
        "/jump-hosts/{id}/delete" => one("/jump-hosts/1/delete", &[], back("/jump-hosts/1", only)),
        "/users/new" => one(route, &new_user, Answer::Again(people)),
        "/users/{id}/edit" => one(format!("{person}/edit"), &user, Answer::Again(people)),
        "/users/{id}/toggle" | "/users/{id}/sessions" => {
            one(route.replace("/users/{id}", &person), &[], back(&person, people))
        }
        "/users/{id}/link" => one(format!("{person}/link"), &[], Answer::Missing),
        "/users/{id}/delete" => one(format!("{person}/delete"), &[], Answer::Again(people)),
        "/rules/new" => one(route, &rule, Answer::Again(rules)),
        "/rules/{id}" => one("/rules/1", &rule, Answer::Again(rules)),
        "/rules/{id}/delete" => one("/rules/1/delete", &[], back("/rules/1", "account sees only some")),
        "/tags/{id}/edit" => one("/tags/3/edit", &[("name", "lab"), ("color", "#112233")], Answer::Ruled),
        "/tags/{id}/delete" => one("/tags/3/delete", &[], back("/tags/3", people)),
        "/platforms/new" | "/platforms/{key}/edit" | "/platforms/{key}/use" | "/platforms/{key}/aside" => {
            Some(platform(route, ids))
        }
        // A move is of everything that is kept, as the settings are of the whole house; no text is shown or lost by it.
        "/storage/move" => one("/storage/move?to=local", &[], Answer::Ruled),
        "/account/sessions" => one(route, &[("id", &ids.session)], back("/account", "0 sessions ended")),
        _ => None,
    }
}
