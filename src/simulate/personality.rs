//! How each platform talks: its prompts, its pager, its complaints, and what it makes of a command.

use super::{
    device::{Device, Platform},
    information,
};

/// What a device makes of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The configuration is wanted.
    Configuration(Show),
    /// Another text is wanted; with LF line ends, the last line ended too.
    Text(String),
    /// The pager gets so many lines; 0 switches it off. Answered with this text.
    Pager(u32, &'static str),
    /// Accepted without a word.
    Quiet,
    /// Privileged mode is wanted.
    Enable,
    /// Back to unprivileged mode.
    Disable,
    /// The end of the session.
    Exit,
    /// The device does not know this.
    Unknown,
}

/// How a configuration is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Show {
    /// Without the line that tells the time of the fetch.
    pub(super) without_time: bool,
    /// Without secrets.
    pub(super) without_secrets: bool,
    /// Past the pager, even if it is on.
    pub(super) unpaged: bool,
}

/// The unchanging words of a platform.
pub(super) struct Personality {
    /// The prompt in privileged mode, with `{host}` and `{user}`.
    pub(super) prompt: &'static str,
    /// The prompt before `enable`; the same as `prompt` where there is no such thing.
    pub(super) user_prompt: &'static str,
    /// What the pager shows; empty when there is no pager.
    pub(super) pager: &'static str,
    /// How often a wrong enable secret may be corrected.
    pub(super) enable_tries: u32,
    /// What follows the last wrong enable secret.
    pub(super) enable_refused: &'static str,
}

impl Personality {
    /// The words of `platform`.
    pub(super) const fn of(platform: Platform) -> &'static Self {
        match platform {
            Platform::CiscoIos => &Self {
                prompt: "{host}#",
                user_prompt: "{host}>",
                pager: " --More-- ",
                enable_tries: 3,
                enable_refused: "% Bad secrets\n\n",
            },
            Platform::AristaEos => &Self {
                prompt: "{host}#",
                user_prompt: "{host}>",
                pager: " --More-- ",
                enable_tries: 1,
                enable_refused: "% Authentication failed\n",
            },
            Platform::JuniperJunos => &Self {
                prompt: "{user}@{host}> ",
                user_prompt: "{user}@{host}> ",
                pager: "---(more)---",
                enable_tries: 1,
                enable_refused: "",
            },
            Platform::MikrotikRouteros => &Self {
                prompt: "[{user}@{host}] > ",
                user_prompt: "[{user}@{host}] > ",
                pager: "",
                enable_tries: 1,
                enable_refused: "",
            },
            Platform::Frr => &Self {
                prompt: "{host}# ",
                user_prompt: "{host}# ",
                pager: "--More-- ",
                enable_tries: 1,
                enable_refused: "",
            },
            Platform::Linux | Platform::PaloaltoPanosApi => &Self {
                prompt: "{user}@{host}:~$ ",
                user_prompt: "{user}@{host}:~$ ",
                pager: "",
                enable_tries: 1,
                enable_refused: "",
            },
        }
    }

    /// The prompt of `device` as it is drawn.
    pub(super) fn draw(&self, device: &Device, privileged: bool) -> String {
        let shape = if privileged { self.prompt } else { self.user_prompt };
        shape.replace("{host}", &device.hostname).replace("{user}", &device.username)
    }
}

/// Whether `device` starts in privileged mode.
pub(super) fn starts_privileged(device: &Device) -> bool {
    device.enable.is_none() || !matches!(device.platform, Platform::CiscoIos | Platform::AristaEos)
}

/// What the device says to a command it does not know, and the exit status that goes with it. LF line ends.
pub(super) fn complaint(platform: Platform, command: &str, exec: bool) -> (String, u32) {
    let first = command.split_whitespace().next().unwrap_or_default();
    let text = match platform {
        Platform::CiscoIos => "        ^\n% Invalid input detected at '^' marker.\n\n".to_owned(),
        Platform::AristaEos => "% Invalid input\n".to_owned(),
        Platform::JuniperJunos if exec => format!("error: unknown command: {first}\n"),
        Platform::JuniperJunos => "         ^\nunknown command.\n\n".to_owned(),
        Platform::MikrotikRouteros => {
            format!("bad command name {} (line 1 column 1)\n", first.trim_start_matches('/'))
        }
        Platform::Frr => format!("% Unknown command: {command}\n"),
        Platform::PaloaltoPanosApi => {
            "<response status = 'error' code = '17'><msg><line>Invalid command</line></msg></response>\n"
                .to_owned()
        }
        Platform::Linux => return (format!("-bash: {first}: command not found\n"), 127),
    };
    (text, 1)
}

