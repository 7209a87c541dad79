//! Slowing down whoever guesses: after some failures the same thing is refused from the same network for a while, and
//! nobody elsewhere notices (S-17). Everything that verifies something goes through here (S-18).

use std::net::IpAddr;

use chrono::Duration;

use super::Core;
use crate::{
    domain::text_enum,
    store::{self, Conn, StoreError},
};

text_enum! {
    /// What is verified.
    pub enum Verifier {
        /// Name and password at sign-in.
        Password = "password",
        /// The own password before something that cannot be taken back, and before a new one.
        Confirmation = "confirmation",
        /// The token of the first admin.
        SetUp = "set_up",
        /// A link through which a person chooses a password.
        Link = "link",
    }
}

/// Something that is being verified, from somewhere.
#[derive(Debug, Clone)]
pub struct Attempt {
    key: String,
}

/// The network that an address counts for: neighbours in it are taken for one (a /24, or a /64 of IPv6).
fn network(address: Option<&str>) -> String {
    match address.and_then(|address| address.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "here".to_owned(),
    }
}

impl Attempt {
    /// To verify that `account` is who it says, from this address.
    pub fn new(verifier: Verifier, account: &str, address: Option<&str>) -> Self {
        let account: String = account.trim().to_lowercase().chars().take(64).collect();
        Self { key: format!("{verifier}|{account}|{}", network(address)) }
    }

    /// Whether it is refused, whatever is brought.
    pub async fn is_blocked(&self, core: &Core, conn: &mut Conn) -> Result<bool, StoreError> {
        store::throttles::is_blocked(conn, &self.key, core.now()).await
    }

    /// Counts a failure; whether this is the one after which the pause begins.
    pub async fn failed(&self, core: &Core, conn: &mut Conn) -> Result<bool, StoreError> {
        let settings = core.settings.now();
        let (now, pause) = (core.now(), Duration::minutes(settings.sign_in_pause_minutes));
        let failures = store::throttles::count(conn, &self.key, (now, now - pause)).await?;
        let is_enough = i64::from(failures) >= settings.sign_in_attempts;
        if is_enough {
            store::throttles::block(conn, &self.key, now + pause).await?;
        }
        Ok(is_enough)
    }

    /// Forgets the failures.
    pub async fn succeeded(&self, conn: &mut Conn) -> Result<(), StoreError> {
        store::throttles::clear(conn, &self.key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_as_one() {
        for (address, wanted) in [
            (Some("192.0.2.7"), "192.0.2.0/24"),
            (Some("::ffff:192.0.2.7"), "192.0.2.0/24"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (None, "here"),
        ] {
            assert_eq!(network(address), wanted);
        }
        let key = Attempt::new(Verifier::Password, " Olga ", Some("192.0.2.9")).key;
        assert_eq!(key, "password|olga|192.0.2.0/24");
    }
}
