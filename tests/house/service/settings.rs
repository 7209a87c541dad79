//! Settings: typed, all or nothing, sealed where secret, in force at once.

use std::{sync::Arc, time::Duration};

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        secret::Secret,
        setting::{Category, InvalidSetting, SETTINGS, SettingFilter, Wanted},
    },
    engine::{Engine, Options},
    service::{
        Core,
        settings::{self, Reset, SaveSettingsError},
    },
};

use crate::support::{house::House, process::until, sql, stock};

const JOBS: &str = "system.jobs.max_concurrent_jobs";
const DAYS: &str = "system.backup.retention_days";
const PASSWORD: &str = "notification.email.smtp_password";

fn value(key: &str, text: &str) -> (String, Wanted) {
    (key.to_owned(), Wanted::Value(text.to_owned()))
}

async fn set(core: &Core, key: &str, text: &str) {
    settings::set(core, &stock::grant(), key, Wanted::Value(text.to_owned())).await.unwrap().unwrap();
}

async fn told(core: &Core, key: &str) -> String {
    settings::find_by_key(core, &stock::grant(), key).await.unwrap().unwrap().told()
}

// The old NetRaven reset everything at every start.
#[tokio::test]
async fn a_second_start_changes_nothing_and_a_new_release_adds_its_keys_only() {
    let house = House::new().await;
    let core = &house.core;
    assert_eq!(
        sql::number(core, "SELECT count(*) FROM settings").await,
        i64::try_from(SETTINGS.len()).unwrap()
    );
    set(core, JOBS, "7").await;
    let before = sql::everything(core).await;
    assert_eq!(settings::initialise(core).await.unwrap(), 0);
    assert_eq!(sql::everything(core).await, before);
    // As if this release were the first that knows the key; and one that it no longer knows.
    sql::run(core, &format!("DELETE FROM settings WHERE key = '{DAYS}'")).await;
    sql::run(core, "UPDATE settings SET key = 'system.old.key' WHERE key = 'system.backup.enabled'").await;
    assert_eq!(settings::initialise(core).await.unwrap(), 2);
    assert_eq!((told(core, JOBS).await, told(core, DAYS).await), ("7".into(), "30".into()));
    assert_eq!(core.settings.now().max_concurrent_jobs, 7);
    let all = settings::list(core, &stock::grant(), &SettingFilter::default()).await.unwrap();
    assert_eq!(all.len(), SETTINGS.len(), "a key of another version is left alone and not shown");
}

#[tokio::test]
async fn settings_are_found_by_id_key_tab_and_word() {
    let house = House::new().await;
    let core = &house.core;
    let by = stock::grant();
    let one = settings::find_by_key(core, &by, JOBS).await.unwrap().unwrap();
    assert_eq!(settings::find(core, &by, one.id).await.unwrap().unwrap().spec.key, JOBS);
    assert!(settings::find_by_key(core, &by, "no.such").await.unwrap().is_none());
    let tabs = settings::by_category(core, &by).await.unwrap();
    assert_eq!(tabs.iter().map(|(_, rows)| rows.len()).sum::<usize>(), SETTINGS.len());
    let keys = async |category, text: &str| {
        let filter = SettingFilter { category, text: Some(text.to_owned()) };
        let rows = settings::list(core, &by, &filter).await.unwrap();
        rows.into_iter().map(|row| row.spec.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(None, "MAX_CONCURRENT").await, [JOBS]);
    assert_eq!(keys(None, "superseded").await, [DAYS]);
    assert_eq!(keys(Some(Category::Security), "superseded").await, Vec::<&str>::new());
}

#[tokio::test]
async fn a_tab_is_changed_whole_or_not_at_all_and_every_complaint_is_told() {
    let house = House::new().await;
    let core = &house.core;
    let before = sql::everything(core).await;
    let wanted =
        [value(JOBS, "9"), value(DAYS, "0"), value("system.backup.storage_type", "tape"), value("x", "1")];
    let refused = settings::set_many(core, &stock::grant(), &wanted, None).await.unwrap_err();
    let SaveSettingsError::Invalid(bad) = refused else { panic!("{refused}") };
    assert_eq!(bad[0], (DAYS.to_owned(), InvalidSetting::Range(1, 36_500)));
    assert_eq!(
        bad.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
        [DAYS, "system.backup.storage_type", "x"]
    );
    assert_eq!(sql::everything(core).await, before);
    assert_eq!(core.settings.now().max_concurrent_jobs, 5);
    // What is right is written, what is so already is left alone, and each change has its line.
    let wanted = [value(JOBS, " 9 "), value(DAYS, "30"), value("system.backup.enabled", "false")];
    let changed = settings::set_many(core, &stock::grant(), &wanted, None).await.unwrap();
    let told: Vec<_> = changed.iter().map(|one| (one.key, one.before.as_str(), one.after.as_str())).collect();
    assert_eq!(told, [(JOBS, "5", "9"), ("system.backup.enabled", "true", "false")]);
    assert_eq!(core.settings.now().max_concurrent_jobs, 9, "in force at once");
    let lines =
        sql::texts(core, "SELECT object || ' ' || changes AS value FROM audit_events ORDER BY id").await;
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(JOBS) && lines[0].contains("\"before\":\"5\",\"after\":\"9\""), "{lines:?}");
    let by =
        sql::texts(core, &format!("SELECT updated_by AS value FROM settings WHERE key = '{JOBS}'")).await;
    assert_eq!(by, ["console"]);
}

