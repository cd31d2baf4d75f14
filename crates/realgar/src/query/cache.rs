//! Queries that were compiled before. Two queries that differ in values only are one statement, so what is kept is found by
//! their cache key: everything that a query says, without its values.

use std::{
    collections::HashMap,
    hash::BuildHasher as _,
    sync::{Arc, PoisonError, RwLock},
};

use smallvec::SmallVec;

use crate::{
    error::Result,
    mapper::Registry,
    query::{AliasId, Along, Cells, Compiled, JoinStep, Leaf, Output, Query, Seen, Term, compile},
    sql::Dialect,
    value::{Type, Value},
};

/// How many statements are kept; when there are more, all are let go, and those in use come back.
const CAPACITY: usize = 1_024;

/// How deep a term is looked into; deeper ones are compiled each time.
const DEEPEST: usize = 32;

/// A compiled query, and the values of the one that asks.
#[derive(Debug)]
pub struct Filled {
    /// The statement, and what its columns are.
    pub compiled: Arc<Compiled>,
    /// Its parameters.
    pub params: Vec<Value<'static>>,
}

/// What was compiled before, by cache key.
///
/// Source: SQLAlchemy's compiled cache, `Engine(query_cache_size=…)`.
#[derive(Debug, Default)]
pub struct CompiledCache(RwLock<HashMap<Box<[u64]>, Arc<Compiled>, foldhash::fast::RandomState>>);

impl CompiledCache {
    /// The compiled query: one that was kept, where the query differs from it in values only.
    ///
    /// # Errors
    /// Those of [`compile`].
    pub fn compiled(
        &self,
        mut query: Box<Query>,
        registry: &Registry,
        dialect: &Dialect,
        cells: Cells<'_>,
    ) -> Result<Filled> {
        let mut key = CacheKey { words: SmallVec::new(), values: SmallVec::new(), aliases: Vec::new(), registry };
        if key.read(&mut query).is_none() {
            drop(key);
            return compile(*query, registry, dialect, cells).map(fresh);
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&*key.words).cloned();
        if let Some(compiled) = known {
            let params = key.values.iter_mut().map(|value| std::mem::replace(*value, Value::Null)).collect();
            return Ok(Filled { compiled, params });
        }
        let params: Vec<Value<'static>> = key.values.iter().map(|value| (**value).clone()).collect();
        let words: Box<[u64]> = key.words[..].into();
        drop(key);
        let compiled = compile(*query, registry, dialect, cells)?;
        // Whatever made other parameters of the query's values would have to be done each time.
        if compiled.sql.params != params || !compiled.sql.open.is_empty() {
            return Ok(fresh(compiled));
        }
        let compiled = Arc::new(compiled);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == CAPACITY {
            kept.clear();
        }
        kept.insert(words, compiled.clone());
        Ok(Filled { compiled, params })
    }
}

fn fresh(mut compiled: Compiled) -> Filled {
    let params = std::mem::take(&mut compiled.sql.params);
    Filled { compiled: Arc::new(compiled), params }
}

/// What a query says, as words of fixed size, and apart from that its values, in the order of the statement's text.
struct CacheKey<'q> {
    words: SmallVec<[u64; 64]>,
    values: SmallVec<[&'q mut Value<'static>; 8]>,
    /// The aliases met: their numbers differ from query to query, so their order stands for them.
    aliases: Vec<AliasId>,
    registry: &'q Registry,
}

impl<'q> CacheKey<'q> {
    /// `None` where the query says something that has no words here, or whose values have no fixed place.
    fn read(&mut self, query: &'q mut Query) -> Option<()> {
        let simple = query.extra.is_empty()
            && query.options.is_empty()
            && query.undefer.is_empty()
            && query.everywhere.is_plain()
            && query.path.is_empty()
            && query.lock.is_none()
            && query.compound.is_none();
        if !simple {
            return None;
        }
        self.words.push(u64::from(query.distinct));
        self.number(query.limit);
        self.number(query.offset);
        self.list(&mut query.outputs, CacheKey::output)?;
        self.list(&mut query.from, |key, seen| {
            key.seen(*seen);
            Some(())
        })?;
        self.list(&mut query.joins, CacheKey::join)?;
        for terms in [&mut query.filter, &mut query.group_by, &mut query.having] {
            self.list(terms, |key, term| key.term(term, 0))?;
        }
        self.list(&mut query.order_by, |key, order| {
            key.words.push(u64::from(order.descending));
            key.term(&mut order.by, 0)
        })
    }

