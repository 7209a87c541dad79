//! What devices tell about themselves besides the configuration. LF line ends, the last line ended too.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::{device::Device, dice::Dice};

/// The present time. Devices have clocks of their own: this one is never part of a decision.
pub(super) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn serial(device: &Device, prefix: &str) -> String {
    let digits = Dice::seeded(&["serial", &device.hostname], 0).word(b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ", 8);
    format!("{prefix}{digits}")
}

fn minutes() -> i64 {
    now().timestamp().div_euclid(60).rem_euclid(60)
}

/// What PAN-OS answers to "show system info", as XML.
pub(super) fn panos(device: &Device) -> String {
    let (host, serial) = (&device.hostname, serial(device, "0123"));
    let minutes = minutes();
    format!(
        "<response status=\"success\"><result><system><hostname>{host}</hostname><ip-address>192.0.2.1</ip-address>\
         <uptime>12 days, 3:{minutes:02}:05</uptime><family>400</family><model>PA-440</model><serial>{serial}</serial>\
         <sw-version>10.2.9</sw-version></system></result></response>\n"
    )
}

pub(super) fn cisco_ios(device: &Device, command: &str) -> Option<String> {
    let host = &device.hostname;
    let serial = serial(device, "FOC");
    Some(match command {
        "show version" => format!(
            "Cisco IOS XE Software, Version 17.09.04a\n\
             Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)\n\
             Technical Support: http://www.cisco.com/techsupport\n\
             Copyright (c) 1986-2023 by Cisco Systems, Inc.\n\n\
             ROM: IOS-XE ROMMON\n\
             {host} uptime is 12 weeks, 3 days, 4 hours, {minutes} minutes\n\
             System returned to ROM by Reload Command\n\
             System image file is \"flash:packages.conf\"\n\n\
             cisco C9300-48T (X86) processor with 1331529K/6147K bytes of memory.\n\
             Processor board ID {serial}\n\
             2048K bytes of non-volatile configuration memory.\n\
             8388608K bytes of physical memory.\n\n\
             Configuration register is 0x102\n\n",
            minutes = minutes(),
        ),
        "show inventory" => format!(
            "NAME: \"c93xx Stack\", DESCR: \"c93xx Stack\"\n\
             PID: C9300-48T         , VID: V02  , SN: {serial}\n\n\
             NAME: \"Switch 1\", DESCR: \"C9300-48T\"\n\
             PID: C9300-48T         , VID: V02  , SN: {serial}\n\n"
        ),
        "show license udi" => format!("UDI: PID:C9300-48T,SN:{serial}\n\n"),
        "show vtp status" => "VTP Version capable             : 1 to 3\n\
             VTP version running             : 1\n\
             VTP Operating Mode              : Transparent\n\
             Configuration last modified by 10.0.0.1 at 3-1-93 00:00:00\n"
            .to_owned(),
        "show boot" => "BOOT variable = flash:packages.conf;\nManual Boot = no\n".to_owned(),
        "show clock" => format!("*{}\n", now().format("%H:%M:%S%.3f UTC %a %b %-d %Y")),
        _ => return None,
    })
}

pub(super) fn arista_eos(device: &Device, command: &str) -> Option<String> {
    let serial = serial(device, "SSJ");
    Some(match command {
        "show version" => format!(
            "Arista DCS-7050SX3-48YC8\n\
             Hardware version: 11.03\n\
             Serial number: {serial}\n\
             System MAC address: 985d.8200.0001\n\n\
             Software image version: 4.29.2F\n\
             Architecture: i686\n\
             Internal build version: 4.29.2F-30640700.4292F\n\n\
             Uptime: 12 weeks, 3 days, 4 hours and {minutes} minutes\n\
             Total memory: 8099732 kB\n\
             Free memory: {free} kB\n\n",
            minutes = minutes(),
            free = 5_000_000_i64.saturating_add(minutes()),
        ),
        "show inventory" => format!(
            "System Information\n  Model                     Description\n  \
             ------------------------- ------------------------------------\n  \
             DCS-7050SX3-48YC8         48x25GbE SFP+ & 8x100GbE QSFP Switch\n  \
             HW Version    Serial Number    Mfg Date\n  ------------  ---------------  ----------\n  \
             11.03         {serial}      2021-05-14\n"
        ),
        "show boot-config" => "Software image: flash:/EOS-4.29.2F.swi\nConsole speed: (not set)\n".to_owned(),
        _ => return None,
    })
}

pub(super) fn junos(device: &Device, command: &str) -> Option<String> {
    let host = &device.hostname;
    let serial = serial(device, "CW");
    Some(match command {
        "show version" => {
            format!(
                "Hostname: {host}\nModel: srx300\nJunos: 22.4R3-S2.11\nJUNOS Software Release [22.4R3-S2.11]\n"
            )
        }
        "show chassis hardware" => format!(
            "Hardware inventory:\nItem             Version  Part number  Serial number     Description\n\
             Chassis                                {serial}        SRX300\n\
             Routing Engine   REV 0x08 650-077890   {serial}        RE-SRX300\n"
        ),
        "show system license" => "License usage: \n                                 Licenses     Licenses\n\
             \x20 Feature name                       used    installed\n\
             \x20 remote-access-juniper-std             0            2\n\nLicenses installed: none\n"
            .to_owned(),
        "show system license keys" | "show chassis cluster status" | "show virtual-chassis" => String::new(),
        "show system commit" => {
            format!("0   {} by admin via cli\n", now().format("%Y-%m-%d %H:%M:%S UTC"))
        }
        _ => return None,
    })
}

pub(super) fn routeros(device: &Device, command: &str) -> Option<String> {
    let serial = serial(device, "HE");
    let time = now().format("%Y-%m-%d %H:%M:%S");
    let at = |name: &str| command.trim_start_matches('/') == name;
    if at("system resource print") {
        return Some(format!(
            "                   uptime: 12w3d4h{minutes}m\n                  version: 7.16.2 (stable)\n\
             \x20              build-time: 2024-11-26 12:09:40\n         factory-software: 7.4.1\n\
             \x20             free-memory: 812.{minutes}MiB\n             total-memory: 1024.0MiB\n\
             \x20                     cpu: ARM64\n                cpu-count: 4\n                 cpu-load: 3%\n\
             \x20          total-hdd-space: 1025.0MiB\n        architecture-name: arm64\n\
             \x20              board-name: RB5009UPr+S+\n                 platform: MikroTik\n",
            minutes = minutes(),
        ));
    }
    if at("system routerboard print") {
        return Some(format!(
            "       routerboard: yes\n             model: RB5009UPr+S+\n     serial-number: {serial}\n\
             \x20    firmware-type: 70x0\n  factory-firmware: 7.4.1\n  current-firmware: 7.16.2\n  upgrade-firmware: 7.16.2\n"
        ));
    }
    if at("system history print without-paging") || at("system history print") {
        return Some(format!(
            "Flags: U - UNDOABLE\nColumns: ACTION, BY, POLICY, TIME\n  ACTION                BY     POLICY  TIME               \n\
             U item changed          admin  write   {time}\n"
        ));
    }
    if at("system package update print") {
        return Some("            channel: stable\n  installed-version: 7.16.2\n".to_owned());
    }
    None
}

pub(super) fn frr(device: &Device, command: &str) -> Option<String> {
    let host = &device.hostname;
    command.contains("show version").then(|| {
        format!("FRRouting 8.5.2 ({host}) on Linux(6.1.0-18-amd64).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n")
    })
}

pub(super) fn linux(device: &Device, command: &str) -> Option<String> {
    let host = &device.hostname;
    match command {
        "hostname" => Some(format!("{host}\n")),
        "uname" => Some(format!("Linux {host} 6.1.0-18-amd64 #1 SMP Debian 6.1.76-1 x86_64 GNU/Linux\n")),
        _ => None,
    }
}
