//! Values that stand beside a secret column: they get a veil before anything is done with them.

use crate::{
    mapper::Registry,
    query::{Leaf, Term},
};

/// Veils every value that is compared with a secret column.
pub(super) fn veil(term: Term, registry: &Registry) -> Term {
    if registry.has_secrets() { beside(term, registry) } else { term }
}

fn beside(term: Term, registry: &Registry) -> Term {
    let joins = matches!(term, Term::And(_) | Term::Or(_) | Term::Not(_));
    match !joins && names_secret(&term, registry) {
        true => hide(term),
        false => term.map_children(&mut |child| beside(child, registry)),
    }
}

/// Whether a secret column stands anywhere in it.
fn names_secret(term: &Term, registry: &Registry) -> bool {
    match term {
        Term::Leaf(Leaf::Column { table, column }) => registry.is_secret(table.table, column),
        _ => term.children().into_iter().any(|child| names_secret(child, registry)),
    }
}

/// Veils every value in it.
pub(super) fn hide(term: Term) -> Term {
    match term {
        Term::Value(value) => Term::Value(value.veil()),
        Term::In(left, list) => {
            Term::In(left.into_iter().map(hide).collect(), list.into_iter().map(|value| value.veil()).collect())
        }
        other => other.map_children(&mut hide),
    }
}
