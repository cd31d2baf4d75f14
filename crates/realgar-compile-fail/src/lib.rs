//! Mistakes that do not compile, each with what is said of it: `cases/<theme>/<mistake>.rs` beside its `.stderr`.
//!
//! One file is one mistake of one user, and the text must be enough to mend it. `TRYBUILD=overwrite cargo test -p
//! realgar-compile-fail` writes the texts anew; read what changed before it is committed.
//! The texts around ours are those of rustc 1.95; another compiler words some of them otherwise.
