//! Credentials between their sealed rows and the few places that need them open.

use super::{Core, Fault};
use crate::{
    crypt::{Place, token},
    domain::{
        credential::{NewCredential, Unsealed},
        id::CredentialId,
        secret::Secret,
    },
    store::{
        self, Conn,
        credentials::{Sealed, SealedChange},
    },
};

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "credentials", column, row }
}

/// A credential's secrets, sealed for the row with this key.
pub(super) fn seal(core: &Core, row: &str, new: &NewCredential) -> Result<SealedChange, Fault> {
    let seal = |column, secret: &Option<Secret>| -> Result<Option<Vec<u8>>, Fault> {
        let given = secret.as_ref().filter(|s| !s.is_empty());
        Ok(given.map(|s| core.keyring.seal(place(column, row), s.expose().as_bytes())).transpose()?)
    };
    Ok(SealedChange {
        username: new.username.clone(),
        password: seal("password", &new.password)?,
        enable_secret: seal("enable_secret", &new.enable)?,
        private_key: seal("private_key", &new.private_key)?,
        passphrase: seal("passphrase", &new.passphrase)?,
    })
}

/// Keeps a new credential.
pub async fn insert(core: &Core, conn: &mut Conn, new: &NewCredential) -> Result<CredentialId, Fault> {
    let row = token::new_name()?;
    let sealed = seal(core, &row, new)?;
    Ok(store::credentials::insert(conn, &row, &sealed, core.now()).await?)
}

/// Replaces the secrets that are given and leaves the others.
pub async fn update(
    core: &Core,
    conn: &mut Conn,
    id: CredentialId,
    new: &NewCredential,
) -> Result<(), Fault> {
    let Some(old) = store::credentials::find(conn, id).await? else {
        return Err(anyhow::anyhow!("credential {id} is not there").into());
    };
    let sealed = seal(core, &old.row_key, new)?;
    Ok(store::credentials::update(conn, id, &sealed, core.now()).await?)
}

/// Keeps a credential's secrets once more, in a row of their own. The copy's revision is 1: what devices answer to it
/// is its own.
pub async fn copy(core: &Core, conn: &mut Conn, id: CredentialId) -> Result<CredentialId, Fault> {
    let Some(old) = store::credentials::find(conn, id).await? else {
        return Err(anyhow::anyhow!("credential {id} is not there").into());
    };
    let Unsealed { username, password, enable, private_key, passphrase } = unseal(core, &old)?;
    insert(core, conn, &NewCredential { username, password, enable, private_key, passphrase }).await
}

/// Opens a credential for a job.
pub fn unseal(core: &Core, sealed: &Sealed) -> Result<Unsealed, Fault> {
    let open = |column, envelope: &Option<Vec<u8>>| -> Result<Option<Secret>, Fault> {
        let Some(envelope) = envelope else { return Ok(None) };
        let plain = core.keyring.unseal(place(column, &sealed.row_key), envelope)?;
        let text = std::str::from_utf8(&plain).map_err(|_| anyhow::anyhow!("{column} is not text"))?;
        Ok(Some(Secret::new(text)))
    };
    Ok(Unsealed {
        username: sealed.username.clone(),
        password: open("password", &sealed.password)?,
        enable: open("enable_secret", &sealed.enable_secret)?,
        private_key: open("private_key", &sealed.private_key)?,
        passphrase: open("passphrase", &sealed.passphrase)?,
    })
}
