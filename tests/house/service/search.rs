//! A search knows upper and lower case of every letter, on both databases.

use netraven::{
    domain::{
        access::Role,
        audit::AuditFilter,
        device::DeviceFilter,
        job::JobFilter,
        page::PageRequest,
        tag::{Color, NewTag},
        user::UserFilter,
    },
    service::{audit, devices, jobs, tags, users},
};

use crate::support::{house::House, sql, stock};

#[tokio::test]
async fn letters_beyond_ascii_are_found_in_either_case() {
    let house = House::new().await;
    let core = &house.core;
    let mut new = stock::new_device("core-1", "192.0.2.1", "p");
    new.description = "ÜBERGABE Zürich, Ёлка".to_owned();
    devices::create(core, &stock::grant(), new).await.unwrap();
    let tag = NewTag {
        name: "x".parse().unwrap(),
        description: "Größe ÄÖ".to_owned(),
        color: Color::default(),
        most_sessions: None,
    };
    tags::create(core, &stock::grant(), &tag).await.unwrap();
    house.person(Role::Viewer).await;
    sql::run(core, "UPDATE users SET full_name = 'Élodie Ångström'").await;
    stock::claimed(core, netraven::domain::id::DeviceId(1)).await;
    sql::run(core, "UPDATE jobs SET message = 'ÉCHEC', started_by = 'ÅSA'").await;
    let first = || PageRequest::first(9);
    for text in ["ÜBERGABE", "übergabe", "Übergabe", "ZÜRICH", "ёлка", "ЁЛКА"] {
        let filter = DeviceFilter { text: Some(text.to_owned()), ..DeviceFilter::default() };
        let found = devices::list(core, &stock::grant(), &filter, first()).await.unwrap().0.total;
        assert_eq!(found, 1, "{text}");
    }
    for text in ["äö", "ÄÖ", "GRÖ"] {
        assert_eq!(tags::list(core, &stock::grant(), text, first()).await.unwrap().total, 1, "{text}");
    }
    for text in ["élodie", "ÅNGSTRÖM"] {
        let filter = UserFilter { text: text.to_owned(), ..UserFilter::default() };
        assert_eq!(users::list(core, &stock::grant(), &filter, first()).await.unwrap().total, 1, "{text}");
    }
    for text in ["échec", "ÉCHEC"] {
        let filter = JobFilter { text: Some(text.to_owned()), ..JobFilter::default() };
        assert_eq!(jobs::list(core, &stock::grant(), &filter, first()).await.unwrap().total, 1, "{text}");
    }
    let filter = AuditFilter { object: Some("CORE-1".to_owned()), ..AuditFilter::default() };
    assert!(audit::list(core, &stock::grant(), &filter, first()).await.unwrap().total > 0);
}
