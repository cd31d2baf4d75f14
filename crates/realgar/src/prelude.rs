//! What a program that uses Realgar imports: `use realgar::prelude::*;`

pub use crate::{
    Auto, ColumnType, Db, Deferred, Expression as _, Handle, Isolation, Kind, Many, Model, One, Select,
    SelectModel as _, Session, State, Table, TextExpression as _, WriteModel as _, alias, avg, case, count, count_all,
    count_distinct, default, entity, exists, many, max, min, models, new, select, sql, sum,
};
