//! SFTP, version 3, as far as reading one file needs it (draft-ietf-secsh-filexfer-02, which is what servers speak).

use super::{
    Limits,
    file::{Reading, Told, denied, no_such, refused},
    pipe::Pipe,
};
use crate::domain::failure::{Failure, Stage};

/// The largest packet that is taken, in bytes; OpenSSH's own limit.
const LONGEST: usize = 256 * 1024;

/// What is asked for at once; what every server gives (3 of the draft).
const AT_ONCE: u32 = 32 * 1024;

const INIT: u8 = 1;
const VERSION: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const READ: u8 = 5;
const FSTAT: u8 = 8;
const STAT: u8 = 17;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const ATTRS: u8 = 105;

/// For reading (6.3).
const FOR_READING: u32 = 1;

/// Codes of `STATUS` (7).
const EOF: u32 = 1;
const NO_SUCH_FILE: u32 = 2;
const PERMISSION_DENIED: u32 = 3;

/// Which attributes are there (5).
const HAS_SIZE: u32 = 1;
const HAS_IDS: u32 = 2;
const HAS_PERMISSIONS: u32 = 4;
const HAS_TIMES: u32 = 8;

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// What is left of an answer.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.take(length)
    }

    /// Size and time of the last change.
    fn attributes(&mut self) -> Option<Told> {
        let flags = self.u32()?;
        let size = if flags & HAS_SIZE != 0 { Some(self.u64()?) } else { None };
        if flags & HAS_IDS != 0 {
            self.take(8)?;
        }
        if flags & HAS_PERMISSIONS != 0 {
            self.take(4)?;
        }
        let changed_at = if flags & HAS_TIMES != 0 {
            self.take(4)?;
            Some(self.u32()?)
        } else {
            None
        };
        Some(Told { size: size?, changed_at })
    }
}

/// A conversation; one request at a time.
pub(super) struct Sftp<'s> {
    pipe: Pipe<'s>,
    path: &'s str,
    asked: u32,
}

impl<'s> Sftp<'s> {
    /// Greets; `None` where what answers is no SFTP.
    pub(super) async fn greet(mut pipe: Pipe<'s>, path: &'s str) -> Result<Option<Self>, Failure> {
        let mut hello = Vec::new();
        hello.extend_from_slice(&5_u32.to_be_bytes());
        hello.push(INIT);
        hello.extend_from_slice(&3_u32.to_be_bytes());
        pipe.send(hello).await?;
        let mut sftp = Self { pipe, path, asked: 0 };
        let is_it = sftp.packet().await.is_ok_and(|(kind, _)| kind == VERSION);
        Ok(is_it.then_some(sftp))
    }

    async fn packet(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        let cut = |pipe: &Pipe<'_>| pipe.cut("in the middle of SFTP");
        let Some(length) = self.pipe.exactly(4).await? else { return Err(cut(&self.pipe)) };
        let length = Fields(&length).u32().and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
        if length == 0 || length > LONGEST {
            return Err(refused(self.path, "what it sends is no SFTP"));
        }
        let Some(mut packet) = self.pipe.exactly(length).await? else { return Err(cut(&self.pipe)) };
        let kind = packet.remove(0);
        Ok((kind, packet))
    }

    /// Sends a request and gives the answer's kind and what follows its number.
    async fn ask(&mut self, kind: u8, fields: &[u8]) -> Result<(u8, Vec<u8>), Failure> {
        self.asked = self.asked.wrapping_add(1);
        let mut packet = Vec::with_capacity(fields.len() + 9);
        packet.extend_from_slice(&u32::try_from(fields.len() + 5).unwrap_or(u32::MAX).to_be_bytes());
        packet.push(kind);
        packet.extend_from_slice(&self.asked.to_be_bytes());
        packet.extend_from_slice(fields);
        self.pipe.send(packet).await?;
        let (kind, mut answer) = self.packet().await?;
        if Fields(&answer).u32() != Some(self.asked) {
            return Err(refused(self.path, "its answer belongs to no question"));
        }
        answer.drain(..4);
        Ok((kind, answer))
    }

    /// What an answer means that is not the one that was wanted.
    fn other(&self, (kind, answer): &(u8, Vec<u8>)) -> Failure {
        let mut fields = Fields(answer);
        let code = fields.u32().filter(|_| *kind == STATUS);
        match code {
            Some(NO_SUCH_FILE) => no_such(self.path),
            Some(PERMISSION_DENIED) => denied(self.path),
            Some(_) => {
                let said = fields.string().map(|it| String::from_utf8_lossy(it).into_owned());
                refused(self.path, &said.unwrap_or_default())
            }
            None => refused(self.path, "its answer is none to the question"),
        }
    }

    async fn told(&mut self, kind: u8, of: &[u8]) -> Result<Told, Failure> {
        let mut fields = Vec::new();
        string(&mut fields, of);
        let answer = self.ask(kind, &fields).await?;
        if answer.0 != ATTRS {
            return Err(self.other(&answer));
        }
        let told = Fields(&answer.1).attributes();
        told.ok_or_else(|| refused(self.path, "it does not tell the file's size"))
    }

    /// Reads the file once.
    pub(super) async fn read(&mut self, limits: &mut Limits) -> Result<Reading, Failure> {
        let mut fields = Vec::new();
        string(&mut fields, self.path.as_bytes());
        fields.extend_from_slice(&FOR_READING.to_be_bytes());
        fields.extend_from_slice(&0_u32.to_be_bytes());
        let answer = self.ask(OPEN, &fields).await?;
        let handle = Fields(&answer.1).string().filter(|_| answer.0 == HANDLE).map(<[u8]>::to_vec);
        let Some(handle) = handle else { return Err(self.other(&answer)) };
        let before = self.told(FSTAT, &handle).await?;
        let bytes = self.data(&handle, limits).await?;
        // By its name: it may have been put in place of the one that is open.
        let path = self.path;
        let after = self.told(STAT, path.as_bytes()).await?;
        let mut fields = Vec::new();
        string(&mut fields, &handle);
        self.ask(CLOSE, &fields).await?;
        Ok(Reading { bytes, before, after })
    }

    async fn data(&mut self, handle: &[u8], limits: &mut Limits) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        loop {
            let mut fields = Vec::new();
            string(&mut fields, handle);
            fields.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            fields.extend_from_slice(&AT_ONCE.to_be_bytes());
            let answer = self.ask(READ, &fields).await?;
            if answer.0 == STATUS && Fields(&answer.1).u32() == Some(EOF) {
                return Ok(bytes);
            }
            let data = Fields(&answer.1).string().filter(|data| answer.0 == DATA && !data.is_empty());
            let Some(data) = data else { return Err(self.other(&answer)) };
            limits.take(Stage::Command, data)?;
            bytes.extend_from_slice(data);
        }
    }
}
