use netraven::{
    domain::{
        access::{Actor, Role},
        notice::{NoticeEvent, Rhythm, Wishes},
        secret::Secret,
        user::{NewUser, Profile, UserEdit},
    },
    service::{
        account, notices, setup,
        sign_in::{self, Browser, SignIn},
        users,
    },
};

use super::{OTHER, Table};
use crate::support::{
    house::{House, PASSWORD},
    stock,
};

fn olga(full_name: &str) -> UserEdit {
    let new = NewUser::new("olga".parse().unwrap(), Role::Operator, Secret::new(PASSWORD));
    UserEdit {
        full_name: full_name.parse().unwrap(),
        email: Some("olga@example.net".parse().unwrap()),
        ..new.edit
    }
}

fn ask(name: &str) -> SignIn {
    SignIn {
        username: name.to_owned(),
        password: Secret::new(PASSWORD),
        browser: Browser::default(),
        request: None,
    }
}

#[tokio::test]
async fn people_and_their_sessions() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let hash_of = |name: &str| format!("SELECT password_hash FROM users WHERE username = '{name}'");
    let sessions_of = |name: &str| {
        format!("SELECT count(*) FROM sessions JOIN users ON users.id = user_id WHERE username = '{name}'")
    };

    let offer = async || setup::offer(core).await;
    let offered = ("SELECT token_hash FROM setup_tokens", OTHER);
    let token = table.quiet("setup::offer", offered, offer).await.unwrap();
    let anna = || NewUser::new("anna".parse().unwrap(), Role::Admin, Secret::new(PASSWORD));
    let claim = async || setup::claim(core, &token, anna(), Browser::default()).await;
    table.act("setup::claim", ("SELECT role FROM users WHERE username = 'anna'", "admin"), claim).await;

    let create = async || {
        let new = NewUser { edit: olga(""), password: Some(Secret::new(PASSWORD)) };
        users::create(core, &stock::grant(), new).await
    };
    let email = "SELECT email FROM users WHERE username = 'olga'";
    let id = table.act("users::create", (email, "olga@example.net"), create).await.id;
    let update = async || users::update(core, &stock::grant(), (id, 1), &olga("Olga Ost")).await;
    let name = "SELECT full_name FROM users WHERE username = 'olga'";
    table.act("users/edit::update", (name, "Olga Ost"), update).await;
    let enabled = "SELECT CASE WHEN is_enabled THEN 'on' ELSE 'off' END FROM users WHERE username = 'olga'";
    let off = async || users::set_enabled(core, &stock::grant(), id, false).await;
    table.act("users/edit::set_enabled", (enabled, "off"), off).await;
    let name = "olga".parse().unwrap();
    table
        .act("users/edit::enable", (enabled, "on"), async || {
            users::enable(core, &stock::grant(), &name).await
        })
        .await;
    table
        .act("users/edit::disable", (enabled, "off"), async || {
            users::disable(core, &stock::grant(), &name).await
        })
        .await;
    users::enable(core, &stock::grant(), &name).await.unwrap();

    let invite = async || users::invite(core, &stock::grant(), id).await;
    let links = ("SELECT count(*) FROM invitations", "1");
    let (_, link) = table.act("users/invitations::invite", links, invite).await;
    let accept = async || users::accept(core, &link, &Secret::new(PASSWORD), (None, None)).await;
    table.act("users/invitations::accept", (&hash_of("olga"), OTHER), accept).await;
    let reset = async || users::reset_password(core, &stock::grant(), &name, &Secret::new(PASSWORD)).await;
    table.act("users/edit::reset_password", (&hash_of("olga"), OTHER), reset).await;

    let enter = async || sign_in::sign_in(core, ask("olga")).await;
    let token = table.act("sign_in::sign_in", (&sessions_of("olga"), "1"), enter).await;
    house.clock.advance(std::time::Duration::from_mins(2));
    let look = async || sign_in::session(core, token.expose(), true).await;
    let session =
        table.quiet("sign_in::session", ("SELECT max(seen_at) FROM sessions", OTHER), look).await.unwrap();
    let wrong = async || sign_in::is_oneself(core, &session.actor, &Secret::new("wrong")).await;
    table.act("sign_in::is_oneself", ("SELECT count(*) FROM throttles", OTHER), wrong).await;
    let right = async || sign_in::confirm(core, &session, &Secret::new(PASSWORD)).await;
    let at = "SELECT count(*) FROM sessions WHERE confirmed_at IS NOT NULL";
    table.act("sign_in::confirm", (at, "1"), right).await;

    let own = Profile { full_name: "O. Ost".parse().unwrap(), email: None };
    let name = "SELECT full_name FROM users WHERE username = 'olga'";
    table
        .act("account::update", (name, "O. Ost"), async || account::update(core, &session, &own).await)
        .await;
    let (old, new) = (Secret::new(PASSWORD), Secret::new("another fine long password"));
    let change = async || account::change_password(core, &session, (&old, &new), false).await;
    let token = table.act("account::change_password", (&hash_of("olga"), OTHER), change).await;
    let wishes = Wishes { rhythm: Rhythm::Daily, events: vec![NoticeEvent::Changed] };
    let wish = async || notices::set_wishes(core, &session, &wishes).await;
    table
        .act("notices::set_wishes", ("SELECT mail_rhythm FROM users WHERE username = 'olga'", "daily"), wish)
        .await;

    let again = SignIn { password: new, ..ask("olga") };
    sign_in::sign_in(core, again).await.unwrap();
    let others = async || account::end_sessions(core, &session, None).await;
    table.act("account::end_sessions", (&sessions_of("olga"), "1"), others).await;
    let leave = async || sign_in::sign_out(core, &session.actor, token.expose()).await;
    table.act("sign_in::sign_out", (&sessions_of("olga"), "0"), leave).await;
    sign_in::sign_in(core, ask("anna")).await.unwrap();
    let anna =
        netraven::domain::id::UserId(table.number("SELECT id FROM users WHERE username = 'anna'").await);
    let end = async || users::end_sessions(core, &stock::grant(), anna).await;
    table.act("users/edit::end_sessions", (&sessions_of("anna"), "0"), end).await;
    let delete = async || users::delete(core, &stock::grant(), id, None).await;
    table
        .act("users/removal::delete", ("SELECT count(*) FROM users WHERE username = 'olga'", "0"), delete)
        .await;
    let refused = async || netraven::service::audit::refused(core, &Actor::console(), "/keys", "no").await;
    table
        .act(
            "audit::refused",
            ("SELECT object FROM audit_events WHERE event = 'access_refused'", "/keys"),
            refused,
        )
        .await;
}
