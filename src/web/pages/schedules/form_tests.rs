use super::*;

fn form(text: &str) -> ScheduleForm {
    serde_html_form::from_str(text).unwrap()
}

#[test]
fn every_complaint_is_at_its_field() {
    for (text, fields) in [
        ("", &["name", "kind"][..]),
        ("name=a&kind=every&minutes=0", &["minutes"]),
        ("name=a&kind=daily&time=25:00&zone=UTC", &["time"]),
        ("name=a&kind=daily&time=02:00&zone=Mars/Olympus", &["zone"]),
        ("name=a&kind=daily&time=25:00&zone=Mars", &["time", "zone"]),
        ("name=%0Aa%00b&kind=every&minutes=5", &["name"]),
        ("kind=every&minutes=many", &["name", "minutes"]),
    ] {
        let complaints = form(text).parse().unwrap_err();
        let told: Vec<_> = complaints.lines().iter().map(|(field, _)| *field).collect();
        assert_eq!(told, fields, "{text}");
    }
    assert!(serde_html_form::from_str::<ScheduleForm>("name=a&id=1").is_err());
}

#[test]
fn what_is_saved_comes_back_into_the_form() {
    for text in [
        "name=Nightly&kind=daily&time=02:30&zone=Europe/Berlin&enabled=on",
        "name=Often&kind=every&minutes=15",
    ] {
        let new = form(text).parse().unwrap();
        let kept = Schedule {
            id: ScheduleId(1),
            name: new.name.clone(),
            recurrence: new.recurrence.clone(),
            is_enabled: new.is_enabled,
            next_run_at: None,
            last_run_at: None,
        };
        let again = ScheduleForm::from(&kept).parse().unwrap();
        assert_eq!(
            (again.name, again.recurrence, again.is_enabled),
            (new.name, new.recurrence, new.is_enabled)
        );
    }
}

#[test]
fn a_look_ahead_saves_nothing() {
    assert!(form("intent=preview").is_preview());
    assert!(!form("intent=save").is_preview());
}
