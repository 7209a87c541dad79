//! Sealed texts in a bucket of a server that speaks S3.
//!
//! What is away, slow or refuses says nothing about a text: only an object that is not there does.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use object_store::{
    BackoffConfig, ClientOptions, Error as ObjectError, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::AmazonS3Builder,
    client::{HttpClient, HttpConnector},
    path::Path,
};
use reqwest::redirect::Policy;

use super::{ArchiveError, name};
use crate::domain::secret::Secret;

/// How the place is called where somebody is told of it.
const CALLED: &str = "the bucket";

/// How long a connection may take to open, and one request in all.
const CONNECT: Duration = Duration::from_secs(5);
const REQUEST: Duration = Duration::from_secs(30);

/// What is tried again by itself, and for how long in all.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(15);

/// Where the bucket is, and who we are there.
#[derive(Debug, Clone)]
pub struct Account {
    /// The server's address.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// What the names of objects begin with.
    pub prefix: String,
    /// Whether the bucket stands in the path and not in the host name.
    pub is_path_style: bool,
    /// Who we are.
    pub access_key: Secret,
    /// What proves it.
    pub secret_key: Secret,
}

impl Account {
    /// Whether both lead to the same place as the same account.
    fn is(&self, other: &Self) -> bool {
        let of = |it: &Self| {
            (it.endpoint.clone(), it.bucket.clone(), it.region.clone(), it.prefix.clone(), it.is_path_style)
        };
        of(self) == of(other)
            && self.access_key.expose() == other.access_key.expose()
            && self.secret_key.expose() == other.secret_key.expose()
    }
}

/// Our own client: it goes where the settings say and follows nobody elsewhere.
#[derive(Debug)]
struct Straight;

impl HttpConnector for Straight {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .build()
            .map_err(|error| ObjectError::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}

/// A bucket.
#[derive(Clone)]
pub struct Bucket {
    account: Arc<Account>,
    objects: Arc<dyn ObjectStore>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.account.bucket, self.account.endpoint)
    }
}

impl Bucket {
    /// The bucket of an account; asks nobody yet.
    pub fn new(account: Account) -> Result<Self, ArchiveError> {
        let endpoint = if account.is_path_style {
            account.endpoint.clone()
        } else {
            let (scheme, host) = account.endpoint.split_once("://").unwrap_or(("https", &account.endpoint));
            format!("{scheme}://{}.{host}", account.bucket)
        };
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRY_FOR };
        let objects = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_bucket_name(&account.bucket)
            .with_region(&account.region)
            .with_access_key_id(account.access_key.expose())
            .with_secret_access_key(account.secret_key.expose())
            .with_virtual_hosted_style_request(!account.is_path_style)
            .with_allow_http(account.endpoint.starts_with("http://"))
            // One object at a time: every server can that.
            .with_disable_bulk_delete(true)
            .with_retry(retry)
            .with_http_connector(Straight)
            .build()
            .map_err(|error| away(&error))?;
        Ok(Self { account: Arc::new(account), objects: Arc::new(objects) })
    }

    /// Whether this is that account's.
    pub fn is_of(&self, account: &Account) -> bool {
        self.account.is(account)
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.account.prefix))
    }

    pub(super) async fn write(&self, name: &str, sealed: &[u8]) -> Result<(), ArchiveError> {
        self.objects
            .put(&self.path(name), sealed.to_vec().into())
            .await
            .map(|_| ())
            .map_err(|error| away(&error))
    }

    pub(super) async fn read(&self, sha256: &str, name: &str) -> Result<Vec<u8>, ArchiveError> {
        let gone = |error: ObjectError| {
            // An object that is not there, unless the bucket itself is not.
            if let ObjectError::NotFound { source, .. } = &error
                && !source.to_string().contains("NoSuchBucket")
            {
                return ArchiveError::Missing(sha256.to_owned());
            }
            away(&error)
        };
        let found = self.objects.get(&self.path(name)).await.map_err(gone)?;
        Ok(found.bytes().await.map_err(|error| away(&error))?.to_vec())
    }

    /// The objects that were written before `before`: name, and the hash that it begins with. A page at a time comes
    /// from the server; what is kept here are the old ones' names.
    pub(super) async fn old(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<(String, Option<String>)>, ArchiveError> {
        let prefix = Path::from(self.account.prefix.as_str());
        let mut listed = self.objects.list(Some(&prefix));
        let mut found = Vec::new();
        while let Some(object) = listed.try_next().await.map_err(|error| away(&error))? {
            if object.last_modified < before {
                let called = object.location.to_string();
                let called = called.strip_prefix(&self.account.prefix).unwrap_or(&called);
                let called = called.trim_start_matches('/').to_owned();
                let hash = name::hash(&called);
                found.push((called, hash));
            }
        }
        Ok(found)
    }

    pub(super) async fn discard(&self, name: &str) -> Result<(), ArchiveError> {
        match self.objects.delete(&self.path(name)).await {
            Ok(()) | Err(ObjectError::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(&error)),
        }
    }
}

/// What a server said, in one line and without the page of XML that it may have sent.
fn away(error: &ObjectError) -> ArchiveError {
    let text = error.to_string();
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    ArchiveError::Unreachable(CALLED, line)
}
