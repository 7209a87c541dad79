//! What people want to be told by mail, and how often.

mod failing;

pub use failing::Failing;

use chrono::{DateTime, Duration, Utc};

use super::{
    id::{DeviceId, JobId, UserId},
    text_enum,
};

text_enum! {
    /// What happened.
    pub enum NoticeEvent {
        /// A device failed after it had gone well.
        FirstFailure = "first_failure",
        /// It has been failing for another day.
        StillFailing = "still_failing",
        /// It goes well again.
        Recovered = "recovered",
        /// A new version differs from the one before.
        Changed = "changed",
        /// A backup that the person started is over.
        JobDone = "job_done",
        /// A shared credential was stopped: every admin who sees everything is told at once, whatever they wish.
        CredentialStopped = "credential_stopped",
        /// A kept version does not read back.
        Damaged = "damaged",
        /// Something that should have happened has not.
        Silence = "silence",
    }
}

impl NoticeEvent {
    /// Whether people choose to be told of it; of an alarm they are told in any case.
    pub fn is_alarm(self) -> bool {
        self == Self::CredentialStopped
    }
}

text_enum! {
    /// How often mails go out.
    pub enum Rhythm {
        /// As soon as nothing more of the same happens.
        AtOnce = "at_once",
        /// At every full hour.
        Hourly = "hourly",
        /// Once a day, at seven in the morning, UTC.
        Daily = "daily",
    }
}

/// After so long a device that fails is told of again.
pub const TOLD_AGAIN_AFTER: Duration = Duration::days(1);

/// A cause is told at once when nothing has been added to it for so long: three hundred devices behind one broken link
/// fail over minutes, and are one mail.
pub const QUIET_FOR: Duration = Duration::minutes(2);

/// A cause that goes on growing is told after so long all the same.
pub const GATHERED_FOR: Duration = Duration::minutes(20);

/// What a person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// How often.
    pub rhythm: Rhythm,
    /// Of what; nothing at all when empty.
    pub events: Vec<NoticeEvent>,
}

/// Something to tell, on its way into its row.
#[derive(Debug)]
pub struct NewNotice<'a> {
    /// What happened.
    pub event: NoticeEvent,
    /// What those have in common that are told together: the class of a failure, who waits for a job, or the name of
    /// a credential.
    pub cause: String,
    /// To which device; `None` for what is about no single one.
    pub device: Option<DeviceId>,
    /// In which job; `None` for what no job did.
    pub job: Option<JobId>,
    /// In words, without secrets.
    pub text: &'a str,
}

/// Something to tell one person.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whom.
    pub user: UserId,
    /// What happened.
    pub event: NoticeEvent,
    /// What those have in common that are told together.
    pub cause: String,
    /// The device's name then.
    pub device: String,
    /// In words.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A mail and what has become of it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The row.
    pub id: i64,
    /// To whom.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub error: Option<String>,
}

/// The next time at which a mail of this rhythm goes out, from `now` on.
pub fn due(rhythm: Rhythm, now: DateTime<Utc>) -> DateTime<Utc> {
    let second = |text: i64| DateTime::from_timestamp(text, 0).unwrap_or(now);
    let seconds = now.timestamp();
    match rhythm {
        Rhythm::AtOnce => now,
        Rhythm::Hourly => second(seconds.div_euclid(3_600) * 3_600 + 3_600),
        Rhythm::Daily => {
            let seven = seconds.div_euclid(86_400) * 86_400 + 7 * 3_600;
            second(if seven > seconds { seven } else { seven + 86_400 })
        }
    }
}

/// What waits to be told to one person of one cause.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// Whom.
    pub user: UserId,
    /// How often the person wants mails.
    pub rhythm: Rhythm,
    /// What happened.
    pub event: NoticeEvent,
    /// What it has in common.
    pub cause: String,
    /// When it happened first.
    pub first: DateTime<Utc>,
    /// When it happened last.
    pub last: DateTime<Utc>,
}

impl Gathered {
    /// Whether it is told now, or still grows. A digest has its hour, and an alarm does not wait.
    pub fn is_ripe(&self, now: DateTime<Utc>) -> bool {
        // A last time far ahead is one from before the clock was put back.
        let is_quiet = (now - self.last).abs() >= QUIET_FOR;
        self.rhythm != Rhythm::AtOnce || self.event.is_alarm() || is_quiet || now - self.first >= GATHERED_FOR
    }
}

