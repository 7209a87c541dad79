//! Password hashes: Argon2id, at most so many at a time, in the same time whoever asks.

use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::domain::secret::Secret;

/// 46 MiB, two passes, one lane: OWASP's second choice, above its least (S-12).
const COST: (u32, u32, u32) = (47_104, 2, 1);

/// How many callers may wait for a free place before others are sent away.
const QUEUE: usize = 32;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many people sign in at once; the caller should come back (S-13).
    #[error("too many sign-ins at once")]
    Busy,
    /// The hash function failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// What is known after a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password, or nobody's.
    Wrong,
    /// The password.
    Right,
    /// The password, with a hash weaker than today's: keep this one instead.
    RightAndRehashed(String),
}

/// Hashes and checks passwords on blocking threads, as many at a time as there are cores.
#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Checked in place of an unknown person's hash, so that both take the same time (S-14). Made when it is first
    /// needed: most commands of the command line check no password.
    dummy: Arc<OnceLock<String>>,
    cost: (u32, u32, u32),
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// The hasher.
    pub fn new() -> Self {
        Self::with_cost(COST)
    }

    /// The hasher with the least cost that Argon2 knows, for tests that sign in often.
    pub fn cheap() -> Self {
        Self::with_cost((Params::MIN_M_COST, 1, 1))
    }

    fn with_cost(cost: (u32, u32, u32)) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            places: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores + QUEUE)),
            dummy: Arc::default(),
            cost,
        }
    }

    /// Makes the dummy hash ahead of the first sign-in, so that not even that one tells by its time who is known.
    pub async fn warm_up(&self) -> Result<(), PasswordError> {
        self.check(&Secret::new("nobody"), None).await.map(|_| ())
    }

    /// The hash of a new password, in PHC form with its parameters and a salt.
    pub async fn hash(&self, password: &Secret) -> Result<String, PasswordError> {
        let (password, cost) = (password.clone(), self.cost);
        self.work(move || hash_now(password.expose(), cost)).await
    }

    /// Checks a password against a hash; `None` (nobody has this name) takes as long as a wrong password.
    pub async fn check(&self, password: &Secret, hash: Option<String>) -> Result<Verdict, PasswordError> {
        let (password, cost, dummy) = (password.clone(), self.cost, self.dummy.clone());
        self.work(move || {
            let unknown = match (&hash, dummy.get()) {
                (Some(_), _) => String::new(),
                (None, Some(made)) => made.clone(),
                (None, None) => {
                    let made = hash_now("nobody has this password", cost)?;
                    dummy.get_or_init(|| made).clone()
                }
            };
            let stored = hash.as_deref().unwrap_or(&unknown);
            let parsed = PasswordHash::new(stored).map_err(|e| PasswordError::Hash(e.to_string()))?;
            let is_right = Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            match (is_right, hash.is_some()) {
                (true, true) if parsed_cost(stored) < cost => {
                    Ok(Verdict::RightAndRehashed(hash_now(password.expose(), cost)?))
                }
                (true, true) => Ok(Verdict::Right),
                _ => Ok(Verdict::Wrong),
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _waiting = self.waiting.clone().try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        // Held by the task itself: a caller who gives up does not make room for another hash.
        let place = self.places.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            task()
        })
        .await
        .map_err(|e| PasswordError::Hash(e.to_string()))?
    }
}

fn hash_now(password: &str, (memory, passes, lanes): (u32, u32, u32)) -> Result<String, PasswordError> {
    let params = Params::new(memory, passes, lanes, None).map_err(|e| PasswordError::Hash(e.to_string()))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| PasswordError::Hash(e.to_string()))
}

/// The parameters in a hash of the form `$argon2id$v=19$m=47104,t=2,p=1$salt$hash`.
fn parsed_cost(hash: &str) -> (u32, u32, u32) {
    let field = |name: &str| {
        hash.split('$')
            .flat_map(|part| part.split(','))
            .find_map(|pair| pair.strip_prefix(name)?.parse().ok())
            .unwrap_or_default()
    };
    (field("m="), field("t="), field("p="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_carry_their_parameters_and_check_out() {
        let passwords = Passwords::new();
        let right = Secret::new("correct horse battery staple");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=47104,t=2,p=1$"), "{hash}");
        assert_eq!(passwords.check(&right, Some(hash.clone())).await.unwrap(), Verdict::Right);
        assert_eq!(passwords.check(&Secret::new("wrong"), Some(hash)).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.check(&right, None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn weaker_hashes_are_made_anew() {
        let right = Secret::new("correct horse battery staple");
        let old = Passwords::cheap().hash(&right).await.unwrap();
        let Verdict::RightAndRehashed(new) = Passwords::new().check(&right, Some(old)).await.unwrap() else {
            panic!("not rehashed")
        };
        assert_eq!(parsed_cost(&new), COST);
    }
}
