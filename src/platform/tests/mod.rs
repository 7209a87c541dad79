//! Tests of the platform floor that span several of its files.

mod shipped;
