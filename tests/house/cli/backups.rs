//! `backup`: the JSON lines that operators script, and the texts and differences of versions.

use netraven::crypt::token::sha256;
use serde_json::Value;

use crate::support::program::Program;

fn keys(line: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn outcomes(lines: &[Value]) -> Vec<&str> {
    let mut all: Vec<&str> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    all.sort_unstable();
    all
}

fn import(program: &Program, csv: &std::path::Path) {
    program.well(&["device", "import", csv.to_str().unwrap()]);
}

const STORED: [&str; 9] =
    ["backup", "bytes", "device", "duration_ms", "job", "lines", "outcome", "sha256", "state"];
const FAILED: [&str; 8] = ["class", "device", "duration_ms", "job", "message", "outcome", "stage", "state"];

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_played_whatever_its_platform() {
    let program = Program::new();
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}.session", env!("CARGO_MANIFEST_DIR"));
    // This one asks for the password of privileged mode.
    let (_asa, asa) = program.fleet(&["--capture", &fixture("cisco_asa/edge")], "asa").await;
    let (_os6, os6) = program.fleet(&["dell_os6", "--capture", &fixture("dell_os6/access")], "os6").await;
    import(&program, &asa);
    import(&program, &os6);
    let said = program.run(&["backup", "run", "--all", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(outcomes(&said.json()[..2]), ["stored"; 2]);
    let said = program.run(&["simulate", "dell_os6"]);
    assert!(
        said.code == 2 && said.errors.contains("dell_os6") && said.errors.contains("cisco_ios"),
        "{said:?}"
    );
    assert_eq!(program.run(&["simulate"]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_simulated_imported_and_backed_up_with_one_json_line_each() {
    let program = Program::new();
    let (_good, csv) = program.fleet(&["cisco_ios", "--count", "3"], "good").await;
    import(&program, &csv);
    let said = program.run(&["backup", "run", "--all", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut lines = said.json();
    let summary = lines.pop().unwrap();
    assert_eq!(
        keys(&summary["summary"]),
        ["devices", "duration_ms", "failed", "stored", "suspect", "unchanged"]
    );
    for (name, count) in [("devices", 3), ("stored", 3), ("unchanged", 0), ("suspect", 0), ("failed", 0)] {
        assert_eq!(summary["summary"][name], count, "{name} in {summary}");
    }
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(keys(line), STORED, "{line}");
        assert_eq!(
            (line["state"].as_str(), line["outcome"].as_str()),
            (Some("succeeded"), Some("stored")),
            "{line}"
        );
        assert_eq!(line["sha256"].as_str().unwrap().len(), 64);
        shown(&program, line);
    }
    let again = program.run(&["backup", "run", "--all", "--json"]);
    assert_eq!(again.code, 0, "{again:?}");
    let lines = again.json();
    assert_eq!(outcomes(&lines[..3]), ["unchanged"; 3]);
    assert_eq!(lines[3]["summary"]["unchanged"], 3);
    let list = program.run(&["backup", "list", "sim-cisco-ios-1", "--json"]).json();
    assert_eq!((list.len(), list[0]["seen"].as_i64()), (1, Some(2)), "{list:?}");
}

/// The texts of what a JSON line tells of.
fn shown(program: &Program, line: &Value) {
    let device = line["device"].as_str().unwrap();
    let show = |what: &str| program.run(&["backup", "show", device, what]);
    let raw = show("--raw");
    assert_eq!(Some(sha256(&raw.bytes).as_str()), line["sha256"].as_str(), "{device}");
    assert_eq!(raw.bytes.len(), usize::try_from(line["bytes"].as_u64().unwrap()).unwrap());
    assert_eq!(raw.out.lines().count(), usize::try_from(line["lines"].as_u64().unwrap()).unwrap());
    let (masked, normalised) = (show("--masked").out, show("--normalised").out);
    assert!(raw.out.contains("ntp clock-period") && !normalised.contains("ntp clock-period"), "{normalised}");
    assert!(masked.contains("<secret:") && !raw.out.contains("<secret:"), "{masked}");
    assert_eq!(program.well(&["backup", "show", device]), masked, "masked is what one gets unasked");
    let version = line["backup"].to_string();
    assert_eq!(program.well(&["backup", "show", device, "--version", &version]), masked);
    let list = program.run(&["backup", "list", device, "--json"]).json();
    assert_eq!((&list[0]["sha256"], &list[0]["backup"]), (&line["sha256"], &line["backup"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_among_good_ones_ends_with_1_and_says_why() {
    let program = Program::new();
    let (_good, csv) = program.fleet(&["frr", "--count", "2"], "good").await;
    import(&program, &csv);
    let (_bad, csv) = program.fleet(&["cisco_ios", "--fault", "wrong-password"], "bad").await;
    import(&program, &csv);
    let said = program.run(&["backup", "run", "--all", "--json", "--concurrency", "2"]);
    assert_eq!(said.code, 1, "{said:?}");
    let mut lines = said.json();
    let summary = lines.pop().unwrap();
    assert_eq!((&summary["summary"]["stored"], &summary["summary"]["failed"]), (&2.into(), &1.into()));
    let failed: Vec<&Value> = lines.iter().filter(|line| line["state"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{lines:#?}");
    assert_eq!(keys(failed[0]), FAILED, "{}", failed[0]);
    assert_eq!((&failed[0]["class"], &failed[0]["stage"]), (&"auth_failed".into(), &"auth".into()));
    assert_eq!((&failed[0]["outcome"], &failed[0]["device"]), (&"error".into(), &"sim-cisco-ios-1".into()));
    assert!(!said.out.contains("\"simulated\""), "{said:?}");
    // Those that were asked for by name are well.
    let said = program.run(&["backup", "run", "sim-frr-1", "sim-frr-2"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("2 devices: 0 stored, 2 unchanged, 0 suspect, 0 failed"), "{said:?}");
    program.run(&["backup", "show", "sim-cisco-ios-1"]).tells(1, &["has no backup yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_another_version_and_its_difference_is_masked() {
    let program = Program::new();
    let (_fleet, csv) = program.fleet(&["linux", "--fault", "mutate=1"], "fleet").await;
    import(&program, &csv);
    program.well(&["backup", "run", "--all"]);
    // The device changes once a second.
    let changed = async || {
        let said = program.run(&["backup", "run", "--all", "--json"]);
        (outcomes(&said.json()[..1]) == ["stored"]).then_some(())
    };
    crate::support::process::until(20, changed, || "the device never changed".to_owned()).await;
    let list = program.run(&["backup", "list", "sim-linux-1", "--json"]).json();
    assert_eq!(list.len(), 2, "{list:#?}");
    let ids: Vec<String> = list.iter().map(|line| line["backup"].to_string()).collect();
    let patch = program.well(&["backup", "diff", "sim-linux-1"]);
    assert!(patch.contains("\n+# change "), "{patch}");
    assert_eq!(program.well(&["backup", "diff", &ids[1], &ids[0]]), patch);
    assert_eq!(program.well(&["backup", "diff", &ids[0]]), patch);
    let back = program.well(&["backup", "diff", &ids[0], &ids[1]]);
    assert!(back.contains("\n-# change "), "{back}");
    assert_eq!(program.well(&["backup", "diff", &ids[0], &ids[0]]), "");
    program.run(&["backup", "diff", &ids[1]]).tells(1, &["first"]);
}
