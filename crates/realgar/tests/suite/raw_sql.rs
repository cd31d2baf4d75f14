//! Raw SQL with bound parameters.
