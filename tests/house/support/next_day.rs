//! What a device shows differently a day later, written down by looking at recordings and not at platform files.

use std::sync::LazyLock;

use regex::Regex;

/// By platform: a line, and in its group the part of it that moves.
const MOVING: [(&str, &str); 20] = [
    ("cisco_ios", r"^! Last configuration change at (.*)$"),
    ("cisco_ios", r"^! NVRAM config last updated at (.*)$"),
    ("cisco_ios", r"^Current configuration : (\d+) bytes$"),
    ("cisco_ios", r"^ntp clock-period (\d+)$"),
    ("juniper_junos", r"^## Last commit: (.*)$"),
    ("mikrotik_routeros", r"^# (.*) by RouterOS "),
    ("cisco_asa", r"^: Written by \S+ at (.*)$"),
    ("cisco_asa", r"^Cryptochecksum:(.*)$"),
    ("cisco_ftd", r"^Cryptochecksum:(.*)$"),
    ("efos", r"^!System Up Time +(.*)$"),
    ("efos", r"^!Current System Time: (.*)$"),
    ("fortinet_fortigate", r"^#conf_file_ver=(\d+)$"),
    ("fortinet_fortigate", r"^#config-version=.*:user=(.*)$"),
    ("fortinet_fortigate", r"^ +set \S+ ENC (A{10}B{10}C{10})$"),
    ("fortinet_fortigate", r"^(XXENCRYPTEDPRIVATEKEYXX)$"),
    ("fortinet_fortigate", r"^ +set internet-service-id (65536)$"),
    ("cisco_nxos", r"^!Time: (.*)$"),
    ("opnsense", r"^ +<time>(1697523061\.7323)</time>$"),
    ("opnsense", r"^ +<description>(/system_advanced_admin.php made changes)</description>$"),
    ("perle", r"^.* 7 \$0\$(\S+)$"),
];

/// Platforms of which nothing moves in any recording.
pub const STILL: [&str; 5] = ["arista_eos", "aruba_aoscx", "aruba_aosw", "hp_comware", "tnsr"];

static RULES: LazyLock<Vec<(&str, Regex)>> =
    LazyLock::new(|| MOVING.iter().map(|(model, rule)| (*model, Regex::new(rule).unwrap())).collect());

/// The next digit for each digit and the next letter for each letter.
fn later(text: &str) -> String {
    let next = |c: char| match c {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        c if c.is_ascii_alphanumeric() => char::from(u8::try_from(c).unwrap() + 1),
        c => c,
    };
    text.chars().map(next).collect()
}

/// A line of the kind that every fetch shows differently, as it is the next day.
pub fn moved(platform: &str, line: &str) -> Option<String> {
    let found =
        RULES.iter().filter(|(of, _)| *of == platform).find_map(|(_, rule)| rule.captures(line)?.get(1))?;
    Some(format!("{}{}{}", &line[..found.start()], later(found.as_str()), &line[found.end()..]))
}

/// What comes between the lines of an answer and belongs to no configuration: the next day another alarm does.
pub fn other_alarms(platform: &str) -> &'static [(&'static str, &'static str)] {
    match platform {
        "vsololt" => &[("2026/05/25 18:5", "2026/05/26 03:1"), ("LINK DOWN", "LINK UP")],
        _ => &[],
    }
}
