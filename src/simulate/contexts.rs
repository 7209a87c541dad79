//! Devices that are divided into contexts, each in the manner of its platform: as sessions that are played.
//!
//! Written after the vendors' manuals: Cisco's ASA General Operations CLI guide 9.16, Check Point's R81.20 VSX guide,
//! Fortinet's FortiOS 7.2 administration guide.

use super::capture::{Capture, Exchange};

/// A device that is divided, and what it holds.
#[derive(Debug, Clone)]
pub struct Divided {
    /// The session that such a device plays.
    pub capture: Capture,
    /// Each text by its name, as the device sends it, LF line ends: first the one that belongs to no context, where there is
    /// one.
    pub texts: Vec<(String, String)>,
}

/// A session under way.
#[derive(Default)]
struct Session {
    exchanges: Vec<Exchange>,
    configuration: Vec<usize>,
    texts: Vec<(String, String)>,
}

impl Session {
    /// A command, its answer, and the prompt behind it.
    fn say(&mut self, command: &str, answer: &str, prompt: &str) {
        let answer = format!("{command}\n{answer}{prompt}").into_bytes();
        self.exchanges.push(Exchange { command: format!("{command}\n"), answer });
    }

    /// The same with the text of `name` as its answer.
    fn show(&mut self, command: &str, (name, text): (&str, String), prompt: &str) {
        self.configuration.push(self.exchanges.len());
        self.say(command, &text, prompt);
        self.texts.push((name.to_owned(), text));
    }

    fn divided(self, model: &str, hostname: &str, greeting: &str) -> Divided {
        let Self { exchanges, configuration, texts } = self;
        let device = (model.to_owned(), hostname.to_owned());
        Divided { capture: Capture::divided(device, (greeting.into(), exchanges), configuration), texts }
    }
}

/// A Cisco ASA in multiple mode. Each context is a name and the lines of its own.
pub fn asa(hostname: &str, contexts: &[(&str, &str)]) -> Divided {
    let (admin, system) = (format!("\r{hostname}/admin# "), format!("\r{hostname}# "));
    let mut session = Session::default();
    session.say("terminal pager 0", "", &admin);
    session.say("show mode", "Security context mode: multiple \n", &admin);
    let version = format!(
        "\nCisco Adaptive Security Appliance Software Version 9.16(4) <context>\nDevice Manager Version 7.18(1)\n\n\
         {hostname} up 12 days 3 hours\n\nHardware:   ASA5516, 8192 MB RAM, CPU Atom C2000 series 2416 MHz\n\
         Serial Number: JAD00000AAA\n"
    );
    session.say("show version", &version, &admin);
    session.say(
        "show inventory",
        "Name: \"Chassis\", DESCR: \"ASA 5516-X, 8GE, AC\"\nPID: ASA5516           , VID: V07     , SN: JMX00000AAA\n",
        &admin,
    );
    session.say("changeto system", "", &system);
    let entry = |(name, _): &(&str, &str)| {
        format!(
            "context {name}\n  description of {name}\n  allocate-interface GigabitEthernet1/1 \n  config-url disk0:/{name}.cfg\n!\n\n"
        )
    };
    let list: String = contexts.iter().map(entry).collect();
    let text = format!(
        ": Saved\n\n: \n: Serial Number: JAD00000AAA\n: Hardware:   ASA5516, 8192 MB RAM, CPU Atom C2000 series 2416 MHz\n:\n\
         ASA Version 9.16(4) <system>\n!\nhostname {hostname}\nno mac-address auto\n!\n\
         interface GigabitEthernet1/1\n description to the core\n!\nclass default\n  limit-resource All 0\n!\n\
         ftp mode passive\npager lines 24\nno failover\nadmin-context admin\n{list}prompt hostname context \n\
         Cryptochecksum:0f1e2d3c4b5a69788796a5b4c3d2e1f0\n: end\n\n"
    );
    session.show("show running-config", ("system", text), &system);
    for (name, lines) in contexts {
        let text = format!(
            ": Saved\n: Written by backup at 10:11:12.345 CET Sun Mar 1 2026\n!\nASA Version 9.16(4) <context>\n!\n\
             hostname {name}\nnames\n!\ninterface GigabitEthernet1/1\n nameif outside\n security-level 0\n!\n\
             {lines}Cryptochecksum:1f2e3d4c5b6a79889706a5b4c3d2e1f0\n: end\n"
        );
        session.show(&format!("more disk0:/{name}.cfg"), (name, text), &system);
    }
    session.say("exit", "\nLogoff\n", "");
    let greeting = format!("Type help or '?' for a list of available commands.\n{admin}");
    session.divided("asa", hostname, &greeting)
}

