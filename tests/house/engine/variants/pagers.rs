//! Pagers that stay on, each as its platform's devices show it.

use netraven::{
    platform::Platform,
    simulate::{Capture, Pager},
};

use Wipes::{Blanks, Erases, Own};

use super::{kept, shells};
use crate::support::recorded::Recorded;

/// How a device takes its pager off the screen.
enum Wipes {
    /// By blanks, back at the start of the line.
    Blanks,
    /// By the terminal's sequence for the rest of the line.
    Erases,
    /// In its own way.
    Own(&'static str),
}

/// The pager of each platform that has one and stops at a full screen: what it shows (its vendor's manual, or Oxidized's
/// models), and how it is taken off the screen.
const PAGERS: &[(&str, &str, Wipes)] = &[
    (
        "arista_eos",
        " --More-- ",
        Own("\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08"),
    ),
    ("aruba_aoscx", "-- MORE --, next page: Space, next line: Enter, quit: q", Erases),
    ("aruba_aosw", "--More-- (q) quit (u) pageup (/) search (n) repeat ", Blanks),
    ("aruba_instant", "--More-- (q) quit (u) pageup (/) search (n) repeat ", Blanks),
    ("checkpoint_gaia", "-- More --", Blanks),
    ("cisco_aireos", "--More-- or (q)uit", Blanks),
    ("cisco_asa", "<--- More --->", Blanks),
    ("cisco_ftd", "<--- More --->", Blanks),
    (
        "cisco_ios",
        " --More-- ",
        Own("\x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08\x08"),
    ),
    ("cisco_iosxr", " --More-- ", Blanks),
    ("cisco_nxos", "--More--", Blanks),
    ("cisco_smb", "More: <space>,  Quit: q or CTRL+Z, One line: <return> ", Blanks),
    ("cisco_ucs", "--More--", Blanks),
    ("cisco_viptela", "--More--", Blanks),
    ("dell_os10", "--More--", Erases),
    ("dell_os6", "--More-- or (q)uit", Blanks),
    ("dell_os9", " --More-- ", Blanks),
    ("dell_powerconnect", "More: <space>,  Quit: q, One line: <return> ", Blanks),
    ("efos", "--More-- or (q)uit", Blanks),
    ("extreme_exos", "Press <SPACE> to continue or <Q> to quit:", Blanks),
    ("extreme_slx", "--More--", Blanks),
    ("extreme_voss", "--More-- (q = quit) ", Blanks),
    ("fortinet_fortigate", "--More-- ", Blanks),
    ("fortinet_fortios", "--More-- ", Blanks),
    ("hp_comware", "---- More ----", Own("\x1b[16D                \x1b[16D")),
    ("hp_procurve", "-- MORE --, next page: Space, next line: Enter, quit: Control-C", Blanks),
    (
        "huawei_smartax",
        "---- More ( Press 'Q' to break ) ----",
        Own("\x1b[37D                                     \x1b[37D"),
    ),
    ("huawei_vrp", "  ---- More ----", Own("\x1b[42D                                          \x1b[42D")),
    ("juniper_screenos", "--- more --- ", Blanks),
    ("netgear", "--More-- or (q)uit", Blanks),
    ("nokia_sros", "Press any key to continue (Q to quit)", Blanks),
    (
        "nokia_sros_md",
        "Press Q to quit, Enter to print next line or any other key to print next page.",
        Erases,
    ),
    ("nvidia_onyx", "lines 1-23 ", Erases),
    ("paloalto_panos", "lines 1-23 ", Erases),
    ("perle", "--More--", Blanks),
    ("ruckus_icx", "--More--, next page: Space, next line: Return key, quit: Control-c", Blanks),
    ("sonicwall", "--MORE--", Blanks),
    ("tnsr", "--More--", Blanks),
    ("tplink", "Press any key to continue (Q to quit)", Blanks),
    ("ubiquiti_edgeos", ":", Erases),
    ("ubiquiti_edgeswitch", "--More-- or (q)uit", Blanks),
    ("vsololt", " --More-- ", Blanks),
    ("vyos", ":", Erases),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_pager_that_stays_on_is_paged_through() {
    kept(paged(|capture, _| capture)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_only_show_the_configuration_is_enough() {
    let variants = paged(|capture, platform| {
        let refused = platform.paging().off.iter().chain(&platform.commands().info);
        capture.without(&refused.map(String::as_str).collect::<Vec<_>>())
    });
    kept(variants).await;
}

/// Each with its pager on, changed further.
fn paged(change: impl Fn(Capture, &Platform) -> Capture) -> Vec<(Recorded, Capture)> {
    let (mut variants, mut without) = (Vec::new(), Vec::new());
    for recorded in shells() {
        let key = recorded.key();
        let Some((_, shows, wipes)) = PAGERS.iter().find(|(of, ..)| *of == key) else {
            without.push(recorded.name);
            continue;
        };
        let blanks = format!("\r{}\r", " ".repeat(shows.len()));
        let wipes = match wipes {
            Blanks => &blanks,
            Erases => "\r\x1b[K",
            Own(way) => way,
        };
        // The others go on at a space.
        let answer = if key == "huawei_smartax" { "\n" } else { " " };
        let pager = Pager { shows, key: answer, wipes };
        let stopping = recorded.capture.clone().paged(5, pager);
        assert!(stopping.exchanges().len() > recorded.capture.exchanges().len(), "{}", recorded.name);
        let capture = change(stopping, &recorded.platform());
        variants.push((recorded, capture));
    }
    assert_eq!(without, Vec::<String>::new(), "no pager named");
    variants
}
