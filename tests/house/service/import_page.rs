//! Lists that are looked at first: judged row by row, carried out at once, undone.

use std::time::Duration;

use netraven::{
    domain::{
        access::{Actor, Grant, ManageDevices, Role, Scope},
        device::DeviceFilter,
        id::{ImportId, UserId},
        import::{Column, Counts, FieldChange, ImportState, Verdict, VerdictKind},
        page::PageRequest,
    },
    service::{
        credentials, devices,
        import::{
            self, preview, rejected,
            staged::{self, Applied, Reading, StagedError},
            undo::{self, UndoError, Undone},
        },
    },
};

use crate::support::{house::House, sql, stock};

const HEADER: &str = "hostname,address,platform,username,password,tags\n";

async fn stage(house: &House, csv: &str) -> ImportId {
    staged::stage(&house.core, &stock::grant(), csv.as_bytes()).await.unwrap()
}

/// Every row's name and verdict, as this person sees them.
async fn verdicts(house: &House, by: &Grant<ManageDevices>, id: ImportId) -> Vec<(String, Verdict)> {
    let import = import::by_id(&house.core, by, id).await.unwrap().unwrap();
    let all = (None, PageRequest::all());
    let preview = preview::preview(&house.core, by, &import, all).await.unwrap();
    preview.rows.rows.into_iter().map(|row| (row.name, row.verdict)).collect()
}

async fn names(house: &House) -> Vec<String> {
    let all = PageRequest::first(100);
    let (page, _) = devices::list(&house.core, &stock::grant(), &DeviceFilter::default(), all).await.unwrap();
    page.rows.into_iter().map(|device| device.name).collect()
}

fn change(field: &'static str, before: &str, after: &str) -> FieldChange {
    (field, before.to_owned(), after.to_owned())
}

#[tokio::test]
async fn every_row_gets_its_verdict_and_looking_changes_nothing() {
    let house = House::new().await;
    stock::import(
        &house.core,
        &format!(
            "{HEADER}old,192.0.2.1,frr,backup,geheim,core\nsame,192.0.2.2,frr,,,\nlone,192.0.2.5,frr,,,\n"
        ),
    )
    .await;
    let id = stage(
        &house,
        &format!(
            "{HEADER}new,192.0.2.3,frr,,,\n\
             OLD,192.0.2.9,,other,anders,core;berlin\n\
             same,,,,,\n\
             new,192.0.2.4,frr,,,\n\
             near,192.0.2.5,frr,,,\n\
             bad,192.0.2.300,zz,,pw,\n"
        ),
    )
    .await;
    let before = sql::everything(&house.core).await;
    let told = verdicts(&house, &stock::grant(), id).await;
    assert_eq!(sql::everything(&house.core).await, before);
    let kinds: Vec<(&str, VerdictKind)> =
        told.iter().map(|(name, verdict)| (name.as_str(), verdict.kind())).collect();
    assert_eq!(
        kinds,
        [
            ("new", VerdictKind::New),
            ("OLD", VerdictKind::Update),
            ("same", VerdictKind::Unchanged),
            ("new", VerdictKind::Duplicate),
            ("near", VerdictKind::Duplicate),
            ("bad", VerdictKind::Error),
        ]
    );
    let changes = [
        change("name", "old", "OLD"),
        change("address", "192.0.2.1", "192.0.2.9"),
        change("tags", "", "berlin"),
        change("credential", "backup", "other (secrets changed)"),
    ];
    assert_eq!(told[1].1, Verdict::Update(changes.to_vec()));
    assert!(told[3].1.complaints()[0].message.starts_with("Line 2 names"), "{told:?}");
    assert!(told[4].1.complaints()[0].message.starts_with("lone is at this address"), "{told:?}");
    assert_eq!(told[5].1.complaints().len(), 3, "address, platform, username: {told:?}");
    assert_eq!(Counts::of(told.iter().map(|(_, verdict)| verdict)).bad(), 3);
    assert!(!format!("{told:?}").contains("anders") && !format!("{told:?}").contains("geheim"));
}

