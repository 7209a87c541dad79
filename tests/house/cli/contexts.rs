//! `--context`: one text of a device that is divided.

use netraven::simulate::{self, Device, contexts::asa, inventory_csv};

use crate::support::{fleet::anywhere, program::Program};

const LINES: &str =
    "object network a\n host 192.0.2.1\n!\nsnmp-server host inside 192.0.2.9 community canary-7 version 2c\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_context_is_shown_and_compared_alone() {
    let divided = asa("fw1", &[("admin", LINES), ("b-1", LINES)]);
    let text = divided.texts[2].1.clone();
    let running = simulate::start(Device::playing(divided.capture, "fw1"), anywhere()).await.unwrap();
    let program = Program::new();
    let csv = program.file("fleet.csv");
    std::fs::write(&csv, inventory_csv(&[(running.device().clone(), running.address())])).unwrap();
    program.well(&["device", "import", csv.to_str().unwrap()]);
    program.well(&["backup", "run", "--all"]);
    let show = |what: &[&str]| program.run(&[&["backup", "show", "fw1", "--context"], what].concat());
    assert_eq!(show(&["b-1", "--raw"]).out, text);
    let masked = show(&["b-1"]).out;
    assert!(masked.contains("hostname b-1") && masked.contains("<secret:"), "{masked}");
    assert!(!masked.contains("canary-7") && !masked.contains("hostname admin"), "{masked}");
    let normalised = show(&["b-1", "--normalised"]).out;
    assert!(normalised.contains("canary-7") && !normalised.contains("Written by"), "{normalised}");
    for what in [&["z"][..], &["z", "--raw"], &["z", "--normalised"]] {
        show(what).tells(2, &["no context \"z\"", "it has: system, admin, b-1"]);
    }
    assert_eq!(program.well(&["backup", "diff", "1", "1", "--context", "b-1"]), "");
    program.run(&["backup", "diff", "1", "1", "--context", "z"]).tells(2, &["no context \"z\""]);
}
