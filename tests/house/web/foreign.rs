//! Every form of the table, filled in rightly, with something foreign in it (S-37): told as if it were not there, and
//! left as it is.

mod cells;

use netraven::{
    domain::{access::Role, id::DeviceId},
    service::{devices, import::staged},
    web::routes::{ROUTES, Route},
};
use reqwest::StatusCode;

use super::{
    imports::bring,
    location, matrix,
    scope::{MARK, OWN, divided, scoped},
};
use crate::support::{
    house::{House, Visitor},
    sql, stock,
};
use cells::{Answer, Cell, Ids, cells};

/// What a form gave: the status, where it leads, and what is said there or on the page itself.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    status: StatusCode,
    to: String,
    text: String,
}

async fn send(visitor: &Visitor, cell: &Cell) -> Given {
    let fields: Vec<(&str, &str)> = cell.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reply = visitor.post(&cell.path, &fields).await;
    let (status, to) = (reply.status(), location(&reply).to_owned());
    let text = if status == StatusCode::SEE_OTHER && !to.contains("/login") {
        visitor.get(&to).await.text().await.unwrap()
    } else {
        String::from_utf8_lossy(&reply.bytes().await.unwrap()).into_owned()
    };
    Given { status, to, text }
}

/// The page without what was typed into the form, which comes back in its fields.
fn shown(given: &Given, cell: &Cell) -> String {
    let typed = cell.fields.iter().map(|(_, value)| format!("value=\"{value}\""));
    typed.fold(given.text.clone(), |text, field| text.replace(&field, ""))
}

/// Every row of, about or under these devices, their credentials, and of what no person with a part of the devices may
/// change.
async fn foreign_rows(house: &House, (foreign, secrets): (&str, &str)) -> Vec<(&'static str, Vec<String>)> {
    let jobs = format!("job_id IN (SELECT id FROM jobs WHERE device_id IN ({foreign}))");
    let of_devices = format!("device_id IN ({foreign})");
    let mut rows = Vec::new();
    for (table, condition) in [
        ("devices", format!("id IN ({foreign})")),
        ("credentials", format!("id IN ({secrets})")),
        ("entries", jobs.clone()),
        ("screens", jobs.clone()),
        ("transcripts", jobs),
        ("imports", "created_by = 'console'".to_owned()),
        ("tag_rules", "id > 0".to_owned()),
        ("platform_revisions", "id > 0".to_owned()),
        ("credential_tags", "tag_id > 0".to_owned()),
        ("users", "username = 'viewer'".to_owned()),
        ("sessions", "user_id = (SELECT id FROM users WHERE username = 'viewer')".to_owned()),
        ("jobs", of_devices.clone()),
        ("backups", of_devices.clone()),
        ("suspects", of_devices.clone()),
        ("device_tags", of_devices.clone()),
        ("host_keys", of_devices.clone()),
        ("rule_matches", of_devices.clone()),
        ("import_rows", of_devices.clone()),
        ("credential_answers", of_devices.clone()),
        ("schedule_devices", of_devices.clone()),
        ("notices", of_devices),
    ] {
        let all = sql::whole(&house.core, table).await;
        rows.push((table, sql::texts(&house.core, &format!("{all} WHERE {condition} ORDER BY 1")).await));
    }
    rows
}

fn check(cell: &Cell, given: &Given, who: &str) {
    let about = format!("{} {:?} {who}: {} {}", cell.path, cell.fields, given.status, given.to);
    match &cell.answer {
        Answer::Missing => assert_eq!(given.status, StatusCode::NOT_FOUND, "{about}"),
        Answer::Back(to, says) => {
            assert_eq!((given.status, given.to.as_str()), (StatusCode::SEE_OTHER, to.as_str()), "{about}");
            assert!(given.text.contains(says), "{about} does not say {says}: {}", given.text);
        }
        Answer::Own(to, says) => {
            assert_eq!((given.status, given.to.as_str()), (StatusCode::SEE_OTHER, *to), "{about}");
            assert!(given.text.contains(says), "{about} does not say {says}: {}", given.text);
        }
        Answer::Jobs => {
            assert_eq!(given.status, StatusCode::SEE_OTHER, "{about}");
            assert!(given.to.starts_with("/jobs") || given.to.starts_with("/batches/"), "{about}");
        }
        Answer::Again(says) => {
            assert_eq!(given.status, StatusCode::UNPROCESSABLE_ENTITY, "{about}");
            assert!(given.text.contains(says), "{about} does not say {says}: {}", given.text);
        }
        Answer::Shown => assert!(given.status.is_success(), "{about}"),
        Answer::Ruled => assert!(!given.status.is_server_error(), "{about}"),
    }
    assert!(!shown(given, cell).contains(MARK), "{about} shows something foreign: {}", given.text);
}

