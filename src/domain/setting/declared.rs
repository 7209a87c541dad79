//! The settings: a line each, from which the page, the checks, the command line and the help come.

use std::{net::IpAddr, str::FromStr};

use super::{Category, InvalidSetting, Kind, Spec, Storage, Value};
use crate::domain::{device::Address, secret::Secret, user::Email};

fn name(raw: &str) -> Result<String, &'static str> {
    match raw.chars().count() {
        1..=60 if !raw.chars().any(char::is_control) => Ok(raw.to_owned()),
        _ => Err("Use 1 to 60 characters."),
    }
}

fn mail_address(raw: &str) -> Result<String, &'static str> {
    Email::from_str(raw)
        .map(|mail| mail.as_str().to_owned())
        .map_err(|_| "This is not a mail address; it needs the form name@host.")
}

fn host(raw: &str) -> Result<String, &'static str> {
    let bare = raw.trim_matches(['[', ']']);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    Address::from_str(raw)
        .map(|host| host.as_str().to_owned())
        .map_err(|_| "This is neither a host name nor an IP address.")
}

settings! {
    /// The least number of characters of a password.
    password_min_length: i64 = "15", Kind::Whole(8, 128, "characters"), Security "security.password_policy.min_length",
        "Shortest password", "From 8 to 128 characters. Length is worth more than variety.";
    /// Whether a password needs A to Z.
    password_uppercase: bool = "false", Kind::Flag, Security "security.password_policy.require_uppercase",
        "Passwords need a capital letter", "Off by default: length and the block list do more.";
    /// Whether a password needs a to z.
    password_lowercase: bool = "false", Kind::Flag, Security "security.password_policy.require_lowercase",
        "Passwords need a small letter", "Off by default.";
    /// Whether a password needs a digit.
    password_number: bool = "false", Kind::Flag, Security "security.password_policy.require_number",
        "Passwords need a digit", "Off by default.";
    /// Whether a password needs a character that is neither letter nor digit.
    password_special: bool = "false", Kind::Flag, Security "security.password_policy.require_special",
        "Passwords need a special character", "Off by default.";
    /// A session ends after so many minutes without a request of a person.
    session_idle_minutes: i64 = "30", Kind::Whole(1, 1_440, "minutes"), Security "security.token.access_token_expire_minutes",
        "Sign out after idle time", "From 1 to 1440 minutes without a click. Pages that refresh themselves do not count.";
    /// A session ends after so many days in any case.
    session_days: i64 = "7", Kind::Whole(1, 90, "days"), Security "security.token.refresh_token_expire_days",
        "Sign in again after", "From 1 to 90 days, however busy the session is.";
    /// So many failed sign-ins to one account from one network block that network.
    sign_in_attempts: i64 = "5", Kind::Whole(1, 100, "attempts"), Security "security.login.max_failed_attempts",
        "Failed sign-ins before a pause", "From 1 to 100, counted for each account and network. Nobody can lock another person out from elsewhere.";
    /// For so many minutes.
    sign_in_pause_minutes: i64 = "15", Kind::Whole(1, 1_440, "minutes"), Security "security.login.lockout_minutes",
        "Length of the pause", "From 1 to 1440 minutes.";
    /// The name in pages and mails.
    application_name: String = "NetRaven", Kind::Text(name), System "system.general.application_name",
        "Name of this installation", "Shown on every page and in mails: 1 to 60 characters.";
    /// So many jobs run at once in one process.
    max_concurrent_jobs: i64 = "5", Kind::Whole(1, 5_000, "jobs"), System "system.jobs.max_concurrent_jobs",
        "Jobs at once", "From 1 to 5000 in each process. Running jobs are never cut when it is lowered.";
    /// Whether backups start by themselves.
    backups_enabled: bool = "true", Kind::Flag, System "system.backup.enabled",
        "Automatic backups", "Off: schedules start nothing; people still can.";
    /// Devices that no schedule covers are backed up every so many hours.
    backup_hours: i64 = "24", Kind::Whole(1, 8_760, "hours"), System "system.backup.frequency_hours",
        "Back up devices without a schedule every", "From 1 to 8760 hours. Devices that a schedule covers follow that.";
    /// A version may go so many days after it was followed by another.
    backup_days: i64 = "30", Kind::Whole(1, 36_500, "days"), System "system.backup.retention_days",
        "Keep superseded versions for", "From 1 to 36500 days after a newer version came. The newest good version, pinned ones and all of a failing device always stay.";
    /// Where new contents are kept.
    storage: Storage = "local", Kind::Choice(&["local", "directory"]), System "system.backup.storage_type",
        "Keep new contents in", "local: the database. directory: files in the data folder. What is kept already stays where it is.";
    /// A planned backup that failed for a reason that may pass is tried again so many times.
    job_retries: i64 = "2", Kind::Whole(0, 10, "times"), System "system.jobs.retries",
        "Try failed backups again", "From 0 to 10 times, after 30 seconds, 2 minutes, 8 minutes and so on up to an hour. Only planned ones, and never after a refused password.";
    /// A copy of NetRaven itself is made every so many hours; 0 is never.
    self_backup_hours: i64 = "24", Kind::Whole(0, 8_760, "hours"), System "system.self_backup.every_hours",
        "Copy NetRaven itself every", "From 0 to 8760 hours; 0 makes none. The copy holds everything, goes into the folder self-backups of the data folder, and opens with the master key only: keep both elsewhere too.";
    /// So many of these copies stay.
    self_backup_keep: i64 = "7", Kind::Whole(1, 365, "copies"), System "system.self_backup.keep",
        "Copies of NetRaven to keep", "From 1 to 365; older ones are deleted. Each needs about as much room as the database.";
    /// Job logs stay so many days after their end.
    job_log_days: i64 = "30", Kind::Whole(1, 3_650, "days"), System "system.jobs.log_retention_days",
        "Keep job logs for", "From 1 to 3650 days after the job's end, unless its schedule says otherwise.";
    /// Whether mails go out.
    mail_enabled: bool = "false", Kind::Flag, Notification "notification.email.enabled",
        "Mail", "Off: nothing is sent; what waits is kept until it is on.";
    /// The sender.
    mail_from: String = "noreply@example.com", Kind::Text(mail_address), Notification "notification.email.from_address",
        "Sender", "The address that mails come from.";
    /// The mail server.
    smtp_host: String = "smtp.example.com", Kind::Text(host), Notification "notification.email.smtp_server",
        "Mail server", "Host name or IP address.";
    /// Its port.
    smtp_port: i64 = "587", Kind::Whole(1, 65_535, "port"), Notification "notification.email.smtp_port",
        "Port", "587 for submission with STARTTLS, 465 for TLS from the start.";
    /// Whether the connection is encrypted.
    smtp_tls: bool = "true", Kind::Flag, Notification "notification.email.smtp_use_tls",
        "Encrypt the connection", "Off only for a server on this machine: passwords are never sent without it.";
    /// The account on the mail server.
    smtp_username: Option<Secret> = "", Kind::Secret, Notification "notification.email.smtp_username",
        "Account", "Leave empty for a server that asks for none.";
    /// Its password.
    smtp_password: Option<Secret> = "", Kind::Secret, Notification "notification.email.smtp_password",
        "Password", "Of that account.";
}
