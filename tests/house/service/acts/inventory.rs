use netraven::{
    domain::{
        access::ManageCredentials,
        credential::{Accepted, SharedEdit},
        device::NewDevice,
        host_key::HostKey,
        id::{CredentialId, DeviceId, JobId},
        import::Column,
        revision::RevisionState,
        rule::{self, NewRule},
        tag::{Color, NewTag},
    },
    service::{
        credentials, devices, host_keys,
        import::{
            self,
            staged::{self, Reading},
            undo,
        },
        platforms::revisions::{self, Wanted},
        rules, tags,
    },
};

use super::{OTHER, Table};
use crate::support::{house::House, stock};

fn new_tag(name: &str) -> NewTag {
    NewTag {
        name: name.parse().unwrap(),
        description: String::new(),
        color: Color::default(),
        most_sessions: None,
    }
}

#[tokio::test]
async fn tags_and_rules() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "lab-1").await;
    let create = async || tags::create(core, &stock::grant(), &new_tag("lab")).await;
    let tag = table.act("tags::create", ("SELECT name FROM tags WHERE name = 'lab'", "lab"), create).await;
    let update = async || tags::update(core, &stock::grant(), tag, &new_tag("labs")).await;
    table.act("tags::update", ("SELECT name FROM tags WHERE name = 'labs'", "labs"), update).await;
    let held = format!("SELECT count(*) FROM device_tags WHERE tag_id = {tag}");
    let put = async || tags::assign(core, &stock::grant(), &[device], &[tag], true).await;
    table.act("tags/assign::assign", (&held, "1"), put).await;
    let take = async || tags::unassign(core, &stock::grant(), &[device], &[tag]).await;
    table.act("tags/assign::unassign", (&held, "0"), take).await;

    let new = |criteria: &str| NewRule {
        name: "labs".to_owned(),
        description: String::new(),
        tag,
        criteria: rule::parse(criteria).unwrap(),
        is_enabled: true,
    };
    let create = async || rules::create(core, &stock::grant(), &new("name starts lab-")).await;
    let id = table.act("rules::create", (&held, "1"), create).await;
    let update = async || rules::update(core, &stock::grant(), (id, 1), &new("name starts other-")).await;
    table.act("rules::update", (&held, "0"), update).await;
    let delete = async || rules::delete(core, &stock::grant(), id).await;
    table.act("rules::delete", ("SELECT count(*) FROM tag_rules", "0"), delete).await;
    let delete = async || tags::delete(core, &stock::grant(), tag).await;
    table.act("tags::delete", ("SELECT count(*) FROM tags WHERE name = 'labs'", "0"), delete).await;
}

#[tokio::test]
async fn platforms() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    stock::device(core, "lab-1").await;
    let source = stock::changed_ios("^wobble ");
    let of = |state| format!("SELECT count(*) FROM platform_revisions WHERE state = '{state}'");
    let wanted =
        || Wanted { platform: Some("cisco_ios"), source: &source, note: "x", device: Some("lab-1"), seen: 0 };
    let save = async || revisions::save(core, &stock::grant(), wanted()).await;
    let saved = table.act("platforms/revisions::save", (&of("trial"), "1"), save).await;
    let take_up = async || revisions::take_up(core, &stock::grant(), saved.id).await;
    table.act("platforms/revisions::take_up", (&of("in_use"), "1"), take_up).await;
    let which = ("cisco_ios", RevisionState::InUse);
    let put_aside = async || revisions::put_aside(core, &stock::grant(), which).await;
    table.act("platforms/revisions::put_aside", (&of("past"), "1"), put_aside).await;
}

fn edit(description: &str, secret: Option<&str>) -> SharedEdit {
    let new = stock::new_device("x", "x.example.net", secret.unwrap_or_default()).credential.unwrap();
    let password = new.password.filter(|_| secret.is_some());
    SharedEdit {
        name: "tacacs".parse().unwrap(),
        description: description.to_owned(),
        most_sessions: None,
        secrets: netraven::domain::credential::NewCredential { password, ..new },
        keeps_old: true,
    }
}

