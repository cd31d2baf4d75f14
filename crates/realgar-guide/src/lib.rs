//! The pages of `docs/guide`, compiled and run as tests.
//!
//! `build.rs` takes the code out of the pages: what stands between "```rust" and "```", and the setup that a page does not
//! show, between `<!-- rust` and `-->`. The code of a page is one program, from its first line to its last, unless
//! `<!-- new program -->` begins another. Nothing is checked in twice.

#[cfg(test)]
#[allow(dead_code, unused_imports, unused_variables)]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
