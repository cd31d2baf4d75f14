//! Tables in the order of their foreign keys: what is referred to comes first.

use crate::schema::Table;

/// The tables' positions so that a table comes after those it refers to; otherwise in the order given.
///
/// A table that refers to itself stands alone. Tables that refer to one another in a circle form one group, whose rows
/// must be ordered one by one; every other group has one table.
pub fn sort(tables: &[&Table]) -> Vec<Vec<usize>> {
    sort_with(tables, &[])
}

/// The same, where tables also refer to others without a foreign key: `(holder, referred)`, by position.
pub fn sort_with(tables: &[&Table], more: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let edges: Vec<Vec<usize>> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| {
            let position = |name: &str| tables.iter().position(|other| other.name == name);
            let more = more.iter().filter(|(holder, _)| *holder == at).map(|&(_, referred)| referred);
            table.foreign_keys.iter().filter_map(|key| position(key.table)).chain(more).collect()
        })
        .collect();
    let mut tarjan =
        Tarjan { edges: &edges, index: vec![None; tables.len()], low: vec![0; tables.len()], ..Tarjan::default() };
    for node in 0..tables.len() {
        if tarjan.index[node].is_none() {
            tarjan.visit(node);
        }
    }
    tarjan.groups
}

/// Tarjan's strongly connected components: groups come out with what they refer to first.
#[derive(Default)]
struct Tarjan<'a> {
    edges: &'a [Vec<usize>],
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    stack: Vec<usize>,
    next: usize,
    groups: Vec<Vec<usize>>,
}

impl Tarjan<'_> {
    fn visit(&mut self, node: usize) {
        let index = self.next;
        self.next += 1;
        self.index[node] = Some(index);
        self.low[node] = index;
        self.stack.push(node);
        for &to in &self.edges[node] {
            match self.index[to] {
                None => {
                    self.visit(to);
                    self.low[node] = self.low[node].min(self.low[to]);
                }
                Some(found) if self.stack.contains(&to) => self.low[node] = self.low[node].min(found),
                Some(_) => {}
            }
        }
        if self.low[node] == index {
            let start = self.stack.iter().position(|&n| n == node).unwrap_or(0);
            let mut group = self.stack.split_off(start);
            group.sort_unstable();
            self.groups.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Action, ForeignKey};

    const fn to(table: &'static str) -> ForeignKey {
        ForeignKey {
            columns: &["x"],
            table,
            references: &["id"],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
        }
    }

    const fn table(name: &'static str, foreign_keys: &'static [ForeignKey]) -> Table {
        Table { name, columns: &[], foreign_keys, indexes: &[], checks: &[] }
    }

    const TO_A: &[ForeignKey] = &[to("a")];
    const TO_B: &[ForeignKey] = &[to("b")];
    const TO_C: &[ForeignKey] = &[to("c")];

    #[test]
    fn what_is_referred_to_comes_first() {
        let [a, b, c] = [table("a", TO_B), table("b", TO_C), table("c", TO_C)];
        assert_eq!(sort(&[&a, &b, &c]), [vec![2], vec![1], vec![0]]);
    }

    #[test]
    fn without_keys_the_given_order_stays() {
        let [a, b] = [table("a", &[]), table("b", &[])];
        assert_eq!(sort(&[&a, &b]), [vec![0], vec![1]]);
    }

    #[test]
    fn a_circle_is_one_group() {
        let [a, b, c] = [table("a", TO_B), table("b", TO_A), table("c", TO_A)];
        assert_eq!(sort(&[&a, &b, &c]), [vec![0, 1], vec![2]]);
    }
}
