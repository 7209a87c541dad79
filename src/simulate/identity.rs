//! By which key a device proves who it is.

use std::{convert::Infallible, io, sync::Arc};

use russh::keys::{
    Algorithm, EcdsaCurve, HashAlg, PrivateKey,
    ssh_key::private::KeypairData,
    ssh_key::rand_core::{TryCryptoRng, TryRng},
};
use sha2::{Digest, Sha256};

/// What stands before an Ed25519 key in PKCS #8.
const ED25519_HEAD: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// What stands before the private and before the public half of a key on P-256 in PKCS #8.
const P256_HEAD: &[u8] = &[
    0x30, 0x81, 0x87, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 3, 1, 7, 4, 0x6d, 0x30, 0x6b, 2, 1, 1, 4, 0x20,
];
const P256_MIDDLE: &[u8] = &[0xa1, 0x44, 3, 0x42, 0];

/// A host key. Cloning shares it, which makes thousands of devices cheap.
#[derive(Clone)]
pub struct Identity(Arc<PrivateKey>);

impl Identity {
    /// A new Ed25519 key.
    pub fn ed25519() -> io::Result<Self> {
        Self::generate(Algorithm::Ed25519)
    }

    /// A new ECDSA key on the curve P-256: another *type* than [`Identity::ed25519`] gives.
    pub fn ecdsa() -> io::Result<Self> {
        Self::generate(Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 })
    }

    fn generate(algorithm: Algorithm) -> io::Result<Self> {
        let key = PrivateKey::random(&mut Stream::open()?, algorithm).map_err(io::Error::other)?;
        Ok(Self(Arc::new(key)))
    }

    /// `SHA256:` and unpadded base64, as `ssh-keygen -lf` prints it.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The key type's SSH name, such as `ssh-ed25519`.
    pub fn algorithm(&self) -> String {
        self.0.algorithm().to_string()
    }

    /// The key as an HTTPS server takes it (RFC 5958, 8410, 5915).
    pub(super) fn pkcs8(&self) -> io::Result<Vec<u8>> {
        let key = self.0.key_data();
        if let KeypairData::Ed25519(pair) = key {
            return Ok([ED25519_HEAD, &pair.private.to_bytes()].concat());
        }
        if let KeypairData::Ecdsa(pair) = key
            && pair.curve() == EcdsaCurve::NistP256
        {
            return Ok([P256_HEAD, pair.private_key_bytes(), P256_MIDDLE, pair.public_key_bytes()].concat());
        }
        Err(io::Error::other("a device has such a key for SSH only"))
    }

    pub(super) fn key(&self) -> PrivateKey {
        PrivateKey::clone(&self.0)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({} {})", self.algorithm(), self.fingerprint())
    }
}

/// Random bytes that cannot fail once the seed is drawn: SHA-256 over the seed and a counter.
struct Stream {
    seed: [u8; 32],
    block: u64,
}

impl Stream {
    fn open() -> io::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        Ok(Self { seed, block: 0 })
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let digest =
                Sha256::new().chain_update(self.seed).chain_update(self.block.to_be_bytes()).finalize();
            self.block = self.block.wrapping_add(1);
            chunk.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
