//! A tree: an owned copy of an object and of what is loaded from it, free of the session.

use std::any::Any;

use crate::{
    error::{Error, Result},
    identity::{Entity, Identity},
    mapper::{Handle, Model, Object},
    session::Session,
};

/// How deep a tree goes at most; deeper relationships are left unloaded.
const DEPTH: usize = 64;

impl Session {
    /// An owned copy of the object with everything that is loaded from it, ready for `Json(…)`.
    ///
    /// # Shape
    /// Nothing is sent. A relationship that is not loaded is left unloaded; an object that is reached twice is copied
    /// twice; an object that is already on the path to itself is left unloaded there, and so is what lies deeper than
    /// 64 steps.
    pub fn tree<M: Model>(&self, object: Handle<M>) -> Result<M> {
        let entity = self.identity.entity(object)?;
        let tree = grow(&self.identity, entity, &mut Vec::new())?;
        let tree: Box<dyn Any> = tree;
        tree.downcast().map(|tree| *tree).map_err(|_| Error::bug("a tree of another model"))
    }
}

fn grow(identity: &Identity, entity: Entity, path: &mut Vec<Entity>) -> Result<Box<dyn Object>> {
    path.push(entity);
    let mut fields = Vec::new();
    let mapper = identity.mapper(entity);
    for relation in &mapper.relations[..mapper.desc.relationships.len()] {
        let Some(slots) = identity.related(entity, relation.index).items() else { continue };
        let ends = || slots.iter().map(|&slot| Entity { mapper: relation.target, slot });
        let back = ends().any(|end| path.contains(&end));
        if path.len() >= DEPTH || (back && !relation.many) {
            continue;
        }
        let mut copies = Vec::with_capacity(slots.len());
        for end in ends() {
            if !path.contains(&end) {
                copies.push(grow(identity, end, path)?);
            }
        }
        fields.push((relation.index as usize, copies));
    }
    path.pop();
    identity.tree(entity, fields)
}
