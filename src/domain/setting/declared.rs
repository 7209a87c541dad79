//! The settings: a line each, from which the page, the checks, the command line and the help come.

use std::{net::IpAddr, str::FromStr};

use super::{Category, InvalidSetting, Kind, LogWay, Spec, Storage, Value};
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

/// Where a bucket's server is. Without TLS only on this machine: what crosses a network is signed, and an answer that is
/// not whole is noticed, but who asks for what would be seen.
fn endpoint(raw: &str) -> Result<String, &'static str> {
    let bare = raw.trim_end_matches('/');
    let (is_safe, place) = match bare.split_once("://") {
        Some(("https", place)) => (true, place),
        Some(("http", place)) => (false, place),
        _ => return Err("Give an address that begins with https://."),
    };
    let is_v6 = place.starts_with('[');
    let name = match place.rsplit_once(':') {
        Some((name, port)) if !is_v6 || name.ends_with(']') => {
            port.parse::<u16>().map_err(|_| "The port is a number from 1 to 65535.")?;
            name
        }
        _ => place,
    };
    let host = host(name).map_err(|_| "Give the server's address and nothing after it.")?;
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_safe || is_here { Ok(bare.to_owned()) } else { Err("Without TLS only a server on this machine.") }
}

fn bucket(raw: &str) -> Result<String, &'static str> {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let is_name = (3..=63).contains(&raw.len()) && raw.chars().all(is_fine) && !raw.starts_with(['-', '.']);
    if is_name { Ok(raw.to_owned()) } else { Err("Use 3 to 63 of a to z, 0 to 9, hyphen and dot.") }
}

fn region(raw: &str) -> Result<String, &'static str> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_name = (1..=40).contains(&raw.len()) && raw.chars().all(is_fine);
    if is_name { Ok(raw.to_owned()) } else { Err("Use 1 to 40 letters, digits and hyphens.") }
}