// The same password again is no change: a list can be brought every day.
#[tokio::test]
async fn what_is_so_already_is_unchanged_with_its_secrets_and_tags() {
    let house = House::new().await;
    let list = format!("{HEADER}a,192.0.2.1,frr,backup,geheim,core\n");
    stock::import(&house.core, &list).await;
    let id = stage(&house, &list).await;
    assert_eq!(verdicts(&house, &stock::grant(), id).await, [("a".to_owned(), Verdict::Unchanged)]);
    let refusal = staged::apply(&house.core, &stock::grant(), id, (None, false)).await.unwrap_err();
    assert!(matches!(refusal, StagedError::Nothing), "{refusal}");
    let id = stage(&house, &list.replace("geheim", "anders")).await;
    assert_eq!(verdicts(&house, &stock::grant(), id).await[0].1.kind(), VerdictKind::Update);
}

#[tokio::test]
async fn all_or_nothing_and_faults_are_left_out_only_when_asked() {
    let house = House::new().await;
    let id = stage(
        &house,
        &format!("{HEADER}a,192.0.2.1,frr,u,canary-pw,x\nb b,192.0.2.2,frr,u,canary-pw,=1+1\n"),
    )
    .await;
    let grant = stock::grant();
    let refusal = staged::apply(&house.core, &grant, id, (None, false)).await.unwrap_err();
    assert!(matches!(refusal, StagedError::Rows(1)), "{refusal}");
    assert_eq!(names(&house).await, Vec::<String>::new());
    let tag = "batch-7".parse().unwrap();
    let done = staged::apply(&house.core, &grant, id, (Some(&tag), true)).await.unwrap();
    assert_eq!(done, Applied { added: 1, changed: 0, left_out: 1 });
    let device = devices::find_by_name(&house.core, &stock::grant(), "a").await.unwrap().unwrap();
    let tags = devices::find(&house.core, &stock::grant(), device.id).await.unwrap().unwrap().tags;
    assert_eq!(tags, ["batch-7", "default", "x"]);
    let csv = String::from_utf8(rejected::find_csv(&house.core, &grant, id).await.unwrap()).unwrap();
    assert!(
        csv.starts_with(
            "hostname,address,platform,username,password,tags,line,problem\nb b,192.0.2.2,frr,u,,'=1+1,3,"
        ),
        "{csv}"
    );
    // Twice is once.
    let again = staged::apply(&house.core, &grant, id, (None, true)).await.unwrap_err();
    assert!(matches!(again, StagedError::Gone), "{again}");
    let stored = sql::texts(
        &house.core,
        "SELECT state || CASE WHEN sealed IS NULL THEN ' gone' ELSE '' END AS value FROM imports",
    )
    .await;
    assert_eq!(stored, ["applied gone"]);
}

