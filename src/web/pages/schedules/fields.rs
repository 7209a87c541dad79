//! The fields of a schedule's form: what was typed, and what it means.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::Deserialize;

use crate::{
    domain::{
        id::{DeviceId, TagId},
        schedule::{
            InvalidRecurrence, Kind, NewSchedule, Recurrence, Schedule, Targets, parse_time, parse_zone,
        },
    },
    web::complaints::Complaints,
};

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleForm {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) kind: String,
    pub(super) minutes: String,
    pub(super) date: String,
    pub(super) days: Vec<String>,
    pub(super) day: String,
    pub(super) month: String,
    pub(super) month_day: String,
    pub(super) cron: String,
    pub(super) time: String,
    pub(super) zone: String,
    pub(super) targets: String,
    pub(super) tags: Vec<String>,
    pub(super) devices: String,
    pub(super) grace: String,
    pub(super) retention: String,
    pub(super) spread: String,
    pub(super) enabled: String,
    pub(super) version: String,
    pub(super) intent: String,
}

/// What is there to be named.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// All tags.
    pub(super) tags: Vec<(TagId, String)>,
    /// Those of the devices named that the person sees, by name in lower case.
    pub(super) devices: BTreeMap<String, DeviceId>,
}

impl ScheduleForm {
    pub(super) fn fresh() -> Self {
        Self {
            kind: Kind::Daily.as_str().into(),
            minutes: "60".into(),
            days: vec!["0".into()],
            day: "1".into(),
            month: "1".into(),
            month_day: "1".into(),
            cron: "30 2 * * 1-5".into(),
            time: "02:00".into(),
            zone: "UTC".into(),
            targets: "all".into(),
            grace: "60".into(),
            spread: "0".into(),
            enabled: "on".into(),
            ..Self::default()
        }
    }

    /// The form of a schedule that is there.
    pub(super) fn of(schedule: &Schedule, targets: &Targets, names: &[String]) -> Self {
        let mut form = Self {
            name: schedule.name.clone(),
            description: schedule.description.clone(),
            targets: schedule.aim.as_str().into(),
            grace: schedule.grace_minutes.to_string(),
            retention: schedule.retention_days.map(|days| days.to_string()).unwrap_or_default(),
            spread: schedule.spread_minutes.to_string(),
            enabled: if schedule.is_enabled { "on" } else { "" }.into(),
            version: schedule.version.to_string(),
            ..Self::fresh()
        };
        match targets {
            Targets::All => {}
            Targets::Tags(ids) => form.tags = ids.iter().map(ToString::to_string).collect(),
            Targets::Devices(_) => form.devices = names.join("\n"),
        }
        form.take(&schedule.recurrence);
        form
    }

    fn take(&mut self, recurrence: &Recurrence) {
        self.kind = recurrence.kind().as_str().into();
        if let Some((zone, at)) = recurrence.clock() {
            self.zone = zone.to_string();
            if let Some(at) = at {
                self.time = at.format("%H:%M").to_string();
            }
        }
        match recurrence {
            Recurrence::Immediate | Recurrence::Daily { .. } => {}
            Recurrence::Once { at, .. } => self.date = at.format("%Y-%m-%d").to_string(),
            Recurrence::Every { minutes } => self.minutes = minutes.to_string(),
            Recurrence::Weekly { days, .. } => self.days = days.iter().map(|day| day.to_string()).collect(),
            Recurrence::Monthly { day, .. } => self.day = day.to_string(),
            Recurrence::Yearly { month, day, .. } => {
                self.month = month.to_string();
                self.month_day = day.to_string();
            }
            Recurrence::Cron { line, .. } => self.cron = line.to_string(),
        }
    }

    /// When it runs; everything that is wrong with it is told at once.
    pub(super) fn recurrence(&self, complaints: &mut Complaints) -> Option<Recurrence> {
        let Ok(kind) = self.kind.parse::<Kind>() else {
            complaints.add("kind", "Choose when it runs.");
            return None;
        };
        let (time, zone) = (self.time.as_str(), self.zone.as_str());
        // The pieces of a kind are asked for with a time and a zone that are right, so that each is judged by itself.
        let piece = |time: &str, zone: &str| match kind {
            Kind::Immediate => Ok(Recurrence::Immediate),
            Kind::Interval => Recurrence::every(&self.minutes),
            Kind::Once => Recurrence::once(&self.date, time, zone),
            Kind::Daily => Recurrence::daily(time, zone),
            Kind::Weekly => Recurrence::weekly(&self.days.join(","), time, zone),
            Kind::Monthly => Recurrence::monthly(&self.day, time, zone),
            Kind::Yearly => Recurrence::yearly((&self.month, &self.month_day), time, zone),
            Kind::Cron => Recurrence::cron(&self.cron, zone),
        };
        let mut wrong: Vec<InvalidRecurrence> = piece("00:00", "UTC").err().into_iter().collect();
        let has_zone = !matches!(kind, Kind::Immediate | Kind::Interval);
        if has_zone && kind != Kind::Cron {
            wrong.extend(parse_time(time).err());
        }
        if has_zone {
            wrong.extend(parse_zone(zone).err());
        }
        for error in &wrong {
            complaints.add(field(error), error);
        }
        if wrong.is_empty() { piece(time, zone).ok() } else { None }
    }

