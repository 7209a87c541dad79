//! Secrets at rest: sealed, bound to their place, and lost without their key rather than shown.

mod at_rest;
mod master;
mod rotation;
mod seals;
