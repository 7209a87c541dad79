//! Signing in takes the same time whatever was wrong, and no more room than there is (S-12, S-13, S-14).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use netraven::{
    crypt::password::Passwords,
    domain::{access::Role, secret::Secret, user::NewUser},
    service::{
        Core,
        sign_in::{self, Browser, SignIn, SignInError},
        users,
    },
};

use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

fn ask(username: &str, password: &str) -> SignIn {
    SignIn {
        username: username.to_owned(),
        password: Secret::new(password),
        browser: Browser::default(),
        request: None,
    }
}

/// A house's core with the cost that passwords have in earnest.
async fn in_earnest(house: &House) -> Core {
    let core = Core { passwords: Passwords::new(), ..house.core.clone() };
    for name in ["olga", "disabled"] {
        let new = NewUser::new(name.parse().unwrap(), Role::Viewer, Secret::new(PASSWORD));
        users::create(&core, &stock::grant(), new).await.unwrap();
    }
    users::disable(&core, &stock::grant(), &"disabled".parse().unwrap()).await.unwrap();
    core
}

// S-12, S-14: the quickest of some tries each; without the dummy hash the first would be a hundred times
// quicker; more precision than this would be a test of the machine.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sign_in_takes_the_same_time_whatever_was_wrong() {
    let house = House::new().await;
    let core = in_earnest(&house).await;
    let hashes = sql::texts(&core, "SELECT password_hash AS value FROM users").await;
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=47104,t=2,p=1$")), "{hashes:?}");
    let cases = [("nobody", PASSWORD), ("olga", "wrong wrong wrong"), ("disabled", PASSWORD)];
    let mut quickest = [Duration::MAX; 3];
    for _ in 0..8 {
        for (case, (name, password)) in cases.iter().enumerate() {
            let began = Instant::now();
            let refused = sign_in::sign_in(&core, ask(name, password)).await;
            assert!(matches!(refused, Err(SignInError::Refused)), "{name}");
            quickest[case] = quickest[case].min(began.elapsed());
        }
    }
    println!("unknown, wrong, disabled: {quickest:?}");
    let (least, most) = (quickest.iter().min().unwrap(), quickest.iter().max().unwrap());
    assert!(least.as_secs_f64() > 0.4 * most.as_secs_f64(), "{quickest:?}");
}

// S-13: a flood is sent away, and whoever was let in is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_bounded() {
    let house = House::new().await;
    let core = in_earnest(&house).await;
    let tries = (0..120).map(|_| sign_in::sign_in(&core, ask("nobody", PASSWORD)));
    let answers = join_all(tries).await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(SignInError::Busy))).count();
    let refused = answers.iter().filter(|answer| matches!(answer, Err(SignInError::Refused))).count();
    assert_eq!(busy + refused, 120);
    assert!(busy >= 50 && refused >= 2, "{busy} busy, {refused} refused");
    assert!(sign_in::sign_in(&core, ask("olga", PASSWORD)).await.is_ok(), "the flood is over");
}
