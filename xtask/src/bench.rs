//! What there is to measure.

pub(crate) mod compile;