#[tokio::test]
async fn an_import_is_undone_but_for_what_was_touched_since() {
    let house = House::new().await;
    let (core, grant) = (&house.core, stock::grant());
    stock::import(core, &format!("{HEADER}old,192.0.2.1,frr,backup,geheim,core\n")).await;
    let credential = devices::find_by_name(core, &stock::grant(), "old").await.unwrap().unwrap().credential;
    let id = stage(
        &house,
        &format!(
            "{HEADER}old,192.0.2.9,linux,other,anders,berlin\nnew,192.0.2.2,frr,u,p,\nkept,192.0.2.3,frr,,,\n"
        ),
    )
    .await;
    let tag = "batch".parse().unwrap();
    staged::apply(core, &grant, id, (Some(&tag), false)).await.unwrap();
    let kept = devices::find_by_name(core, &stock::grant(), "kept").await.unwrap().unwrap();
    devices::set_enabled(core, &grant, &[kept.id], false).await.unwrap();
    assert_eq!(undo::ask(core, &grant, id).await.unwrap(), Undone { deleted: 1, restored: 1, left: 1 });
    assert_eq!(undo::undo(core, &grant, id).await.unwrap(), Undone { deleted: 1, restored: 1, left: 1 });
    assert_eq!(names(&house).await, ["kept", "old"]);
    let old = devices::find_by_name(core, &stock::grant(), "old").await.unwrap().unwrap();
    assert_eq!((old.address.as_str(), old.platform.as_str()), ("192.0.2.1", "frr"));
    assert_eq!(old.credential, credential, "the old password is back");
    let tags = devices::find(core, &stock::grant(), old.id).await.unwrap().unwrap().tags;
    assert_eq!(tags, ["core", "default"]);
    let again = undo::undo(core, &grant, id).await.unwrap_err();
    assert!(matches!(again, UndoError::NotUndoable), "{again}");
    let import = import::by_id(core, &grant, id).await.unwrap().unwrap();
    assert_eq!(import.state, ImportState::Undone);
    let events = sql::texts(core, "SELECT event AS value FROM audit_events ORDER BY id").await;
    assert_eq!(
        events,
        [
            "devices_imported",
            "device_changed",
            "devices_imported",
            "devices_changed",
            "device_changed",
            "import_undone"
        ]
    );
    assert_eq!(
        sql::number(core, "SELECT count(*) FROM credentials").await,
        2,
        "old's, and the deleted device's"
    );
}

// A device that used a credential of its tags uses it again; what it had for a while is gone.
#[tokio::test]
async fn undoing_takes_away_a_credential_that_was_not_there() {
    let house = House::new().await;
    let (core, grant) = (&house.core, stock::grant());
    stock::import(core, "hostname,address,platform\nold,192.0.2.1,frr\n").await;
    let id = stage(&house, &format!("{HEADER}old,192.0.2.1,frr,u,p,\n")).await;
    staged::apply(core, &grant, id, (None, false)).await.unwrap();
    undo::undo(core, &grant, id).await.unwrap();
    let old = devices::find_by_name(core, &stock::grant(), "old").await.unwrap().unwrap();
    assert_eq!(old.credential, None);
    assert_eq!(sql::number(core, "SELECT count(*) FROM credentials").await, 0);
}

