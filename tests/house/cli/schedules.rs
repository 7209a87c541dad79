//! `netraven schedule`.

use netraven::{
    app::{self, Places},
    config::Config,
    domain::schedule::{NewSchedule, Recurrence},
    service::schedules,
};

use crate::support::{program::Program, stock};

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_listed_switched_looked_ahead_and_started() {
    let program = Program::new();
    let core = app::open(&Places::new(&program.data(), &Config::default())).await.unwrap();
    stock::device(&core, "core-1").await;
    let new = NewSchedule::new("Nightly", Recurrence::daily("02:30", "Europe/Berlin").unwrap());
    schedules::create(&core, &stock::grant(), &new).await.unwrap();
    stock::blackout(&core, "always", &["0", "1", "2", "3", "4", "5", "6"], ("00:00", "00:00")).await;
    drop(core);
    let list = program.well(&["schedule", "list"]);
    assert!(list.contains("Nightly") && list.contains("daily at 02:30 Europe/Berlin"), "{list}");
    let rows = program.run(&["schedule", "list", "--json"]).json();
    assert_eq!(
        (rows.len(), &rows[0]["devices"], &rows[0]["recurrence"]["kind"]),
        (1, &1.into(), &"daily".into())
    );
    let ahead = program.well(&["schedule", "next", "Nightly", "--count", "400"]);
    assert_eq!(ahead.lines().count(), 400);
    assert!(ahead.contains("02:30 CET") && ahead.contains("The clocks have changed"), "{ahead}");
    assert!(ahead.contains("nothing starts: black-out \"always\""), "{ahead}");
    assert_eq!(
        program.well(&["schedule", "run", "Nightly"]),
        "1 backups of Nightly are queued as batch 1.\n"
    );
    assert!(program.well(&["schedule", "run", "Nightly"]).contains("being backed up already"));
    assert_eq!(program.well(&["schedule", "disable", "Nightly"]), "Nightly is off.\n");
    assert!(program.well(&["schedule", "enable", "Nightly"]).starts_with("Nightly is on; it runs next at "));
    program.run(&["schedule", "run", "Never"]).tells(2, &["there is no schedule \"Never\""]);
}
