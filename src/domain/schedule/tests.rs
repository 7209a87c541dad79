use super::*;
use chrono::{Datelike, NaiveDate, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local_days(rule: &Recurrence, slots: &[DateTime<Utc>]) -> Vec<NaiveDate> {
    let zone = rule.clock().unwrap().0;
    slots.iter().map(|slot| slot.with_timezone(&zone).date_naive()).collect()
}

// Upstream's calculate_next_run, bug by bug (2.6.1).
#[test]
fn the_next_run_is_the_one_that_people_mean() {
    let berlin = "Europe/Berlin";
    let cases = [
        // Today's weekday with the time still ahead, and with the time past. 4 March 2026 is a Wednesday.
        (
            Recurrence::weekly("wednesday", "18:00", "UTC"),
            "2026-03-04T12:00:00Z",
            Some("2026-03-04T18:00:00Z"),
        ),
        (Recurrence::weekly("2", "12:00", "UTC"), "2026-03-04T12:00:00Z", Some("2026-03-11T12:00:00Z")),
        (Recurrence::weekly("0,6", "12:00", "UTC"), "2026-03-04T12:00:00Z", Some("2026-03-08T12:00:00Z")),
        // Today's day of the month with the time still ahead; seconds never leak.
        (Recurrence::monthly("4", "18:00", "UTC"), "2026-03-04T12:00:33Z", Some("2026-03-04T18:00:00Z")),
        (Recurrence::monthly("4", "12:00", "UTC"), "2026-03-04T12:00:33Z", Some("2026-04-04T12:00:00Z")),
        // The 31st over February: clamped from the original day each time.
        (Recurrence::monthly("31", "02:00", "UTC"), "2026-01-31T02:00:00Z", Some("2026-02-28T02:00:00Z")),
        (Recurrence::monthly("31", "02:00", "UTC"), "2026-02-28T02:00:00Z", Some("2026-03-31T02:00:00Z")),
        (Recurrence::monthly("30", "02:00", "UTC"), "2028-02-01T00:00:00Z", Some("2028-02-29T02:00:00Z")),
        // Yearly, with 29 February.
        (
            Recurrence::yearly(("2", "29"), "02:00", "UTC"),
            "2026-01-01T00:00:00Z",
            Some("2026-02-28T02:00:00Z"),
        ),
        (
            Recurrence::yearly(("2", "29"), "02:00", "UTC"),
            "2027-02-28T02:00:00Z",
            Some("2028-02-29T02:00:00Z"),
        ),
        (
            Recurrence::yearly(("3", "4"), "02:00", "UTC"),
            "2026-03-04T02:00:00Z",
            Some("2027-03-04T02:00:00Z"),
        ),
        // Once is once.
        (
            Recurrence::once("2026-03-29", "02:30", berlin),
            "2026-03-01T00:00:00Z",
            Some("2026-03-29T01:00:00Z"),
        ),
        (Recurrence::once("2026-03-29", "02:30", berlin), "2026-03-29T01:00:00Z", None),
        (Ok(Recurrence::Immediate), "2026-03-01T00:00:00Z", None),
        // Daily over both changes of the clocks.
        (Recurrence::daily("02:30", berlin), "2026-03-28T12:00:00Z", Some("2026-03-29T01:00:00Z")),
        (Recurrence::daily("02:30", berlin), "2026-10-24T12:00:00Z", Some("2026-10-25T00:30:00Z")),
        (Recurrence::daily("02:30", berlin), "2026-10-25T00:30:00Z", Some("2026-10-26T01:30:00Z")),
        // Intervals are counted from fixed points.
        (Recurrence::every("15"), "2026-03-01T12:00:00Z", Some("2026-03-01T12:15:00Z")),
        (Recurrence::every("15"), "2026-03-01T12:14:59Z", Some("2026-03-01T12:15:00Z")),
        (Recurrence::cron("30 2 29 2 *", "UTC"), "2026-03-01T12:00:00Z", Some("2028-02-29T02:30:00Z")),
    ];
    for (rule, now, due) in cases {
        let rule = rule.unwrap();
        assert_eq!(rule.next_after(at(now)), due.map(at), "{} after {now}", rule.in_words());
    }
    assert_eq!(
        Recurrence::Immediate.first_slot(at("2026-03-01T00:00:09Z")),
        Some(at("2026-03-01T00:00:09Z"))
    );
}

#[test]
fn bad_input_is_told_with_the_way_out() {
    let told = |rule: Result<Recurrence, InvalidRecurrence>| rule.unwrap_err().to_string();
    assert_eq!(Recurrence::every("0"), Err(InvalidRecurrence::Minutes));
    assert_eq!(Recurrence::daily("25:00", "UTC"), Err(InvalidRecurrence::Time));
    assert_eq!(Recurrence::weekly("", "02:00", "UTC"), Err(InvalidRecurrence::Days));
    assert_eq!(Recurrence::weekly("0,someday", "02:00", "UTC"), Err(InvalidRecurrence::Days));
    assert_eq!(Recurrence::monthly("0", "02:00", "UTC"), Err(InvalidRecurrence::DayOfMonth));
    assert_eq!(Recurrence::yearly(("4", "31"), "02:00", "UTC"), Err(InvalidRecurrence::DayOfYear));
    assert_eq!(Recurrence::once("29.3.2026", "02:00", "UTC"), Err(InvalidRecurrence::Date));
    assert_eq!(
        told(Recurrence::daily("02:00", "Mars/Base")),
        "\"Mars/Base\" is not a time zone; use an IANA name such as Europe/Berlin or UTC."
    );
    for bad in ["0 0 30 2 *", "0 0 31 4,6 *"] {
        assert!(told(Recurrence::cron(bad, "UTC")).contains("never falls due"), "{bad}");
    }
    for bad in ["", "* * * *", "0 30 2 * * *", "@daily", "30 2 * * 1 2027 1"] {
        assert!(told(Recurrence::cron(bad, "UTC")).contains("five fields"), "{bad}");
    }
    for bad in ["61 2 * * *", "a b c d e", "* * * * 9"] {
        assert!(told(Recurrence::cron(bad, "UTC")).contains("not a cron pattern"), "{bad}");
    }
}

#[test]
fn columns_hold_what_the_migration_writes() {
    for (rule, json) in [
        (Recurrence::Immediate, r#"{"kind":"immediate"}"#),
        (Recurrence::every("60").unwrap(), r#"{"kind":"interval","minutes":60}"#),
        (
            Recurrence::daily("02:30", "Europe/Berlin").unwrap(),
            r#"{"kind":"daily","at":"02:30","zone":"Europe/Berlin"}"#,
        ),
        (
            Recurrence::weekly("0,3", "02:30", "UTC").unwrap(),
            r#"{"kind":"weekly","days":[0,3],"at":"02:30","zone":"UTC"}"#,
        ),
        (
            Recurrence::once("2026-12-24", "18:00", "UTC").unwrap(),
            r#"{"kind":"once","at":"2026-12-24T18:00","zone":"UTC"}"#,
        ),
        (
            Recurrence::cron(" 30  2 * * 1-5 ", "UTC").unwrap(),
            r#"{"kind":"cron","line":"30 2 * * 1-5","zone":"UTC"}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        assert_eq!(serde_json::from_str::<Recurrence>(json).unwrap(), rule);
    }
    assert!(
        serde_json::from_str::<Recurrence>(r#"{"kind":"weekly","days":[],"at":"02:30","zone":"UTC"}"#)
            .is_err()
    );
}

#[test]
fn times_are_told_in_words() {
    let said = |rule: Result<Recurrence, InvalidRecurrence>| rule.unwrap().in_words();
    assert_eq!(said(Recurrence::weekly("0,3", "02:30", "UTC")), "every Monday and Thursday at 02:30 UTC");
    assert_eq!(
        said(Recurrence::weekly("0,1,2,3,4", "02:30", "UTC")),
        "every weekday (Monday to Friday) at 02:30 UTC"
    );
    assert_eq!(said(Recurrence::monthly("2", "02:30", "UTC")), "on the 2nd of each month at 02:30 UTC");
    assert_eq!(said(Recurrence::monthly("31", "02:30", "UTC")), "on the last day of each month at 02:30 UTC");
    assert_eq!(
        said(Recurrence::yearly(("2", "29"), "02:30", "UTC")),
        "every year on 29 February, the 28th in common years, at 02:30 UTC"
    );
}

// The rule of croner that differs from ours on purpose; see `CronLine`.
#[test]
fn cron_with_several_times_leaves_gaps_out_and_runs_through_repeated_hours() {
    let slots = |line: &str, now: &str, count| {
        Recurrence::cron(line, "Europe/Berlin").unwrap().upcoming(at(now), count)
    };
    let spring = slots("*/30 * * * *", "2026-03-29T00:30:00Z", 2);
    assert_eq!(spring, [at("2026-03-29T01:00:00Z"), at("2026-03-29T01:30:00Z")]);
    let autumn = slots("*/30 2 * * *", "2026-10-24T23:45:00Z", 4);
    let all = ["00:00", "00:30", "01:00", "01:30"].map(|time| at(&format!("2026-10-25T{time}:00Z")));
    assert_eq!(autumn, all);
    let skipped = slots("30 2,14 * * *", "2026-03-29T00:00:00Z", 1);
    assert_eq!(skipped, [at("2026-03-29T12:30:00Z")]);
}

#[test]
fn a_black_out_may_cross_midnight_and_follows_its_own_clock() {
    let window = |days: &str, starts, ends| {
        let days: Vec<String> = days.split(',').map(str::to_owned).collect();
        Window::parse(&days, (starts, ends), "Europe/Berlin").unwrap()
    };
    // Friday 22:00 to Saturday 04:00 in Berlin, an hour earlier in UTC. 6 March 2026 is a Friday.
    let night = window("4", "22:00", "04:00");
    for (moment, is_in) in [
        ("2026-03-06T20:59:00Z", false),
        ("2026-03-06T21:00:00Z", true),
        ("2026-03-07T02:59:00Z", true),
        ("2026-03-07T03:00:00Z", false),
        ("2026-03-07T21:30:00Z", false),
        ("2026-03-06T02:00:00Z", false),
    ] {
        assert_eq!(night.contains(at(moment)), is_in, "{moment}");
    }
    assert!(window("0", "08:00", "18:00").contains(at("2026-03-09T07:00:00Z")));
    assert!(!window("0", "08:00", "18:00").contains(at("2026-03-09T17:00:00Z")));
    assert!(window("0", "00:00", "00:00").contains(at("2026-03-09T22:59:00Z")), "equal ends are a whole day");
    assert_eq!(Window::parse(&[], ("x", "y"), "Mars").unwrap_err().len(), 4);
}

/// The moments from 2024 to 2037 at which a zone's offset changes, to the minute.
fn changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |seconds: i64| {
        use chrono::Offset;
        zone.offset_from_utc_datetime(&DateTime::from_timestamp(seconds, 0).unwrap().naive_utc()).fix()
    };
    let (mut found, week) = (Vec::new(), 7 * 86_400);
    let mut from = at("2024-01-01T00:00:00Z").timestamp();
    while from < at("2038-01-01T00:00:00Z").timestamp() {
        let (mut low, mut high) = (from, from + week);
        if offset(low) != offset(high) {
            while high - low > 60 {
                let middle = low + (high - low) / 120 * 60;
                if offset(middle) == offset(low) { low = middle } else { high = middle }
            }
            found.push(DateTime::from_timestamp(high, 0).unwrap());
        }
        from += week;
    }
    found
}

// R-13: every zone, every change of its clocks from 2024 to 2037.
#[test]
fn a_day_has_one_slot_whatever_its_clocks_do() {
    let times = ["00:00", "00:30", "01:00", "01:59", "02:00", "02:30", "03:00", "22:30", "23:30", "23:59"];
    let mut checked = 0;
    for zone in chrono_tz::TZ_VARIANTS {
        for change in changes(zone) {
            for time in times {
                let time = parse_time(time).unwrap();
                let rule = Recurrence::Daily { at: time, zone };
                let slots = rule.upcoming(change - Duration::days(2), 4);
                let days = local_days(&rule, &slots);
                for (slot, day) in slots.iter().zip(&days) {
                    let (wanted, shown) = (day.and_time(time), slot.with_timezone(&zone).naive_local());
                    if let Some(first) = zone.from_local_datetime(&wanted).earliest() {
                        assert_eq!(*slot, first, "{zone}");
                    } else {
                        // The first moment behind the gap, or the last before it where the day ends in the gap.
                        let near =
                            |shift| (*slot + Duration::minutes(shift)).with_timezone(&zone).naive_local();
                        let is_behind = near(-1) < wanted && wanted < shown;
                        let is_before = shown < wanted && near(1).date() > *day && *day == shown.date();
                        assert!(is_behind || is_before, "{zone}: {shown} for {wanted}");
                    }
                }
                assert!(
                    days.windows(2).all(|pair| pair[0].succ_opt() == Some(pair[1])),
                    "{zone} {time}: {days:?}"
                );
                others_agree((zone, time), change - Duration::days(2), slots.iter().zip(days));
                checked += 1;
            }
        }
    }
    assert!(checked > 10_000, "{checked}");
}

/// What goes by weeks, months and years falls due on a day with changed clocks when what goes by days does.
fn others_agree<'a>(
    (zone, at): (Tz, NaiveTime),
    now: DateTime<Utc>,
    slots: impl Iterator<Item = (&'a DateTime<Utc>, NaiveDate)>,
) {
    for (slot, day) in slots {
        let weekday = day.weekday().num_days_from_monday().to_string().parse().unwrap();
        for rule in [
            Recurrence::Weekly { days: weekday, at, zone },
            Recurrence::Monthly { day: day.day(), at, zone },
            Recurrence::Yearly { month: day.month(), day: day.day(), at, zone },
        ] {
            assert_eq!(rule.next_after(now), Some(*slot), "{zone}: {} after {now}", rule.in_words());
        }
    }
}

// R-13: a cron pattern with one time, over every change of every zone's clocks.
#[test]
fn a_cron_pattern_with_one_time_has_one_slot_each_day_whatever_the_clocks_do() {
    for zone in chrono_tz::TZ_VARIANTS {
        for change in changes(zone) {
            let now = change - Duration::days(1);
            for time in ["00:00", "02:30"] {
                let at = parse_time(time).unwrap();
                let line = format!("{} {} * * *", at.minute(), at.hour()).parse().unwrap();
                let cron = Recurrence::Cron { line, zone };
                let daily = Recurrence::Daily { at, zone };
                assert_eq!(cron.upcoming(now, 2), daily.upcoming(now, 2), "{zone} {time} after {now}");
            }
        }
    }
}

#[path = "properties.rs"]
mod properties;
