//! The verbs that this crate adds to sessions and selects: `use realgar_axum::prelude::*;`

pub use crate::{Describe as _, KeysetExt as _, SelectExt as _, SessionExt as _};
