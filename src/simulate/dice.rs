//! Repeatable chance: the same seed always gives the same configuration.

/// A small generator of repeatable numbers (splitmix64). Not for secrets.
pub(super) struct Dice(u64);

impl Dice {
    /// A generator that is fully decided by `words`.
    pub(super) fn seeded(words: &[&str], seed: u64) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(7);
        }
        Self(state)
    }

    /// A generator that differs from call to call; for faults that strike at random.
    pub(super) fn unpredictable() -> Self {
        Self(getrandom::u64().unwrap_or(0x5eed))
    }

    /// The next number, over the whole range.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit` - 1; 0 for a `limit` of 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// One of `choices`; the empty text when there is none.
    pub(super) fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        let at = usize::try_from(self.below(u64::try_from(choices.len()).unwrap_or(0))).unwrap_or(0);
        choices.get(at).copied().unwrap_or_default()
    }

    /// `length` characters out of `alphabet` (ASCII).
    pub(super) fn word(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| {
                let at = self.below(u64::try_from(alphabet.len()).unwrap_or(0));
                alphabet.get(usize::try_from(at).unwrap_or(0)).copied().map_or('x', char::from)
            })
            .collect()
    }

    /// `length` characters as they stand in hashes and keys.
    pub(super) fn base64(&mut self, length: usize) -> String {
        self.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./", length)
    }
}