fn forms() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.method == "POST")
}

async fn ids(house: &House) -> Ids {
    let one = async |sql: &str| sql::number(&house.core, sql).await.to_string();
    Ids {
        own: one(&format!("SELECT id FROM devices WHERE name = '{OWN}'")).await,
        own_version: one(&format!(
            "SELECT max(backups.id) FROM backups JOIN devices ON devices.id = device_id WHERE name = '{OWN}'"
        ))
        .await,
        gone: one(&format!("SELECT id FROM devices WHERE name = '{MARK}-gone-1'")).await,
        purged: one(&format!("SELECT id FROM devices WHERE name = '{MARK}-gone-2'")).await,
        waiting: one("SELECT max(id) FROM jobs").await,
        failed: one("SELECT max(id) FROM jobs WHERE class = 'host_key_changed'").await,
        batch: one("SELECT max(batch_id) FROM jobs").await,
        failed_batch: one("SELECT max(batch_id) FROM jobs WHERE class = 'host_key_changed'").await,
        shared: one("SELECT id FROM credentials WHERE name = 'tacacs'").await,
        tag: one("SELECT id FROM tags WHERE name = 'site-a'").await,
        person: one("SELECT id FROM users WHERE username = 'viewer'").await,
        session: one("SELECT coalesce(max(sessions.id), 0) FROM sessions JOIN users ON users.id = user_id WHERE username = 'viewer'")
            .await,
    }
}

#[tokio::test]
async fn no_form_reaches_what_is_foreign_and_none_tells_of_it() {
    let house = divided().await;
    house.clock.advance(std::time::Duration::from_hours(48));
    super::sign_in(&house, "viewer").await;
    let ids = ids(&house).await;
    let people = scoped(&house).await;
    let own = &ids.own;
    let foreign =
        sql::texts(&house.core, &format!("SELECT CAST(id AS TEXT) AS value FROM devices WHERE id <> {own}"))
            .await
            .join(",");
    let secrets = "SELECT CAST(id AS TEXT) AS value FROM credentials WHERE id NOT IN (SELECT credential_id FROM devices";
    let secrets = sql::texts(&house.core, &format!("{secrets} WHERE id = {own})")).await.join(",");
    let all = (foreign.as_str(), secrets.as_str());
    let before = foreign_rows(&house, all).await;
    let (mut sent, mut refusals) = (0, Vec::new());
    for route in forms() {
        let cells = cells(route.path, &ids)
            .unwrap_or_else(|| panic!("{} has no place among the cells of foreign objects", route.path));
        for (role, person) in &people {
            for cell in &cells {
                let given = send(person, cell).await;
                if matrix::may(Some(*role), route.access) {
                    check(cell, &given, &format!("as {role}"));
                } else {
                    assert_eq!(given.status, StatusCode::FORBIDDEN, "{} as {role}", cell.path);
                }
                sent += 1;
            }
        }
        let missing = cells.iter().filter(|cell| cell.answer == Answer::Missing);
        refusals.extend(missing.map(|cell| cell.path.clone()));
        assert_eq!(foreign_rows(&house, all).await, before, "{} changed something foreign", route.path);
    }
    println!("{sent} cells");
    // S-37: whoever reaches for what is foreign is in the trail.
    let told =
        sql::texts(&house.core, "SELECT object AS value FROM audit_events WHERE event = 'access_refused'")
            .await;
    for path in &refusals {
        assert!(told.iter().any(|line| line.contains(path.as_str())), "{path} is not in the trail");
    }
}

