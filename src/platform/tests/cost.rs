//! What the text work costs. Run with `cargo test --release --lib cost -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use super::{mask_key, platform};
use crate::platform::{LineEnding, Screen};

fn fifty_kilobytes(unit: &str) -> String {
    unit.repeat(50_000 / unit.len() + 1)
}

/// The shortest of many runs.
fn shortest(mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..200).map(|_| once(&mut work)).min().unwrap_or_default()
}

#[test]
#[ignore = "a measurement"]
fn cost_of_fifty_kilobytes() {
    let ios = "interface GigabitEthernet1/0/1\n description to core switch\n switchport access vlan 10\n \
               switchport mode access\n spanning-tree portfast\n!\nsnmp-server community abc RO\n!\n";
    let junos = "interfaces {\n    ge-0/0/0 {\n        unit 0 {\n            family inet {\n                \
                 address 10.0.0.1/24;\n            }\n        }\n    }\n}\n";
    let routeros = "/ip firewall filter\nadd action=accept chain=input comment=\\\n    \"defconf: accept\" \
                    connection-state=established,related,untracked\nadd action=drop chain=forward\n";
    for (key, unit) in [
        ("cisco_ios", ios),
        ("arista_eos", ios),
        ("juniper_junos", junos),
        ("mikrotik_routeros", routeros),
        ("frr", ios),
        ("linux", ios),
    ] {
        let platform = platform(key);
        let text = fifty_kilobytes(unit);
        let sent = text.replace('\n', "\r\n");
        let normalised = shortest(|| drop(std::hint::black_box(platform.normalised(text.as_bytes()))));
        let masked = shortest(|| drop(std::hint::black_box(platform.masked(text.as_bytes(), &mask_key()))));
        let judged =
            shortest(|| drop(std::hint::black_box(platform.judge(&super::ended_well(&platform, &text)))));
        let shown = shortest(|| {
            let mut screen = Screen::new(LineEnding::Lf);
            sent.as_bytes().chunks(4096).for_each(|chunk| screen.feed(chunk));
            std::hint::black_box(screen.text().len());
        });
        println!("{key}: normalise {normalised:?}, mask {masked:?}, judge {judged:?}, screen {shown:?}");
    }
}
