//! Walks over expressions, one level at a time: what looks into them or changes them need not know every node.

use crate::sql::Expr;

impl<L> Expr<L> {
    /// The expressions directly inside this one; a select inside is none.
    #[must_use]
    pub fn children(&self) -> Vec<&Expr<L>> {
        match self {
            Expr::Leaf(_) | Expr::Value(_) | Expr::Param | Expr::Exists(_) | Expr::Subquery(_) => Vec::new(),
            Expr::Binary(left, _, right) => vec![left, right],
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
            Expr::Binary(left, operator, right) => {
                Expr::Binary(Box::new(change(*left)), operator, Box::new(change(*right)))
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
