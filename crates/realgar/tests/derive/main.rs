//! What the derives write, seen from outside. That this crate compiles is half of the test: a user's crate may forbid
//! every warning, and the expansion must be silent in it.
#![deny(warnings, missing_docs, unused, unreachable_pub, clippy::all, clippy::pedantic)]

mod describe;
pub mod made;
mod objects;
pub mod places;