#[tokio::test]
async fn credentials_and_their_answers() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let by = || stock::grant::<ManageCredentials>();
    let device = stock::device(core, "core-1").await;
    let tag = stock::tag(core, "site-a").await;
    let of = |column: &str| format!("SELECT {column} FROM credentials WHERE name = 'tacacs'");
    let create = async || credentials::create(core, &by(), &edit("first", Some("p1"))).await;
    let id = table.act("credentials/edit::create", (&of("description"), "first"), create).await;
    let link = async || credentials::link(core, &by(), id, (tag, 10)).await;
    table.act("credentials/edit::link", ("SELECT priority FROM credential_tags", "10"), link).await;
    let version = i32::try_from(table.number(&of("version")).await).unwrap();
    let update = async || credentials::update(core, &by(), (id, version), &edit("second", Some("p2"))).await;
    table.act("credentials/edit::update", (&of("description"), "second"), update).await;
    let drop_old = async || credentials::drop_previous(core, &by(), id).await;
    table.act("credentials/edit::drop_previous", (&of("previous_id"), ""), drop_old).await;

    tags::assign(core, &stock::grant(), &[device], &[tag], true).await.unwrap();
    let test = async || credentials::test(core, &by(), id, &[device]).await;
    let tests = "SELECT count(*) FROM jobs WHERE kind = 'test_login'";
    table.act("credentials/tests_on_devices::test", (tests, "1"), test).await;
    let revision = table.number(&of("revision")).await;
    let answer = Accepted {
        row: id,
        credential: id,
        name: "tacacs".to_owned(),
        tag: None,
        revision: i32::try_from(revision).unwrap(),
        is_known: false,
    };
    let job = JobId(table.number("SELECT max(id) FROM jobs").await);
    let used = async || credentials::used(core, job, &answer, "core-1").await;
    table.act("credentials/uses::used", ("SELECT count(*) FROM credential_uses", "1"), used).await;
    let refused = async || credentials::refused(core, device, &answer, true).await;
    let answers = "SELECT count(*) FROM credential_answers";
    table.quiet("credentials/answers::refused", (answers, "1"), refused).await;
    table.second.run("UPDATE credentials SET stopped_at = '2026-03-01 12:00:00' WHERE name = 'tacacs'").await;
    let stopped = of("CASE WHEN stopped_at IS NULL THEN 'used' ELSE 'stopped' END");
    let resume = async || credentials::resume(core, &by(), id).await;
    table.act("credentials/answers::resume", (&stopped, "used"), resume).await;
    let unlink = async || credentials::unlink(core, &by(), id, tag).await;
    table.act("credentials/edit::unlink", ("SELECT count(*) FROM credential_tags", "0"), unlink).await;

    settled(&house, &mut table, (id, device)).await;
    let delete = async || credentials::delete(core, &by(), id).await;
    table.act("credentials/edit::delete", (&of("name"), ""), delete).await;
}

/// The secrets before the last change go once the one device has accepted the new ones.
async fn settled(house: &House, table: &mut Table, (id, device): (CredentialId, DeviceId)) {
    let (core, by) = (&house.core, stock::grant::<ManageCredentials>());
    let login = async |login| devices::set_login(core, &stock::grant(), &[device], login).await;
    let chosen = format!("SELECT count(*) FROM devices WHERE credential_id = {id}");
    table.act("devices/bulk::set_login", (&chosen, "1"), async || login(Some(id)).await).await;
    let version = table.number("SELECT version FROM credentials WHERE name = 'tacacs'").await;
    let version = i32::try_from(version).unwrap();
    credentials::update(core, &by, (id, version), &edit("third", Some("p3"))).await.unwrap();
    let accepted = format!(
        "INSERT INTO credential_answers (credential_id, device_id, revision, is_accepted, at)
         SELECT id, {device}, revision, TRUE, '2026-03-01 12:00:00' FROM credentials WHERE name = 'tacacs'"
    );
    table.second.run(&format!("DELETE FROM credential_answers; {accepted}")).await;
    let previous = "SELECT previous_id FROM credentials WHERE name = 'tacacs'";
    table.act("credentials/edit::settle", (previous, ""), async || credentials::settle(core).await).await;
    login(None).await.unwrap();
}

