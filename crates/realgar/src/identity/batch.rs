//! What a stream of batches brings is let go again, so that memory stays bounded.

use std::collections::HashSet;

use crate::{
    identity::{Entity, Identity, Related, State, arena::Meta},
    mapper::Registry,
};

type Entities = HashSet<Entity, foldhash::fast::RandomState>;

impl Identity {
    /// From now on, what comes in with rows is noted; answers what was noted before.
    pub fn note_arrivals(&mut self) -> Vec<(Entity, u32)> {
        self.arrivals.replace(Vec::new()).unwrap_or_default()
    }

    /// Nothing is noted any more.
    pub fn forget_arrivals(&mut self) {
        self.arrivals = None;
    }

    /// Lets go of the objects of a batch, and of what was loaded along their relationships since. Objects on which
    /// something hangs stay: changes, flushed or not, of the object or of a relationship that holds it.
    pub fn let_go_batch(&mut self, batch: &[(Entity, u32)], since: &[(Entity, u32)]) {
        let registry = self.registry.clone();
        let live = |&&(entity, round): &&(Entity, u32)| {
            let meta = self.meta(entity);
            meta.round == round && meta.state == State::Persistent
        };
        let mut gone: Entities = batch.iter().filter(live).map(|&(entity, _)| entity).collect();
        let since: Entities = since.iter().filter(live).map(|&(entity, _)| entity).collect();
        let mut work: Vec<Entity> = gone.iter().copied().collect();
        while let Some(entity) = work.pop() {
            for relation in &registry.mapper(entity.mapper).relations {
                for &slot in self.related(entity, relation.index).items().unwrap_or_default() {
                    let item = Entity { mapper: relation.target, slot };
                    if since.contains(&item) && gone.insert(item) {
                        work.push(item);
                    }
                }
            }
        }
        for kept in self.hung_upon(&registry) {
            gone.remove(&kept);
        }
        self.part_from(&gone, &registry);
        gone.into_iter().for_each(|entity| self.vacate(entity));
    }

    /// Objects that a flush, a commit or a rollback still has to do with.
    fn hung_upon(&self, registry: &Registry) -> Vec<Entity> {
        let mut kept: Vec<Entity> = self.undo.iter().filter_map(super::Undo::entity).collect();
        kept.extend(&self.touched);
        kept.extend(&self.doomed);
        kept.extend(self.orphans.iter().flat_map(|&(child, owner, _)| [child, owner]));
        for (arena, mapper) in self.arenas.iter().zip(registry.mappers()) {
            kept.extend(arena.kept.iter().map(|&(slot, _)| Entity { mapper: mapper.id, slot }));
        }
        for &(owner, index) in &self.changed {
            let mapper = registry.relation(owner.mapper, index).target;
            let related = self.related(owner, index);
            let items = related.items().unwrap_or_default().iter().copied();
            kept.push(owner);
            kept.extend(items.chain(related.added()).chain(related.removed()).map(|slot| Entity { mapper, slot }));
        }
        kept
    }

    /// Relationships of those who stay that hold one who goes are loaded anew when asked for.
    fn part_from(&mut self, gone: &Entities, registry: &Registry) {
        let mappers: HashSet<_> = gone.iter().map(|entity| entity.mapper).collect();
        let relations = registry.mappers().iter().flat_map(|mapper| &mapper.relations);
        for relation in relations.filter(|relation| mappers.contains(&relation.target)) {
            for related in &mut self.arena_mut(relation.owner).related[relation.index as usize] {
                let holds = |&slot: &u32| gone.contains(&Entity { mapper: relation.target, slot });
                if related.items().is_some_and(|items| items.iter().any(holds)) {
                    *related = Related::Unloaded;
                }
            }
        }
    }

    /// Drops an object that nothing refers to: its handles are void, its slot is used again.
    fn vacate(&mut self, entity: Entity) {
        let key = self.key(entity);
        let arena = self.arena_mut(entity.mapper);
        if let Some(key) = key.filter(|key| arena.keys.get(key) == Some(entity.slot)) {
            arena.keys.remove(&key);
        }
        for related in arena.related.iter_mut().filter_map(|column| column.get_mut(entity.slot as usize)) {
            *related = Related::Unloaded;
        }
        arena.objects.drop_object(entity.slot);
        let meta = &mut arena.metas[entity.slot as usize];
        *meta = Meta { round: meta.round + 1, ..Meta::EMPTY };
        arena.free.push(entity.slot);
    }
}