    fn list<T>(&mut self, items: &'q mut [T], mut each: impl FnMut(&mut Self, &'q mut T) -> Option<()>) -> Option<()> {
        self.words.push(items.len() as u64);
        items.iter_mut().try_for_each(|item| each(self, item))
    }

    fn number(&mut self, number: Option<u64>) {
        self.words.push(u64::from(number.is_some()));
        self.words.push(number.unwrap_or(0));
    }

    /// Static text is known by its place and length: equal texts at two places make two keys for one statement, which
    /// does no harm.
    fn text(&mut self, text: &'static str) {
        self.words.push(text.as_ptr() as u64 ^ (text.len() as u64) << 48);
    }

    fn alias(&mut self, alias: Option<AliasId>) {
        let Some(alias) = alias else { return self.words.push(0) };
        let known = self.aliases.iter().position(|&known| known == alias);
        let place = known.unwrap_or_else(|| {
            self.aliases.push(alias);
            self.aliases.len() - 1
        });
        self.words.push(place as u64 + 1);
    }

    fn seen(&mut self, seen: Seen) {
        self.text(seen.table);
        self.alias(seen.alias);
    }

    fn output(&mut self, output: &'q mut Output) -> Option<()> {
        match output {
            Output::Entity(model, alias) => {
                self.words.push(0);
                self.words.push(std::ptr::from_ref(*model) as u64);
                self.alias(*alias);
                Some(())
            }
            Output::Value(term) => {
                self.words.push(1);
                self.term(term, 0)
            }
        }
    }

    fn join(&mut self, join: &'q mut JoinStep) -> Option<()> {
        self.words.push(u64::from(join.outer));
        match join.along {
            Along::Relationship { from, name, to } => {
                self.words.push(0);
                self.seen(from);
                self.text(name);
                self.alias(to);
            }
            Along::Table(table) => {
                self.words.push(1);
                self.seen(table);
            }
            Along::Secondary(model, relation) => {
                self.words.extend([2, std::ptr::from_ref(model) as u64, u64::from(relation)]);
            }
        }
        self.list(join.on.as_mut_slice(), |key, term| key.term(term, 0))
    }

    fn term(&mut self, term: &'q mut Term, depth: usize) -> Option<()> {
        if depth == DEEPEST {
            return None;
        }
        let next = depth + 1;
        match term {
            Term::Leaf(Leaf::Column { table, column }) => {
                if self.registry.has_secrets() && self.registry.is_secret(table.table, column) {
                    return None; // values beside it get a veil
                }
                self.words.push(0);
                self.seen(*table);
                self.text(column);
                Some(())
            }
            Term::Value(Value::Secret(_) | Value::Invalid(_) | Value::Array(_)) => None,
            Term::Value(Value::Null) => {
                self.words.push(1); // written, not bound
                Some(())
            }
            Term::Value(value) => {
                self.words.push(2);
                self.text(value.sort());
                self.values.push(value);
                Some(())
            }
            Term::Binary(binary) => {
                let (left, operator, right) = &mut **binary;
                self.words.push(3);
                self.words.push(*operator as u64);
                self.term(left, next)?;
                self.term(right, next)
            }
            Term::And(all) => {
                self.words.push(4);
                self.list(all, |key, term| key.term(term, next))
            }
            Term::Or(all) => {
                self.words.push(5);
                self.list(all, |key, term| key.term(term, next))
            }
            Term::Not(inner) => {
                self.words.push(6);
                self.term(inner, next)
            }
            Term::IsNull(inner) => {
                self.words.push(7);
                self.term(inner, next)
            }
            Term::Like { text, pattern, escape } => {
                self.words.extend([8, u64::from(*escape)]);
                self.term(text, next)?;
                self.term(pattern, next)
            }
            Term::Call { function, distinct, arguments, returns } => {
                let returns = returns.map_or(0, |returns| word_of(returns).max(1));
                self.words.extend([9, u64::from(*distinct), returns]);
                self.text(function);
                self.list(arguments, |key, argument| key.term(argument, next))
            }
            Term::Cast(inner, to) => {
                self.words.extend([10, word_of(*to)]);
                self.term(inner, next)
            }
            Term::Case(whens, otherwise) => {
                self.words.push(11);
                self.list(whens, |key, (when, then)| {
                    key.term(when, next)?;
                    key.term(then, next)
                })?;
                self.list(otherwise.as_mut_slice(), |key, term| key.term(term, next))
            }
            Term::Leaf(Leaf::Related(_) | Leaf::Nested(_))
            | Term::Param
            | Term::In(..)
            | Term::InParam(..)
            | Term::InSelect(..)
            | Term::Exists(_)
            | Term::Subquery(_) => None,
        }
    }
}

/// A word that stands for a type.
fn word_of(r#type: Type) -> u64 {
    foldhash::fast::FixedState::default().hash_one(r#type)
}
