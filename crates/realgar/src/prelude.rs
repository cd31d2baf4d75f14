//! What a program that uses Realgar imports: `use realgar::prelude::*;`

pub use crate::{
    Auto, ColumnType, Db, Deferred, Expression as _, Handle, Kind, Many, Model, One, Select, SelectModel as _, Session,
    State, Table, TextExpression as _, avg, count, count_all, default, entity, many, max, min, models, new, select,
    sum,
};