fn heading(event: NoticeEvent, cause: &str, count: usize) -> String {
    let devices = if count == 1 { "1 device".to_owned() } else { format!("{count} devices") };
    match event {
        NoticeEvent::FirstFailure => format!("{devices} failed: {}", cause.replace('_', " ")),
        NoticeEvent::StillFailing => format!("{devices} still failing: {}", cause.replace('_', " ")),
        NoticeEvent::Recovered => format!("{devices} recovered"),
        NoticeEvent::Changed => format!("{devices} changed"),
        NoticeEvent::JobDone => format!("your jobs on {devices} are over"),
        NoticeEvent::CredentialStopped => format!("{cause} is stopped"),
        NoticeEvent::Damaged => format!("damaged versions of {devices}"),
        NoticeEvent::Silence => format!("silence: {}", cause.replace('_', " ")),
    }
}

/// How many devices of one cause a mail names.
const NAMED: usize = 20;

/// Subject and text of the mail about these, which are one person's; each cause is told once.
pub fn compose(installation: &str, told: &[Told]) -> (String, String) {
    let mut groups: Vec<(NoticeEvent, &str, Vec<&Told>)> = Vec::new();
    for one in told {
        match groups.iter_mut().find(|(event, cause, _)| *event == one.event && *cause == one.cause) {
            Some((_, _, group)) => group.push(one),
            None => groups.push((one.event, &one.cause, vec![one])),
        }
    }
    let subject = match groups.as_slice() {
        [(event, cause, group)] => heading(*event, cause, group.len()),
        many => format!("{} things to know", many.len()),
    };
    let mut body = String::new();
    for (event, cause, mut group) in groups {
        group.sort_by(|a, b| a.device.cmp(&b.device));
        body.push_str(&heading(event, cause, group.len()));
        body.push_str("\n\n");
        for one in group.iter().take(NAMED) {
            let at = one.at.format("%Y-%m-%d %H:%M UTC");
            let about = if one.device.is_empty() { "" } else { " " };
            body.extend(["  ", &one.device, about, "(", &at.to_string(), "): ", &one.text, "\n"]);
        }
        if let Some(more) = group.len().checked_sub(NAMED).filter(|more| *more > 0) {
            body.extend(["  ... and ", &more.to_string(), " more\n"]);
        }
        body.push('\n');
    }
    body.push_str("What you are told, and how often, is set on your account's page.\n");
    (format!("[{installation}] {subject}"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(event: NoticeEvent, cause: &str, device: &str) -> Told {
        Told {
            user: UserId(1),
            event,
            cause: cause.to_owned(),
            device: device.to_owned(),
            text: "The device refused.".to_owned(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn three_hundred_failures_of_one_cause_are_one_thing() {
        let all: Vec<Told> = (0..300)
            .map(|number| told(NoticeEvent::FirstFailure, "auth_failed", &format!("core-{number:03}")))
            .collect();
        let (subject, body) = compose("NetRaven", &all);
        assert_eq!(subject, "[NetRaven] 300 devices failed: auth failed");
        assert_eq!(body.matches("core-").count(), NAMED);
        assert!(body.contains("core-000") && body.contains("... and 280 more"), "{body}");
        let two = [told(NoticeEvent::Recovered, "", "a"), told(NoticeEvent::Changed, "", "b")];
        assert_eq!(compose("NR", &two).0, "[NR] 2 things to know");
    }

    #[test]
    fn a_cause_is_told_when_it_is_quiet_or_has_grown_for_long_enough() {
        let at = |minutes: i64| DateTime::UNIX_EPOCH + Duration::minutes(minutes);
        let of = |rhythm, event, first, last| Gathered {
            user: UserId(1),
            rhythm,
            event,
            cause: String::new(),
            first: at(first),
            last: at(last),
        };
        let failures = |first, last| of(Rhythm::AtOnce, NoticeEvent::FirstFailure, first, last);
        assert!(!failures(0, 9).is_ripe(at(10)) && failures(0, 9).is_ripe(at(11)), "quiet for two minutes");
        assert!(!failures(0, 19).is_ripe(at(19)) && failures(0, 20).is_ripe(at(20)), "twenty at most");
        assert!(failures(60, 60).is_ripe(at(0)), "the clock was put back");
        assert!(of(Rhythm::Hourly, NoticeEvent::Changed, 0, 0).is_ripe(at(0)), "digests have their hour");
        assert!(of(Rhythm::AtOnce, NoticeEvent::CredentialStopped, 0, 0).is_ripe(at(0)), "an alarm");
    }

    #[test]
    fn digests_go_out_at_the_full_hour_and_at_seven() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-03-01T12:34:56Z");
        assert_eq!(due(Rhythm::AtOnce, now), now);
        assert_eq!(due(Rhythm::Hourly, now), at("2026-03-01T13:00:00Z"));
        assert_eq!(due(Rhythm::Daily, now), at("2026-03-02T07:00:00Z"));
        assert_eq!(due(Rhythm::Daily, at("2026-03-01T06:59:59Z")), at("2026-03-01T07:00:00Z"));
    }
}
