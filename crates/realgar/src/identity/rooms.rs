//! The room for a session's objects, which the next sessions of the database use again: making it costs a list for each
//! model, and memory that went back to the system is asked for anew page by page.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::{identity::arena::Arena, mapper::Registry};

/// So many objects' room is kept in all; what is beyond goes back to the system.
const OBJECTS: usize = 65_536;

/// So many sessions' room is kept.
const SESSIONS: usize = 64;

/// The room of sessions that have ended, empty.
#[derive(Default)]
pub struct Rooms(Mutex<Vec<Room>>);

struct Room {
    arenas: Vec<Arena>,
    /// For how many objects.
    objects: usize,
}

impl Rooms {
    /// A room for the objects of a session that begins; whoever left last has left it warm.
    pub(super) fn take(&self, registry: &Registry) -> Vec<Arena> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        used.map_or_else(|| registry.mappers().iter().map(Arena::new).collect(), |room| room.arenas)
    }

    /// Drops the objects of a session that has ended, and keeps their room unless there is enough.
    pub(super) fn keep(&self, mut arenas: Vec<Arena>) {
        arenas.iter_mut().for_each(Arena::clear);
        let objects = arenas.iter().map(|arena| arena.metas.capacity()).sum();
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = rooms.iter().map(|room| room.objects).sum();
        if !arenas.is_empty() && kept + objects <= OBJECTS && rooms.len() < SESSIONS {
            rooms.push(Room { arenas, objects });
        }
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Rooms").field("kept", &kept).finish()
    }
}
