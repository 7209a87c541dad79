//! The house and its queue, told in words.

use crate::{domain::device::Standing, web::words};

/// The queue in a few words.
pub(super) fn queue(waiting: i64, running: i64) -> String {
    match (waiting, running) {
        (0, 0) => "Nothing waits or runs.".to_owned(),
        (waiting, running) => {
            format!("{} running, {} waiting", words::grouped(running), words::grouped(waiting))
        }
    }
}

/// The house in one sentence.
pub(super) fn sentence(standings: &[(Standing, i64)]) -> String {
    let of = |wanted| {
        let found = standings.iter().find(|(standing, _)| *standing == wanted);
        found.map_or(0, |(_, number)| *number)
    };
    let total: i64 = standings.iter().map(|(_, number)| number).sum();
    let good = of(Standing::Good);
    if good == total {
        return match total {
            1 => "The one device has a good backup from its last run.".to_owned(),
            _ => format!("All {total} devices have a good backup from the last run."),
        };
    }
    let rest = [
        (of(Standing::Failing), "failing"),
        (of(Standing::Suspect), "suspect"),
        (of(Standing::Never), "never backed up"),
    ];
    let rest: Vec<String> = rest
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", words::grouped(number)))
        .collect();
    let has = if good == 1 { "has" } else { "have" };
    format!(
        "{} of {} {has} a good backup from the last run; {}.",
        words::grouped(good),
        words::count(total, "device"),
        rest.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_told_in_one_sentence() {
        let told = |good, failing, suspect, never| {
            sentence(&[
                (Standing::Good, good),
                (Standing::Failing, failing),
                (Standing::Suspect, suspect),
                (Standing::Never, never),
            ])
        };
        assert_eq!(
            told(12, 1, 1, 0),
            "12 of 14 devices have a good backup from the last run; 1 failing, 1 suspect."
        );
        assert_eq!(told(14, 0, 0, 0), "All 14 devices have a good backup from the last run.");
        assert_eq!(
            told(1, 0, 0, 1),
            "1 of 2 devices has a good backup from the last run; 1 never backed up."
        );
        assert_eq!(told(1, 0, 0, 0), "The one device has a good backup from its last run.");
    }

    #[test]
    fn the_queue_is_told() {
        assert_eq!(queue(0, 0), "Nothing waits or runs.");
        assert_eq!(queue(1_200, 4), "4 running, 1,200 waiting");
    }
}
