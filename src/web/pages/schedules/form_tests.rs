use super::*;
use crate::domain::{
    id::ScheduleId,
    schedule::{Owner, Schedule},
};

fn form(text: &str) -> ScheduleForm {
    serde_html_form::from_str(&format!("{text}&targets=all&grace=60")).unwrap()
}

fn known() -> Known {
    Known {
        tags: vec![(TagId(1), "core".to_owned()), (TagId(2), "edge".to_owned())],
        devices: [("core-1".to_owned(), DeviceId(7)), ("core-2".to_owned(), DeviceId(8))].into(),
    }
}

#[test]
fn every_complaint_is_at_its_field() {
    for (text, fields) in [
        ("", &["name", "kind"][..]),
        ("name=a&kind=interval&minutes=0", &["minutes"]),
        ("name=a&kind=daily&time=25:00&zone=UTC", &["time"]),
        ("name=a&kind=daily&time=02:00&zone=Mars/Olympus", &["zone"]),
        ("name=a&kind=daily&time=25:00&zone=Mars", &["time", "zone"]),
        ("name=a&kind=once&time=25:00&zone=Mars&date=29.3.2026", &["date", "time", "zone"]),
        ("name=a&kind=weekly&time=02:00&zone=UTC", &["days"]),
        ("name=a&kind=monthly&day=32&time=02:00&zone=UTC", &["day"]),
        ("name=a&kind=yearly&month=4&month_day=31&time=02:00&zone=UTC", &["month_day"]),
        ("name=a&kind=cron&cron=* * * * * *&zone=Mars", &["cron", "zone"]),
        ("name=%0Aa%00b&kind=interval&minutes=5", &["name"]),
        ("kind=interval&minutes=many", &["name", "minutes"]),
        ("name=a&kind=immediate&retention=0", &["retention"]),
    ] {
        let complaints = form(text).parse(&known()).unwrap_err();
        let told: Vec<_> = complaints.lines().iter().map(|(field, _)| *field).collect();
        assert_eq!(told, fields, "{text}");
    }
    assert!(serde_html_form::from_str::<ScheduleForm>("name=a&id=1").is_err());
}

#[test]
fn devices_are_named_and_each_unknown_one_is_told() {
    let named = |devices: &str| {
        let form =
            ScheduleForm { targets: "devices".into(), devices: devices.into(), ..ScheduleForm::fresh() };
        let mut complaints = Complaints::default();
        let targets = form.targets(&known(), &mut complaints);
        (targets, complaints.lines().iter().map(|(_, text)| text.clone()).collect::<Vec<_>>())
    };
    assert_eq!(named("Core-1, core-2\r\ncore-2").0, Some(Targets::Devices(vec![DeviceId(7), DeviceId(8)])));
    let (none, told) = named("core-1 gone-1 gone-2");
    assert_eq!((none, told.len()), (None, 2), "{told:?}");
    assert!(told.iter().all(|line| line.contains("gone-")), "{told:?}");
    assert_eq!(named(" ").1, ["Name at least one device."]);
}

#[test]
fn what_is_saved_comes_back_into_the_form() {
    for text in [
        "name=Nightly&kind=daily&time=02:30&zone=Europe/Berlin&enabled=on",
        "name=Often&kind=interval&minutes=15",
        "name=Now&kind=immediate&enabled=on",
        "name=Then&kind=once&date=2026-12-24&time=18:00&zone=UTC&retention=9&spread=90",
        "name=Week&kind=weekly&days=0&days=4&time=01:00&zone=Asia/Kolkata",
        "name=Month&kind=monthly&day=31&time=01:00&zone=UTC",
        "name=Year&kind=yearly&month=2&month_day=29&time=01:00&zone=UTC",
        "name=Cron&kind=cron&cron=30 2 * * 1-5&zone=America/New_York",
    ] {
        let new = form(text).parse(&known()).unwrap();
        let kept = Schedule {
            id: ScheduleId(1),
            name: new.name.clone(),
            description: new.description.clone(),
            recurrence: new.recurrence.clone(),
            aim: new.targets.aim(),
            is_enabled: new.is_enabled,
            grace_minutes: new.grace_minutes,
            retention_days: new.retention_days,
            spread_minutes: new.spread_minutes,
            owner: Owner { user: None, name: "console".to_owned() },
            version: 1,
            next_run_at: None,
            last_run_at: None,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        };
        let again = ScheduleForm::of(&kept, &new.targets, &[]).parse(&known()).unwrap();
        assert_eq!(
            (again.name, again.recurrence, again.is_enabled, again.retention_days, again.spread_minutes),
            (new.name, new.recurrence, new.is_enabled, new.retention_days, new.spread_minutes)
        );
    }
}

#[test]
fn a_look_ahead_saves_nothing() {
    assert!(form("intent=preview").is_preview());
    assert!(!form("intent=save").is_preview());
}
