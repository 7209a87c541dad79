//! Pagers that stay on, each as its platform's devices show it.

use netraven::{
    platform::Platform,
    simulate::{Capture, Pager},
};

use super::{kept, shells};
use crate::support::recorded::Recorded;

/// The pager of each platform that has one and stops at a full screen: what it shows (its vendor's manual, or Oxidized's
/// models), the key for the next page, and how it is taken off the screen.
const PAGERS: &[(&str, &str, &str, &str)] = &[
    (
        "arista_eos",
        " --More-- ",
        " ",
        "\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08",
    ),
    ("aruba_aoscx", "-- MORE --, next page: Space, next line: Enter, quit: q", " ", "\r\x1b[K"),
    (
        "aruba_aosw",
        "--More-- (q) quit (u) pageup (/) search (n) repeat ",
        " ",
        "\r                                                    \r",
    ),
    (
        "aruba_instant",
        "--More-- (q) quit (u) pageup (/) search (n) repeat ",
        " ",
        "\r                                                    \r",
    ),
    ("checkpoint_gaia", "-- More --", " ", "\r          \r"),
    ("cisco_aireos", "--More-- or (q)uit", " ", "\r                  \r"),
    ("cisco_asa", "<--- More --->", " ", "\r              \r"),
    ("cisco_ftd", "<--- More --->", " ", "\r              \r"),
    (
        "cisco_ios",
        " --More-- ",
        " ",
        "\x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08\x08",
    ),
    ("cisco_iosxr", " --More-- ", " ", "\r          \r"),
    ("cisco_nxos", "--More--", " ", "\r        \r"),
    (
        "cisco_smb",
        "More: <space>,  Quit: q or CTRL+Z, One line: <return> ",
        " ",
        "\r                                                      \r",
    ),
    ("cisco_ucs", "--More--", " ", "\r        \r"),
    ("cisco_viptela", "--More--", " ", "\r        \r"),
    ("dell_os10", "--More--", " ", "\r\x1b[K"),
    ("dell_os6", "--More-- or (q)uit", " ", "\r                  \r"),
    ("dell_os9", " --More-- ", " ", "\r          \r"),
    (
        "dell_powerconnect",
        "More: <space>,  Quit: q, One line: <return> ",
        " ",
        "\r                                            \r",
    ),
    ("efos", "--More-- or (q)uit", " ", "\r                  \r"),
    (
        "extreme_exos",
        "Press <SPACE> to continue or <Q> to quit:",
        " ",
        "\r                                         \r",
    ),
    ("extreme_slx", "--More--", " ", "\r        \r"),
    ("extreme_voss", "--More-- (q = quit) ", " ", "\r                    \r"),
    ("fortinet_fortigate", "--More-- ", " ", "\r         \r"),
    ("fortinet_fortios", "--More-- ", " ", "\r         \r"),
    ("hp_comware", "---- More ----", " ", "\x1b[16D                \x1b[16D"),
    (
        "hp_procurve",
        "-- MORE --, next page: Space, next line: Enter, quit: Control-C",
        " ",
        "\r                                                               \r",
    ),
    (
        "huawei_smartax",
        "---- More ( Press 'Q' to break ) ----",
        "\n",
        "\x1b[37D                                     \x1b[37D",
    ),
    ("huawei_vrp", "  ---- More ----", " ", "\x1b[42D                                          \x1b[42D"),
    ("juniper_screenos", "--- more --- ", " ", "\r              \r"),
    ("netgear", "--More-- or (q)uit", " ", "\r                  \r"),
    ("nokia_sros", "Press any key to continue (Q to quit)", " ", "\r                                     \r"),
    (
        "nokia_sros_md",
        "Press Q to quit, Enter to print next line or any other key to print next page.",
        " ",
        "\r\x1b[K",
    ),
    ("nvidia_onyx", "lines 1-23 ", " ", "\r\x1b[K"),
    ("paloalto_panos", "lines 1-23 ", " ", "\r\x1b[K"),
    ("perle", "--More--", " ", "\r        \r"),
    (
        "ruckus_icx",
        "--More--, next page: Space, next line: Return key, quit: Control-c",
        " ",
        "\r                                                                  \r",
    ),
    ("sonicwall", "--MORE--", " ", "\r        \r"),
    ("tnsr", "--More--", " ", "\r        \r"),
    ("tplink", "Press any key to continue (Q to quit)", " ", "\r                                     \r"),
    ("ubiquiti_edgeos", ":", " ", "\r\x1b[K"),
    ("ubiquiti_edgeswitch", "--More-- or (q)uit", " ", "\r                  \r"),
    ("vsololt", " --More-- ", " ", "\r          \r"),
    ("vyos", ":", " ", "\r\x1b[K"),
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
        let Some((_, shows, answer, wipes)) = PAGERS.iter().find(|(of, ..)| *of == key) else {
            without.push(recorded.name);
            continue;
        };
        let pager = Pager { shows, key: answer, wipes };
        let stopping = recorded.capture.clone().paged(5, pager);
        assert!(stopping.exchanges().len() > recorded.capture.exchanges().len(), "{}", recorded.name);
        let capture = change(stopping, &recorded.platform());
        variants.push((recorded, capture));
    }
    assert_eq!(without, Vec::<String>::new(), "no pager named");
    variants
}
