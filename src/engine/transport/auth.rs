//! Proves who we are, with as few tries as possible: servers behind a device lock accounts after a handful of
//! bad ones.
//!
//! What the device offers is asked first (RFC 4252, 5.2). Then the key is tried, where there is one, and after it the
//! password once: as such where the device takes passwords, and otherwise as the answer to its questions. A password
//! that was refused is not sent again in another way, because behind both ways is the same account (R-09).

use std::sync::{Arc, LazyLock};

use regex::Regex;
use russh::{
    MethodKind, MethodSet,
    client::{AuthResult, KeyboardInteractiveAuthResponse},
    keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, decode_secret_key},
};

use super::{Session, Target};
use crate::domain::{
    device::Algorithms,
    failure::{Failure, FailureClass, Stage},
    secret::Secret,
};

/// A question that a password answers.
static ASKS_PASSWORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bpass(?:word|phrase|code)\b[^\n]*$").ok());

/// A device that asks more often than this is not going to let us in.
const MOST_ROUNDS: usize = 8;

/// What may be the reason where a device does not say which signatures it takes.
const BY_SHA2: &str = ". It does not say which signatures of RSA keys it takes, and was given one by SHA-2: if it is old and takes those by SHA-1 only, give the account an Ed25519 key or a password, or choose \"also legacy\" as the device's SSH algorithms";

/// How far we are.
enum Answer {
    LetIn,
    /// Refused; the methods that are left.
    Refused(MethodSet),
    /// Taken as one part of what the device wants; the methods for the next.
    HalfWay(MethodSet),
}

/// Tries what the target has, and says by which method it was let in.
pub async fn authenticate(session: &mut Session, target: &Target) -> Result<&'static str, Failure> {
    let key =
        target.private_key.as_ref().map(|key| private_key(key, target.passphrase.as_ref())).transpose()?;
    let none = session.handle.authenticate_none(&target.username).await;
    // Nothing has been proven yet, so nothing is refused by whoever hangs up here.
    let lost = |failure: Failure| Failure { class: FailureClass::ConnectionLost, ..failure };
    let mut offered = match answer(session, none).map_err(lost)? {
        Answer::LetIn => return Ok("nothing at all"),
        Answer::Refused(offered) | Answer::HalfWay(offered) => offered,
    };
    let mut tried = Vec::new();
    let mut is_guess = false;
    if let Some(key) = key
        && offered.contains(&MethodKind::PublicKey)
    {
        tried.push("key");
        let answer;
        (answer, is_guess) = by_key(session, target, key).await?;
        match answer {
            Answer::LetIn => return Ok("key"),
            Answer::Refused(left) => offered = left,
            // It was taken.
            Answer::HalfWay(left) => (offered, is_guess) = (left, false),
        }
    }
    if let Some(password) = &target.password {
        let mut is_heard = false;
        if offered.contains(&MethodKind::Password) {
            tried.push("password");
            let sent = session.handle.authenticate_password(&target.username, password.expose()).await;
            match answer(session, sent)? {
                Answer::LetIn => return Ok("password"),
                Answer::Refused(left) => (offered, is_heard) = (left, true),
                // The password is right, and the device wants more.
                Answer::HalfWay(left) => offered = left,
            }
        }
        if !is_heard && offered.contains(&MethodKind::KeyboardInteractive) {
            tried.push("keyboard-interactive");
            match by_questions(session, target, password).await? {
                Answer::LetIn => return Ok("keyboard-interactive"),
                Answer::Refused(left) | Answer::HalfWay(left) => offered = left,
            }
        }
    }
    Err(not_let_in(target, &tried, &offered, is_guess))
}

fn not_let_in(target: &Target, tried: &[&str], offered: &MethodSet, is_guess: bool) -> Failure {
    let offered: Vec<&str> = offered.iter().map(Into::into).collect();
    let offered = if offered.is_empty() { "nothing more".to_owned() } else { offered.join(", ") };
    let user = &target.username;
    if !tried.is_empty() {
        let hint = if is_guess { BY_SHA2 } else { "" };
        let message =
            format!("{user} was refused by {}; the device offers {offered}{hint}", tried.join(" and "));
        return Failure::new(FailureClass::AuthFailed, Stage::Auth, message);
    }
    let class = if target.password.is_none() && target.private_key.is_none() {
        FailureClass::NoCredential
    } else {
        FailureClass::AuthFailed
    };
    Failure::new(class, Stage::Auth, format!("nothing to try for {user}: the device offers {offered}"))
}

fn private_key(key: &Secret, passphrase: Option<&Secret>) -> Result<Arc<PrivateKey>, Failure> {
    let decoded = decode_secret_key(key.expose(), passphrase.map(Secret::expose));
    // The library's words do not quote the key.
    decoded.map(Arc::new).map_err(|error| {
        Failure::new(
            FailureClass::AuthFailed,
            Stage::Auth,
            format!("the private key cannot be read: {error}"),
        )
    })
}

/// Tries the key, and says whether it signed by SHA-2 without being told that the device takes that.
async fn by_key(
    session: &mut Session,
    target: &Target,
    key: Arc<PrivateKey>,
) -> Result<(Answer, bool), Failure> {
    let (mut hash, mut is_guess) = (None, false);
    if key.algorithm().is_rsa() {
        let taken = signatures(session).await;
        hash = signature_hash(taken, target.algorithms)?;
        is_guess = matches!(taken, Signatures::Untold) && hash.is_some();
    }
    let key = PrivateKeyWithHashAlg::new(key, hash);
    let sent = session.handle.authenticate_publickey(&target.username, key).await;
    // Some devices hang up instead of saying no.
    let hinted = |failure: Failure| Failure { message: format!("{}{BY_SHA2}", failure.message), ..failure };
    let answer = answer(session, sent);
    Ok((if is_guess { answer.map_err(hinted)? } else { answer? }, is_guess))
}

