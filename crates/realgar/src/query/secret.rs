//! Values that stand beside a secret column: they get a veil before anything is done with them.

use crate::{
    mapper::Registry,
    query::{Leaf, Term},
};

/// Veils every value that is compared with a secret column.
pub(super) fn veil(term: Term, registry: &Registry) -> Term {
    if !registry.has_secrets() {
        return term;
    }
    let secret = |terms: &[&Term]| terms.iter().any(|term| names_secret(term, registry));
    let each = |terms: Vec<Term>| terms.into_iter().map(|term| veil(term, registry)).collect();
    match term {
        Term::Binary(left, operator, right) if secret(&[&left, &right]) => {
            Term::Binary(Box::new(hide(*left)), operator, Box::new(hide(*right)))
        }
        Term::In(left, list) if secret(&left.iter().collect::<Vec<_>>()) => {
            Term::In(left, list.into_iter().map(|value| value.veil()).collect())
        }
        Term::Like { text, pattern, escape } if secret(&[&text, &pattern]) => {
            Term::Like { text: Box::new(hide(*text)), pattern: Box::new(hide(*pattern)), escape }
        }
        Term::Binary(left, operator, right) => {
            Term::Binary(Box::new(veil(*left, registry)), operator, Box::new(veil(*right, registry)))
        }
        Term::And(all) => Term::And(each(all)),
        Term::Or(all) => Term::Or(each(all)),
        Term::Not(inner) => Term::Not(Box::new(veil(*inner, registry))),
        Term::IsNull(inner) => Term::IsNull(Box::new(veil(*inner, registry))),
        Term::Call { function, distinct, arguments } if secret(&arguments.iter().collect::<Vec<_>>()) => {
            Term::Call { function, distinct, arguments: arguments.into_iter().map(hide).collect() }
        }
        Term::Call { function, distinct, arguments } => Term::Call { function, distinct, arguments: each(arguments) },
        other => other,
    }
}

/// Whether a secret column stands anywhere in it.
fn names_secret(term: &Term, registry: &Registry) -> bool {
    match term {
        Term::Leaf(Leaf::Column { table, column }) => registry.is_secret(table, column),
        Term::Binary(left, _, right) => names_secret(left, registry) || names_secret(right, registry),
        Term::And(all) | Term::Or(all) | Term::In(all, _) | Term::InParam(all) | Term::InSelect(all, _) => {
            all.iter().any(|term| names_secret(term, registry))
        }
        Term::Call { arguments, .. } => arguments.iter().any(|term| names_secret(term, registry)),
        Term::Not(inner) | Term::IsNull(inner) => names_secret(inner, registry),
        Term::Like { text, pattern, .. } => names_secret(text, registry) || names_secret(pattern, registry),
        Term::Leaf(Leaf::Related(_)) | Term::Value(_) | Term::Param | Term::Exists(_) => false,
    }
}

/// Veils every value in it.
fn hide(term: Term) -> Term {
    let boxed = |term: Box<Term>| Box::new(hide(*term));
    match term {
        Term::Value(value) => Term::Value(value.veil()),
        Term::Binary(left, operator, right) => Term::Binary(boxed(left), operator, boxed(right)),
        Term::And(all) => Term::And(all.into_iter().map(hide).collect()),
        Term::Or(all) => Term::Or(all.into_iter().map(hide).collect()),
        Term::Not(inner) => Term::Not(boxed(inner)),
        Term::IsNull(inner) => Term::IsNull(boxed(inner)),
        Term::In(left, list) => {
            Term::In(left.into_iter().map(hide).collect(), list.into_iter().map(|value| value.veil()).collect())
        }
        Term::Like { text, pattern, escape } => Term::Like { text: boxed(text), pattern: boxed(pattern), escape },
        Term::Call { function, distinct, arguments } => {
            Term::Call { function, distinct, arguments: arguments.into_iter().map(hide).collect() }
        }
        other => other,
    }
}
