//! Times in words.

use super::Recurrence;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Recurrence {
    /// In words: "every Monday at 02:30 Europe/Berlin".
    pub fn in_words(&self) -> String {
        match self {
            Self::Immediate => "once, right away".to_owned(),
            Self::Once { at, zone } => format!("once, on {} {zone}", at.format("%-d %b %Y at %H:%M")),
            Self::Every { minutes: 1 } => "every minute".to_owned(),
            Self::Every { minutes } if minutes % 1440 == 0 && *minutes > 1440 => {
                format!("every {} days", minutes / 1440)
            }
            Self::Every { minutes } if minutes % 60 == 0 && *minutes > 60 => {
                format!("every {} hours", minutes / 60)
            }
            Self::Every { minutes } => format!("every {minutes} minutes"),
            Self::Daily { at, zone } => format!("daily at {} {zone}", at.format("%H:%M")),
            Self::Weekly { days, at, zone } => {
                format!("every {} at {} {zone}", days.in_words(), at.format("%H:%M"))
            }
            Self::Monthly { day: 31, at, zone } => {
                format!("on the last day of each month at {} {zone}", at.format("%H:%M"))
            }
            Self::Monthly { day, at, zone } => {
                let short = if *day > 28 { ", or its last day," } else { "" };
                format!("on the {} of each month{short} at {} {zone}", ordinal(*day), at.format("%H:%M"))
            }
            Self::Yearly { month, day, at, zone } => {
                let common = if (*month, *day) == (2, 29) { ", the 28th in common years," } else { "" };
                format!("every year on {day} {}{common} at {} {zone}", month_name(*month), at.format("%H:%M"))
            }
            Self::Cron { line, zone } => format!("cron {line} {zone}"),
        }
    }
}

/// A month's name, 1 = January.
fn month_name(month: u32) -> &'static str {
    let place = usize::try_from(month).ok().and_then(|month| month.checked_sub(1));
    place.and_then(|place| MONTHS.get(place)).copied().unwrap_or_default()
}

fn ordinal(day: u32) -> String {
    let end = match (day % 10, day / 10) {
        (1, 0 | 2 | 3) => "st",
        (2, 0 | 2) => "nd",
        (3, 0 | 2) => "rd",
        _ => "th",
    };
    format!("{day}{end}")
}
