//! Shared credentials: who may change them, what holds them, and what becomes of a device's own.

use netraven::{
    domain::{
        access::{Actor, ManageCredentials, Scope},
        credential::{Login, NewCredential, SharedEdit},
        id::{CredentialId, TagId, UserId},
        page::PageRequest,
        secret::Secret,
    },
    service::{
        Core,
        credentials::{self, SaveCredentialError},
        devices::{self, SaveDeviceError},
    },
};

use crate::support::{house::House, sql, stock};

fn edit(name: &str, secret: &str) -> SharedEdit {
    SharedEdit {
        name: name.parse().unwrap(),
        description: "for tests".to_owned(),
        most_sessions: None,
        secrets: NewCredential {
            username: "netraven".to_owned(),
            password: Some(Secret::new(secret)),
            ..NewCredential::default()
        },
        keeps_old: false,
    }
}

async fn shared(core: &Core, name: &str) -> CredentialId {
    credentials::create(core, &stock::grant(), &edit(name, "p1")).await.unwrap()
}

#[tokio::test]
async fn names_are_taken_once_and_a_stale_edit_changes_nothing() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageCredentials>());
    let id = shared(core, "TACACS").await;
    assert!(matches!(
        credentials::create(core, &by, &edit("tacacs", "p")).await,
        Err(SaveCredentialError::NameTaken)
    ));
    let list = async |text: &str| {
        credentials::list(core, &stock::grant(), text, PageRequest::first(9)).await.unwrap().total
    };
    assert_eq!((list("").await, list("taca").await, list("NETRAVEN").await, list("%").await), (1, 1, 1, 0));
    credentials::update(core, &by, (id, 2), &edit("radius", "p2")).await.unwrap();
    let stale = credentials::update(core, &by, (id, 2), &edit("other", "p3")).await;
    assert!(matches!(stale, Err(SaveCredentialError::Changed)), "{stale:?}");
    let gone = credentials::update(core, &by, (CredentialId(99), 1), &edit("x", "p")).await;
    assert!(matches!(gone, Err(SaveCredentialError::Gone)), "{gone:?}");
    let told = "SELECT event || ' ' || coalesce(changes, '') AS value FROM audit_events ORDER BY id";
    let told = sql::texts(core, told).await;
    assert!(told[1].starts_with("credential_rotated") && told[1].contains("TACACS"), "{told:?}");
    assert!(told.iter().all(|line| !line.contains("p1") && !line.contains("p2")), "{told:?}");
}

#[tokio::test]
async fn a_chosen_credential_cannot_be_deleted_and_an_own_one_goes_when_it_is_not_needed() {
    let house = House::new().await;
    let core = &house.core;
    let id = shared(core, "tacacs").await;
    let device = stock::device(core, "core-1").await;
    let count = async || sql::number(core, "SELECT count(*) FROM credentials").await;
    assert_eq!(count().await, 2);
    let update = async |version, login, secret: Option<&str>| {
        let mut new = stock::new_device("core-1", "core-1.example.net", secret.unwrap_or("x"));
        new.login = login;
        if secret.is_none() {
            new.credential = None;
        }
        devices::update(core, &stock::grant(), (device, version), new).await
    };
    update(1, Login::Shared(id), None).await.unwrap();
    assert_eq!(count().await, 1, "its own is not needed any more");
    assert!(matches!(
        credentials::delete(core, &stock::grant(), id).await,
        Err(SaveCredentialError::InUse(1))
    ));
    let unknown = update(2, Login::Shared(CredentialId(99)), None).await;
    assert!(matches!(unknown, Err(SaveDeviceError::UnknownCredential)), "{unknown:?}");
    update(2, Login::Own, Some("own again")).await.unwrap();
    let secrets = "SELECT count(*) FROM credentials WHERE revision = 1";
    assert_eq!(
        (count().await, sql::number(core, secrets).await),
        (2, 2),
        "the shared one was not written on"
    );
    update(3, Login::Tags, None).await.unwrap();
    credentials::delete(core, &stock::grant(), id).await.unwrap();
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn links_have_a_priority_and_many_devices_get_a_credential_at_once() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageCredentials>());
    let id = shared(core, "tacacs").await;
    let (site, lab) = (stock::tag(core, "site").await, stock::tag(core, "lab").await);
    for (tag, priority) in [(site, 10), (lab, 20), (site, 30)] {
        credentials::link(core, &by, id, (tag, priority)).await.unwrap();
    }
    let gone = credentials::link(core, &by, id, (TagId(99), 1)).await;
    assert!(matches!(gone, Err(SaveCredentialError::Gone)));
    let tags = async || {
        let found =
            credentials::find(core, &stock::grant(), id, PageRequest::first(9)).await.unwrap().unwrap();
        let tags = found.tags.into_iter().map(|tag| format!("{} {}", tag.name, tag.priority));
        (tags.collect::<Vec<_>>(), found.uses.total)
    };
    assert_eq!(tags().await, (vec!["site 30".to_owned(), "lab 20".to_owned()], 0));
    credentials::unlink(core, &by, id, site).await.unwrap();
    let ids = [stock::device(core, "a").await, stock::device(core, "b").await];
    assert_eq!(devices::set_login(core, &stock::grant(), &ids, Some(id)).await.unwrap(), Some(2));
    assert_eq!(tags().await, (vec!["lab 20".to_owned()], 2));
    assert_eq!(devices::set_login(core, &stock::grant(), &ids, Some(CredentialId(99))).await.unwrap(), None);
    let foreign = Actor { scope: Scope::TagsOf(UserId(7)), ..Actor::console() };
    let none = devices::set_login(core, &foreign.clone().grant().unwrap(), &ids, None).await.unwrap();
    assert_eq!((none, tags().await.1), (Some(0), 2), "devices out of sight");
    let refused = credentials::delete(core, &foreign.grant().unwrap(), id).await;
    assert!(matches!(refused, Err(SaveCredentialError::Scope)));
}
