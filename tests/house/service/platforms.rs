//! Platform files that people change: first on one device, then for all, and what they would make of what is kept.

use netraven::{
    domain::{
        access::{Actor, Role},
        id::RevisionId,
        job::Outcome,
        replay::Line,
        revision::RevisionState,
        transcript::{Piece, Transcript, Way},
    },
    platform::{Platforms, replay},
    service::platforms::{
        effects::{self, Effects},
        revisions::{self, SaveRevisionError, Wanted},
    },
};

use crate::support::{house::House, sql, stock};

fn wanted<'a>(source: &'a str, device: Option<&'a str>) -> Wanted<'a> {
    Wanted { platform: Some("cisco_ios"), source, note: "", device, seen: 0 }
}

#[tokio::test]
async fn a_changed_file_is_for_one_device_until_it_is_taken_up_and_goes_back() {
    let house = House::new().await;
    let core = &house.core;
    let (one, other) = (stock::device(core, "core-1").await, stock::device(core, "core-2").await);
    let noise = |device| {
        let platform = core.platforms.for_device(device, "cisco_ios").unwrap();
        platform.normalised(b"hostname x\nwobble 1\nend\n").contains("wobble")
    };
    let trial = stock::revision(core, "^wobble ", Some("CORE-1")).await;
    assert_eq!((trial.state, trial.device), (RevisionState::Trial, Some(one)));
    assert_eq!((noise(one), noise(other)), (false, true));
    assert!(core.platforms.get("cisco_ios").unwrap().normalised(b"wobble 1\n").contains("wobble"));
    // A device that has another platform by now is judged by that.
    assert_eq!(core.platforms.for_device(one, "frr").unwrap().key(), "frr");
    revisions::take_up(core, &stock::grant(), trial.id).await.unwrap();
    assert_eq!((noise(one), noise(other)), (false, false));
    assert!(revisions::put_aside(core, &stock::grant(), ("cisco_ios", RevisionState::InUse)).await.unwrap());
    assert_eq!((noise(one), noise(other)), (true, true));
    assert!(!revisions::put_aside(core, &stock::grant(), ("cisco_ios", RevisionState::InUse)).await.unwrap());
    // All of it is kept, and a past one can be taken up again.
    let all = revisions::list(core, &stock::grant(), "cisco_ios").await.unwrap();
    assert_eq!(all.iter().map(|it| it.state).collect::<Vec<_>>(), [RevisionState::Past]);
    revisions::take_up(core, &stock::grant(), trial.id).await.unwrap();
    let next = stock::revision(core, "^wobble ", None).await;
    let states = revisions::list(core, &stock::grant(), "cisco_ios").await.unwrap();
    let states: Vec<_> = states.iter().map(|it| (it.id, it.state)).collect();
    assert_eq!(states, [(next.id, RevisionState::InUse), (trial.id, RevisionState::Past)]);
    let gone = revisions::take_up(core, &stock::grant(), RevisionId(99)).await;
    assert!(matches!(gone, Err(SaveRevisionError::Gone)), "{gone:?}");
}

// What another node saved is in force when this one looks, and a file that cannot be used leaves the shipped one.
#[tokio::test]
async fn what_is_saved_elsewhere_is_in_force_at_the_next_look() {
    let house = House::new().await;
    let core = &house.core;
    let title = || core.platforms.get("cisco_ios").unwrap().title().to_owned();
    let shipped = title();
    let source = stock::changed_ios("^x ").replace(&format!("title = \"{shipped}\""), "title = \"Ours\"");
    let insert = |source: &str| {
        let source = source.replace('\'', "''");
        format!(
            "INSERT INTO platform_revisions (platform, source, note, saved_by, saved_at, state) \
             VALUES ('cisco_ios', '{source}', '', 'x', '2026-03-01 12:00:00', 'in_use')"
        )
    };
    sql::run(core, &insert(&source)).await;
    assert_eq!(title(), shipped);
    assert!(revisions::refresh(core).await.unwrap());
    assert_eq!(title(), "Ours");
    assert!(!revisions::refresh(core).await.unwrap(), "nothing is different since");
    sql::run(core, "DELETE FROM platform_revisions").await;
    sql::run(core, &insert("key = 3")).await;
    assert!(revisions::refresh(core).await.unwrap());
    assert_eq!(title(), shipped);
}

