//! Guessing is slowed down for the guesser only (S-17), at everything that verifies (S-18).

use std::time::Duration;

use netraven::{
    domain::{access::Role, secret::Secret},
    service::{
        setup,
        sign_in::{Browser, SignIn, sign_in as let_in},
        throttle::Verifier,
        users,
    },
};
use reqwest::StatusCode;

use super::{is_signed_in, sign_in};
use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

const WRONG: &str = "wrong horse battery staple";

async fn tries(house: &House, name: &str, password: &str, address: &str) -> bool {
    let ask = SignIn {
        username: name.to_owned(),
        password: Secret::new(password),
        browser: Browser { address: Some(address.to_owned()), user_agent: None },
        request: None,
    };
    let_in(&house.core, ask).await.is_ok()
}

// S-17, and the two settings of it.
#[tokio::test]
async fn a_guesser_is_paused_and_the_owner_elsewhere_is_not() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    house.person(Role::Viewer).await;
    stock::set(&house.core, "security.login.max_failed_attempts", "3").await;
    stock::set(&house.core, "security.login.lockout_minutes", "10").await;
    for _ in 0..3 {
        assert!(!tries(&house, "admin", WRONG, "192.0.2.66").await);
    }
    assert!(!tries(&house, "admin", PASSWORD, "192.0.2.66").await, "the right password during the pause");
    assert!(!tries(&house, "ADMIN", PASSWORD, "192.0.2.67").await, "a neighbour, in capitals");
    assert!(tries(&house, "admin", PASSWORD, "198.51.100.1").await, "the owner elsewhere");
    assert!(tries(&house, "viewer", PASSWORD, "192.0.2.66").await, "somebody else in the same network");
    house.clock.advance(Duration::from_mins(10));
    assert!(tries(&house, "admin", PASSWORD, "192.0.2.66").await, "the pause is over");
    let told =
        "SELECT coalesce(detail, '') AS value FROM audit_events WHERE event = 'sign_in_refused' ORDER BY id";
    let told = sql::texts(&house.core, told).await;
    let begin = "too many failures: paused from here on";
    let during = "paused after too many failures";
    assert_eq!(told, ["", "", begin, during, during]);
}

// Failures long ago do not count, and a success wipes them out.
#[tokio::test]
async fn only_failures_in_a_row_count() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(!tries(&house, "admin", WRONG, "192.0.2.1").await);
        }
        assert!(tries(&house, "admin", PASSWORD, "192.0.2.1").await);
    }
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(!tries(&house, "admin", WRONG, "192.0.2.1").await);
        }
        house.clock.advance(Duration::from_mins(15));
    }
    assert!(tries(&house, "admin", PASSWORD, "192.0.2.1").await);
}

// Many guesses at once get no further than one after the other.
#[tokio::test]
async fn guesses_at_the_same_time_count_as_well() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let all = (0..12).map(|_| tries(&house, "admin", WRONG, "192.0.2.1"));
    assert!(futures_util::future::join_all(all).await.iter().all(|is_in| !is_in));
    assert!(!tries(&house, "admin", PASSWORD, "192.0.2.1").await);
}

// S-18: whoever adds a verifier says here how it is guessed.
#[tokio::test]
async fn everything_that_verifies_pauses() {
    for verifier in Verifier::ALL {
        let house = House::new().await;
        let (mut right, mut guess): (bool, bool);
        let visitor = house.visitor();
        match verifier {
            Verifier::Password => {
                house.person(Role::Admin).await;
                let attempt = async |password: &str| {
                    let reply =
                        visitor.post("/login", &[("username", "admin"), ("password", password)]).await;
                    reply.status() == StatusCode::SEE_OTHER
                };
                guess = false;
                for _ in 0..5 {
                    guess |= attempt(WRONG).await;
                }
                right = attempt(PASSWORD).await;
            }
            Verifier::Confirmation => {
                house.person(Role::Admin).await;
                let admin = sign_in(&house, "admin").await;
                let attempt = async |password: &str| {
                    admin.post("/confirm", &[("password", password), ("next", "/")]).await.status()
                        == StatusCode::SEE_OTHER
                };
                guess = false;
                for _ in 0..5 {
                    guess |= attempt(WRONG).await;
                }
                right = attempt(PASSWORD).await;
                let change = [("old", PASSWORD), ("password", WRONG), ("again", WRONG)];
                right |= admin.post("/account/password", &change).await.status() == StatusCode::SEE_OTHER;
            }
            Verifier::SetUp => {
                let token = setup::offer(&house.core).await.unwrap().unwrap();
                let attempt = async |token: &str| {
                    let form =
                        [("token", token), ("username", "olga"), ("password", PASSWORD), ("again", PASSWORD)];
                    visitor.post("/setup", &form).await.status() == StatusCode::SEE_OTHER
                };
                guess = false;
                for _ in 0..5 {
                    guess |= attempt("guessed").await;
                }
                right = attempt(token.expose()).await;
            }
            Verifier::Link => {
                house.person(Role::Admin).await;
                let id =
                    users::find_by_name(&house.core, &stock::grant(), "admin").await.unwrap().unwrap().id;
                let (_, link) = users::invite(&house.core, &stock::grant(), id).await.unwrap();
                let attempt = async |token: &str| {
                    let form = [("token", token), ("password", PASSWORD), ("again", PASSWORD)];
                    visitor.post("/welcome", &form).await.status() == StatusCode::SEE_OTHER
                };
                guess = false;
                for _ in 0..5 {
                    guess |= attempt("guessed").await;
                }
                right = attempt(link.expose()).await;
            }
        }
        assert!(!guess && !right, "{verifier}: guessed {guess}, right after the pause began {right}");
        guess = sql::number(&house.core, "SELECT count(*) FROM throttles WHERE blocked_until IS NOT NULL")
            .await
            > 0;
        right = is_signed_in(&visitor).await;
        assert!(guess && !right, "{verifier}");
    }
}