fn prefix(raw: &str) -> Result<String, &'static str> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let bare = raw.trim_matches('/');
    let is_part = |part: &str| !part.is_empty() && part.chars().all(is_fine);
    let is_path = bare.len() <= 200 && bare.split('/').all(is_part);
    if is_path { Ok(bare.to_owned()) } else { Err("Use letters, digits, hyphens and single slashes.") }
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
    /// Whether devices may be reached by telnet at all (S-62).
    allow_telnet: bool = "false", Kind::Flag, Security "security.devices.allow_telnet",
        "Allow telnet to devices", "Off by default: telnet sends passwords and configurations in clear text. On: an admin may choose it for a device that has nothing better. Off again: no job uses it any more.";
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
    /// A planned backup that failed for a reason that may pass is tried again so many times.
    job_retries: i64 = "2", Kind::Whole(0, 10, "times"), System "system.jobs.retries",
        "Try failed backups again", "From 0 to 10 times, after 30 seconds, 2 minutes, 8 minutes and so on up to an hour. Only planned ones, and never after a refused password.";
    /// A copy of NetRaven itself is made every so many hours; 0 is never.
    self_backup_hours: i64 = "24", Kind::Whole(0, 8_760, "hours"), System "system.self_backup.every_hours",
        "Copy NetRaven itself every", "From 0 to 8760 hours; 0 makes none. The copy holds everything, goes into the folder self-backups of the data folder, and opens with the master key only: keep both elsewhere too.";
    /// So many of these copies stay.
    self_backup_keep: i64 = "7", Kind::Whole(1, 365, "copies"), System "system.self_backup.keep",
        "Copies of NetRaven to keep", "From 1 to 365; older ones are deleted. Each needs about as much room as the database.";
    /// Where new contents are kept.
    storage: Storage = "local", Kind::Choice(&["local", "directory", "s3"]), System "system.backup.storage_type",
        "Keep new contents in", "local: the database. directory: files in the data folder. s3: the bucket of the tab Storage. What is kept already stays where it is until it is moved on the page Storage.";
    /// Job logs stay so many days after their end.
    job_log_days: i64 = "30", Kind::Whole(1, 3_650, "days"), System "system.jobs.log_retention_days",
        "Keep job logs for", "From 1 to 3650 days after the job's end, unless its schedule says otherwise.";
    /// All job logs together take no more than so many megabytes.
    job_log_megabytes: i64 = "2000", Kind::Whole(1, 1_000_000, "MB"), System "system.jobs.log_most_megabytes",
        "Job logs take at most", "From 1 to 1000000 MB for all lines and recordings together; the oldest go first, whatever their days. Versions never go with them.";
    /// No job is taken while the disk has less room than this.
    least_free_megabytes: i64 = "200", Kind::Whole(0, 1_000_000, "MB"), Storage "system.storage.least_free_megabytes",
        "Take no jobs below", "From 0 to 1000000 MB free where the data folder and the database are, or a tenth of the disk where that is less. Jobs wait meanwhile, and go on by themselves. 0: never stop.";
    /// For so long kept contents are read back every night.
    verify_minutes: i64 = "120", Kind::Whole(0, 1_440, "minutes"), Storage "system.storage.verify_minutes",
        "Read kept contents back for up to", "From 0 to 1440 minutes each night, those first that were read longest ago; every one within 30 days where the time suffices. 0: never.";
    /// The server that speaks S3.
    s3_endpoint: String = "https://s3.us-east-1.amazonaws.com", Kind::Text(endpoint), Storage "system.storage.s3_endpoint",
        "S3 server", "An address with https://; with http:// only on this machine.";
    /// The bucket there.
    s3_bucket: String = "netraven", Kind::Text(bucket), Storage "system.storage.s3_bucket",
        "Bucket", "It must exist. Nothing but sealed contents goes there.";
    /// Its region.
    s3_region: String = "us-east-1", Kind::Text(region), Storage "system.storage.s3_region",
        "Region", "As the server names it; servers of your own mostly take any.";
    /// What the names of objects begin with.
    s3_prefix: String = "contents", Kind::Text(prefix), Storage "system.storage.s3_prefix",
        "Folder in the bucket", "No other program may keep anything under it: what no version needs is removed there. What is kept already is found only while this stays as it is.";
    /// Whether the bucket stands in the path and not in the host name.
    s3_path_style: bool = "true", Kind::Flag, Storage "system.storage.s3_path_style",
        "Bucket in the path", "On for most servers of your own; off where the bucket is part of the host name.";
    /// The account there.
    s3_access_key: Option<Secret> = "", Kind::Secret, Storage "system.storage.s3_access_key",
        "Access key", "Of an account that may list, read, write and delete in this bucket.";
    /// Its secret.
    s3_secret_key: Option<Secret> = "", Kind::Secret, Storage "system.storage.s3_secret_key",
        "Secret key", "Of that account.";
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
    /// How the audit trail's lines go to a log server.
    log_way: LogWay = "off", Kind::Choice(&["off", "tls", "tcp", "udp"]), Audit "audit.log_server.way",
        "Send the trail to a log server by", "tls: encrypted, as RFC 5425 says. tcp and udp: for a network that nobody listens on; of udp nobody learns whether a line came. The whole trail goes there, from its first line, then each new line within seconds; what could not be sent waits.";
    /// The log server.
    log_host: String = "syslog.example.com", Kind::Text(host), Audit "audit.log_server.host",
        "Log server", "Host name or IP address of a server that takes syslog (RFC 5424).";
    /// Its port.
    log_port: i64 = "6514", Kind::Whole(1, 65_535, "port"), Audit "audit.log_server.port",
        "Port of the log server", "Mostly 6514 for tls, 601 for tcp, 514 for udp.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_reached_over_tls_or_on_this_machine() {
        for (raw, kept) in [
            ("https://s3.example.com", "https://s3.example.com"),
            ("https://s3.example.com:9000/", "https://s3.example.com:9000"),
            ("https://192.0.2.7", "https://192.0.2.7"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://[::1]:9000", "http://[::1]:9000"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(endpoint(raw).as_deref(), Ok(kept), "{raw}");
        }
        for raw in [
            "",
            "s3.example.com",
            "ftp://s3.example.com",
            "http://s3.example.com",
            "http://192.0.2.7:9000",
            "https://",
            "https://user:pass@s3.example.com",
            "https://s3.example.com/bucket",
            "https://s3.example.com:99999",
            "https://s3.example.com?x=1",
        ] {
            assert!(endpoint(raw).is_err(), "{raw}");
        }
        assert_eq!(prefix("/a/b-c/").as_deref(), Ok("a/b-c"));
        assert!(["", "/", "a//b", "../a", "a/./b", "a b"].iter().all(|raw| prefix(raw).is_err()));
        assert!(bucket("netraven-1").is_ok() && bucket("../x").is_err() && bucket("A").is_err());
    }
}