/// What a device has said of the signatures of RSA keys that it takes (RFC 8308).
#[derive(Debug, Clone, Copy)]
enum Signatures {
    /// Those by this hash, which is the best of them.
    Sha2(HashAlg),
    /// Those by SHA-1 and no others.
    Sha1,
    /// Nothing.
    Untold,
}

/// Waits for up to a second for what the device says.
async fn signatures(session: &Session) -> Signatures {
    match session.handle.best_supported_rsa_hash().await {
        Ok(Some(Some(hash))) => Signatures::Sha2(hash),
        Ok(Some(None)) => Signatures::Sha1,
        Ok(None) | Err(_) => Signatures::Untold,
    }
}

/// By which hash an RSA key signs; `None` is SHA-1, which only devices that may use old algorithms get.
fn signature_hash(taken: Signatures, allowed: Algorithms) -> Result<Option<HashAlg>, Failure> {
    match (taken, allowed) {
        (Signatures::Sha2(hash), _) => Ok(Some(hash)),
        // An old device knows nothing else and says nothing.
        (Signatures::Sha1 | Signatures::Untold, Algorithms::Legacy) => Ok(None),
        // What any server of the last decade takes.
        (Signatures::Untold, Algorithms::Modern) => Ok(Some(HashAlg::Sha512)),
        (Signatures::Sha1, Algorithms::Modern) => {
            let text = "the device takes signatures of RSA keys by SHA-1 (ssh-rsa) only: give the account an Ed25519 key or a password, or choose \"also legacy\" as the device's SSH algorithms";
            Err(Failure::new(FailureClass::NoCommonAlgorithm, Stage::Auth, text))
        }
    }
}

/// The device asks, possibly in several rounds; the password answers one question that looks like one for it.
async fn by_questions(session: &mut Session, target: &Target, password: &Secret) -> Result<Answer, Failure> {
    let mut given = false;
    let start =
        session.handle.authenticate_keyboard_interactive_start(&target.username, None::<String>).await;
    let mut reply = start.map_err(|error| session.lost(Stage::Auth, &error.to_string()))?;
    for _ in 0..MOST_ROUNDS {
        let prompts = match reply {
            KeyboardInteractiveAuthResponse::Success => return Ok(Answer::LetIn),
            KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                return refusal(session, remaining_methods, partial_success);
            }
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let mut answers = Vec::with_capacity(prompts.len());
        for question in prompts {
            let asks_password = ASKS_PASSWORD.as_ref().is_some_and(|asks| asks.is_match(&question.prompt));
            let refused = |why: &str| {
                let message = format!("the device asked {:?}: {why}", question.prompt.trim());
                Failure::new(FailureClass::AuthFailed, Stage::Auth, message)
            };
            if !asks_password {
                return Err(refused("that is no question for a password"));
            }
            if given {
                return Err(refused("it was given the password already"));
            }
            given = true;
            answers.push(password.expose().to_owned());
        }
        let sent = session.handle.authenticate_keyboard_interactive_respond(answers).await;
        reply = sent.map_err(|error| session.lost(Stage::Auth, &error.to_string()))?;
    }
    Err(Failure::new(FailureClass::AuthFailed, Stage::Auth, "the device keeps asking questions"))
}

fn answer(session: &Session, sent: Result<AuthResult, russh::Error>) -> Result<Answer, Failure> {
    match sent {
        Ok(AuthResult::Success) => Ok(Answer::LetIn),
        Ok(AuthResult::Failure { remaining_methods, partial_success }) => {
            refusal(session, remaining_methods, partial_success)
        }
        Err(error) => Err(ended(session, &error.to_string())),
    }
}

/// The device ended the connection, perhaps instead of saying no.
fn ended(session: &Session, what: &str) -> Failure {
    let failure = session.lost(Stage::Auth, what);
    let class = if session.is_refused() { FailureClass::AuthFailed } else { failure.class };
    Failure { class, ..failure }
}

/// A broken connection looks like a refusal without methods to the library; to us it is none.
fn refusal(session: &Session, left: MethodSet, is_half_way: bool) -> Result<Answer, Failure> {
    if left.is_empty() && session.handle.is_closed() {
        return Err(ended(session, "the device ended the connection during authentication"));
    }
    Ok(if is_half_way { Answer::HalfWay(left) } else { Answer::Refused(left) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa_keys_sign_by_sha1_only_where_that_is_allowed() {
        use Algorithms::{Legacy, Modern};
        let (by_sha1, by_sha2) = (Ok(None), Ok(Some(HashAlg::Sha256)));
        let told = |taken, allowed| signature_hash(taken, allowed).map_err(|failure| failure.class);
        assert_eq!(told(Signatures::Sha1, Modern), Err(FailureClass::NoCommonAlgorithm));
        assert_eq!(told(Signatures::Sha1, Legacy), by_sha1);
        assert_eq!(told(Signatures::Sha2(HashAlg::Sha256), Modern), by_sha2);
        assert_eq!(told(Signatures::Sha2(HashAlg::Sha256), Legacy), by_sha2);
        assert_eq!(told(Signatures::Untold, Modern), Ok(Some(HashAlg::Sha512)));
        assert_eq!(told(Signatures::Untold, Legacy), by_sha1);
    }
}