/// A Check Point VSX gateway. Each virtual system is a name and the lines of its own; the first is the gateway itself.
pub fn vsx(hostname: &str, systems: &[(&str, &str)]) -> Divided {
    let prompt = |id: usize| format!("{hostname}:{id}> ");
    let home = prompt(0);
    let mut session = Session::default();
    session.say("set clienv rows 0", "", &home);
    session.say("show version all", "Product version Check Point Gaia R81.20\nOS build 631\n", &home);
    session.say(
        "show asset all",
        "Platform: PB-00\nModel: Check Point 6200\nSerial Number: 2024BA00000\n",
        &home,
    );
    session.say("show vsx", "VSX Enabled\n", &home);
    let entry = |(id, (name, _)): (usize, &(&str, &str))| format!("{id:<11} {name:<20}\n");
    let list: String = systems.iter().enumerate().map(entry).collect();
    session.say(
        "show virtual-system all",
        &format!("Virtual systems list\nVS ID       VS NAME             \n{list}"),
        &home,
    );
    for (id, (name, lines)) in systems.iter().enumerate() {
        let answer = format!("Context is set to Virtual Device {name} (ID {id}).\n");
        session.say(&format!("set virtual-system {id}"), &answer, &prompt(id));
        let text = format!(
            "#\n# Configuration of {hostname}\n# Language version: 14.1v1\n#\n# Exported by backup on Sun Mar  1 08:15:03 2026\n#\n\
             set installer policy check-for-updates-period 3\nset hostname {hostname}\n{lines}"
        );
        session.show("show configuration", (name, text), &prompt(id));
    }
    let answer = format!("Context is set to Virtual Device {hostname} (ID 0).\n");
    session.say("set virtual-system 0", &answer, &home);
    session.say("exit", "", "");
    session.divided("checkpoint_gaia", hostname, &format!("Last login: Sat Feb 28 08:12:01 2026\n{home}"))
}

/// A `FortiGate` with virtual domains. Each is a name and the lines of its own; its text is one, in which they are parts.
pub fn fortigate(hostname: &str, domains: &[(&str, &str)]) -> Divided {
    let prompt = format!("\n{hostname} # ");
    let mut session = Session::default();
    let status = format!(
        "Version: FortiGate-501E v7.2.8,build1639,240313 (GA.M)\nSerial-Number: FG5H1E0000000001\nHostname: {hostname}\n\
         Current virtual domain: root\nVirtual domain configuration: multiple\n"
    );
    session.say("get system status", &status, &prompt);
    let entry = |(name, _): &(&str, &str)| format!("edit {name}\nnext\n");
    let list: String = domains.iter().map(entry).collect();
    let global = format!(
        "#config-version=FG5H1E-7.2.8-FW-build1639-240313:opmode=0:vdom=1:user=backup\n#conf_file_ver=2841660000000001\n\
         #buildno=1639\n#global_vdom=1\nconfig vdom\n{list}end\nconfig global\nconfig system global\n    \
         set hostname \"{hostname}\"\n    set vdom-mode multi-vdom\nend\nend\n"
    );
    let of = |(name, lines): &(&str, &str)| {
        ((*name).to_owned(), format!("config vdom\nedit {name}\nconfig system settings\n{lines}end\nend\n"))
    };
    let mut texts = vec![("global".to_owned(), global)];
    texts.extend(domains.iter().map(of));
    let whole: String = texts.iter().map(|(_, text)| text.as_str()).collect();
    session.show("show | grep .", ("", whole), &prompt);
    session.say("exit", "", "");
    if let Some((_, last)) = texts.last_mut() {
        // An empty line stands before each prompt.
        last.push('\n');
    }
    session.texts = texts;
    session.divided("fortigate", hostname, &prompt)
}
