//! What a person with a scope does not see is as if it were not there (S-37): every page of the table. The forms are
//! in `foreign`.

use netraven::domain::{
    failure::{Failure, FailureClass, Stage},
    secret::Secret,
    user::NewUser,
};
use netraven::{
    domain::{
        access::Role,
        id::ImportId,
        job::Ended,
        transcript::{Piece, Transcript, Way},
    },
    service::{
        capture::{self, Brought},
        devices,
        import::staged,
        jobs, tags, users,
    },
    web::routes::ROUTES,
};
use reqwest::StatusCode;

use super::{is_stream, matrix, path, sign_in};
use crate::support::{
    house::{House, PASSWORD, Visitor},
    sql, stock,
};

/// In the name, address, text and log of everything that is foreign.
pub(super) const MARK: &str = "zzforeign";

/// Paths under which a number is the id of a device or of something of a device.
const OF_DEVICES: &[&str] =
    &["/devices/{id}", "/backups/{id}", "/suspects/{id}", "/jobs/{id}", "/batches/{id}", "/imports/{id}"];

/// The device that the scoped people see.
pub(super) const OWN: &str = "own-1";

/// A house with foreign devices, of which one has id 1 of everything, and one of their own for people of each role who
/// see no more; `admin` sees all.
pub(super) async fn divided() -> House {
    let house = House::new().await;
    let core = &house.core;
    house.person(Role::Admin).await;
    house.person(Role::Viewer).await;
    let foreign = stock::device(core, MARK).await;
    stock::version(core, foreign, &format!("hostname {MARK}\nend\n")).await;
    stock::version(core, foreign, &format!("hostname {MARK}\n!\nend\n")).await;
    stock::suspect(core, foreign, &format!("hostname {MARK}\n")).await;
    failed_with_transcript(&house, foreign).await;
    for name in ["gone-1", "gone-2"] {
        let gone = stock::device(core, &format!("{MARK}-{name}")).await;
        devices::delete(core, &stock::grant(), gone).await.unwrap();
    }
    let list = format!("hostname,address,platform\n{MARK}-4,{MARK}-4.example.net,frr\nbad {MARK},,\n");
    assert_eq!(stock::import(core, &list).await, ImportId(1));
    staged::stage(core, &stock::grant(), list.replace("-4", "-5").as_bytes()).await.unwrap();
    let own = stock::device(core, OWN).await;
    stock::version(core, own, "hostname own-1\nend\n").await;
    let tag = stock::tag(core, "site-a").await;
    tags::assign(core, &stock::grant(), &[own], &[tag], true).await.unwrap();
    stock::shared(core, "tacacs").await;
    stock::jump_host(core, "outer").await;
    stock::schedule(core, "hourly", "60").await;
    stock::schedule(core, "rarely", "10000").await;
    stock::revision(core, "^ntp clock-period ", Some(MARK)).await;
    stock::rule(core, "all", "lab", "platform equals cisco_ios").await;
    // By hand as well, so that a hand could take it away.
    let lab = tags::find_by_name(core, &stock::grant(), "lab").await.unwrap().unwrap().id;
    tags::assign(core, &stock::grant(), &[foreign], &[lab], true).await.unwrap();
    for role in Role::ALL {
        let name = format!("part-{}", role.as_str()).parse().unwrap();
        users::create(core, &stock::grant(), NewUser::new(name, *role, Secret::new(PASSWORD))).await.unwrap();
    }
    jobs::back_up(core, &stock::grant(), jobs::Which::These(vec![foreign])).await.unwrap();
    sql::run(
        core,
        "UPDATE users SET scope = 'tags' WHERE username LIKE 'part-%';
         INSERT INTO user_tags (user_id, tag_id) SELECT users.id, tags.id FROM users, tags
           WHERE users.username LIKE 'part-%' AND tags.name = 'site-a';
         INSERT INTO host_keys (device_id, address, port, algorithm, fingerprint, public_key, pinned_at, pinned_by,
             refused_algorithm, refused_fingerprint, refused_public_key, refused_at)
           VALUES (1, 'zzforeign', 22, 'ssh-ed25519', 'SHA256:old', 'old', '2026-03-01 12:00:00', 'netraven',
             'ssh-ed25519', 'SHA256:new', 'new', '2026-03-01 12:00:00');",
    )
    .await;
    house
}

async fn failed_with_transcript(house: &House, device: netraven::domain::id::DeviceId) {
    let job = stock::claimed(&house.core, device).await;
    let pieces = vec![Piece { way: Way::Received, text: format!("{MARK}#") }];
    let brought = Brought {
        job: &job,
        platform: None,
        known: None,
        ended: Ended::Failed(Failure::new(FailureClass::HostKeyChanged, Stage::Connect, MARK)),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: Some(Transcript { pieces, was_truncated: false }),
        accepted: None,
    };
    capture::record(&house.core, brought).await.unwrap();
}

/// A signed-in person of each role who sees `own-1` only, each having proved again who it is.
pub(super) async fn scoped(house: &House) -> Vec<(Role, Visitor)> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let visitor = sign_in(house, &format!("part-{}", role.as_str())).await;
        visitor.confirm().await;
        all.push((*role, visitor));
    }
    all
}

#[tokio::test]
async fn no_page_shows_a_foreign_device_and_none_of_its_own_pages_is_there() {
    let house = divided().await;
    for (role, visitor) in scoped(&house).await {
        for route in ROUTES.iter().filter(|route| route.method == "GET") {
            let is_of_device = OF_DEVICES.iter().any(|under| route.path.starts_with(under));
            if is_stream(route) && !is_of_device {
                continue;
            }
            let reply = visitor.get(&path(route, "1")).await;
            let status = reply.status();
            if is_of_device {
                let wanted = if matrix::may(Some(role), route.access) {
                    StatusCode::NOT_FOUND
                } else {
                    StatusCode::FORBIDDEN
                };
                assert_eq!(status, wanted, "{} as {role}", route.path);
            }
            let text = reply.text().await.unwrap();
            assert!(!text.contains(MARK), "{} shows {role} a foreign device", route.path);
        }
        for address in [
            format!("/devices?q={MARK}"),
            format!("/backups?contains={MARK}"),
            format!("/backups?device={MARK}"),
            format!("/jobs?q={MARK}"),
            "/jobs?device=1".to_owned(),
            "/jobs?batch=1".to_owned(),
            "/batches?state=under_way".to_owned(),
            "/compare?old=1&new=2".to_owned(),
            "/compare.patch?old=1&new=2".to_owned(),
            "/compare?old=1&new=3".to_owned(),
            "/devices.csv".to_owned(),
            "/backups/export?version=1".to_owned(),
            format!("/backups/export?device={MARK}"),
            format!("/audit?object={MARK}"),
            "/imports/1?show=new".to_owned(),
        ] {
            let text = visitor.get(&address).await.text().await.unwrap();
            // What was typed comes back in the field it was typed into.
            let shown = text.replace(&format!("value=\"{MARK}\""), "").replace(&format!("={MARK}"), "");
            assert!(!shown.contains(MARK), "{address} shows {role} a foreign device");
        }
        assert!(visitor.page("/devices").await.contains(OWN), "the own one is there");
    }
}
