//! Fleets to show, to test and to measure with.

use std::{io, time::Duration};

use super::{
    configuration::{self, Wanted},
    device::{Device, HOSTNAME, Platform},
    fault::Fault,
    identity::Identity,
};

/// One device of the demonstration: name, platform, what is wrong, tags, description.
type Post = (&'static str, Platform, &'static str, &'static str, &'static str);

/// The devices of the demonstration, in the order in which a smaller fleet takes them.
const POSTS: &[Post] = &[
    ("core-ber-1", Platform::CiscoIos, "", "core berlin", "Core switch, Berlin hall B"),
    ("edge-muc-2", Platform::JuniperJunos, "", "edge munich internet", "Internet edge, Munich"),
    ("leaf-fra-11", Platform::AristaEos, "", "leaf frankfurt datacenter", "Leaf, Frankfurt row 3"),
    ("branch-ham-1", Platform::MikrotikRouteros, "", "branch hamburg", "Branch router, Hamburg"),
    ("rr-ber-1", Platform::Frr, "", "core berlin bgp", "Route reflector, Berlin"),
    ("fw-ber-1", Platform::Linux, "", "firewall berlin", "Firewall, Berlin"),
    (
        "core-ber-2",
        Platform::CiscoIos,
        "mutate=120",
        "core berlin",
        "Core switch with a busy team: changes every two minutes",
    ),
    (
        "access-cgn-4",
        Platform::CiscoIos,
        "slow=1500",
        "access cologne",
        "Old access switch behind a slow line",
    ),
    (
        "leaf-fra-12",
        Platform::AristaEos,
        "wrong-password",
        "leaf frankfurt datacenter",
        "Leaf whose password somebody changed",
    ),
    (
        "access-lej-3",
        Platform::CiscoIos,
        "cut=4000",
        "access leipzig",
        "Access switch that loses its session half way",
    ),
    (
        "edge-muc-3",
        Platform::JuniperJunos,
        "changed-key",
        "edge munich internet",
        "Edge router replaced by a spare: another host key",
    ),
    (
        "access-str-9",
        Platform::CiscoIos,
        "pager-stays",
        "access stuttgart",
        "Access switch whose pager cannot be switched off",
    ),
    (
        "branch-bre-1",
        Platform::MikrotikRouteros,
        "refuse",
        "branch bremen",
        "Branch router that refuses connections",
    ),
    (
        "fw-muc-1",
        Platform::PaloaltoPanosApi,
        "",
        "firewall munich",
        "Firewall, Munich, over its HTTPS interface",
    ),
    ("leaf-fra-13", Platform::AristaEos, "", "leaf frankfurt datacenter", "Leaf, Frankfurt row 4"),
    (
        "rr-muc-1",
        Platform::Frr,
        "cut-clean=3000",
        "core munich bgp",
        "Route reflector that stops in mid-sentence",
    ),
    (
        "edge-dus-1",
        Platform::JuniperJunos,
        "stall=command",
        "edge dusseldorf",
        "Edge router that falls silent half way",
    ),
    (
        "branch-kie-2",
        Platform::MikrotikRouteros,
        "flap",
        "branch kiel",
        "Branch router on a shaky radio link",
    ),
    (
        "access-nue-1",
        Platform::CiscoIos,
        "error-text",
        "access nuremberg",
        "Access switch whose role forbids reading",
    ),
    (
        "leaf-fra-14",
        Platform::AristaEos,
        "double-prompt",
        "leaf frankfurt datacenter",
        "Leaf that draws its prompt twice",
    ),
];

/// Tags for the devices beyond [`POSTS`].
const SITES: &[(&str, &str)] = &[
    ("ber", "berlin"),
    ("muc", "munich"),
    ("fra", "frankfurt"),
    ("ham", "hamburg"),
    ("cgn", "cologne"),
    ("str", "stuttgart"),
];

/// Up to `count` devices of all platforms with what a real fleet has wrong with it. The first 14 show
/// everything; beyond 20 they are sound access and branch devices of several sites.
pub fn demo(count: usize) -> Vec<Device> {
    let posts = POSTS.iter().enumerate().map(|(at, post)| posted(at, post));
    let more = SITES.iter().cycle().zip(1_usize..).map(|(site, number)| further(*site, number));
    posts.chain(more).take(count).collect()
}

fn posted(at: usize, &(hostname, platform, fault, tags, description): &Post) -> Device {
    let seed = u64::try_from(at).unwrap_or(0);
    let bytes = 9_500_usize.saturating_add(at.rem_euclid(4).saturating_mul(1_500));
    let mut device = Device::new(platform, hostname);
    device.configuration = configuration::generate(&Wanted { platform, hostname, seed, bytes }).into();
    device.faults = fault.parse::<Fault>().ok().into_iter().collect();
    device.tags = tags.split(' ').map(str::to_owned).collect();
    description.clone_into(&mut device.description);
    device.latency = Duration::from_millis(20);
    if matches!(hostname, "core-ber-1" | "access-cgn-4" | "leaf-fra-13") {
        device = device.with_enable("simulated-enable");
    }
    device
}

fn further((site, city): (&str, &str), number: usize) -> Device {
    let (kind, platform) = match number.rem_euclid(4) {
        0 => ("branch", Platform::MikrotikRouteros),
        1 | 2 => ("access", Platform::CiscoIos),
        _ => ("leaf", Platform::AristaEos),
    };
    let mut device = Device::new(platform, &format!("{kind}-{site}-{}", number.saturating_add(100)));
    device.tags = vec![kind.to_owned(), city.to_owned()];
    device.description = format!("{kind} device {number}, {city}");
    device.latency = Duration::from_millis(20);
    device
}

/// `count` sound Cisco devices with configurations of `bytes` each, one host key for all, no latency.
/// Texts differ in the device's name only, and are kept once.
pub fn bench(count: usize, bytes: usize) -> io::Result<Vec<Device>> {
    let platform = Platform::CiscoIos;
    let mut first = Device::new(platform, "bench");
    first.configuration =
        configuration::generate(&Wanted { platform, hostname: HOSTNAME, seed: 1, bytes }).into();
    first.identity = Some(Identity::ed25519()?);
    first.tags = vec!["bench".to_owned()];
    let named = |number| Device { hostname: format!("bench-{number:05}"), ..first.clone() };
    Ok((1..=count).map(named).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_demonstration_has_every_platform_and_its_faults_are_real() {
        let fleet = demo(40);
        assert_eq!(fleet.len(), 40);
        let names: HashSet<_> = fleet.iter().map(|d| d.hostname.clone()).collect();
        assert_eq!(names.len(), 40);
        for &platform in Platform::ALL {
            assert!(fleet.iter().take(14).any(|d| d.platform == platform), "{platform}");
        }
        for (name, _, fault, ..) in POSTS {
            assert!(fault.is_empty() || fault.parse::<Fault>().is_ok(), "{name}");
        }
        for device in fleet.iter().take(20) {
            let lines = device.configuration.lines().count();
            assert!((150..650).contains(&lines), "{}: {lines}", device.hostname);
        }
    }

    #[test]
    fn benchmark_devices_share_their_text_and_key() {
        let fleet = bench(3, 50_000).unwrap();
        let [a, b, _] = fleet.as_slice() else { panic!() };
        assert!(std::sync::Arc::ptr_eq(&a.configuration, &b.configuration));
        assert_eq!(a.identity.as_ref().unwrap().fingerprint(), b.identity.as_ref().unwrap().fingerprint());
        assert!(a.configuration.len() >= 50_000);
    }
}