#[tokio::test]
async fn devices_and_what_goes_with_them() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let new = |description: &str| NewDevice {
        description: description.to_owned(),
        ..stock::new_device("core-1", "core-1.example.net", "pw")
    };
    let said = "SELECT description FROM devices WHERE name = 'core-1'";
    let create = async || devices::create(core, &stock::grant(), new("first")).await;
    let id = table.act("devices::create", (said, "first"), create).await;
    let update = async || devices::update(core, &stock::grant(), (id, 1), new("second")).await;
    table.act("devices::update", (said, "second"), update).await;
    let auto = async || {
        let new = NewDevice { platform: "auto".to_owned(), ..new("third") };
        devices::update(core, &stock::grant(), (id, 2), new).await
    };
    let platform = "SELECT platform FROM devices WHERE name = 'core-1'";
    table.act("devices::update", (platform, "auto"), auto).await;
    let confirm = async || devices::proposals::confirm(core, &stock::grant(), (id, 3), "frr").await;
    table.act("devices/proposals::confirm", (platform, "frr"), confirm).await;
    let enabled = "SELECT CASE WHEN is_enabled THEN 'on' ELSE 'off' END FROM devices WHERE name = 'core-1'";
    let off = async || devices::set_enabled(core, &stock::grant(), &[id], false).await;
    table.act("devices/bulk::set_enabled", (enabled, "off"), off).await;
    let csv = async || {
        let all = netraven::domain::device::DeviceFilter::default();
        devices::csv(core, &stock::grant(), &devices::Taken::Matching(&all)).await
    };
    let exports = ("SELECT count(*) FROM audit_events WHERE event = 'exported'", "1");
    table.act("devices/bulk::csv", exports, csv).await;

    let key = |number: u8| HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: format!("SHA256:{number}"),
        public_key: format!("ssh-ed25519 AAAA{number}"),
    };
    let pinned = "SELECT fingerprint FROM host_keys";
    let judge = async || host_keys::judge(core, id, (("h".to_owned(), 22), key(1)), None).await;
    table.act("host_keys::judge", (pinned, "SHA256:1"), judge).await;
    let pin = devices::find(core, &stock::grant(), id).await.unwrap().unwrap().pins.pop();
    host_keys::judge(core, id, (("h".to_owned(), 22), key(2)), pin.as_ref()).await.unwrap();
    let accept = async || host_keys::accept(core, &stock::grant(), id, "SHA256:2").await;
    table.act("host_keys::accept", (pinned, "SHA256:2"), accept).await;

    let left = "SELECT count(*) FROM devices WHERE deleted_at IS NULL";
    let delete = async || devices::delete(core, &stock::grant(), id).await;
    table.act("devices/removal::delete", (left, "0"), delete).await;
    let restore = async || devices::restore(core, &stock::grant(), id).await;
    table.act("devices/removal::restore", (left, "1"), restore).await;
    let other = stock::device(core, "core-2").await;
    let both = async || devices::delete_many(core, &stock::grant(), &[id, other]).await;
    table.act("devices/removal::delete_many", (left, "0"), both).await;
    let all = "SELECT count(*) FROM devices";
    let purge = async || devices::purge(core, &stock::grant(), id).await;
    table.act("devices/removal::purge", (all, "1"), purge).await;
    house.clock.advance(std::time::Duration::from_hours(24 * 31));
    let expire = async || devices::purge_expired(core).await;
    table.act("devices/removal::purge_expired", (all, "0"), expire).await;
}

#[tokio::test]
async fn imports() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let csv = b"hostname,address,platform\nr1,192.0.2.1,frr\n";
    let known = "SELECT count(*) FROM devices WHERE deleted_at IS NULL";
    let apply = async || import::apply(core, &stock::grant(), csv).await;
    table.act("import::apply", (known, "1"), apply).await;
    let list = b"r2,192.0.2.2\nr3,192.0.2.3\n";
    let waiting = "SELECT count(*) FROM imports WHERE state = 'staged'";
    let stage = async || staged::stage(core, &stock::grant(), list).await;
    let id = table.quiet("import/staged::stage", (waiting, "1"), stage).await;
    let read_as = async || {
        let columns = vec![Column::Hostname, Column::Address];
        let reading = Reading { separator: ',', has_header: false, columns, platform: "frr".to_owned() };
        staged::read_as(core, &stock::grant(), id, reading).await
    };
    let mapping = format!("SELECT mapping FROM imports WHERE id = {id}");
    table.quiet("import/staged::read_as", (&mapping, OTHER), read_as).await;
    let carry_out = async || staged::apply(core, &stock::grant(), id, (None, false)).await;
    table.act("import/staged::apply", (known, "3"), carry_out).await;
    let take_back = async || undo::undo(core, &stock::grant(), id).await;
    table.act("import/undo::undo", (known, "1"), take_back).await;
    let other = staged::stage(core, &stock::grant(), list).await.unwrap();
    let discard = async || staged::discard(core, &stock::grant(), other).await;
    table.quiet("import/staged::discard", (waiting, "0"), discard).await;
    staged::stage(core, &stock::grant(), list).await.unwrap();
    house.clock.advance(std::time::Duration::from_hours(24 * 60));
    table.quiet("import::forget", (waiting, "0"), async || import::forget(core).await).await;
}