// S-37: names and places of devices out of sight are taken, but nothing of them is told; lists of others are not there.
#[tokio::test]
async fn who_sees_few_devices_learns_nothing_of_the_others() {
    let house = House::new().await;
    let core = &house.core;
    stock::import(core, "hostname,address,platform,tags\nsecret-name,192.0.2.1,frr,hidden\n").await;
    let person = house.person(Role::Operator).await;
    let tag = stock::tag(core, "mine").await;
    let id = sql::number(core, &format!("SELECT id FROM users WHERE username = '{person}'")).await;
    sql::run(core, &format!("UPDATE users SET scope = 'tags' WHERE id = {id}")).await;
    sql::run(core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES ({id}, {tag})")).await;
    let actor = Actor {
        user: Some(UserId(id)),
        name: person,
        role: Role::Operator,
        scope: Scope::TagsOf(UserId(id)),
        ..Actor::console()
    };
    let by: Grant<ManageDevices> = actor.grant().unwrap();
    let others = stage(&house, "hostname,address,platform\nx,192.0.2.7,frr\n").await;
    assert!(import::by_id(core, &by, others).await.unwrap().is_none());
    assert!(matches!(staged::apply(core, &by, others, (None, false)).await, Err(StagedError::Gone)));
    let list =
        b"hostname,address,platform\nsecret-name,192.0.2.8,frr\nother,192.0.2.1,frr\nfine,192.0.2.9,frr\n";
    let id = staged::stage(core, &by, list).await.unwrap();
    let told = verdicts(&house, &by, id).await;
    assert_eq!(told[0].1.kind(), VerdictKind::Error);
    assert_eq!(told[1].1.kind(), VerdictKind::Duplicate);
    assert!(!told[1].1.complaints()[0].message.contains("secret-name"), "{told:?}");
    staged::apply(core, &by, id, (None, true)).await.unwrap();
    let mine = devices::list(
        core,
        &by.actor().clone().grant().unwrap(),
        &DeviceFilter::default(),
        PageRequest::first(9),
    )
    .await;
    assert_eq!(mine.unwrap().0.rows.len(), 1, "who brings a device answers for it, and sees it");
    assert_eq!(import::list(core, &by, PageRequest::first(9)).await.unwrap().total, 1);
}

#[tokio::test]
async fn the_way_a_file_is_read_can_be_corrected() {
    let house = House::new().await;
    let (core, grant) = (&house.core, stock::grant());
    let id = stage(&house, "r1|192.0.2.1|berlin\nr2|192.0.2.2|mainz\n").await;
    let import = import::by_id(core, &grant, id).await.unwrap().unwrap();
    assert_eq!(import.mapping.columns, [Column::Hostname, Column::Address, Column::Ignored]);
    assert!(
        verdicts(&house, &grant, id).await.iter().all(|(_, verdict)| verdict.kind() == VerdictKind::Error)
    );
    let columns = vec![Column::Hostname, Column::Address, Column::Tags];
    let reading = Reading { separator: '|', has_header: false, columns, platform: "frr".to_owned() };
    staged::read_as(core, &grant, id, reading).await.unwrap();
    let done = staged::apply(core, &grant, id, (None, false)).await.unwrap();
    assert_eq!(done.added, 2);
    let rows = sql::texts(core, "SELECT name || ' ' || platform AS value FROM devices ORDER BY id").await;
    assert_eq!(rows, ["r1 frr", "r2 frr"]);
    assert_eq!(sql::number(core, "SELECT count(*) FROM tags WHERE name IN ('berlin', 'mainz')").await, 2);
}

// What waits is sealed, and goes by itself; what is only kept to undo goes after its time, with credentials that nobody
// has any more. A credential in use stays.
#[tokio::test]
async fn lists_that_nobody_carries_out_are_forgotten() {
    let house = House::new().await;
    let (core, grant) = (&house.core, stock::grant());
    stock::import(core, &format!("{HEADER}a,192.0.2.1,frr,backup,geheim,\n")).await;
    let id = stage(&house, &format!("{HEADER}a,192.0.2.1,frr,backup,canary-new,\n")).await;
    staged::apply(core, &grant, id, (None, false)).await.unwrap();
    let waiting = stage(&house, &format!("{HEADER}b,192.0.2.2,frr,backup,canary-wait,\n")).await;
    let dump = format!("{:?}", sql::everything(core).await);
    assert!(!dump.contains("canary"), "a password stands open in the database");
    import::forget(core).await.unwrap();
    assert_eq!(sql::number(core, "SELECT count(*) FROM imports").await, 3);
    assert_eq!(sql::number(core, "SELECT count(*) FROM credentials").await, 2);
    house.clock.advance(Duration::from_hours(31 * 24));
    import::forget(core).await.unwrap();
    assert!(import::by_id(core, &grant, waiting).await.unwrap().is_none());
    assert_eq!(sql::number(core, "SELECT count(*) FROM import_rows").await, 0);
    assert_eq!(sql::number(core, "SELECT count(*) FROM credentials").await, 1, "the one in use stays");
    let refusal = undo::undo(core, &grant, id).await.unwrap_err();
    assert!(matches!(refusal, UndoError::NotUndoable), "{refusal}");
    let device = devices::find_by_name(core, &stock::grant(), "a").await.unwrap().unwrap();
    let tried = credentials::explain(core, &stock::grant(), device.id).await.unwrap();
    assert_eq!(tried.len(), 1);
}
