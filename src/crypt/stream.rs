//! A stream that is sealed as it is written: for copies of the whole, which are longer than memory.
//!
//! A file begins with [`MAGIC`] and a key of its own, sealed with the master key. Then come pieces, each sealed with that
//! key for its number and for whether it is the last: pieces that are changed, moved, left out or cut off do not open.
//! `piece = is it the last (1) | length (4) | envelope`.

use std::io::{self, ErrorKind, Read, Write};

use super::{
    sealed::{Key, Place, SealError, seal_with, unseal_with},
    token,
};

/// What such a file begins with.
pub const MAGIC: &[u8] = b"NetRaven copy 1\n";

/// Bytes of a piece before it is sealed.
const PIECE: usize = 256 * 1024;

/// The longest envelope that is read: a piece and what sealing adds to it.
const LONGEST: usize = PIECE + 1_024;

/// Why a sealed stream is not read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// Another kind of file.
    #[error("it is no copy that NetRaven made")]
    Foreign,
    /// Made with another master key.
    #[error("the master key does not open it")]
    WrongKey,
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

const KEY_PLACE: Place<'static> = Place { table: "copies", column: "key", row: "" };

fn place(is_last: bool, number: &str) -> Place<'_> {
    Place { table: "copies", column: if is_last { "last" } else { "piece" }, row: number }
}

fn failed(error: SealError) -> io::Error {
    io::Error::other(error)
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn write_envelope(to: &mut impl Write, envelope: &[u8]) -> io::Result<()> {
    let length = u32::try_from(envelope.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(envelope)
}

fn read_envelope(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    if length > LONGEST {
        return Err(damaged("a piece is longer than any that NetRaven writes"));
    }
    let mut envelope = vec![0; length];
    from.read_exact(&mut envelope)?;
    Ok(envelope)
}

/// Seals what is written to it. Without [`Sealing::finish`] the stream does not open.
pub struct Sealing<W: Write> {
    to: W,
    key: Key,
    number: u64,
    piece: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Begins a stream that opens with `master`.
    pub fn begin(mut to: W, master: &Key) -> io::Result<Self> {
        let key = Key::new(token::random().map_err(io::Error::other)?);
        to.write_all(MAGIC)?;
        write_envelope(&mut to, &seal_with(master, 0, KEY_PLACE, &*key).map_err(failed)?)?;
        Ok(Self { to, key, number: 0, piece: Vec::with_capacity(PIECE) })
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let number = self.number.to_string();
        let envelope = seal_with(&self.key, 0, place(is_last, &number), &self.piece).map_err(failed)?;
        self.to.write_all(&[u8::from(is_last)])?;
        write_envelope(&mut self.to, &envelope)?;
        self.number += 1;
        self.piece.clear();
        Ok(())
    }

    /// Writes the last piece.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() >= PIECE {
            self.seal(false)?;
        }
        let room = PIECE - self.piece.len();
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.piece.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Reads what [`Sealing`] wrote.
pub struct Unsealing<R: Read> {
    from: R,
    key: Key,
    number: u64,
    piece: Vec<u8>,
    read: usize,
    is_over: bool,
}

impl<R: Read> Unsealing<R> {
    /// Opens a stream with the master key that it was made with.
    pub fn open(mut from: R, master: &Key) -> Result<Self, StreamError> {
        let mut magic = [0; MAGIC.len()];
        let begins = from.read_exact(&mut magic);
        if begins.is_err() || magic != MAGIC {
            return Err(StreamError::Foreign);
        }
        let envelope = read_envelope(&mut from)?;
        let key = unseal_with(master, KEY_PLACE, &envelope).map_err(|_| StreamError::WrongKey)?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| StreamError::WrongKey)?;
        Ok(Self { from, key: Key::new(key), number: 0, piece: Vec::new(), read: 0, is_over: false })
    }

    fn next(&mut self) -> io::Result<()> {
        let mut flag = [0; 1];
        self.from.read_exact(&mut flag)?;
        let is_last = flag == [1];
        let envelope = read_envelope(&mut self.from)?;
        let number = self.number.to_string();
        self.piece = unseal_with(&self.key, place(is_last, &number), &envelope)
            .map_err(|_| damaged("a piece does not open: it was changed, moved or left out"))?;
        (self.number, self.read, self.is_over) = (self.number + 1, 0, is_last);
        if is_last && self.from.read(&mut flag)? > 0 {
            return Err(damaged("something follows after its end"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Unsealing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read >= self.piece.len() && !self.is_over {
            self.next()?;
        }
        let left = self.piece.get(self.read..).unwrap_or_default();
        let count = left.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &[u8]) -> Vec<u8> {
        let mut to = Sealing::begin(Vec::new(), &Key::new([7; 32])).unwrap();
        to.write_all(text).unwrap();
        to.finish().unwrap()
    }

    fn opened(bytes: &[u8], key: u8) -> Result<Vec<u8>, StreamError> {
        let mut text = Vec::new();
        Unsealing::open(bytes, &Key::new([key; 32]))?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn what_was_written_is_read_with_the_right_key_only() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let text: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            assert_eq!(opened(&sealed(&text), 7).unwrap(), text, "{length}");
        }
        assert!(matches!(opened(&sealed(b"x"), 8), Err(StreamError::WrongKey)));
        assert!(matches!(opened(b"-- PostgreSQL database dump", 7), Err(StreamError::Foreign)));
        assert!(matches!(opened(b"", 7), Err(StreamError::Foreign)));
    }

    #[test]
    fn every_changed_and_every_missing_byte_is_noticed() {
        let whole = sealed(b"some text");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, 7).is_err(), "byte {at}");
            assert!(opened(&whole[..at], 7).is_err(), "cut at {at}");
        }
        assert!(opened(&[whole.as_slice(), b"x"].concat(), 7).is_err());
    }

    #[test]
    fn pieces_are_neither_moved_nor_left_out() {
        let whole = sealed(&vec![1; 3 * PIECE]);
        let head = MAGIC.len() + 4 + 1 + 8 + 24 + 32 + 16;
        let piece = 1 + 4 + 1 + 8 + 24 + PIECE + 16;
        let (start, rest) = whole.split_at(head);
        let (first, rest) = rest.split_at(piece);
        let (second, third) = rest.split_at(piece);
        assert!(opened(&[start, first, second, third].concat(), 7).is_ok());
        assert!(opened(&[start, second, first, third].concat(), 7).is_err());
        assert!(opened(&[start, first, third].concat(), 7).is_err());
        assert!(opened(&[start, first, second].concat(), 7).is_err());
    }
}
