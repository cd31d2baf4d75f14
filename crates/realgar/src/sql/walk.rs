//! Walks over expressions, one level at a time: what looks into them or changes them need not know every node.

use crate::{
    error::{Error, Kind, Result},
    sql::Expr,
};

/// How deep expressions are nested at most: each level takes its piece of the thread's stack.
const DEEPEST: usize = 200;

impl<L> Expr<L> {
    /// Refuses an expression that is nested so deep that walking it would overflow the stack.
    pub fn check_depth(&mut self) -> Result<()> {
        if !self.is_deeper_than(DEEPEST) {
            return Ok(());
        }
        // Taken apart piece by piece: dropped as a whole, it would overflow the stack as well.
        let mut pieces = vec![std::mem::replace(self, Expr::Param)];
        while let Some(piece) = pieces.pop() {
            let _ = piece.map_children(&mut |child| {
                pieces.push(child);
                Expr::Param
            });
        }
        Err(Error::new(Kind::Unsupported, format!("an expression that is nested more than {DEEPEST} levels deep"))
            .way_out("compare with a list by `in_`, add up in Rust what needs no column, or write it as `sql(\"…\")`"))
    }

    fn is_deeper_than(&self, levels: usize) -> bool {
        levels == 0 || self.children().into_iter().any(|child| child.is_deeper_than(levels - 1))
    }

    /// The expressions directly inside this one; a select inside is none.
    #[must_use]
    pub fn children(&self) -> Vec<&Expr<L>> {
        match self {
            Expr::Leaf(_) | Expr::Value(_) | Expr::Param | Expr::Exists(_) | Expr::Subquery(_) => Vec::new(),
            Expr::Binary(binary) => vec![&binary.0, &binary.2],
            Expr::Like { text, pattern, .. } => vec![text, pattern],
            Expr::Not(inner) | Expr::IsNull(inner) | Expr::Cast(inner, _) => vec![inner],
            Expr::And(all) | Expr::Or(all) | Expr::In(all, _) | Expr::InParam(all, _) | Expr::InSelect(all, _) => {
                all.iter().collect()
            }
            Expr::Call { arguments, .. } => arguments.iter().collect(),
            Expr::Case(cases, otherwise) => {
                cases.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
        }
    }

    /// The same expression with those directly inside it changed.
    #[must_use]
    pub fn map_children(self, change: &mut impl FnMut(Expr<L>) -> Expr<L>) -> Expr<L> {
        match self {
            Expr::Leaf(_) | Expr::Value(_) | Expr::Param | Expr::Exists(_) | Expr::Subquery(_) => self,
            Expr::Binary(binary) => {
                let (left, operator, right) = *binary;
                Expr::Binary(Box::new((change(left), operator, change(right))))
            }
            Expr::Like { text, pattern, escape } => {
                Expr::Like { text: Box::new(change(*text)), pattern: Box::new(change(*pattern)), escape }
            }
            Expr::Not(inner) => Expr::Not(Box::new(change(*inner))),
            Expr::IsNull(inner) => Expr::IsNull(Box::new(change(*inner))),
            Expr::Cast(inner, to) => Expr::Cast(Box::new(change(*inner)), to),
            Expr::And(all) => Expr::And(all.into_iter().map(change).collect()),
            Expr::Or(all) => Expr::Or(all.into_iter().map(change).collect()),
            Expr::In(left, list) => Expr::In(left.into_iter().map(change).collect(), list),
            Expr::InParam(left, types) => Expr::InParam(left.into_iter().map(change).collect(), types),
            Expr::InSelect(left, select) => Expr::InSelect(left.into_iter().map(change).collect(), select),
            Expr::Call { function, distinct, arguments, returns } => {
                Expr::Call { function, distinct, arguments: arguments.into_iter().map(change).collect(), returns }
            }
            Expr::Case(cases, otherwise) => {
                let cases = cases.into_iter().map(|(when, then)| (change(when), change(then))).collect();
                Expr::Case(cases, otherwise.map(|otherwise| Box::new(change(*otherwise))))
            }
        }
    }
}