    /// The device names that were typed, each once.
    pub(super) fn device_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.devices.split([',', ';', '\n', '\r', '\t', ' ']).map(str::trim).map(str::to_owned).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Which devices it means.
    pub(super) fn targets(&self, known: &Known, complaints: &mut Complaints) -> Option<Targets> {
        match self.targets.as_str() {
            "all" => Some(Targets::All),
            "tags" => {
                let is_chosen = |id: &TagId| self.tags.contains(&id.to_string());
                let ids: Vec<TagId> = known.tags.iter().map(|(id, _)| *id).filter(is_chosen).collect();
                if ids.is_empty() {
                    complaints.add("targets", "Choose at least one tag.");
                    return None;
                }
                Some(Targets::Tags(ids))
            }
            "devices" => {
                let names = self.device_names();
                if names.is_empty() {
                    complaints.add("devices", "Name at least one device.");
                }
                let mut ids = Vec::with_capacity(names.len());
                for name in &names {
                    match known.devices.get(&name.to_lowercase()) {
                        Some(id) => ids.push(*id),
                        None => {
                            complaints
                                .add("devices", format!("There is no device with the name \"{name}\"."));
                        }
                    }
                }
                (!ids.is_empty() && ids.len() == names.len()).then_some(Targets::Devices(ids))
            }
            _ => {
                complaints.add("targets", "Choose which devices it backs up.");
                None
            }
        }
    }

    /// All of it; everything that is wrong is told at once.
    pub(super) fn parse(&self, known: &Known) -> Result<NewSchedule, Complaints> {
        let mut complaints = Complaints::default();
        let (name, description) = (self.name.trim(), self.description.trim());
        if name.is_empty() {
            complaints.add("name", "Give the schedule a name.");
        } else if name.chars().count() > 100 {
            complaints.add("name", "Use at most 100 characters.");
        } else if name.chars().any(char::is_control) {
            complaints.add("name", "Leave control characters out of the name.");
        }
        if description.chars().count() > 1_000 {
            complaints.add("description", "Use at most 1000 characters.");
        }
        let recurrence = self.recurrence(&mut complaints);
        let targets = self.targets(known, &mut complaints);
        let within = |raw: &str, range: RangeInclusive<i32>| {
            raw.trim().parse().ok().filter(|number| range.contains(number))
        };
        let grace = within(&self.grace, 1..=10_080);
        if grace.is_none() {
            complaints.add("grace", "Give a number of minutes from 1 to 10080 (a week).");
        }
        // A form from before this field was there means none.
        let spread = if self.spread.trim().is_empty() { Some(0) } else { within(&self.spread, 0..=1_440) };
        if spread.is_none() {
            complaints.add("spread", "Give a number of minutes from 0 to 1440 (a day).");
        }
        let retention = within(&self.retention, 1..=3_650);
        if retention.is_none() && !self.retention.trim().is_empty() {
            complaints.add("retention", "Give a number of days from 1 to 3650, or nothing.");
        }
        match (recurrence, targets, grace.zip(spread)) {
            (Some(recurrence), Some(targets), Some((grace_minutes, spread_minutes)))
                if complaints.is_empty() =>
            {
                Ok(NewSchedule {
                    name: name.to_owned(),
                    description: description.to_owned(),
                    recurrence,
                    targets,
                    is_enabled: !self.enabled.is_empty(),
                    grace_minutes,
                    retention_days: retention,
                    spread_minutes,
                })
            }
            _ => Err(complaints),
        }
    }

    /// Whether only the next runs are to be shown.
    pub(super) fn is_preview(&self) -> bool {
        self.intent == "preview"
    }
}

/// The field at which a complaint belongs.
fn field(error: &InvalidRecurrence) -> &'static str {
    match error {
        InvalidRecurrence::Minutes => "minutes",
        InvalidRecurrence::Time => "time",
        InvalidRecurrence::Zone(_) => "zone",
        InvalidRecurrence::Date => "date",
        InvalidRecurrence::Days => "days",
        InvalidRecurrence::DayOfMonth => "day",
        InvalidRecurrence::DayOfYear => "month_day",
        InvalidRecurrence::Cron(_) => "cron",
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
