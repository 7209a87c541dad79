//! How far a screen is in an escape sequence.

/// Where in an escape sequence the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ground,
    /// Behind `ESC`.
    Escape,
    /// Behind `ESC` and an intermediate byte, such as in `ESC ( B`.
    Designation,
    /// Behind `ESC [`: the first number so far, the second once there is a semicolon, and whether something else came
    /// that makes it a sequence without meaning here.
    Control {
        number: usize,
        second: Option<usize>,
        more: bool,
    },
    /// In a string the terminal would keep for itself, such as a window title.
    String,
    /// Behind `ESC` in such a string.
    StringEscape,
}