/// What `device` makes of `command`.
pub(super) fn understand(device: &Device, privileged: bool, command: &str) -> Request {
    let command = command.trim();
    if matches!(command, "exit" | "logout" | "quit" | "/quit") {
        return Request::Exit;
    }
    match device.platform {
        Platform::CiscoIos => cisco_like(device, privileged, command),
        Platform::AristaEos => arista(device, privileged, command),
        Platform::JuniperJunos => junos(device, command),
        Platform::MikrotikRouteros => routeros(device, command),
        Platform::Frr => frr(device, command),
        Platform::Linux | Platform::PaloaltoPanosApi => linux(device, command),
    }
}

/// The pager length in `terminal length 24` and its kin.
fn terminal(command: &str) -> Option<Request> {
    let setting = command.strip_prefix("terminal ").or_else(|| command.strip_prefix("term "))?;
    let (what, value) = setting.split_once(' ')?;
    let value = value.trim().parse::<u32>().ok()?;
    match what {
        "length" | "len" => Some(Request::Pager(value, "")),
        "width" => Some(Request::Quiet),
        _ => None,
    }
}

fn text_or_unknown(text: Option<String>) -> Request {
    text.map_or(Request::Unknown, Request::Text)
}

fn cisco_like(device: &Device, privileged: bool, command: &str) -> Request {
    if let Some(request) = terminal(command) {
        return request;
    }
    match command {
        "enable" | "en" | "enable 15" => Request::Enable,
        "disable" => Request::Disable,
        "show running-config"
        | "show run"
        | "sh run"
        | "show running-config view full"
        | "write terminal"
        | "show running-config all"
        | "show startup-config" => {
            if privileged {
                Request::Configuration(Show::default())
            } else {
                Request::Unknown
            }
        }
        _ => text_or_unknown(information::cisco_ios(device, command)),
    }
}

fn arista(device: &Device, privileged: bool, command: &str) -> Request {
    let mut parts = command.split('|').map(str::trim);
    let what = parts.next().unwrap_or_default();
    let filters: Vec<&str> = parts.collect();
    let show = Show {
        without_time: filters.iter().any(|f| f.starts_with("exclude") && f.contains("Time")),
        unpaged: filters.contains(&"no-more"),
        without_secrets: what.ends_with("sanitized"),
    };
    match what {
        "show running-config"
        | "show running-config sanitized"
        | "show running-config all"
        | "show startup-config" => {
            if privileged {
                Request::Configuration(show)
            } else {
                Request::Text("% Invalid input (privileged mode required)\n".to_owned())
            }
        }
        "enable" => Request::Enable,
        "disable" => Request::Disable,
        _ => match terminal(what) {
            Some(Request::Pager(0, _)) => Request::Pager(0, "Pagination disabled.\n"),
            Some(Request::Quiet) => Request::Text("Width set to 511 columns.\n".to_owned()),
            Some(other) => other,
            None => text_or_unknown(information::arista_eos(device, what)),
        },
    }
}

fn junos(device: &Device, command: &str) -> Request {
    let mut parts = command.split('|').map(str::trim);
    let what = parts.next().unwrap_or_default();
    let unpaged = parts.any(|filter| filter == "no-more");
    match what {
        "show configuration" => Request::Configuration(Show { unpaged, ..Show::default() }),
        "set cli screen-length 0" => Request::Pager(0, "Screen length set to 0\n"),
        "set cli screen-width 0" => Request::Text("Screen width set to 0\n".to_owned()),
        _ => text_or_unknown(information::junos(device, what)),
    }
}

fn routeros(device: &Device, command: &str) -> Request {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["/export" | "export", options @ ..]
            if options
                .iter()
                .all(|o| matches!(*o, "show-sensitive" | "hide-sensitive" | "terse" | "verbose")) =>
        {
            let without_secrets = !options.contains(&"show-sensitive");
            Request::Configuration(Show { without_secrets, ..Show::default() })
        }
        _ => text_or_unknown(information::routeros(device, command)),
    }
}

fn frr(device: &Device, command: &str) -> Request {
    if let Some(request) = terminal(command) {
        return request;
    }
    match command {
        _ if command.contains("show running-config") => Request::Configuration(Show::default()),
        "enable" => Request::Quiet,
        _ => text_or_unknown(information::frr(device, command)),
    }
}

fn linux(device: &Device, command: &str) -> Request {
    let first = command.split([' ', ';']).next().unwrap_or_default();
    match first {
        "export" | "unset" | "stty" | "set" | "alias" | "true" | "cd" => Request::Quiet,
        "uname" | "hostname" => text_or_unknown(information::linux(device, first)),
        "LC_ALL=C" | "cat" | "show" | "vtysh" | "sudo" | "grep" | "ip" | "net" | "nv" | "sh" | "bash"
        | "tar" | "for" | "find" | "head" | "tail" | "iptables-save" | "nft" => {
            Request::Configuration(Show::default())
        }
        _ => Request::Unknown,
    }
}