// What another admin changed since the page was opened is not written over unseen.
#[tokio::test]
async fn a_form_that_is_out_of_date_changes_nothing() {
    let house = House::new().await;
    let core = &house.core;
    let filter = SettingFilter { category: None, text: Some(JOBS.to_owned()) };
    let seen = settings::mark(&settings::list(core, &stock::grant(), &filter).await.unwrap());
    house.clock.advance(Duration::from_secs(1));
    set(core, JOBS, "9").await;
    let refused = settings::set_many(core, &stock::grant(), &[value(JOBS, "5")], Some(&seen)).await;
    assert!(matches!(refused, Err(SaveSettingsError::Stale)));
    assert_eq!(told(core, JOBS).await, "9");
}

#[tokio::test]
async fn secrets_are_sealed_kept_and_removed_and_never_told() {
    let house = House::new().await;
    let core = &house.core;
    let by = stock::grant();
    let secret = |text: &str| Wanted::Secret(Secret::new(text));
    settings::set(core, &by, PASSWORD, secret("Geh31mnis")).await.unwrap().unwrap();
    assert_eq!(core.settings.now().smtp_password.as_ref().unwrap().expose(), "Geh31mnis");
    assert_eq!(told(core, PASSWORD).await, "(set)");
    assert!(settings::set(core, &by, PASSWORD, secret("")).await.unwrap().is_none(), "empty keeps");
    assert_eq!(core.settings.now().smtp_password.as_ref().unwrap().expose(), "Geh31mnis");
    let long = settings::set(core, &by, PASSWORD, secret(&"x".repeat(1_025))).await;
    assert!(matches!(long, Err(SaveSettingsError::Invalid(_))));
    let everything = format!("{:?}", sql::everything(core).await);
    assert!(!everything.contains("Geh31mnis") && !everything.contains("476568333"), "only sealed");
    // A sealed value that is moved to another setting does not open there (S-43).
    sql::run(
        core,
        &format!(
            "UPDATE settings SET sealed = (SELECT sealed FROM settings WHERE key = '{PASSWORD}') \
        WHERE key = 'notification.email.smtp_username'"
        ),
    )
    .await;
    settings::refresh(core).await.unwrap();
    assert!(core.settings.now().smtp_username.is_none());
    settings::set(core, &by, PASSWORD, Wanted::Default).await.unwrap().unwrap();
    assert!(core.settings.now().smtp_password.is_none());
    let changes = sql::texts(core, "SELECT changes AS value FROM audit_events ORDER BY id").await;
    let only = "[{\"field\":\"value\",\"before\":null,\"after\":\"changed\"}]";
    assert_eq!(changes, [only, only]);
}

#[tokio::test]
async fn one_a_tab_or_all_go_back_to_their_defaults() {
    let house = House::new().await;
    let core = &house.core;
    let by = stock::grant();
    let name = "system.general.application_name";
    for (key, text) in [(JOBS, "9"), (DAYS, "90"), (name, "Ravens"), ("security.login.lockout_minutes", "20")]
    {
        set(core, key, text).await;
    }
    settings::set(core, &by, PASSWORD, Wanted::Secret(Secret::new("x"))).await.unwrap();
    let keys = |changed: Vec<netraven::domain::setting::ChangedSetting>| {
        changed.into_iter().map(|one| one.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(settings::reset(core, &by, Reset::Key(DAYS)).await.unwrap()), [DAYS]);
    assert_eq!(keys(settings::reset(core, &by, Reset::Key(DAYS)).await.unwrap()), Vec::<&str>::new());
    let tab = settings::reset(core, &by, Reset::Category(Category::System)).await.unwrap();
    assert_eq!(keys(tab), [name, JOBS]);
    assert_eq!(core.settings.now().sign_in_pause_minutes, 20, "another tab stays");
    let rest = settings::reset(core, &by, Reset::All).await.unwrap();
    assert_eq!(keys(rest), ["security.login.lockout_minutes", PASSWORD]);
    assert!(core.settings.now().smtp_password.is_none());
    assert_eq!(core.settings.now().application_name, "NetRaven");
    let lines = sql::number(core, "SELECT count(*) FROM audit_events WHERE event = 'settings_reset'").await;
    assert_eq!(lines, 3, "what changed nothing leaves no line");
}

// Two nodes, or a server and the command line, on one database.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_in_force_on_another_node_within_two_seconds() {
    let house = House::new().await;
    let time = house.clock.clone();
    let other =
        app::open_with(&house.places, Arc::new(move || time.now()), Passwords::cheap()).await.unwrap();
    let engine =
        Engine::start(other.clone(), Options { is_planning: true, ..Options::default() }).await.unwrap();
    set(&house.core, JOBS, "9").await;
    assert_eq!(house.core.settings.now().max_concurrent_jobs, 9);
    let began = tokio::time::Instant::now();
    until(
        10,
        async || (other.settings.now().max_concurrent_jobs == 9).then_some(()),
        || "the other node does not follow".to_owned(),
    )
    .await;
    println!("followed after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    engine.stop().await;
}
