//! Made-up configurations that look like real ones: the same wish always gives the same text.
//!
//! The text is without the lines that move at every fetch; those come when it is shown.

mod arista;
mod cisco;
mod frr;
mod junos;
mod linux;
mod panos;
mod routeros;

use super::{device::Platform, dice::Dice};

/// Which configuration is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// For which operating system.
    pub platform: Platform,
    /// The device's name in it.
    pub hostname: &'a str,
    /// Another number gives another configuration.
    pub seed: u64,
    /// About how long (bytes); never much shorter, and at least one small configuration.
    pub bytes: usize,
}

/// The configuration for `wanted`. LF line ends, the last line ended too.
pub fn generate(wanted: &Wanted<'_>) -> String {
    let mut dice = Dice::seeded(&[wanted.platform.as_str(), wanted.hostname], wanted.seed);
    match wanted.platform {
        Platform::CiscoIos => cisco::generate(wanted, &mut dice),
        Platform::AristaEos => arista::generate(wanted, &mut dice),
        Platform::JuniperJunos => junos::generate(wanted, &mut dice),
        Platform::MikrotikRouteros => routeros::generate(wanted, &mut dice),
        Platform::Frr => frr::generate(wanted, &mut dice),
        Platform::Linux => linux::generate(wanted, &mut dice),
        Platform::PaloaltoPanosApi => panos::generate(wanted, &mut dice),
    }
}

/// Chapters of a configuration that grow together, one entry each at a time, until they are long enough.
struct Chapters<const N: usize>([String; N]);

impl<const N: usize> Chapters<N> {
    /// Adds the entries number 1, 2, … until all is about `bytes` long, but at least four.
    fn grown(bytes: usize, mut entry: impl FnMut(u64) -> [String; N]) -> Self {
        let mut chapters = std::array::from_fn(|_| String::new());
        let mut number = 1;
        while number <= 4 || chapters.iter().map(String::len).sum::<usize>() < bytes {
            chapters.iter_mut().zip(entry(number)).for_each(|(chapter, text)| chapter.push_str(&text));
            number += 1;
        }
        Self(chapters)
    }
}

/// The two halves of a 16-bit number, for addresses.
fn octets(number: u64) -> (u64, u64) {
    (number.div_euclid(250).rem_euclid(250), number.rem_euclid(250).saturating_add(1))
}

/// What the port number `number` is for.
fn purpose(dice: &mut Dice, number: u64) -> String {
    let what =
        dice.pick(&["server", "uplink", "printer", "access point", "camera", "customer", "phone", "storage"]);
    let place = dice.pick(&["rack 12", "rack 7", "floor 2", "hall B", "basement", "cage 4", "row 31"]);
    format!("{what} {number:03} {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(platform: Platform, bytes: usize) -> String {
        generate(&Wanted { platform, hostname: "lab-1", seed: 7, bytes })
    }

    #[test]
    fn the_same_wish_gives_the_same_text_of_about_the_wanted_size() {
        for &platform in Platform::ALL {
            let text = of(platform, 50_000);
            assert_eq!(text, of(platform, 50_000));
            assert!((49_500..52_000).contains(&text.len()), "{platform}: {}", text.len());
            assert!(text.ends_with('\n') && !text.contains('\r'));
            assert!(of(platform, 0).lines().count() > 40, "{platform}");
            let other = generate(&Wanted { platform, hostname: "lab-1", seed: 8, bytes: 50_000 });
            assert_ne!(text, other);
        }
    }

    #[test]
    fn each_is_whole_in_the_manner_of_its_platform() {
        for platform in [Platform::CiscoIos, Platform::AristaEos, Platform::Frr] {
            assert!(of(platform, 9000).ends_with("\nend\n"), "{platform}");
        }
        let junos = of(Platform::JuniperJunos, 9000);
        assert_eq!(junos.matches('{').count(), junos.matches('}').count());
        assert!(of(Platform::MikrotikRouteros, 9000).starts_with("/interface"));
    }
}
