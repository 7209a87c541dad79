//! Lines that change back and forth, or at every look, in the history of a device.

use std::collections::{BTreeMap, BTreeSet};

/// In so many steps from a version to the next a line must have changed before it is noise.
const STEPS: usize = 3;

/// The shortest beginning of a line that a rule may go by, in characters.
const BEGINNING: usize = 6;

/// Lines that are shown of each.
const SHOWN: usize = 3;

/// Lines of one shape that change without anybody changing anything, as it seems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flapping {
    /// The pattern that would leave them out of account.
    pub pattern: String,
    /// In how many steps they changed.
    pub steps: usize,
    /// Some of them.
    pub lines: Vec<String>,
}

/// The words of a line, each with the sign behind it, and whether it is one that figures or a date are in.
fn words(line: &str) -> impl Iterator<Item = (&str, bool)> {
    line.split_inclusive(|letter: char| !letter.is_alphanumeric()).map(|word| {
        let body = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        (word, body.chars().any(|letter| letter.is_ascii_digit()) || is_day_or_month(body))
    })
}

/// What lines have in common that differ in their figures only.
fn shape(line: &str) -> String {
    let shaped = words(line).map(|(word, varies)| match word.chars().next_back() {
        Some(end) if varies && !end.is_alphanumeric() => format!("0{end}"),
        Some(_) if varies => "0".to_owned(),
        Some(_) | None => word.to_owned(),
    });
    shaped.collect()
}

fn is_day_or_month(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul",
        "aug", "sep", "oct", "nov", "dec",
    ];
    word.len() == 3 && WORDS.contains(&word.to_lowercase().as_str())
}

/// The beginning of a line before its first figure, weekday or month.
pub(super) fn steady(line: &str) -> &str {
    let length = words(line).take_while(|(_, varies)| !varies).map(|(word, _)| word.len()).sum();
    line.get(..length).unwrap_or_default()
}

/// The longest beginning of all these lines that ends between two words.
fn beginning<'t>(lines: &BTreeSet<&'t str>) -> &'t str {
    let mut all = lines.iter();
    let Some(first) = all.next().copied() else { return "" };
    let mut length = first.len();
    for line in all {
        let same = first.bytes().zip(line.bytes()).take_while(|(one, other)| one == other).count();
        length = length.min(same);
    }
    let start = first.get(..length).unwrap_or_default();
    start
        .rfind(|letter: char| !letter.is_alphanumeric())
        .map_or("", |at| start.get(..=at).unwrap_or_default())
}

/// A beginning that these lines have and no other line of the texts has: a rule by it hides nothing but them.
fn rule<'t>(lines: &BTreeSet<&'t str>, texts: &[String]) -> Option<&'t str> {
    let first = lines.first().copied()?;
    let candidates = [steady(first), beginning(lines)];
    candidates
        .into_iter()
        // A covered secret is another text on the device.
        .map(|start| start.split("<secret:").next().unwrap_or_default().trim_end())
        .filter(|start| start.trim().chars().count() >= BEGINNING)
        .find(|start| {
            let alike = texts.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with(start));
            alike.into_iter().all(|line| lines.contains(line))
        })
}

/// Finds what flaps in these texts, the newest first, each normalised and masked: lines of one shape that went and came
/// in at least three steps. A line that came or went once is a change, and so is one that changed twice.
pub fn flapping(texts: &[String]) -> Vec<Flapping> {
    let mut shapes: BTreeMap<String, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for pair in texts.windows(2) {
        let [new, old] = pair else { continue };
        let (new, old): (BTreeSet<&str>, BTreeSet<&str>) = (new.lines().collect(), old.lines().collect());
        let mut changed: BTreeMap<String, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
        for line in new.difference(&old) {
            changed.entry(shape(line)).or_default().0.push(line);
        }
        for line in old.difference(&new) {
            changed.entry(shape(line)).or_default().1.push(line);
        }
        for (shape, (came, went)) in changed {
            // One in the place of the other, not only come or only gone.
            if came.len() == went.len() {
                let known = shapes.entry(shape).or_default();
                known.0 = known.0.saturating_add(1);
                known.1.extend(came.into_iter().chain(went));
            }
        }
    }
    let mut found: Vec<Flapping> = shapes
        .into_values()
        .filter(|(steps, _)| *steps >= STEPS)
        .filter_map(|(steps, lines)| {
            rule(&lines, texts).map(|start| Flapping {
                pattern: format!("^{}", regex::escape(start)),
                steps,
                lines: lines.iter().take(SHOWN).map(|line| (*line).to_owned()).collect(),
            })
        })
        .collect();
    found.sort_by(|one, other| other.steps.cmp(&one.steps).then(one.pattern.cmp(&other.pattern)));
    found.dedup_by(|one, other| one.pattern == other.pattern);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(line: impl Fn(u32) -> String) -> Vec<String> {
        (0..6).map(|n| format!("hostname x\n{}\ninterface Gi0/1\nend\n", line(n))).collect()
    }

    #[test]
    fn lines_that_change_at_every_look_are_found_with_a_rule_for_them() {
        for (line, wanted) in [
            (history(|n| format!("ntp clock-period 1718{n}")), r"^ntp clock\-period"),
            (
                history(|n| format!("! Last configuration change at 10:0{n}:1{n} UTC Mon Mar {n} 2026 by x")),
                "^! Last configuration change at",
            ),
            (history(|n| format!("uptime is {n} weeks, 2 days")), "^uptime is"),
            (history(|n| format!("  fan-speed: {n}000 rpm")), r"^  fan\-speed:"),
        ] {
            let found = flapping(&line);
            let [only] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!((only.pattern.as_str(), only.steps), (wanted, 5), "{only:?}");
            assert!(regex::Regex::new(&only.pattern).unwrap().is_match(&only.lines[0]));
        }
    }

    #[test]
    fn what_people_change_is_none() {
        let none: [Vec<String>; 5] = [
            // Twice is not yet noise.
            ["ip route 1", "ip route 2", "ip route 3"].map(|line| format!("a\n{line}\n")).to_vec(),
            // Lines that only come.
            (0..6)
                .rev()
                .map(|n| (0..n).fold("a\n".to_owned(), |text, i| text + &format!("vlan {i}00\n")))
                .collect(),
            // A rule by their beginning would hide others.
            history(|n| {
                format!(
                    "ip route 10.{n}.0.0 255.255.0.0 192.0.2.1\nip route 10.9.9.0 255.255.255.0 192.0.2.1"
                )
            }),
            // Too short to make a rule of.
            history(|n| format!("a {n}")),
            Vec::new(),
        ];
        for texts in none {
            assert_eq!(flapping(&texts), [], "{texts:?}");
        }
    }
}
