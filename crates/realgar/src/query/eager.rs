//! Relationships that are loaded with the query: which, how, and their joins.

use crate::{
    error::Result,
    mapper::{MapperId, Registry, Relation, Strategy},
    query::{Branch, Compiled, Everywhere, Later, LoadOption, Node, Seen, compile::entity, scope::Scope},
    sql::{Expr, Join, Name, Order, Select, Source},
};

/// The entities that are loaded in the query's own rows, node by node.
pub(super) struct Eager<'r> {
    registry: &'r Registry,
    everywhere: Everywhere,
    brought: Vec<Brought<'r>>,
    roots: usize,
    /// Whether the query proper becomes a subquery where collections are joined in.
    few: bool,
}

/// A relationship whose objects come in the query's own rows.
struct Brought<'r> {
    relation: &'r Relation,
    /// Beside the keys; and columns that are deferred elsewhere.
    branch: Branch,
    /// The table in sight that brings it; none: it is joined in here.
    contained: Option<Seen>,
    /// Whether owners without anybody are left out.
    inner: bool,
}

/// Whether the path has been at the relationship's end, or as deep as `join_depth` says.
fn leads_back(relation: &Relation, path: &[MapperId]) -> bool {
    match relation.join_depth {
        Some(depth) => path.len() > depth as usize,
        None => path.contains(&relation.target),
    }
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
        (everywhere, path): (Everywhere, &[MapperId]),
        (whole, few): (bool, bool),
    ) -> Eager<'r> {
        let roots = compiled.nodes.len();
        let mut eager = Eager { registry, everywhere, brought: Vec::new(), roots, few };
        for root in 0..roots {
            let mapper = compiled.nodes[root].mapper;
            eager.visit(compiled, root, mapper, options, whole, &mut [path, &[mapper]].concat());
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
            let branch = option.map_or_else(Branch::default, |option| option.branch.clone());
            let contained = option.and_then(|option| option.contained);
            let mapped = match relation.lazy {
                // What the mapping alone loads does not lead back to where the path has been.
                Strategy::Joined | Strategy::SelectIn | Strategy::Subquery if leads_back(relation, path) => {
                    Strategy::Peers
                }
                lazy => lazy,
            };
            match option.map_or(mapped, |option| option.strategy) {
                Strategy::Joined if whole || contained.is_some() => {
                    let child = compiled.nodes.len();
                    compiled.nodes.push(Node { mapper: relation.target, at: 0, parent: Some((node, relation.index)) });
                    let then = branch.then.clone();
                    let inner = relation.innerjoin || option.is_some_and(|option| option.inner);
                    self.brought.push(Brought { relation, branch, contained, inner });
                    path.push(relation.target);
                    // What the query brings itself goes into its subquery, and no join reaches it there.
                    let whole = whole && !(self.few && contained.is_some());
                    self.visit(compiled, child, relation.target, &then, whole, path);
                    path.pop();
                }
                strategy => {
                    let strategy = if strategy == Strategy::Joined { Strategy::SelectIn } else { strategy };
                    let eager = matches!(strategy, Strategy::SelectIn | Strategy::Subquery | Strategy::Immediate);
                    let everywhere = if eager { self.everywhere.clone() } else { self.everywhere.later() };
                    let told = option.is_some() || !everywhere.is_plain();
                    // Where the mapping loads nothing further, the path does not matter, and a standing select serves.
                    let further = self.registry.mapper(relation.target).relations.iter().any(|far| far.lazy.is_eager());
                    let path = if eager && further { path.clone() } else { Vec::new() };
                    let branch = Branch { everywhere, path, ..branch };
                    let later = Later { node, relation: relation.index, strategy, owners: None, branch };
                    match eager {
                        true => compiled.later.push(later),
                        false if told => compiled.lazy.push(later),
                        false => {} // as the mapping says, when it is asked for
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
        self.brought.iter().any(|brought| brought.contained.is_none())
    }

    /// Whether what is joined in repeats rows of the query proper.
    pub(super) fn multiplies(&self) -> bool {
        self.brought.iter().any(|brought| brought.contained.is_none() && brought.relation.many)
    }

    /// Selects the columns of what the query has joined itself.
    pub(super) fn contain(&self, compiled: &mut Compiled, scope: &Scope<'_>, select: &mut Select) -> Result<()> {
        for (offset, brought) in self.brought.iter().enumerate() {
            if let Some(seen) = brought.contained {
                let name = scope.known(seen)?;
                entity(compiled, self.roots + offset, &name, &brought.branch.undefer, select, self.registry);
            }
        }
        Ok(())
    }

    /// Adds the joins and their columns.
    pub(super) fn join(&mut self, compiled: &mut Compiled, scope: &mut Scope<'_>, select: &mut Select) -> Result<()> {
        let mut names: Vec<Name> = match &scope.wrapped {
            Some(wrapped) => vec![wrapped.clone(); self.roots],
            None => scope.roots.clone(),
        };
        // PARITY: an inner join behind an outer one must not take its rows; the reference nests it, and an outer join
        // answers the same.
        let mut outer = vec![false; self.roots];
        for (offset, Brought { relation, branch, contained, inner }) in self.brought.iter().enumerate() {
            let node = self.roots + offset;
            let (parent, _) = compiled.nodes[node].parent.unwrap_or_default();
            if let Some(seen) = contained {
                names.push(scope.known(*seen)?);
                outer.push(true); // how it was joined is the caller's affair
                continue;
            }
            let is_outer = outer[parent] || !inner;
            outer.push(is_outer);
            let left = names[parent].clone();
            let target = self.registry.mapper(relation.target).table();
            let mut push = |table: &'static str, alias: &Name, on: Expr| {
                let source = Source::table(table).named(alias.clone());
                select.joins.push(Join { outer: is_outer, source, on });
            };
            let (right, on);
            match &relation.secondary {
                None => {
                    right = scope.alias(target.name, false);
                    on = scope.on(relation, &left, &right);
                }
                Some(secondary) => {
                    let between = scope.alias(secondary.table.name, false);
                    right = scope.alias(target.name, false);
                    push(secondary.table.name, &between, scope.near(relation, &left, &between));
                    on = scope.far(relation, &right, &between);
                }
            }
            let mut beside = scope.lower_for(target.name, &right, branch.criteria.clone())?;
            beside.extend(scope.everywhere(target.name, &right)?);
            push(target.name, &right, beside.into_iter().fold(on, Expr::and));
            entity(compiled, node, &right, &branch.undefer, select, self.registry);
            let order = |&(column, descending): &(usize, bool)| Order {
                by: Expr::column(right.clone(), target.columns[column].name),
                descending,
            };
            select.order_by.extend(relation.order_by.iter().map(order));
            names.push(right);
        }
        Ok(())
    }
}
