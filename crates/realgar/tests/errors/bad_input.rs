//! Bad input: told with its kind, never a panic, and never lost without a word.

mod files;
mod mapping;
mod objects;
mod queries;
mod rows;
mod urls;