/// Whether the answer is the one that keeps somebody out; `None` for cells that never do.
fn is_kept_out(cell: &Cell, given: &Given) -> Option<bool> {
    match &cell.answer {
        Answer::Missing => Some(given.status == StatusCode::NOT_FOUND),
        Answer::Back(to, says) => Some(given.to == *to && given.text.contains(says)),
        Answer::Again(says) => {
            Some(given.status == StatusCode::UNPROCESSABLE_ENTITY && given.text.contains(says))
        }
        Answer::Own(..) | Answer::Jobs | Answer::Shown | Answer::Ruled => None,
    }
}

// The other half of the test above: the same forms work for who sees all, so that none of them is turned away there for
// something that has nothing to do with whose device it is.
#[tokio::test]
async fn each_of_these_forms_works_for_who_sees_everything() {
    let house = divided().await;
    house.clock.advance(std::time::Duration::from_hours(48));
    super::sign_in(&house, "viewer").await;
    let ids = ids(&house).await;
    let admin = super::sign_in(&house, "admin").await;
    let mut all: Vec<Cell> = forms().flat_map(|route| cells(route.path, &ids).unwrap_or_default()).collect();
    // What takes something away comes last.
    let ends = ["/edit", "/discard", "/undo", "/delete", "/purge", "/older", "/retention"];
    all.sort_by_key(|cell| ends.iter().position(|end| cell.path.ends_with(end)).map_or(0, |place| place + 1));
    let (mut works, mut turned_away) = (0, Vec::new());
    for cell in &mut all {
        if cell.path == "/imports/2/discard" {
            // The first one is applied by now.
            let list = format!("hostname,address,platform\n{MARK}-6,{MARK}-6.example.net,frr\n");
            staged::stage(&house.core, &stock::grant(), list.as_bytes()).await.unwrap();
            cell.path = "/imports/3/discard".to_owned();
        }
        let given = send(&admin, cell).await;
        match is_kept_out(cell, &given) {
            Some(true) => turned_away.push(format!("{} {:?}", cell.path, cell.fields)),
            Some(false) => works += 1,
            None => {}
        }
        assert!(!given.status.is_server_error(), "{} {:?}", cell.path, cell.fields);
        // For the next one it is there again, if it was deleted.
        devices::restore(&house.core, &stock::grant(), DeviceId(1)).await.ok();
    }
    println!("{works} cells");
    // Sessions are everybody's own: nobody ends another's there.
    assert_eq!(turned_away.len(), 1, "{turned_away:#?}");
    assert!(turned_away[0].starts_with("/account/sessions "), "{turned_away:#?}");
}

// S-37: a list that names foreign devices changes none of them, and its preview tells nothing of them.
#[tokio::test]
async fn a_list_that_names_a_foreign_device_leaves_it_alone() {
    let house = divided().await;
    let ids = ids(&house).await;
    let kept = "UPDATE devices SET description = 'canary', serial_number = 'canary' WHERE id = 1";
    sql::run(&house.core, kept).await;
    let before = foreign_rows(&house, ("1", "1")).await;
    for (role, person) in scoped(&house).await {
        let list = format!(
            "hostname,address,platform,description,username,password\n{MARK},new.example.net,frr,taken,x,y\n\
             own-1,{MARK}.example.net,cisco_ios,taken,x,y\nfree-{role},free-{role}.example.net,frr,,x,y\n"
        );
        let token = person.token().await;
        let reply = bring(&person, &token, (list.as_bytes(), "")).await;
        if !matches!(role, Role::Admin | Role::Operator) {
            assert_eq!(reply.status(), StatusCode::FORBIDDEN);
            continue;
        }
        let to = location(&reply).to_owned();
        let page = person.page(&to).await;
        // What the list says comes back; what is kept of the foreign device does not.
        assert!(!page.contains("canary"), "{page}");
        assert!(page.contains("Add 1 device") && page.contains("2 rows with faults"), "{page}");
        let reply = person.post(&format!("{to}/apply"), &[("tag", ""), ("leave_out", "on")]).await;
        assert_eq!(location(&reply), to);
        assert_eq!(foreign_rows(&house, ("1", "1")).await, before);
    }
    let own = format!("SELECT description AS value FROM devices WHERE id = {}", ids.own);
    assert_eq!(sql::texts(&house.core, &own).await, [""]);
}
