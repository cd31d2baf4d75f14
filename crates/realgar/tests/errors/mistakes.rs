//! A newcomer's mistakes.