#[tokio::test]
async fn what_cannot_be_saved_says_why() {
    let house = House::new().await;
    let core = &house.core;
    stock::device(core, "core-1").await;
    let (good, by) = (stock::changed_ios("^x "), stock::grant());
    let why = async |wanted: Wanted<'_>| revisions::save(core, &by, wanted).await.unwrap_err().to_string();
    let bad = good.replace("volatile = [", "volatile = [ '(',");
    let said = why(wanted(&bad, None)).await;
    assert!(said.contains("line") && said.contains("text.volatile"), "{said}");
    let long = format!("{good}#{}", "x".repeat(revisions::LONGEST_FILE));
    assert!(why(wanted(&long, None)).await.contains("65536 are the most"));
    let other = good.replacen("key = \"cisco_ios\"", "key = \"frr\"", 1);
    assert!(why(wanted(&other, None)).await.contains("key = \"frr\""));
    assert!(why(Wanted { platform: None, ..wanted(&good, None) }).await.contains("cisco_ios already"));
    assert!(why(wanted(&good, Some("core-9"))).await.contains("no device \"core-9\""));
    let frr = stock::new_device("edge-1", "edge-1.example.net", "x");
    let frr = netraven::domain::device::NewDevice { platform: "frr".to_owned(), ..frr };
    netraven::service::devices::create(core, &stock::grant(), frr).await.unwrap();
    assert!(why(wanted(&good, Some("edge-1"))).await.contains("edge-1 has the platform frr"));
    assert_eq!(sql::number(core, "SELECT count(*) FROM platform_revisions").await, 0);
    let first = revisions::save(core, &stock::grant(), wanted(&good, None)).await.unwrap();
    let stale = revisions::save(core, &stock::grant(), wanted(&good, None)).await;
    assert!(matches!(stale, Err(SaveRevisionError::Stale)), "{stale:?}");
    revisions::save(core, &stock::grant(), Wanted { seen: first.id.0, ..wanted(&good, None) }).await.unwrap();
    // A platform of one's own stays while devices have it.
    let own = good.replacen("key = \"cisco_ios\"", "key = \"own\"", 1);
    revisions::save(core, &stock::grant(), Wanted { platform: None, ..wanted(&own, None) }).await.unwrap();
    let mine = stock::new_device("own-1", "own-1.example.net", "x");
    let mine = netraven::domain::device::NewDevice { platform: "own".to_owned(), ..mine };
    let id = netraven::service::devices::create(core, &stock::grant(), mine).await.unwrap();
    let aside = async || revisions::put_aside(core, &stock::grant(), ("own", RevisionState::InUse)).await;
    assert!(matches!(aside().await, Err(SaveRevisionError::NeededBy(1))));
    sql::run(core, &format!("DELETE FROM devices WHERE id = {id}")).await;
    assert!(aside().await.unwrap());
    assert!(core.platforms.get("own").is_none());
}

#[tokio::test]
async fn only_who_sees_all_devices_changes_platforms() {
    let house = House::new().await;
    let by = Actor {
        scope: netraven::domain::access::Scope::TagsOf(netraven::domain::id::UserId(1)),
        ..Actor::system()
    };
    assert_eq!(by.role, Role::Admin);
    let good = stock::changed_ios("^x ");
    let saved = revisions::save(&house.core, &by.clone().grant().unwrap(), wanted(&good, None)).await;
    assert!(matches!(saved, Err(SaveRevisionError::Scope)), "{saved:?}");
}

