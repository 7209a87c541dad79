//! Sealed values know their place (S-43), and plain ones are none (S-44).

use netraven::{
    domain::failure::FailureClass,
    service::{backups, queue},
};

use crate::support::{house::House, sql, stock};

/// The failure with which a job on this device cannot begin.
async fn refusal(house: &House, device: netraven::domain::id::DeviceId) -> Option<FailureClass> {
    let job = stock::claimed(&house.core, device).await;
    let assignment = queue::assignment(&house.core, &job).await.unwrap();
    queue::release(&house.core, "test").await.unwrap();
    sql::run(&house.core, "UPDATE jobs SET state = 'canceled'").await;
    assignment.err().map(|failure| {
        assert!(failure.message.contains("does not open"), "{}", failure.message);
        failure.class
    })
}

// S-43: two rows' secrets exchanged.
#[tokio::test]
async fn a_secret_that_was_moved_to_another_row_does_not_open() {
    let house = House::new().await;
    let (a, b) = (
        stock::device(&house.core, "a").await,
        stock::device(&house.core, "b").await,
    );
    assert_eq!(refusal(&house, a).await, None);
    sql::run(
        &house.core,
        "CREATE TABLE kept AS SELECT id, password FROM credentials; \
         UPDATE credentials SET password = (SELECT password FROM kept WHERE kept.id <> credentials.id); DROP TABLE kept",
    )
    .await;
    for device in [a, b] {
        assert_eq!(refusal(&house, device).await, Some(FailureClass::NoCredential));
    }
}

// S-43: another column of the same row.
#[tokio::test]
async fn a_secret_that_was_moved_to_another_column_does_not_open() {
    let house = House::new().await;
    let device = stock::device(&house.core, "a").await;
    sql::run(&house.core, "UPDATE credentials SET enable_secret = password").await;
    assert_eq!(refusal(&house, device).await, Some(FailureClass::NoCredential));
}

// S-44
#[tokio::test]
async fn plain_text_in_the_place_of_a_secret_is_an_error() {
    let house = House::new().await;
    let device = stock::device(&house.core, "a").await;
    let is_sqlite = sql::is_sqlite(&house.core).await;
    for hex in ["68656c6c6f", "", "01"] {
        let bytes = if is_sqlite {
            format!("x'{hex}'")
        } else {
            format!("'\\x{hex}'")
        };
        sql::run(&house.core, &format!("UPDATE credentials SET password = {bytes}")).await;
        assert_eq!(
            refusal(&house, device).await,
            Some(FailureClass::NoCredential),
            "{hex:?}"
        );
    }
    // Nothing at all is no secret, and no error.
    sql::run(&house.core, "UPDATE credentials SET password = NULL").await;
    assert_eq!(refusal(&house, device).await, None);
}

// S-43, for texts: one configuration cannot be passed off as another's.
#[tokio::test]
async fn a_configuration_that_was_exchanged_for_another_does_not_open() {
    let house = House::new().await;
    let (a, b) = (
        stock::device(&house.core, "a").await,
        stock::device(&house.core, "b").await,
    );
    let one = stock::version(&house.core, a, "hostname a\nend\n").await;
    let two = stock::version(&house.core, b, "hostname b\nend\n").await;
    sql::run(
        &house.core,
        "CREATE TABLE kept AS SELECT sha256, sealed FROM contents; \
         UPDATE contents SET sealed = (SELECT sealed FROM kept WHERE kept.sha256 <> contents.sha256); DROP TABLE kept",
    )
    .await;
    for id in [one, two] {
        let backup = backups::find(&house.core, &stock::grant(), id)
            .await
            .unwrap()
            .unwrap();
        let fault = backups::masked(&house.core, &stock::grant(), &backup)
            .await
            .unwrap_err();
        assert!(fault.to_string().contains("does not open"), "{fault}");
    }
}
