//! View model of the differences between two texts.

use askama::{Template, filters::HtmlSafe};

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl Kind {
    /// The class of its cells.
    pub fn class(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "add",
            Self::Removed => "del",
        }
    }

    /// The sign before it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Added => "+",
            Self::Removed => "−",
        }
    }
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether this stretch is what changed within the line.
    pub marked: bool,
}

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What happened to it.
    pub kind: Kind,
    /// Its id on the page: `L12` on the old side, `R12` on the new one.
    pub anchor: String,
    /// Its text.
    pub pieces: Vec<Piece>,
}

/// Lines that are the same and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// How many, in words.
    pub label: String,
    /// The same page with nothing left out.
    pub href: Option<String>,
}

impl Gap {
    /// A gap of `count` lines.
    pub fn of(count: usize, href: Option<String>) -> Self {
        let label =
            if count == 1 { "1 unchanged line".to_owned() } else { format!("{count} unchanged lines") };
        Self { label, href }
    }
}

/// A row of the unified view.
#[derive(Debug)]
pub enum UnifiedRow {
    /// Lines left out.
    Gap(Gap),
    /// A line.
    Line {
        /// Its number in the old text.
        old: Option<usize>,
        /// Its number in the new text.
        new: Option<usize>,
        /// The line.
        cell: Cell,
    },
}

/// A row of the view side by side.
#[derive(Debug)]
pub enum SplitRow {
    /// Lines left out.
    Gap(Gap),
    /// A line of the old text beside one of the new, each with its number.
    Pair([Option<(usize, Cell)>; 2]),
}

/// The differences between two texts. The rows of the view not shown stay empty.
#[derive(Debug, Template)]
#[template(path = "parts/diff.html")]
pub struct DiffView {
    /// What is compared with what.
    pub caption: String,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Whether the two texts stand side by side.
    pub split: bool,
    /// The address of the unified view.
    pub unified_href: String,
    /// The address of the view side by side.
    pub split_href: String,
    /// The rows of the unified view.
    pub unified: Vec<UnifiedRow>,
    /// The rows side by side.
    pub sides: Vec<SplitRow>,
}

impl HtmlSafe for DiffView {}