// A rule that would fold versions, part them, lay secrets bare or doubt what is kept says so before it is saved.
#[tokio::test]
async fn effects_on_kept_versions_are_told_before_anything_is_saved() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    let text =
        |n: u32| format!("version 15.2\nhostname core-1\nenable secret 5 $1$abcd$xyz\nwobble {n}\nend\n");
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(stock::version(core, device, &text(n)).await);
    }
    let look = async |source: &str| {
        let platform = Platforms::parse(source).unwrap();
        effects::effects(core, &stock::grant(), &platform).await.unwrap()
    };
    let same = look(core.platforms.get("cisco_ios").unwrap().source()).await;
    assert_eq!(same, Effects { versions: 3, devices: 1, ..Effects::default() });
    let found = look(&stock::changed_ios("^wobble ")).await;
    assert_eq!(found.folded, [ids[2], ids[1]], "the first one is the one that stays");
    assert_eq!(found.unseen, ["wobble 0", "wobble 1", "wobble 2"]);
    assert!(found.refused.is_empty() && found.bared.is_empty() && found.parted.is_empty(), "{found:?}");
    let bare = core.platforms.get("cisco_ios").unwrap().source().to_owned();
    let (start, end) = (bare.find("secrets = [").unwrap(), bare.rfind("]\n").unwrap());
    let end = bare[start..].find("\n]").map_or(end, |at| start + at + 2);
    let bare = format!("{}{}", &bare[..start], &bare[end..]);
    let found = look(&bare).await;
    assert_eq!(found.bared.len(), 3, "{found:?}");
    let doubting = stock::changed_ios("^x ").replace("errors = [", "errors = [ 'wobble 1',");
    let found = look(&doubting).await;
    assert_eq!(found.refused.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[1]], "{found:?}");
    // A reason that quotes a line covers what today's rules cover, though the new ones do not.
    let quoting = bare.replace("errors = [", "errors = [ 'enable secret ',");
    let found = look(&quoting).await;
    let why = &found.refused.first().unwrap().1;
    assert!(why.contains("enable secret 5 <secret:"), "{why}");
    // What the shipped rules see as noise and new ones do not.
    let shipped = core.platforms.get("cisco_ios").unwrap().source().to_owned();
    stock::revision(core, "^wobble ", None).await;
    let found = look(&shipped).await;
    assert_eq!(found.parted, [ids[2], ids[1]]);
}

// Captures by changed rules: what is in force counts, not what was when the version was kept.
#[tokio::test]
async fn changed_rules_are_no_change_of_the_device() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname core-1\nwobble 1\nend\n").await;
    stock::revision(core, "^wobble ", None).await;
    let job = stock::claimed(core, device).await;
    let brought = stock::bring(core, &job, "hostname core-1\nwobble 2\nend\n").await;
    assert_eq!(brought, Some(Outcome::Unchanged));
}

#[test]
fn a_session_heard_again_says_which_rule_knows_which_line() {
    let ios = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    let piece = |way, text: &str| Piece { way, text: text.to_owned() };
    let (sent, came) = (|text| piece(Way::Sent, text), |text| piece(Way::Received, text));
    let pieces = vec![
        came("\r\nr1>"),
        sent("enable\n"),
        came("enable\r\nPassword: "),
        sent("[secret]\n"),
        came("\r\nr1#"),
        sent("show running-config\n"),
        came(
            "show running-config\r\nBuilding configuration...\r\n\r\nversion 15.2\r\nhostname r1\r\n --More-- ",
        ),
        sent(" "),
        came("\r         \rinterface Gi0/1\r\nend\r\n\r\nr1#"),
        sent("exit\n"),
    ];
    let heard = replay(&ios, &Transcript { pieces: pieces.clone(), was_truncated: false });
    let known: Vec<Line> = heard.heard.iter().map(|step| step.is).collect();
    let wanted = [Line::EnableNeeded, Line::Password, Line::Prompt, Line::Pager, Line::Prompt];
    assert_eq!(known[..5], wanted, "{heard:#?}");
    assert!(matches!(heard.configuration, Some(Ok(lines)) if lines >= 5), "{heard:#?}");
    // Rules that do not know the prompt say at which line they stop.
    let blind = Platforms::parse(&ios.source().replace(
        ios.source().lines().find(|line| line.starts_with("prompt = ")).unwrap(),
        "prompt = '^nothing:$'",
    ));
    let heard = replay(&blind.unwrap(), &Transcript { pieces, was_truncated: false });
    assert_eq!((heard.heard[2].is, heard.heard[2].last_line.as_str()), (Line::Unknown, "r1#"));
}
