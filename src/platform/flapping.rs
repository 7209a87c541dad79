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

/// What two lines have in common that differ in their figures only.
fn shape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for word in line.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let (body, end) = word
            .char_indices()
            .next_back()
            .filter(|(_, letter)| !letter.is_alphanumeric())
            .map_or((word, ""), |(at, _)| word.split_at_checked(at).unwrap_or((word, "")));
        let has_figure = body.chars().any(|letter| letter.is_ascii_digit());
        out.push_str(if has_figure || is_day_or_month(body) { "0" } else { body });
        out.push_str(end);
    }
    out
}

fn is_day_or_month(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul",
        "aug", "sep", "oct", "nov", "dec",
    ];
    word.len() == 3 && WORDS.contains(&word.to_lowercase().as_str())
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
    let mut start = first.get(..length).unwrap_or_default();
    while start.len() < first.len() && !start.is_empty() && !start.ends_with(|c: char| !c.is_alphanumeric()) {
        start = start.char_indices().next_back().and_then(|(at, _)| start.get(..at)).unwrap_or_default();
    }
    start
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
            // A covered secret is another text on the device.
            let start = beginning(&lines).split("<secret:").next().unwrap_or_default();
            (start.trim().chars().count() >= BEGINNING).then(|| Flapping {
                pattern: format!("^{}", regex::escape(start.trim_end())),
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
        let none: [Vec<String>; 4] = [
            // Twice is not yet noise.
            ["ip route 1", "ip route 2", "ip route 3"].map(|line| format!("a\n{line}\n")).to_vec(),
            // Lines that only come.
            (0..6)
                .rev()
                .map(|n| (0..n).fold("a\n".to_owned(), |text, i| text + &format!("vlan {i}00\n")))
                .collect(),
            // Too short to make a rule of.
            history(|n| format!("a {n}")),
            Vec::new(),
        ];
        for texts in none {
            assert_eq!(flapping(&texts), [], "{texts:?}");
        }
    }
}
