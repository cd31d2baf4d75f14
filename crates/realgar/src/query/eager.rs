//! Relationships that are loaded with the query: which, how, and their joins.

use crate::{
    mapper::{MapperId, Registry, Relation, Strategy},
    query::{Compiled, Later, LoadOption, Node, compile::columns, scope::Scope},
    sql::{Expr, Join, Name, Order, Select, Source},
};

/// The joins that loading needs, node by node.
pub(super) struct Eager<'r> {
    registry: &'r Registry,
    /// Of each joined node, its relationship.
    joined: Vec<&'r Relation>,
    roots: usize,
}

/// Whether joined collections repeat their owners.
pub(super) fn is_unique(compiled: &Compiled, registry: &Registry) -> bool {
    compiled.nodes.iter().any(|node| {
        node.parent.is_some_and(|(parent, relation)| registry.relation(compiled.nodes[parent].mapper, relation).many)
    })
}

impl<'r> Eager<'r> {
    /// Decides how each relationship is loaded: as the query's options say, else as the mapping says.
    ///
    /// Joins are for queries of whole entities; where an entity is one part of several, a second SELECT does the same.
    pub(super) fn plan(
        registry: &'r Registry,
        compiled: &mut Compiled,
        options: &[LoadOption],
        whole: bool,
    ) -> Eager<'r> {
        let roots = compiled.nodes.len();
        let mut eager = Eager { registry, joined: Vec::new(), roots };
        for root in 0..roots {
            let mapper = compiled.nodes[root].mapper;
            eager.visit(compiled, root, mapper, options, whole, &mut vec![mapper]);
        }
        eager
    }

    fn visit(
        &mut self,
        compiled: &mut Compiled,
        node: usize,
        mapper: MapperId,
        options: &[LoadOption],
        whole: bool,
        path: &mut Vec<MapperId>,
    ) {
        let mapper = self.registry.mapper(mapper);
        for relation in &mapper.relations {
            let named = |option: &&LoadOption| {
                option.relationship == relation.name && option.owner.table.name == mapper.table().name
            };
            let option = options.iter().rev().find(named);
            let then = option.map_or(&[][..], |option| &option.then);
            match option.map_or(relation.lazy, |option| option.strategy) {
                // A mapped joined relationship does not lead back to where the path has been.
                Strategy::Joined if option.is_none() && path.contains(&relation.target) => {}
                Strategy::Joined if whole => {
                    let child = compiled.nodes.len();
                    compiled.nodes.push(Node { mapper: relation.target, at: 0, parent: Some((node, relation.index)) });
                    self.joined.push(relation);
                    path.push(relation.target);
                    self.visit(compiled, child, relation.target, then, whole, path);
                    path.pop();
                }
                strategy => {
                    let strategy = if strategy == Strategy::Joined { Strategy::SelectIn } else { strategy };
                    let later =
                        Later { node, relation: relation.index, strategy, owners: None, options: then.to_vec() };
                    match strategy {
                        Strategy::SelectIn | Strategy::Subquery | Strategy::Immediate => compiled.later.push(later),
                        _ if option.is_some() => compiled.lazy.push(later),
                        _ => {} // as the mapping says, when it is asked for
                    }
                }
            }
        }
    }

    /// Gives relationships that are loaded by `subquery` the query itself, asking for the owners' keys.
    pub(super) fn embed(&self, compiled: &mut Compiled, scope: &Scope<'_>, select: &Select) {
        for later in compiled.later.iter_mut().filter(|later| later.strategy == Strategy::Subquery) {
            let node = compiled.nodes[later.node];
            let mapper = self.registry.mapper(node.mapper);
            // What was joined in is not part of the query proper: its owners are listed instead.
            if let (None, Some(name)) = (node.parent, scope.name(mapper.table().name)) {
                let column = |ours: usize| Expr::column(name.clone(), mapper.table().columns[ours].name);
                let columns = mapper.relations[later.relation as usize].ours().map(column).collect();
                later.owners = Some(Box::new(Select { columns, ..select.clone() }));
            }
        }
    }

    /// Whether anything is joined in.
    pub(super) fn joins(&self) -> bool {
        !self.joined.is_empty()
    }

    /// Adds the joins and their columns.
    pub(super) fn join(&mut self, compiled: &mut Compiled, scope: &mut Scope<'_>, select: &mut Select) {
        let mut names: Vec<Name> = match &scope.wrapped {
            Some(wrapped) => vec![wrapped.clone(); self.roots],
            None => scope.roots.clone(),
        };
        for (offset, relation) in self.joined.iter().enumerate() {
            let node = self.roots + offset;
            let (parent, _) = compiled.nodes[node].parent.unwrap_or_default();
            let left = names[parent].clone();
            let target = self.registry.mapper(relation.target).table().name;
            let mut push = |table: &'static str, alias: &Name, on: Expr| {
                let source = Source::table(table).named(alias.clone());
                select.joins.push(Join { outer: true, source, on });
            };
            let right;
            match &relation.secondary {
                None => {
                    right = scope.alias(target, false);
                    push(target, &right, scope.on(relation, &left, &right));
                }
                Some(secondary) => {
                    let between = scope.alias(secondary.table.name, false);
                    right = scope.alias(target, false);
                    push(secondary.table.name, &between, scope.near(relation, &left, &between));
                    push(target, &right, scope.far(relation, &right, &between));
                }
            }
            compiled.nodes[node].at = select.columns.len();
            select.columns.extend(columns(self.registry, relation.target, &right));
            let table = self.registry.mapper(relation.target).table();
            let order = |&(column, descending): &(usize, bool)| Order {
                by: Expr::column(right.clone(), table.columns[column].name),
                descending,
            };
            select.order_by.extend(relation.order_by.iter().map(order));
            names.push(right);
        }
    }
}
