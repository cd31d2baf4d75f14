//! What goes wrong, and how it is told: every kind of error, bad input, a newcomer's mistakes.
//!
//! Each text is compared whole with a file of `told/`; `REALGAR_TELL=1` writes them anew. Read them there, alone: the
//! mend has to follow from the text.

mod bad_input;
mod kinds;
mod mistakes;
mod models;
mod pages;
mod told;
