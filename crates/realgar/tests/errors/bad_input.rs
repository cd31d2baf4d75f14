//! Bad input: told with its kind, never a panic, and never lost without a word.
