//! What holds for all zones and times.

use super::*;

fn zones() -> impl Strategy<Value = Tz> {
    proptest::sample::select(chrono_tz::TZ_VARIANTS.to_vec())
}

fn times() -> impl Strategy<Value = NaiveTime> {
    (0u32..24, 0u32..60).prop_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
}

/// Any second from 2024 to 2037.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (1_704_067_200i64..2_145_916_800).prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
}

fn clamp(year: i32, month: u32, day: u32) -> NaiveDate {
    let last =
        NaiveDate::from_ymd_opt(year, month, 1).unwrap() + chrono::Months::new(1) - chrono::Days::new(1);
    last.with_day(day.min(last.day())).unwrap()
}

fn rules() -> impl Strategy<Value = Recurrence> {
    (0u32..6, zones(), times(), 1u32..=31, 1u32..=12).prop_map(|(kind, zone, at, day, month)| match kind {
        0 => Recurrence::Daily { at, zone },
        1 => Recurrence::Weekly { days: (day % 7).to_string().parse().unwrap(), at, zone },
        2 => Recurrence::Monthly { day, at, zone },
        3 => Recurrence::Yearly { month, day: day.min(28), at, zone },
        4 => Recurrence::Every { minutes: i32::try_from(day * 7).unwrap() },
        _ => Recurrence::Cron { line: format!("{} {} * * *", at.minute(), at.hour()).parse().unwrap(), zone },
    })
}

proptest! {
    #[test]
    fn daily_fires_once_each_local_day(zone in zones(), at in times(), now in moments()) {
        let rule = Recurrence::Daily { at, zone };
        let days = local_days(&rule, &rule.upcoming(now, 100));
        for pair in days.windows(2) {
            prop_assert_eq!(pair[0].succ_opt(), Some(pair[1]), "{}", zone);
        }
    }

    #[test]
    fn weekly_fires_on_each_of_its_days(zone in zones(), at in times(), now in moments(), mask in 1u32..128) {
        let days: Vec<String> = (0..7u32).filter(|day| mask >> day & 1 == 1).map(|day| day.to_string()).collect();
        let days: Weekdays = days.join(",").parse().unwrap();
        let rule = Recurrence::Weekly { days: days.clone(), at, zone };
        let found = local_days(&rule, &rule.upcoming(now, 30));
        let wanted: Vec<NaiveDate> = found[0].iter_days().filter(|day| days.has(*day)).take(found.len()).collect();
        prop_assert_eq!(found, wanted, "{}", zone);
    }

    #[test]
    fn monthly_fires_once_each_month_on_its_day_or_the_last(
        zone in zones(), at in times(), now in moments(), day in 1u32..=31,
    ) {
        let rule = Recurrence::Monthly { day, at, zone };
        let found = local_days(&rule, &rule.upcoming(now, 30));
        let first = found[0].with_day(1).unwrap();
        for (ahead, date) in (0u32..).zip(&found) {
            let month = first + chrono::Months::new(ahead);
            prop_assert_eq!(*date, clamp(month.year(), month.month(), day), "{}", zone);
        }
    }

    #[test]
    fn yearly_fires_once_each_year(zone in zones(), at in times(), now in moments(), month in 1u32..=12, day in 1u32..=31) {
        let day = clamp(2024, month, day).day();
        let rule = Recurrence::Yearly { month, day, at, zone };
        let found = local_days(&rule, &rule.upcoming(now, 8));
        for (year, date) in (found[0].year()..).zip(&found) {
            prop_assert_eq!(*date, clamp(year, month, day), "{}", zone);
        }
    }

    #[test]
    fn cron_agrees_with_the_other_kinds(zone in zones(), at in times(), now in moments(), day in 1u32..=28, month in 1u32..=12) {
        let (hour, minute) = (at.hour(), at.minute());
        let weekday = day % 7;
        for (line, rule) in [
            (format!("{minute} {hour} * * *"), Recurrence::Daily { at, zone }),
            (
                // cron's week begins on Sunday.
                format!("{minute} {hour} * * {}", (weekday + 1) % 7),
                Recurrence::Weekly { days: weekday.to_string().parse().unwrap(), at, zone },
            ),
            (format!("{minute} {hour} {day} * *"), Recurrence::Monthly { day, at, zone }),
            (format!("{minute} {hour} {day} {month} *"), Recurrence::Yearly { month, day, at, zone }),
        ] {
            let cron = Recurrence::Cron { line: line.parse().unwrap(), zone };
            prop_assert_eq!(cron.upcoming(now, 6), rule.upcoming(now, 6), "{} {}", line, zone);
        }
    }

    #[test]
    fn every_kind_is_strictly_ahead_without_seconds_and_monotone(
        rule in rules(), now in moments(), later in 0i64..10_000_000,
    ) {
        let due = rule.next_after(now).unwrap();
        prop_assert!(due > now);
        prop_assert_eq!(due.timestamp() % 60, 0);
        let after = rule.next_after(now + Duration::seconds(later)).unwrap();
        prop_assert!(due <= after);
        prop_assert_eq!(rule.next_after(due - Duration::seconds(1)), Some(due), "a slot is found from just before it");
    }

    #[test]
    fn what_has_passed_is_found_with_bounded_work(now in moments(), away in 1i64..50_000_000, grace in 1i32..10_080) {
        let schedule = Schedule {
            id: ScheduleId(1),
            name: String::new(),
            description: String::new(),
            recurrence: Recurrence::Every { minutes: 1 },
            aim: Aim::All,
            is_enabled: true,
            grace_minutes: grace,
            retention_days: None,
            spread_minutes: 0,
            owner: Owner { user: None, name: String::new() },
            version: 1,
            next_run_at: None,
            last_run_at: None,
            updated_at: now,
        };
        let slot = schedule.recurrence.next_after(now - Duration::seconds(away) - Duration::minutes(2)).unwrap();
        let passed = schedule.passed(slot, now);
        prop_assert!(passed.newest <= now && now - passed.newest < Duration::minutes(1));
        prop_assert!(!passed.is_late && passed.older <= 1_000);
    }
}
