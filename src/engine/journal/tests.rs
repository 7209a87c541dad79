use super::*;

const HOLD: Hold = Hold { job: JobId(7), fence: 1 };

fn log(journal: &Journal) -> JobLog {
    let clock: Clock = Arc::new(|| chrono::DateTime::UNIX_EPOCH);
    journal.open(HOLD, 0, clock).hiding(vec![Secret::new("hunter2"), Secret::new("x")])
}

#[tokio::test]
async fn lines_are_numbered_and_hide_secrets_and_control_characters() {
    let journal = Journal::default();
    let log = log(&journal);
    log.say(Level::Info, Stage::Command, "sent hunter2 to x\u{1b}[2J");
    log.note(Level::Error, "end");
    let lines = journal.close(HOLD).await;
    let texts: Vec<_> = lines.iter().map(|(_, e)| (e.seq, e.text.as_str())).collect();
    assert_eq!(texts[0].0, 1);
    assert!(texts[0].1.starts_with("sent <secret> to x"), "{texts:?}");
    assert!(!texts[0].1.contains('\u{1b}'));
    assert_eq!(texts[1], (2, "end"));
    assert!(journal.close(HOLD).await.is_empty());
}

#[tokio::test]
async fn a_log_is_bounded_in_lines_and_line_length() {
    let journal = Journal::default();
    let log = log(&journal);
    log.note(Level::Info, &"ü".repeat(LONGEST));
    for _ in 0..MOST_LINES + 10 {
        log.note(Level::Info, "again");
    }
    log.note(Level::Error, "the end");
    let lines = journal.close(HOLD).await;
    assert!(lines[0].1.text.len() < LONGEST + 40);
    assert_eq!((lines[0].1.was_truncated, lines[1].1.was_truncated), (Some(Cut::Line), None));
    assert_eq!(lines.len(), usize::try_from(MOST_LINES).unwrap());
    assert_eq!(lines.last().unwrap().1.text, "the end");
    assert!((1..).zip(&lines).all(|(seq, (_, entry))| entry.seq == seq), "numbered without gaps");
    let gap = lines.iter().find(|(_, entry)| entry.text.contains("lines are missing")).unwrap();
    assert_eq!(
        (gap.1.seq, gap.1.text.starts_with("13 lines"), gap.1.was_truncated),
        (MOST_LINES - LAST_LINES + 1, true, Some(Cut::Lines)),
        "{gap:?}"
    );
}

#[tokio::test]
async fn a_log_that_just_fits_has_no_gap() {
    let journal = Journal::default();
    let log = log(&journal);
    for _ in 0..MOST_LINES - 1 {
        log.note(Level::Info, "again");
    }
    let lines = journal.close(HOLD).await;
    assert_eq!(lines.len(), usize::try_from(MOST_LINES - 1).unwrap());
    assert!(lines.iter().all(|(_, entry)| entry.text == "again"));
}
