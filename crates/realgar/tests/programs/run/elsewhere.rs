//! What another connection commits.

use realgar::{prelude::*, sql};

use super::{Check, Runner};
use crate::{
    program::Op,
    schemas::{Kind, Var},
};

impl Runner<'_> {
    /// Another connection commits a change.
    pub(super) async fn elsewhere(&mut self, s: &Session, op: &Op) -> realgar::Result<Check> {
        self.learn_ids(s);
        let mut other = self.bench.other.session();
        let known = |var: &Var| match self.ids.get(var) {
            Some(id) => Ok(id.0),
            None => Err(format!("nobody knows the key of {var}")),
        };
        let statement = match op {
            Op::OtherWrite(var, value) => {
                Ok(sql(format!("UPDATE {} SET value = ? WHERE tag = ?", var.kind.mould().table))
                    .bind(*value)
                    .bind(var.to_string()))
            }
            Op::OtherKey(var, rel, to) => to.as_ref().map(known).transpose().map(|key| {
                let (table, column) = (var.kind.mould().table, var.kind.mould().keys[rel.position()]);
                sql(format!("UPDATE {table} SET {column} = ? WHERE tag = ?")).bind(key).bind(var.to_string())
            }),
            Op::OtherAdd(var, value, keys) => {
                // A key of its own: that of a row that is gone would make it the same row to the session.
                let number = self.ids.values().map(|id| id.0).max().unwrap_or(0) / 1000 * 1000 + 1000;
                let id: &[&str] = if var.kind == Kind::Enrolment { &[] } else { &["id"] };
                let columns: Vec<&str> = [&["tag", "value"], var.kind.mould().keys, id].concat();
                let places = vec!["?"; columns.len()].join(", ");
                let text = format!("INSERT INTO {} ({}) VALUES ({places})", var.kind.mould().table, columns.join(", "));
                keys.iter()
                    .try_fold(sql(text).bind(var.to_string()).bind(*value), |statement, key| {
                        Ok(statement.bind(key.as_ref().map(known).transpose()?))
                    })
                    .map(|statement| if id.is_empty() { statement } else { statement.bind(number) })
            }
            Op::OtherDelete(var) => {
                Ok(sql(format!("DELETE FROM {} WHERE tag = ?", var.kind.mould().table)).bind(var.to_string()))
            }
            Op::OtherLink(post, label) => known(post).and_then(|post| {
                Ok(sql("INSERT INTO post_labels (post_id, label_id) VALUES (?, ?)").bind(post).bind(known(label)?))
            }),
            Op::OtherUnlink(post, label) => known(post).and_then(|post| {
                Ok(sql("DELETE FROM post_labels WHERE post_id = ? AND label_id = ?").bind(post).bind(known(label)?))
            }),
            _ => unreachable!("all others are the session's own"),
        };
        match statement {
            Ok(statement) => statement.execute(&mut other).await?,
            Err(what) => return Ok(Err(what)),
        };
        other.commit().await?;
        drop(other);
        Ok(self.compare_tables().await)
    }
}
