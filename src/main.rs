//! The `netraven` program.

fn main() {}
